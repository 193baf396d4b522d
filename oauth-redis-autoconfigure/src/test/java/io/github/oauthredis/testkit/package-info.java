/**
 * The harness of the tests: real Redis servers, fake OAuth2 servers, faults of the
 * network, nodes in other JVMs, and a checker of what they did.
 */
@NullMarked
package io.github.oauthredis.testkit;

import org.jspecify.annotations.NullMarked;
