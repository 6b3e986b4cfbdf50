/**
 * Finds the fields that a job needs in the bytes of a JSON record, without a tree and without garbage, and reads times
 * and numbers from them. Bytes after the last field are neither read nor checked.
 */
@NullMarked
package io.tidemark.json;

import org.jspecify.annotations.NullMarked;
