/**
 * Roof: settings, their validation, and the beans that put the floors together.
 */
@NullMarked
package io.github.oauthredis.autoconfigure;

import org.jspecify.annotations.NullMarked;
