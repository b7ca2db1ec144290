/* What is counted in a text, and the functions that count and print it. */

#ifndef COUNT_H
#define COUNT_H

#include <stdio.h>

typedef struct Counts {
    unsigned long lines;
    unsigned long words; /* separated by white space */
    unsigned long bytes;
    unsigned long longest; /* bytes of the longest word */
} Counts;

/* Reads `in` to its end. */
Counts count_text(FILE *in);

void print_counts(const Counts *counts, FILE *out);

#endif
