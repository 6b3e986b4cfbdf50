/** What a user of the tutorial would trip over, and what odd topics hold; each a story with real records. */
@NullMarked
package io.tidemark.story;

import org.jspecify.annotations.NullMarked;
