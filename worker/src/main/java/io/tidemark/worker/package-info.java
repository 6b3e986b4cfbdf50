/** Who runs it: reads settings, wires objects, starts, drains, stops, tells how it feels. */
@NullMarked
package io.tidemark.worker;

import org.jspecify.annotations.NullMarked;
