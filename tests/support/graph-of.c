/* SPDX-License-Identifier: MIT */
#include "graph-of.h"

#include <dagrun/error.h>
#include <string.h>

/* Cut `word` at `mark`.  Returns: the part after the mark, or NULL. */
static char *
cut(char *word, char mark)
{
    char *at = strchr(word, mark);

    if (!at)
        return NULL;
    *at = '\0';
    return at + 1;
}

/* Return the cost that `text`, or NULL, gives; see DAG_ZERO. */
static double
cost_of(const char *text)
{
    double cost = text ? g_ascii_strtod(text, NULL) : 0;

    return text && cost == 0 ? DAG_ZERO : cost;
}

static void
declare(DagBuilder *builder, char *word, const DagKind *kind, const void *config)
{
    char *uses = cut(word, '@');
    bool allow_failure = cut(word, '~'), always = cut(word, '*');
    const char *when = cut(word, '?');
    const char *priority = cut(word, '!');
    const char *cost = cut(word, ':');
    char *needs = cut(word, '<');

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){
            .name = word,
            .needs = needs ? g_strdelimit(needs, ",<", ' ') : NULL,
            .cost = cost_of(cost),
            .priority = priority ? (int32_t)strtol(priority, NULL, 10) : 0,
            .when = when ? "no" : NULL,
            .uses = uses ? g_strdelimit(g_strdelimit(uses, "=", ':'), "+", ' ') : NULL,
            .policy = {.allow_failure = allow_failure, .always = always},
            .kind = kind,
            .config = config,
        });
}

void
declare_words(DagBuilder *builder, const char *words, const DagKind *kind,
              const void *config)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);

    for (char **word = list; *word; word++)
        if (**word)
            declare(builder, *word, kind, config);
}

DagBuilder *
builder_of(const char *words, const DagKind *kind, const void *config)
{
    DagBuilder *builder = dag_builder_new();

    declare_words(builder, words, kind, config);
    return builder;
}

DagGraph *
graph_finish(DagBuilder *builder, GError **error)
{
    GError *problem = NULL;
    DagGraph *graph = dag_builder_finish(
        builder, &(DagBuildOptions){.condition = condition_yes}, &problem);

    dag_builder_free(builder);
    if (problem && !error)
        g_error("%s", problem->message);
    if (problem)
        g_propagate_error(error, problem);
    return graph;
}

DagGraph *
graph_of(const char *words, GError **error)
{
    return graph_finish(builder_of(words, NULL, NULL), error);
}

bool
condition_yes(const char *expression, const DagScope *scope, bool *holds_out,
              GError **error)
{
    (void)scope;
    *holds_out = strcmp(expression, "yes") == 0;
    if (*holds_out || strcmp(expression, "no") == 0)
        return true;
    g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "\"%s\" is neither yes nor no",
                expression);
    return false;
}

char *
names_of(const DagGraph *graph, DagIds ids)
{
    GString *names = g_string_new(NULL);

    for (size_t i = 0; i < ids.n; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? " " : "",
                               dag_graph_task_name(graph, ids.ids[i]));
    return g_string_free(names, FALSE);
}
