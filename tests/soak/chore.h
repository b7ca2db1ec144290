/* SPDX-License-Identifier: MIT */
/*
 * What the tasks of the soak do: end well or badly, hang, ignore SIGTERM, leave things behind,
 * read what others said.  Each writes its own name, a number of times that is known, so that a
 * reader can tell whether it got all of that, and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dice.h"

typedef enum Element {
    ELEMENT_NONE,
    ELEMENT_NOOP,
    ELEMENT_SLEEP,
    ELEMENT_SPIN,
    ELEMENT_EXEC,
    ELEMENT_SHELL,
} Element;

/* Where a chore gets what it reads. */
typedef enum Source {
    SOURCE_NONE,
    SOURCE_FILE,     /* the file that a variable names */
    SOURCE_INPUT,    /* standard input */
    SOURCE_ARGUMENT, /* ${task} */
} Source;

#define LINES_ANY (-1) /* as often as it gets to */
#define CODE_OWN  (-1) /* ends with the code that was drawn for the task */
#define CODE_NONE (-2) /* has none */
#define CODE_LOST 99   /* a reader did not get what was written */

/* Its environment: ME, its name; CODE, to end with; BAD, how many attempts fail before; MUTE, not
 * empty: says nothing in the end; of readers, SOURCE, whom it reads, with LEAST and MOST, how
 * often that one should have written its name. */
typedef struct Chore {
    const char *name; /* for people */
    uint32_t weight;  /* how often it is drawn */
    Element element;
    const char *text; /* of exec and shell; of others the duration, or NULL */
    Source source;
    int n_lines;
    int code;
    bool hangs;     /* until it is ended */
    bool is_fickle; /* its first attempts fail, with CODE_FICKLE */
} Chore;

#define CODE_FICKLE 7

/* Returns: a chore; a reader only if `may_read`, one that hangs only if `may_hang`. */
const Chore *chore_draw(Dice *dice, bool may_read, bool may_hang);
