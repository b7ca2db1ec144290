/* SPDX-License-Identifier: MIT */
/*
 * Chores: the actions of the tasks of the soak.  They succeed, fail, hang, ignore SIGTERM, leave
 * processes behind, or read the output of other tasks.  Each prints its own name a known number of
 * times, so that a reader can check that it got all of this output and nothing else.
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

/* How a chore gets its input. */
typedef enum Source {
    SOURCE_NONE,
    SOURCE_FILE,     /* the file that a variable names */
    SOURCE_INPUT,    /* standard input */
    SOURCE_ARGUMENT, /* ${task} */
} Source;

#define LINES_ANY (-1) /* any number of lines */
#define CODE_OWN  (-1) /* the exit code that was drawn for the task */
#define CODE_NONE (-2) /* there is no exit code */
#define CODE_LOST 99   /* a reader did not get the whole output */

/*
 * Its environment variables:
 *
 *     ME           name of the task
 *     CODE         exit code
 *     BAD          number of attempts that fail first
 *     MUTE         if not empty, the successful attempt prints nothing
 *     SOURCE       of a reader: the task whose output it reads
 *     LEAST, MOST  of a reader: limits of the number of times SOURCE printed its name
 */
typedef struct Chore {
    const char *name; /* for messages */
    uint32_t weight;  /* relative frequency */
    Element element;
    /* The command of exec and shell; the duration of other elements, or NULL. */
    const char *text;
    Source source;
    int n_lines;
    int code;
    bool hangs;     /* does not end by itself */
    bool is_fickle; /* its first attempts fail, with CODE_FICKLE */
} Chore;

#define CODE_FICKLE 7

/* Returns: a chore; a reader only if `may_read`, one that hangs only if `may_hang`. */
const Chore *chore_draw(Dice *dice, bool may_read, bool may_hang);
