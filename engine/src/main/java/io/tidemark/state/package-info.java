/**
 * What is kept between runs: how far each partition was read and the running totals of each window, as records of the
 * job's state topic. Plain Java: bytes in, bytes out.
 */
@NullMarked
package io.tidemark.state;

import org.jspecify.annotations.NullMarked;
