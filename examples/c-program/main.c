/* Count the lines, words and bytes of standard input, and the bytes of its longest word. */

#include "count.h"

int
main(void)
{
    Counts counts = count_text(stdin);

    print_counts(&counts, stdout);
    return ferror(stdin) || fflush(stdout) != 0;
}
