/* SPDX-License-Identifier: MIT */
/*
 * How a run is shown: the options of the command line, and DAGRUN_STATUS_SECONDS.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The words of the command line; NULL: the default. */
typedef struct ShowWords {
    const char *progress; /* --progress: "auto" or "lines" */
    const char *show;     /* --show: "sections" or "lines" */
    const char *errors;   /* --stderr: "joined" or "separate" */
    bool quiet;           /* -q */
    bool log;             /* --log */
} ShowWords;

typedef struct Show {
    bool is_live;  /* with a live display on standard error */
    bool as_lines; /* the text of tasks is printed line by line as it comes */
    /* Error messages of tasks go to standard error, not beside the output. */
    bool are_separate;
    int64_t status_ns; /* the interval of the status lines; 0: none */
} Show;

/* Returns: false after an error message. */
bool show_read(const ShowWords *words, Show *show_out);
