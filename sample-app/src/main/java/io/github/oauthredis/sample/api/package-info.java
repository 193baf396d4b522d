/**
 * A protected API that asks the authorization server about each token.
 */
@NullMarked
package io.github.oauthredis.sample.api;

import org.jspecify.annotations.NullMarked;
