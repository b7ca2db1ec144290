/* SPDX-License-Identifier: MIT */
/*
 * The elements and attributes of the format, as tables.  schemas/dagrun.xsd is the definition;
 * a test compares the two.
 */
#pragma once

#include <dagrun/policy.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define DAG__NAMESPACE       "urn:dagrun:graph:1"
#define DAG__XINCLUDE        "http://www.w3.org/2001/XInclude"
#define DAG__SCHEMA_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define DAG__XML             "http://www.w3.org/XML/1998/namespace"
#define DAG__MAX_COST        1e9 /* seconds: 30 years, and sums of a million stay exact */
#define DAG__MAX_SIZE        1e18
#define DAG__MIN_SIZE        1e-9
#define DAG__MAX_ATTRIBUTES  19
#define DAG__MAX_RETRIES     1000

typedef enum DagAttributeForm {
    FORM_RAW,      /* text as it is written; may be blank */
    FORM_VERBATIM, /* text as it is written; not blank, like all that follow but NAMES */
    FORM_TEXT,     /* text; white space collapses, like in all that follow */
    FORM_NAME,     /* one name (xs:NCName) */
    FORM_NAMES,    /* names, or none */
    FORM_VARIABLE, /* a C identifier */
    FORM_DECIMAL,  /* a number from 0 to DAG__MAX_COST (xs:decimal) */
    FORM_SIZE,     /* a number from 0 to DAG__MAX_SIZE (xs:decimal) */
    FORM_POSITIVE, /* a number from DAG__MIN_SIZE to DAG__MAX_SIZE */
    FORM_COSTS,    /* numbers as of DECIMAL */
    FORM_INTEGER,  /* 32 bits, signed */
    FORM_WORDS,    /* xs:NMTOKENS */
    FORM_BOOLEAN,  /* xs:boolean */
    FORM_DURATION, /* such as 500ms */
    FORM_TIMEOUT,  /* a duration above 0 */
    FORM_AGE,      /* forever, or a duration above 0, also in days */
    FORM_RETRIES,  /* from 0 to DAG__MAX_RETRIES */
    FORM_SLOTS,    /* from 1, 32 bits */
    FORM_RATE,     /* such as 60/m or 50/24h: from 1 in a duration above 0 */
    FORM_CODES,    /* exit codes, 0 to 255, or words of the kind; see dag__codes_parse() */
    FORM_READERS,  /* user, group or all: a DagReaders */
    FORM_STRATEGY, /* one of dag__strategy_names */
    FORM_USES,     /* names, each with ":" and a number of slots, or without */
} DagAttributeForm;

typedef struct DagAttributeRule {
    const char *name;
    DagAttributeForm form;
    bool required;
} DagAttributeRule;

typedef enum DagElementKind {
    ELEMENT_DOCUMENT, /* not an element: the parent of the root */
    ELEMENT_GRAPH,
    ELEMENT_TASKS,
    ELEMENT_PARAM,
    ELEMENT_PHASE,
    ELEMENT_POOL,
    ELEMENT_MACHINE,
    ELEMENT_WORKER,
    ELEMENT_LINK,
    ELEMENT_COSTS,
    ELEMENT_DATA,
    ELEMENT_TASK,
    ELEMENT_ENV,
    ELEMENT_INCLUDE,
    ELEMENT_KIND,        /* exec, shell, …: of a kind's own table, as the next two */
    ELEMENT_PART,        /* an element in a kind's element or in a declaration */
    ELEMENT_DECLARATION, /* a kind's own element beside the tasks */
    N_ELEMENT_KINDS,
} DagElementKind;

/* Indexes of the attributes of each element, and of the values read for it. */
enum { GRAPH_NAME, GRAPH_TITLE, GRAPH_OUTPUT, GRAPH_READERS, GRAPH_STRATEGY };
enum { PARAM_NAME, PARAM_TYPE, PARAM_DEFAULT, PARAM_CHOICES, PARAM_TITLE, PARAM_SECRET };
enum { PHASE_TITLE, PHASE_OF };
enum { POOL_NAME, POOL_SLOTS, POOL_RATE, POOL_BURST, POOL_TOKENS };
enum { MACHINE_BANDWIDTH, MACHINE_LATENCY };
enum { WORKER_NAME, WORKER_SPEED };
enum { LINK_FROM, LINK_TO, LINK_BANDWIDTH, LINK_LATENCY };
enum { COSTS_OF, COSTS_SECONDS };
enum { DATA_FROM, DATA_TO, DATA_SIZE };
enum {
    TASK_ID,
    TASK_NEEDS,
    TASK_WHEN,
    TASK_COST,
    TASK_TITLE,
    TASK_DIR,
    TASK_PRIORITY,
    TASK_TIMEOUT,
    TASK_RETRIES,
    TASK_RETRY_DELAY,
    TASK_RETRY_ON,
    TASK_EXPECT,
    TASK_ALLOW_FAILURE,
    TASK_ALWAYS,
    TASK_PRINT,
    TASK_USES,
    TASK_CACHE,
    TASK_INPUTS,
    TASK_OUTPUTS,
};
enum { ENV_NAME, ENV_VALUE };
enum { INCLUDE_HREF };

typedef struct DagElementRule {
    const char *name; /* as it is written: "task", "xi:include" */
    unsigned parents; /* set of 1 << DagElementKind */
    DagAttributeRule attributes[DAG__MAX_ATTRIBUTES];
    size_t n_attributes;
} DagElementRule;

extern const DagElementRule dag__elements[N_ELEMENT_KINDS];

/* The names of all strategies, NULL-terminated: those of dag_strategies(), which a test compares. */
extern const char *const dag__strategy_names[];

/* Return strcmp() == 0.  Most words of the vocabulary differ in their first letter. */
static inline bool
dag__same_word(const char *a, const char *b)
{
    return *a == *b && strcmp(a, b) == 0;
}

/* A value that is of its form, converted. */
typedef struct DagFormValue {
    const char *text; /* white space collapsed; NULL: absent or invalid */
    union {
        bool boolean;    /* BOOLEAN */
        int64_t integer; /* INTEGER, RETRIES, SLOTS; nanoseconds of DURATION, TIMEOUT */
        DagRate rate;    /* RATE */
        double number;   /* DECIMAL, SIZE, POSITIVE */
    };
} DagFormValue;

/*
 * Collapse white space in `text`, in place, where the form says so, and convert it.
 * Returns: NULL, or the problem with it, which follows `attribute "a" of <e>` in a message; free
 *   with g_free().
 */
char *dag__form_parse(DagAttributeForm form, char *text, DagFormValue *value_out);

/* Convert the exit codes in `text`, whose white space has collapsed; it is restored if it is changed.
 * Returns: as dag__form_parse(). */
char *dag__codes_parse(char *text, DagCodes *out);
