/**
 * Ground floor: values that every other package speaks of, and the errors callers see.
 */
@NullMarked
package io.github.oauthredis.token;

import org.jspecify.annotations.NullMarked;
