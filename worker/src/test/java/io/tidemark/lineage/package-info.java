@NullMarked
package io.tidemark.lineage;

import org.jspecify.annotations.NullMarked;
