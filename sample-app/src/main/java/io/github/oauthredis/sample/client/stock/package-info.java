/**
 * The same application without OAuth Redis: Spring Security alone, tokens in memory. Only
 * here to be compared with.
 */
@NullMarked
package io.github.oauthredis.sample.client.stock;

import org.jspecify.annotations.NullMarked;
