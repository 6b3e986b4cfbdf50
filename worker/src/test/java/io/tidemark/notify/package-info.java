@NullMarked
package io.tidemark.notify;

import org.jspecify.annotations.NullMarked;
