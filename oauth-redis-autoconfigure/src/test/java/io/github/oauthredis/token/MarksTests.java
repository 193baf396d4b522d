package io.github.oauthredis.token;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Marks}.
 */
class MarksTests {

	private static final Marks OWN = new Marks(10, 20, 30);

	@Test
	void revokeWhenEqualOrLowerReturnsFalse() {
		assertThat(OWN.revoke(OWN)).isFalse();
		assertThat(Marks.NONE.revoke(OWN)).isFalse();
		assertThat(Marks.NONE.revoke(Marks.NONE)).isFalse();
	}

	@Test
	void revokeWhenAnyIsGreaterReturnsTrue() {
		assertThat(new Marks(11, 0, 0).revoke(OWN)).isTrue();
		assertThat(new Marks(0, 21, 0).revoke(OWN)).isTrue();
		assertThat(new Marks(0, 0, 31).revoke(OWN)).isTrue();
	}

	@Test
	void revokeWhenRecordHasNoMarksOfItsOwnReturnsTrue() {
		assertThat(new Marks(1, 0, 0).revoke(Marks.NONE)).isTrue();
	}

}
