package io.github.oauthredis.sample.server;

import java.time.Instant;

/**
 * One request to the token endpoint.
 *
 * @param number position in the log, from 1
 * @param received when it came
 * @param answered when it was answered
 * @param client who asked
 * @param grantType what was presented
 * @param status HTTP status of the answer
 * @author OAuth Redis
 */
record TokenRequest(long number, Instant received, Instant answered, String client, String grantType, int status) {

}
