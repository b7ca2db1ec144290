#include "count.h"

void
print_counts(const Counts *counts, FILE *out)
{
    fprintf(out, "lines    %lu\n", counts->lines);
    fprintf(out, "words    %lu\n", counts->words);
    fprintf(out, "bytes    %lu\n", counts->bytes);
    fprintf(out, "longest  %lu\n", counts->longest);
}
