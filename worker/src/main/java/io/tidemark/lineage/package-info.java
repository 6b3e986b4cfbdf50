/** OpenLineage events: which topics a run reads and writes, told when it starts and when it ends. */
@NullMarked
package io.tidemark.lineage;

import org.jspecify.annotations.NullMarked;
