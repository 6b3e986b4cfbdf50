/** What tests of several modules share about releases. */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
