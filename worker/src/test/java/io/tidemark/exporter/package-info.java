@NullMarked
package io.tidemark.exporter;

import org.jspecify.annotations.NullMarked;
