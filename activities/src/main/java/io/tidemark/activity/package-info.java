/** Translates between Temporal and the steps of the pipeline. The only package of this module that imports Temporal. */
@NullMarked
package io.tidemark.activity;

import org.jspecify.annotations.NullMarked;
