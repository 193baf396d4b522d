/**
 * The doors of {@code RestClient} and {@code WebClient}: which requests get a token, from
 * whom, and what happens when an API refuses it.
 */
@NullMarked
package io.github.oauthredis.http;

import org.jspecify.annotations.NullMarked;
