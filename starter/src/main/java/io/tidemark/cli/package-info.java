/**
 * The command line: starts and shows runs over Temporal, reads the rows of an output topic, and runs jobs over files
 * without a server. An error message names the file, line and field, or the server. Answers are text or JSON.
 */
@NullMarked
package io.tidemark.cli;

import org.jspecify.annotations.NullMarked;
