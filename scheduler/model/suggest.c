/* SPDX-License-Identifier: MIT */
/*
 * Edit distance (Levenshtein, 1966), cut off at what is still a suggestion.
 */
#include <dagrun/suggest.h>
#include <string.h>

#define MAX_DISTANCE 2  /* two slips are a misspelling, three are another word */
#define MAX_LENGTH   64 /* longer words are not compared */

DagSuggestion
dag_suggestion(const char *wanted)
{
    size_t length = strlen(wanted);
    unsigned limit = MIN(MAX_DISTANCE, length > 0 ? (unsigned)(length - 1) / 2 : 0);

    return (DagSuggestion){.wanted = wanted, .distance = limit + 1};
}

/* One row of the table at a time: cost[j] is the distance between a[0, i) and b[0, j). */
static unsigned
edit_distance(const char *a, const char *b)
{
    unsigned cost[MAX_LENGTH + 1];
    size_t b_length = strlen(b);

    for (unsigned j = 0; j <= b_length; j++)
        cost[j] = j;
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned diagonal = cost[0];

        cost[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned replace = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = cost[j];
            cost[j] = MIN(replace, MIN(cost[j - 1], cost[j]) + 1);
        }
    }
    return cost[b_length];
}

void
dag_suggestion_consider(DagSuggestion *suggestion, const char *candidate)
{
    size_t wanted = strlen(suggestion->wanted), length = strlen(candidate);

    if (wanted > MAX_LENGTH || length > MAX_LENGTH)
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
    return suggestion->best ? g_strdup_printf("; did you mean \"%s\"?", suggestion->best)
                            : g_strdup("");
}
