package io.github.oauthredis.nearcache;

import java.util.Objects;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ClusterView}.
 *
 * @author OAuth Redis
 */
class ClusterViewTests {

	private static final RedisURI ASKED = RedisURI.builder().withHost("asked").withPort(7).withSsl(true).build();

	private static final String A = "a 10.0.0.1:7001@17001 myself,master - 0 0 5 connected 0-8191\n";

	private static final String B = "b 10.0.0.2:7002@17002 master - 0 0 2 connected 8192-16383\n";

	private static final String REPLICA = "r 10.0.0.3:7003@17003 slave a 0 0 5 connected\n";

	@Test
	void primariesWhenAllIsWellReturnsThemReachedLikeTheOneAsked() {
		assertThat(ClusterView.primaries(A + B + REPLICA, ASKED)).containsOnlyKeys("a", "b")
			.allSatisfy((id, node) -> assertThat(node.getUri().isSsl()).isTrue())
			.hasEntrySatisfying("b", (node) -> assertThat(node.getUri().getPort()).isEqualTo(7002));
	}

	@Test
	void primariesWhenOneFailedCountsItWhileItHasSlots() {
		String failed = "c 10.0.0.4:7004@17004 master,fail - 0 0 3 disconnected";

		assertThat(ClusterView.primaries(A + failed + " 9000-9001\n", ASKED)).containsOnlyKeys("a", "c");
		assertThat(ClusterView.primaries(A + failed + "\n", ASKED)).containsOnlyKeys("a");
	}

	@Test
	void primariesWhenOneHasNoSlotsCountsItWhileItIsWell() {
		String empty = "c 10.0.0.4:7004@17004 master%s - 0 0 3 connected\n";

		assertThat(ClusterView.primaries(A + empty.formatted(""), ASKED)).containsOnlyKeys("a", "c");
		for (String flag : new String[] { ",fail?", ",fail", ",noaddr" }) {
			assertThat(ClusterView.primaries(A + empty.formatted(flag), ASKED)).containsOnlyKeys("a");
		}
	}

	@Test
	void primariesWhenNodeDoesNotKnowItsAddressTakesTheOneAsked() {
		RedisClusterNode node = Objects
			.requireNonNull(ClusterView.primaries(A.replace("10.0.0.1", ""), ASKED).get("a"));

		assertThat(node.getUri().getHost()).isEqualTo("asked");
	}

	@Test
	void primariesWhenOneWithSlotsHasNoAddressFails() {
		assertThatExceptionOfType(RedisException.class)
			.isThrownBy(() -> ClusterView.primaries(A + B.replace("10.0.0.2", ""), ASKED));
	}

	@Test
	void tagWhenNodeHasOneSlotLiesThere() {
		RedisClusterNode node = Objects
			.requireNonNull(ClusterView.primaries(A.replace("0-8191", "77"), ASKED).get("a"));

		assertThat(SlotHash.getSlot("x:{" + ClusterView.tag(node) + "}")).isEqualTo(77);
	}

}
