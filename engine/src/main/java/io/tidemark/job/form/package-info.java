/**
 * The forms that fields of a job can have: how a field is read from JSON, written, and described by a JSON Schema and in
 * the documentation. It knows no field of a job, and no other package of Tidemark.
 */
@NullMarked
package io.tidemark.job.form;

import org.jspecify.annotations.NullMarked;
