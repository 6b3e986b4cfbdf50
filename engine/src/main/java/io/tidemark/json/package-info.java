/**
 * From the bytes of a record to the fields that a job needs: no tree, no garbage. What is not read is not checked.
 */
@NullMarked
package io.tidemark.json;

import org.jspecify.annotations.NullMarked;
