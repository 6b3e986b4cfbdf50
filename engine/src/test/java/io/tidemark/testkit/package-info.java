/** What tests of several modules share about jobs and groups. */
@NullMarked
package io.tidemark.testkit;

import org.jspecify.annotations.NullMarked;
