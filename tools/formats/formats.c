/* SPDX-License-Identifier: MIT */
/*
 * The table of formats.
 */
#include "formats/writers.h"

#include <math.h>

static const Format dot = {
    .name = "dot",
    .summary = "Graphviz DOT",
    .write = write_dot,
    .read = read_dot,
    .recognizes = recognizes_dot,
};

static const Format mermaid = {
    .name = "mermaid",
    .summary = "a Mermaid diagram",
    .write = write_mermaid,
};

static const Format make = {
    .name = "make",
    .summary = "a makefile that runs the same commands",
    .read_summary = "what \"make -pn\" prints: targets, prerequisites and recipes",
    .write = write_make,
    .read = read_make,
    .recognizes = recognizes_make,
};

static const Format ninja = {
    .name = "ninja",
    .summary = "a ninja file that runs the same commands",
    .read_summary = "a build file of ninja, with durations from .ninja_log beside it",
    .write = write_ninja,
    .read = read_ninja,
    .recognizes = recognizes_ninja,
};

static const Format stg = {
    .name = "stg",
    .summary = "the format of the Standard Task Graph Set: whole costs and dependencies",
    .write = write_stg,
    .read = read_stg,
    .recognizes = recognizes_stg,
};

static const Format wfformat = {
    .name = "wfformat",
    .summary = "WfFormat 1.5 of WfCommons, JSON: costs and dependencies",
    .write = write_wfformat,
    .read = read_wfformat,
    .recognizes = recognizes_wfformat,
};

static const Format dax = {
    .name = "dax",
    .summary = "a workflow of Pegasus, DAX 2.1 to 3",
    .read = read_dax,
    .recognizes = recognizes_dax,
};

const Format *const formats[] = {&dot, &mermaid,  &make, &ninja,
                                 &stg, &wfformat, &dax,  NULL};

/* The digits of 10⁹, the largest cost, and of a fraction of a nanosecond. */
#define MAX_FRACTION 17

const char *
exact_number(double value, char buffer[NUMBER_SIZE])
{
    for (int n = 0; n <= MAX_FRACTION; n++) {
        char format[8];

        g_snprintf(format, sizeof format, "%%.%df", n);
        g_ascii_formatd(buffer, NUMBER_SIZE, format, value);
        if (g_ascii_strtod(buffer, NULL) == value)
            return buffer;
    }
    return buffer;
}
