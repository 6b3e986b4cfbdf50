/** Tells other systems about runs: notices by a webhook, and what else is posted in the background. */
@NullMarked
package io.tidemark.notify;

import org.jspecify.annotations.NullMarked;
