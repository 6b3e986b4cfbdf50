/** The problems of the tutorial's users, and unusual topics, as stories with real records. */
@NullMarked
package io.tidemark.story;

import org.jspecify.annotations.NullMarked;
