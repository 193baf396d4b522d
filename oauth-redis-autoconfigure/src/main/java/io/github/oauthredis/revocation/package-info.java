/**
 * Tells providers which tokens are revoked.
 */
@NullMarked
package io.github.oauthredis.revocation;

import org.jspecify.annotations.NullMarked;
