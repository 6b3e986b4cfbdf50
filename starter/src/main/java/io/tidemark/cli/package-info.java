/**
 * Who asks for a run: the command line. Errors are sentences that name the file, line and field or the server; what is
 * printed is a table for people or JSON for scripts.
 */
@NullMarked
package io.tidemark.cli;

import org.jspecify.annotations.NullMarked;
