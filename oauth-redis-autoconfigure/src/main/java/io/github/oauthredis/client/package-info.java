/**
 * What Spring Security asks for: services and managers of authorized clients, thin faces
 * over the engine, and the token requests behind it.
 */
@NullMarked
package io.github.oauthredis.client;

import org.jspecify.annotations.NullMarked;
