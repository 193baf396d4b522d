/**
 * The stored form of a record.
 */
@NullMarked
package io.github.oauthredis.codec;

import org.jspecify.annotations.NullMarked;
