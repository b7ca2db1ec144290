#include "count.h"

#include <ctype.h>

Counts
count_text(FILE *in)
{
    Counts counts = {0, 0, 0, 0};
    unsigned long word = 0; /* bytes of the current word */
    int c;

    while ((c = getc(in)) != EOF) {
        counts.bytes++;
        if (c == '\n')
            counts.lines++;
        if (isspace(c)) {
            word = 0;
            continue;
        }
        if (word++ == 0)
            counts.words++;
        if (word > counts.longest)
            counts.longest = word;
    }
    return counts;
}
