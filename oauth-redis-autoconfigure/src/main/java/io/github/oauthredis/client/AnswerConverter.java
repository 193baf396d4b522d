package io.github.oauthredis.client;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.StringUtils;

/**
 * Reads the answer of a token endpoint. Unlike Spring Security's converter it leaves
 * {@code expires_in} and {@code scope} among the additional parameters, because the
 * finished response no longer tells whether the server stated them. Pure.
 */
final class AnswerConverter implements Converter<Map<String, Object>, OAuth2AccessTokenResponse> {

	@Override
	public OAuth2AccessTokenResponse convert(Map<String, Object> source) {
		String accessToken = text(source, OAuth2ParameterNames.ACCESS_TOKEN);
		if (accessToken == null || !accessToken.chars().allMatch((c) -> c >= ' ' && c <= '~')) {
			// No header can carry any other character.
			throw new TokenEndpointException(200, ErrorCode.of(source.get(OAuth2ParameterNames.ERROR)), null);
		}
		Map<String, Object> others = new LinkedHashMap<>(source);
		others.keySet()
			.removeAll(Set.of(OAuth2ParameterNames.ACCESS_TOKEN, OAuth2ParameterNames.REFRESH_TOKEN,
					OAuth2ParameterNames.TOKEN_TYPE));
		Duration expiresIn = StatedTime.of(source.get(OAuth2ParameterNames.EXPIRES_IN));
		return OAuth2AccessTokenResponse.withToken(accessToken)
			.tokenType(tokenType(text(source, OAuth2ParameterNames.TOKEN_TYPE)))
			.expiresIn((expiresIn != null) ? expiresIn.toSeconds() : 0)
			.scopes(scopes(source.get(OAuth2ParameterNames.SCOPE)))
			.refreshToken(text(source, OAuth2ParameterNames.REFRESH_TOKEN))
			.additionalParameters(others)
			.build();
	}

	static TokenType tokenType(@Nullable String name) {
		// Servers leave the type out or make up their own, such as {@code bot}, for what
		// is
		// sent as a bearer token all the same.
		if (name == null || ErrorCode.of(name) == null || TokenType.BEARER.getValue().equalsIgnoreCase(name)) {
			return TokenType.BEARER;
		}
		return TokenType.DPOP.getValue().equalsIgnoreCase(name) ? TokenType.DPOP : new TokenType(name);
	}

	private static Set<String> scopes(@Nullable Object scope) {
		// Some servers answer with a list.
		Collection<?> texts = (scope instanceof Collection<?> list) ? list : Collections.singleton(scope);
		Set<String> scopes = new LinkedHashSet<>();
		for (Object text : texts) {
			if (text instanceof String names) {
				scopes.addAll(Arrays.asList(StringUtils.tokenizeToStringArray(names, " ")));
			}
		}
		return scopes;
	}

	private static @Nullable String text(Map<String, Object> source, String name) {
		Object value = source.get(name);
		String text = (value instanceof String || value instanceof Number) ? value.toString() : null;
		return StringUtils.hasText(text) ? text : null;
	}

}
