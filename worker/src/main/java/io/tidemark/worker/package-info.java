/**
 * The worker process: reads settings, creates objects, starts, drains and stops the worker, and reports its health.
 */
@NullMarked
package io.tidemark.worker;

import org.jspecify.annotations.NullMarked;
