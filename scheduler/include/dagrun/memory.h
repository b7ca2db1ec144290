/* SPDX-License-Identifier: MIT */
/*
 * The memory of a run: results of earlier runs that it may take over instead of running a task again.
 *
 * Each task has a key: a keyed digest of all that it would do.  The key is known when the task is ready,
 * since the outputs that it reads are part of it.  The thread that would run the task asks the memory then;
 * if it has a result for the key, the task ends as DAG_REUSED, and its successors see a success.
 *
 * Clean-ups are neither asked for nor kept, and neither are tasks of kinds without identify().
 */
#pragma once

#include <dagrun/context.h>
#include <dagrun/spool.h>

G_BEGIN_DECLS

/* The bytes of a digest. */
#define DAG_DIGEST_SIZE 16

/* Return the digest of all parts; borrowed, [DAG_DIGEST_SIZE].  Only for keys that are complete, as a
 * memory gets them. */
const uint8_t *dag_key_digest(const DagKey *key);

/*
 * Return the parts of the key, as text to be kept beside it: a line "DIGEST NAME\n" for each part, with 16
 * hexadecimal digits.  Borrowed.
 */
const char *dag_key_parts(const DagKey *key);

/*
 * Compare the parts of an earlier key, which dag_key_parts() returned, with those of `key`.
 * Returns: a sentence such as "script changed; output of words is new", to be freed with g_free(); NULL if
 *   all parts are equal.
 */
char *dag_key_compare(const char *earlier_parts, const DagKey *key);

/*
 * For DagKind.identify(), on the thread that would run the task: add a part to the key.  `name` is for
 * people, and says which part of a task changed: "script", "variable X".  Parts are compared in order.
 */

/* Add a text as it is.  NULL differs from "". */
void dag_key_add_text(DagKey *key, const char *name, const char *text);

/* Add bytes, which may be NULL if `size` is 0. */
void dag_key_add_bytes(DagKey *key, const char *name, const void *bytes, size_t size);

/*
 * Add a template.  The outputs and outcomes that it inserts are parts of their own, called "output of x"
 * and "outcome of x".  NULL is a template that is absent.
 * Returns: false with the error of dag_context_expand().
 */
bool dag_key_add_template(DagKey *key, const char *name, const DagTemplate *text,
                          GError **error);

/*
 * Add the content of the output of `task`, a predecessor with readers, as "output of x".  The
 * content is read once per output and run.  DAG_TASK_NONE adds nothing.
 * Returns: false with DAG_ERROR_IO.
 */
bool dag_key_add_output(DagKey *key, DagTaskId task, GError **error);

/* Add the content of a file, as "file PATH"; that there is none is a part, too.
 * Returns: false with DAG_ERROR_IO if it cannot be read. */
bool dag_key_add_file(DagKey *key, const char *path, GError **error);

/*
 * Compare the outputs that the task declares (DagTaskFiles) with `files`, a DagKept.files of an earlier run, or NULL.
 * A file with an equal stamp is not read.
 * Returns: NULL if each has the content that it had; *files_out then gets a DagKept.files of now, or NULL if the task
 *   declares none.  Otherwise a sentence such as "its output a.csv changed".  Free both with g_free().
 */
char *dag_context_compare_files(const DagContext *context, const DagKey *key,
                                const char *files, char **files_out);

/* An answer of a memory.  The run frees both texts with g_free(). */
typedef struct DagRecalled {
    char *origin; /* of a result: the run in which the task ran, in a form for people */
    char *reason; /* if there is none: why, such as "script changed"; or NULL */
    /* The digest of the key with which the result was made, if that is another one: tasks behind it
     * follow from this. */
    bool has_digest;
    uint8_t digest[DAG_DIGEST_SIZE];
} DagRecalled;

/* A result to be kept.  All of it is borrowed. */
typedef struct DagKept {
    const DagGraph *graph;
    DagTaskId task;
    const DagKey *key;
    bool has_output;        /* the run stored it, since a task may read it */
    const DagSpool *output; /* NULL: it is empty, or was not stored */
    int exit_code;          /* or DAG_EXIT_NONE */
    /* Digests and stamps of the outputs that the task declares, for dag_context_compare_files(); NULL: it declares none. */
    const char *files;
} DagKept;

/*
 * A memory.  Its functions are called on the threads that run tasks, several at once, without any lock.
 * A worker delays its own task by a call; the I/O thread delays all jobs.  Neither may
 * fail: a memory that cannot be read has no result, and one that cannot be written keeps none.
 */
typedef struct DagMemory {
    /* Random bytes that go into all digests, so that the value of a secret cannot be guessed by
     * them alone: [salt_size], the same in all runs that shall find each other's results. */
    const void *salt;
    size_t salt_size; /* of salt, in bytes */

    /*
     * Look for a result.  Fill `out`, which is zeroed.  Write the output that belongs to it by
     * dag_context_write_output() if dag_graph_task_is_read(); a result without its output must not be
     * taken then.
     * Returns: true if there is a result; then the task does not run.
     * NULL: the memory only keeps results, and no task waits for an answer.
     */
    bool (*recall)(DagContext *context, const DagKey *key, DagRecalled *out, void *data);

    /* Call recall() only for tasks with dag_graph_task_cache_ns(): no other task waits for an answer. */
    bool is_cache;

    /* Keep the result of a task that ran and succeeded.  A result that it has kept counts when it returns, even if
     * the program is killed right after.  The end of the task is recorded and told to observers later. */
    void (*keep)(const DagKept *kept, void *data);

    void *data; /* passed to both */
} DagMemory;

G_END_DECLS
