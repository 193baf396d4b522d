package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauthredis.refresh.Drill.Fault;
import io.github.oauthredis.refresh.Drill.Step;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Drill}: what the first ones, which each build runs, must not leave
 * out.
 */
class DrillTests {

	private static final List<Drill> FIRST = LongStream.range(0, Drill.FIRST).mapToObj(Drill::of).toList();

	@ParameterizedTest
	@EnumSource
	void firstStopAndKillAtEachStep(Step step) {
		assertThat(FIRST).filteredOn((drill) -> drill.step() == step)
			.extracting(Drill::fault)
			.contains(Fault.STOP, Fault.KILL);
	}

	@ParameterizedTest
	@EnumSource
	void firstBringEachFault(Fault fault) {
		assertThat(FIRST).extracting(Drill::fault).contains(fault);
	}

	@Test
	void firstStopHoldersOfTheOnlyPairWhileTheOldTokenIsGood() {
		assertThat(FIRST).filteredOn((drill) -> drill.fault() == Fault.STOP && !drill.ended() && drill.isUncertain())
			.hasSize(3)
			.extracting(Drill::grace)
			.containsOnly(Duration.ZERO);
	}

	@Test
	void firstFreezeRedisWhileOthersHaveAGoodToken() {
		assertThat(FIRST).filteredOn((drill) -> drill.fault() == Fault.REDIS_FROZEN && !drill.ended())
			.extracting(Drill::holder)
			.as("the node without near cache refreshes")
			.containsExactly(0);
	}

	@Test
	void ofWhenSeedIsTheSameIsTheSame() {
		assertThat(Drill.of(7)).isEqualTo(Drill.of(7)).isNotEqualTo(Drill.of(8));
	}

}
