/* SPDX-License-Identifier: MIT */
/*
 * Words from make, Airflow, Luigi, Snakemake, go-task, docker compose and CI systems.
 */
#include "load/hints.h"

#include <glib.h>

typedef struct Hint {
    const char *words; /* separated by spaces, in lower case, without - and _ */
    const char *text;
} Hint;

static const Hint attributes_of_task[] = {
    {"depends dependson dependencies deps requires require after prerequisites upstream "
     "parents "
     "inputs",
     "; tasks that must end before are named in \"needs\""},
    {"name task key", "; a task is named by \"id\""},
    {"if condition unless only enabled", "; a condition is written in \"when\""},
    {"cwd chdir workdir workingdir workingdirectory directory pwd",
     "; the directory of a task is \"dir\""},
    {"command cmd run exec shell script",
     "; a command is an element in the task: <exec>…</exec> or <shell>…</shell>"},
    {"description desc label summary comment", "; a description is written in \"title\""},
    {"retry attempts tries maxattempts",
     "; write \"retries\", the attempts after the first"},
    {"ignoreerrors ignorefailure continueonerror mayfail failok",
     "; write allow-failure=\"true\""},
    {"duration estimate weight time", "; the expected duration is \"cost\", in seconds"},
    {"pool pools resources slots limit semaphore queue", "; pools are named in \"uses\""},
    {"finally cleanup", "; a clean-up has always=\"true\""},
    {"env environment vars variables",
     "; a variable is an element: <env name=\"…\" value=\"…\"/>"},
    {"stdin input", "; \"stdin\" belongs to <exec> or <shell>"},
    {"terminal tty console interactive", "; write terminal=\"true\" on <exec> or <shell>"},
};

/* Attributes of <task> that are written on its command. */
static const Hint attributes_of_kind[] = {
    {"cwd chdir workdir workingdir workingdirectory directory pwd",
     "; the directory is the attribute \"dir\" of <task>"},
    {"depends dependson dependencies deps requires after",
     "; tasks that must end before are named in the attribute \"needs\" of <task>"},
    {"env environment",
     "; a variable is an element of <task>: <env name=\"…\" value=\"…\"/>"},
    {"input", "; the output of a task is read with \"stdin\""},
    {"tty console interactive", "; write terminal=\"true\""},
    {"command cmd args script run", "; the command is the text of the element"},
};

static const Hint attributes_of_param[] = {
    {"value", "; the value of a parameter that is not set is \"default\""},
    {"id", "; a parameter is named by \"name\""},
    {"description desc help", "; a description is written in \"title\""},
    {"values options enum", "; write type=\"choice\" and \"choices\""},
    {"required", "; a parameter without \"default\" is required"},
};

static const Hint elements_of_graph[] = {
    {"job step target node rule stage action workflow", "; a task is <task id=\"…\">"},
    {"jobs steps nodes stages", "; tasks may be grouped in <tasks>"},
    {"parameter variable var arg argument input property",
     "; a parameter is <param name=\"…\" default=\"…\"/>"},
    {"include import", "; another file is included with <xi:include href=\"…\"/>, where "
                       "xmlns:xi=\"http://www.w3.org/2001/XInclude\""},
    {"exec shell sh bash command cmd", "; commands stand in <task id=\"…\">"},
    {"edge depends dependency link arc",
     "; dependencies are the attribute \"needs\" of <task>"},
};

static const Hint elements_of_task[] = {
    {"needs depends dependson dependency dependencies requires after",
     "; dependencies are the attribute needs=\"…\" of <task>"},
    {"when if condition", "; a condition is the attribute when=\"…\" of <task>"},
    {"title description name", "; a description is the attribute title=\"…\" of <task>"},
    {"dir cwd workdir", "; the directory is the attribute dir=\"…\" of <task>"},
    {"timeout retries cost uses priority", "; that is an attribute of <task>"},
    {"variable var environment", "; a variable is <env name=\"…\" value=\"…\"/>"},
    {"task", "; tasks are not nested: name this one in the \"needs\" of the other"},
};

/* Return whether `written`, without case, - and _, is one of the words. */
static bool
is_among(const char *words, const char *written)
{
    g_auto(GStrv) list = g_strsplit(words, " ", -1);
    g_autoptr(GString) plain = g_string_new(NULL);

    for (; *written; written++)
        if (*written != '-' && *written != '_')
            g_string_append_c(plain, g_ascii_tolower(*written));
    return g_strv_contains((const char *const *)list, plain->str);
}

static const char *
find(const Hint *hints, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (is_among(hints[i].words, word))
            return hints[i].text;
    return NULL;
}

const char *
dag__attribute_hint(DagElementKind kind, const char *attribute)
{
    switch (kind) {
    case ELEMENT_TASK:
        return find(attributes_of_task, G_N_ELEMENTS(attributes_of_task), attribute);
    case ELEMENT_PARAM:
        return find(attributes_of_param, G_N_ELEMENTS(attributes_of_param), attribute);
    case ELEMENT_KIND:
        return find(attributes_of_kind, G_N_ELEMENTS(attributes_of_kind), attribute);
    default:
        return NULL;
    }
}

const char *
dag__element_hint(DagElementKind parent, const char *element)
{
    switch (parent) {
    case ELEMENT_GRAPH:
    case ELEMENT_TASKS:
        return find(elements_of_graph, G_N_ELEMENTS(elements_of_graph), element);
    case ELEMENT_TASK:
        return find(elements_of_task, G_N_ELEMENTS(elements_of_task), element);
    default:
        return NULL;
    }
}
