@NullMarked
package io.tidemark.workflow;

import org.jspecify.annotations.NullMarked;
