package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * A fault that strikes one instance of three in the middle of a refresh. Drawn from a
 * seed, and from nothing else; consecutive seeds strike at all places in turn. Immutable.
 *
 * @param seed where it was drawn from
 * @param step how far the refresh has come
 * @param fault what happens then
 * @param holder the instance that refreshes
 * @param ended whether the access token has ended; otherwise it is good and near its end
 * @param grace how long the server accepts a rotated refresh token
 * @param clocks by how much the clock of each instance is wrong
 */
record Drill(long seed, Step step, Fault fault, int holder, boolean ended, Duration grace, List<Duration> clocks) {

	static final int NODES = 3;

	/**
	 * How many each build runs.
	 */
	static final long FIRST = 25;

	private static final int MOST_SECONDS_WRONG = 600;

	// Such that the first drills strike a strict server where it hurts most, and freeze
	// Redis while others have a good token.
	private static final long DECK = 205_586;

	// Neighbouring seeds would begin alike.
	private static final long SPREAD = 0x9E3779B97F4A7C15L;

	private static final List<Place> PLACES = places();

	/**
	 * Draw a drill.
	 * @param seed any number
	 * @return always the same for one seed
	 */
	static Drill of(long seed) {
		Place place = PLACES.get((int) Math.floorMod(seed, (long) PLACES.size()));
		Random random = new Random((DECK + seed) * SPREAD);
		boolean ended = random.nextBoolean() || place.step() == Step.FOUND;
		Duration grace = (random.nextInt(3) != 0) ? Duration.ZERO : Duration.ofMinutes(1);
		return new Drill(seed, place.step(), place.fault(), random.nextInt(NODES), ended, grace,
				IntStream.range(0, NODES)
					.mapToObj((i) -> Duration.ofSeconds(random.nextInt(2 * MOST_SECONDS_WRONG) - MOST_SECONDS_WRONG))
					.toList());
	}

	private static List<Place> places() {
		List<Place> places = new ArrayList<>();
		for (Step step : Step.values()) {
			places.add(new Place(step, Fault.STOP));
			places.add(new Place(step, Fault.KILL));
		}
		places.add(new Place(Step.ACQUIRED, Fault.PROVIDER_AWAY));
		places.add(new Place(Step.ACQUIRED, Fault.PROVIDER_BLACK_HOLE));
		places.add(new Place(Step.AT_SERVER, Fault.PROVIDER_SLOW));
		places.add(new Place(Step.PROCESSED, Fault.PROVIDER_SLOW));
		places.add(new Place(Step.AT_SERVER, Fault.PROVIDER_CUT));
		places.add(new Place(Step.PROCESSED, Fault.PROVIDER_CUT));
		for (Step step : List.of(Step.ANSWERED, Step.FOUND, Step.ACQUIRED)) {
			for (Fault fault : Fault.values()) {
				if (fault.ofRedis()) {
					places.add(new Place(step, fault));
				}
			}
		}
		return places;
	}

	/**
	 * Whether nobody who runs may know the pair that the server issued: its receiver was
	 * killed or paused beyond its lease, or the answer was lost.
	 */
	boolean isUncertain() {
		boolean sent = this.step == Step.AT_SERVER || this.step == Step.PROCESSED || this.step == Step.ANSWERED;
		return this.fault == Fault.PROVIDER_CUT || (sent && this.fault.ofProcess());
	}

	/**
	 * Whether the grant may be lost: without grace, the one repetition after the end of
	 * the access token is a reuse for the server. Who was only paused keeps the grant as
	 * long as the token is good.
	 */
	boolean mayLose() {
		return isUncertain() && this.grace.isZero() && (this.fault != Fault.STOP || this.ended);
	}

	/**
	 * Whether those who are not struck may get no token for a while. As long as theirs is
	 * good, they may not, unless nobody can tell them which it is.
	 * @param remembers whether they have tokens in memory
	 */
	boolean mayFail(boolean remembers) {
		boolean frozen = this.fault == Fault.REDIS_FROZEN;
		return this.ended ? (frozen || this.fault.ofProvider() || mayLose()) : (frozen && !remembers);
	}

	/**
	 * Whether the answer comes after its deadline.
	 */
	boolean answersLate() {
		return this.fault == Fault.PROVIDER_SLOW || this.fault == Fault.PROVIDER_BLACK_HOLE;
	}

	/**
	 * Short where the drill is about the end of this time.
	 */
	Duration callTimeout() {
		return !answersLate() ? Duration.ofSeconds(10) : Duration.ofMillis(500);
	}

	/**
	 * Where the instance is held by a stop point, null where the server holds it.
	 */
	StopPoints.@Nullable Step stopPoint() {
		return switch (this.step) {
			case FOUND -> StopPoints.Step.FOUND;
			case ACQUIRED -> StopPoints.Step.ACQUIRED;
			case AT_SERVER, PROCESSED -> null;
			case ANSWERED, STORED -> StopPoints.Step.ANSWERED;
		};
	}

	private record Place(Step step, Fault fault) {
	}

	/**
	 * How far a refresh has come.
	 */
	enum Step {

		/**
		 * The record is read.
		 */
		FOUND,

		/**
		 * The lease is held, nothing is sent.
		 */
		ACQUIRED,

		/**
		 * The request has arrived at the server.
		 */
		AT_SERVER,

		/**
		 * The server has done its part, the answer has not left.
		 */
		PROCESSED,

		/**
		 * The answer is here, nothing is stored.
		 */
		ANSWERED,

		/**
		 * The answer is stored, which the instance has not heard.
		 */
		STORED

	}

	/**
	 * What happens to the instance that refreshes.
	 */
	enum Fault {

		/**
		 * Stopped until its lease is over.
		 */
		STOP,

		KILL,

		PROVIDER_AWAY,

		/**
		 * Its requests arrive after their deadline.
		 */
		PROVIDER_BLACK_HOLE,

		/**
		 * The answer leaves after the deadline.
		 */
		PROVIDER_SLOW,

		/**
		 * The answer is lost.
		 */
		PROVIDER_CUT,

		LINK_CUT,

		LINK_REFUSED,

		LINK_BLACK_HOLE,

		/**
		 * Replies come after their deadline.
		 */
		LINK_SLOW,

		/**
		 * The connection breaks before the reply to the next script.
		 */
		REPLY_LOST,

		/**
		 * The connection breaks with the next script.
		 */
		REQUEST_LOST,

		/**
		 * Redis stops for all.
		 */
		REDIS_FROZEN;

		boolean ofProcess() {
			return this == STOP || this == KILL;
		}

		boolean ofProvider() {
			return name().startsWith("PROVIDER");
		}

		boolean ofRedis() {
			return !ofProcess() && !ofProvider();
		}

		/**
		 * Whether the connection breaks at a script.
		 */
		boolean loses() {
			return this == REPLY_LOST || this == REQUEST_LOST;
		}

		/**
		 * Whether the instance goes without Redis until the fault is over.
		 */
		boolean lasts() {
			return this == LINK_REFUSED || this == LINK_BLACK_HOLE || this == LINK_SLOW || this == REDIS_FROZEN;
		}

	}

}
