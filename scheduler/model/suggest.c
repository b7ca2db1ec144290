/* SPDX-License-Identifier: MIT */
/*
 * Edit distance (Levenshtein, 1966) in which a swap of two neighbours counts once (Damerau, 1964),
 * limited to distances that still make a suggestion.
 */
#include <dagrun/suggest.h>
#include <stdbool.h>
#include <string.h>

#define MAX_DISTANCE 2  /* two edits are a misspelling, three are another word */
#define MAX_LENGTH   64 /* longer words are not compared */

DagSuggestion
dag_suggestion(const char *wanted)
{
    g_return_val_if_fail(wanted, (DagSuggestion){.wanted = ""});

    size_t length = strlen(wanted);
    unsigned limit =
        MIN(MAX_DISTANCE, (unsigned)(length > 2 ? (length - 1) / 2 : length / 2));

    return (DagSuggestion){.wanted = wanted, .distance = limit + 1};
}

/* Fill the row of the table for a[0, i): row[j] is the distance to b[0, j).  Uses the two rows
 * before it. */
static void
fill_row(const char *a, const char *b, size_t i, unsigned rows[3][MAX_LENGTH + 1])
{
    unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

    row[0] = (unsigned)i;
    for (size_t j = 1; b[j - 1]; j++) {
        unsigned replace = above[j - 1] + (a[i - 1] != b[j - 1]);

        row[j] = MIN(replace, MIN(row[j - 1], above[j]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = MIN(row[j], two_above[j - 2] + 1);
    }
}

static unsigned
edit_distance(const char *a, const char *b)
{
    unsigned rows[3][MAX_LENGTH + 1];
    size_t a_length = strlen(a), b_length = strlen(b);

    for (unsigned j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++)
        fill_row(a, b, i, rows);
    return rows[a_length % 3][b_length];
}

/* Return true if the two letters of `pair` are in `candidate` with a third one, or swapped. */
static bool
is_near_pair(const char *pair, const char *candidate)
{
    size_t length = strlen(candidate);

    return length == 3 ||
           (length == 2 && candidate[0] == pair[1] && candidate[1] == pair[0]);
}

void
dag_suggestion_consider(DagSuggestion *suggestion, const char *candidate)
{
    g_return_if_fail(suggestion && candidate);

    size_t wanted = strlen(suggestion->wanted), length = strlen(candidate);

    if (wanted > MAX_LENGTH || length > MAX_LENGTH)
        return;
    /* Of two letters, one may be missing, or both may be swapped. */
    if (wanted == 2 && !is_near_pair(suggestion->wanted, candidate))
        return;
    /* The difference in length is a lower bound, and most candidates fail it. */
    if ((wanted > length ? wanted - length : length - wanted) >= suggestion->distance)
        return;

    unsigned distance = edit_distance(suggestion->wanted, candidate);

    if (distance < suggestion->distance) {
        suggestion->distance = distance;
        suggestion->best = candidate;
    }
}

char *
dag_suggestion_text(const DagSuggestion *suggestion)
{
    g_return_val_if_fail(suggestion, g_strdup(""));
    return suggestion->best ? g_strdup_printf("; did you mean \"%s\"?", suggestion->best)
                            : g_strdup("");
}
