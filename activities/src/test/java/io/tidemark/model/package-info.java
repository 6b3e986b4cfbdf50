/**
 * The transaction protocol as explicit-state models: small, finite descriptions of Kafka and of the protocol whose whole
 * state space is searched. They share no code with the product.
 */
@NullMarked
package io.tidemark.model;

import org.jspecify.annotations.NullMarked;
