/**
 * Records in memory, kept coherent by what Redis tells of changes.
 */
@NullMarked
package io.github.oauthredis.nearcache;

import org.jspecify.annotations.NullMarked;
