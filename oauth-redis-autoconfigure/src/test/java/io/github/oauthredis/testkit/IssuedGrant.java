package io.github.oauthredis.testkit;

/**
 * What the authorization server gave for a user's grant. Immutable.
 *
 * @param family the name of the token family, which stays when its tokens rotate
 * @param accessToken the access token
 * @param refreshToken the refresh token
 * @param expiresInSeconds the lifetime of the access token, -1 if the server does not
 * state a usable one
 */
public record IssuedGrant(String family, String accessToken, String refreshToken, long expiresInSeconds) {

}
