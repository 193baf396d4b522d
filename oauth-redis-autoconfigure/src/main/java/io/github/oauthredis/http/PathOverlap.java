package io.github.oauthredis.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Tells whether a path can match two path patterns. May say so wrongly where a pattern
 * holds a regular expression (it counts as "anything"), never the other way round. Pure.
 */
final class PathOverlap {

	/** Any number of characters of a segment. */
	private static final char ANY = '*';

	/** One character of a segment. */
	private static final char ONE = '?';

	private PathOverlap() {
	}

	static boolean of(String first, String second) {
		return common(segments(first), segments(second), PathOverlap::isRest, PathOverlap::segmentsOverlap);
	}

	private static boolean segmentsOverlap(String first, String second) {
		return common(characters(first), characters(second), (c) -> c == ANY,
				(a, b) -> a == ONE || b == ONE || a.charValue() == b.charValue());
	}

	/*
	 * Whether two sequences in which some elements stand for any number of elements have
	 * a common instance; reachable[j] says so for the rest from (i, j).
	 */
	private static <T> boolean common(List<T> first, List<T> second, Predicate<T> any, BiPredicate<T, T> same) {
		boolean[] below = new boolean[second.size() + 1];
		for (int i = first.size(); i >= 0; i--) {
			boolean[] reachable = new boolean[second.size() + 1];
			for (int j = second.size(); j >= 0; j--) {
				boolean left = i < first.size();
				boolean right = j < second.size();
				reachable[j] = (!left && !right)
						|| (left && any.test(first.get(i)) && (below[j] || (right && reachable[j + 1])))
						|| (right && any.test(second.get(j)) && (reachable[j + 1] || (left && below[j])))
						|| (left && right && same.test(first.get(i), second.get(j)) && below[j + 1]);
			}
			below = reachable;
		}
		return below[0];
	}

	private static boolean isRest(String segment) {
		return segment.equals("**") || segment.startsWith("{*");
	}

	private static List<Character> characters(String segment) {
		List<Character> characters = new ArrayList<>();
		int depth = 0;
		for (int i = 0; i < segment.length(); i++) {
			char c = segment.charAt(i);
			if (c == '{' && depth++ == 0) {
				characters.add(ANY);
			}
			if (depth == 0) {
				characters.add(c);
			}
			if (c == '}') {
				depth--;
			}
		}
		return characters;
	}

	private static List<String> segments(String pattern) {
		List<String> segments = new ArrayList<>();
		int depth = 0;
		int start = 1;
		for (int i = 1; i < pattern.length(); i++) {
			char c = pattern.charAt(i);
			depth += (c == '{') ? 1 : (c == '}') ? -1 : 0;
			if (c == '/' && depth == 0) {
				segments.add(pattern.substring(start, i));
				start = i + 1;
			}
		}
		segments.add(pattern.substring(start));
		return segments;
	}

}
