/** A plugin: the centroid of places on a map. */
@NullMarked
package com.acme.geo;

import org.jspecify.annotations.NullMarked;
