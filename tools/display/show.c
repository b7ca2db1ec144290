/* SPDX-License-Identifier: MIT */
#include "display/show.h"

#include "commands/command.h"
#include "display/terminal.h"

#include <glib.h>
#include <string.h>

/* Few enough lines for a log, often enough for a person. */
#define STATUS_SECONDS "30"

/* More lines than ten in a second cannot be read, and would fill a log. */
#define MIN_STATUS_SECONDS 0.1
#define MAX_STATUS_SECONDS 1000000

/* Find the word of an option among its two choices; the first one is the default.
 * Returns: false after an error message. */
static bool
read_choice(const char *option, const char *word, const char *const choices[2],
            bool *is_second_out)
{
    *is_second_out = word && strcmp(word, choices[1]) == 0;
    if (!word || *is_second_out || strcmp(word, choices[0]) == 0)
        return true;
    complain("%s takes %s or %s, not \"%s\"", option, choices[0], choices[1], word);
    return false;
}

/* Returns: false after an error message. */
static bool
read_status_seconds(double *seconds_out)
{
    const char *text = g_getenv("DAGRUN_STATUS_SECONDS");
    const char *number = text && *text ? text : STATUS_SECONDS;
    char *end;
    double seconds = g_ascii_strtod(number, &end);

    *seconds_out = seconds;
    if (end == number || *end || !(seconds >= 0 && seconds <= MAX_STATUS_SECONDS)) {
        complain(
            "DAGRUN_STATUS_SECONDS is a number of seconds from 0 to 1000000, not \"%s\"",
            number);
        return false;
    }
    if (seconds > 0 && seconds < MIN_STATUS_SECONDS) {
        complain("DAGRUN_STATUS_SECONDS is 0 (never) or at least 0.1 seconds, not \"%s\"",
                 number);
        return false;
    }
    return true;
}

bool
show_read(const ShowWords *words, Show *show_out)
{
    bool is_plain;
    double seconds;

    *show_out = (Show){0};
    if (!read_choice("--progress", words->progress, (const char *const[]){"auto", "lines"},
                     &is_plain) ||
        !read_choice("--show", words->show, (const char *const[]){"sections", "lines"},
                     &show_out->as_lines) ||
        !read_choice("--stderr", words->errors, (const char *const[]){"joined", "separate"},
                     &show_out->are_separate) ||
        !read_status_seconds(&seconds))
        return false;
    show_out->is_live =
        !is_plain && !words->quiet && !words->log && terminal_is_screen(stderr);
    show_out->as_lines = show_out->as_lines && !words->quiet;
    show_out->status_ns = words->quiet ? 0 : (int64_t)(seconds * 1e9);
    return true;
}
