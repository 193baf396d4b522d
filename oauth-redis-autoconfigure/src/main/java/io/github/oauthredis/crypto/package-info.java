/**
 * Keys that seal records, and the cipher that uses them.
 */
@NullMarked
package io.github.oauthredis.crypto;

import org.jspecify.annotations.NullMarked;
