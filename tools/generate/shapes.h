/* SPDX-License-Identifier: MIT */
/*
 * The functions that shapes share, and the shapes of random-shapes.c.
 */
#pragma once

#include "generate/generate.h"

/* Append a predecessor of the current task. */
void shape_need(Generator *generator, uint32_t task);

/* Set the width, if it is 0, so that there are as many levels as tasks on each; a Shape.set_defaults(). */
void shape_set_square(GraphRequest *request);

extern const Shape shape_layered, shape_random, shape_samepred, shape_series_parallel;
