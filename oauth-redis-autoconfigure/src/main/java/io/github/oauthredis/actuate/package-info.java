/**
 * What happened to tokens, for those who audit.
 */
@NullMarked
package io.github.oauthredis.actuate;

import org.jspecify.annotations.NullMarked;
