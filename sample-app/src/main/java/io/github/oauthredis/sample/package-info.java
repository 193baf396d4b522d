/**
 * Main class of the sample.
 */
@NullMarked
package io.github.oauthredis.sample;

import org.jspecify.annotations.NullMarked;
