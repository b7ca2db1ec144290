/* Counts of a text, and functions that compute and print them. */

#ifndef COUNT_H
#define COUNT_H

#include <stdio.h>

typedef struct Counts {
    unsigned long lines;
    unsigned long words; /* separated by white space */
    unsigned long bytes;
    unsigned long longest; /* bytes of the longest word */
} Counts;

/* Count `in`, which is read to its end. */
Counts count_text(FILE *in);

void print_counts(const Counts *counts, FILE *out);

#endif
