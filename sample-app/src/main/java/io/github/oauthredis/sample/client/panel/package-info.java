/**
 * What only the demo needs: shows what happened at the server, in the instances and in
 * Redis.
 */
@NullMarked
package io.github.oauthredis.sample.client.panel;

import org.jspecify.annotations.NullMarked;
