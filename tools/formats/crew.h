/* SPDX-License-Identifier: MIT */
/*
 * A crew of agents of CrewAI: agents.yaml and tasks.yaml, as a graph of questions to language models.
 */
#pragma once

#include "formats/yaml-tree.h"

/* Texts are borrowed from the trees of the crew. */
typedef struct CrewAgent {
    const char *name;
    unsigned line;
    const char *role, *goal, *backstory; /* or NULL */
    char *service;     /* owned: the part of `llm` before "/"; NULL: it names no model */
    const char *model; /* the rest */
    unsigned rpm;      /* requests a minute; 0: no limit */
    bool is_used;
} CrewAgent;

typedef struct CrewTask {
    const char *name;
    unsigned line;
    const char *description, *expected; /* or NULL */
    const CrewAgent *agent;             /* or NULL */
    GArray *context;                    /* of guint: the tasks that it reads */
    GPtrArray *remarks; /* of char *: lines about the parts that are not imported */
} CrewTask;

typedef struct Crew {
    YamlNode *agent_tree, *task_tree;
    GPtrArray *agents;  /* of CrewAgent */
    GPtrArray *tasks;   /* of CrewTask */
    GPtrArray *remarks; /* of char *: about agents */
} Crew;

/*
 * Read the files in the directory, or in config/ in it.  `warn` takes a line about each part that is not
 * imported.
 * Returns: NULL with `error` set.
 */
Crew *crew_read(const char *directory, void (*warn)(const char *line, void *data),
                GError **error);

void crew_free(Crew *crew);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Crew, crew_free)

/* Append the graph as XML. */
void crew_write(const Crew *crew, GString *out);
