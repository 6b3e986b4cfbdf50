/** What tests of several packages share. */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
