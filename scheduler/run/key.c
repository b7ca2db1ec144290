/* SPDX-License-Identifier: MIT */
/*
 * A key is a digest of digests: those of the parts, each followed by the name of its part.  So the content
 * of a part is hashed once, and 64 bits of its digest are kept to tell a change.
 *
 * The digests are keyed by the salt, so they tell nothing about secrets to those who do not know it.
 */
#include "run/key.h"

#include "model/graph.h"
#include "model/template.h"
#include "output/outputs.h"
#include "run/context.h"

#include <dagrun/error.h>
#include <dagrun/json.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Another number, and no result of before is found. */
#define VERSION "dagrun key 2"

/* Of a digest in dag_key_parts(): enough to see a change. */
#define PART_BYTES ((size_t)8)

/* The parts of most keys are shorter. */
#define PARTS_SIZE 160

/* Changes that dag_key_compare() names. */
#define MAX_CHANGES 8

void
dag__key_begin_digests(KeyedDigest *empty_out, const void *salt, size_t salt_size)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    uint8_t bytes[32];
    gsize size = sizeof(bytes);

    g_checksum_update(sum, (const guchar *)VERSION, sizeof(VERSION));
    g_checksum_update(sum, salt, (gssize)salt_size);
    g_checksum_get_digest(sum, bytes, &size);
    dag__keyed_digest_init(empty_out, bytes);
}

DagKey *
dag__key_new(const DagContext *context, const KeyedDigest *empty)
{
    DagKey *key = g_new0(DagKey, 1);

    key->context = context;
    key->empty = empty;
    key->whole = *empty;
    key->parts = g_string_sized_new(PARTS_SIZE);
    return key;
}

void
dag__key_free(DagKey *key)
{
    if (!key)
        return;
    g_string_free(key->parts, TRUE);
    g_clear_pointer(&key->read, g_array_unref);
    g_free(key);
}

/* Begin a part in key->part. */
static void
begin_part(DagKey *key)
{
    key->part = *key->empty;
}

/* Append a name to the parts.  It is one line there. */
static void
append_name(GString *parts, const char *prefix, const char *name)
{
    gsize start = parts->len;

    g_string_append(parts, prefix);
    g_string_append(parts, name);
    for (char *c = parts->str + start; *c; c++)
        if (*c == '\n')
            *c = ' ';
}

/* End the part, and add it to the whole. */
static void
end_part(DagKey *key, const char *prefix, const char *name)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[DAG_DIGEST_SIZE];
    char hex[2 * PART_BYTES + 1];

    dag__keyed_digest_end(&key->part, digest);
    for (size_t i = 0; i < PART_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15U];
    }
    hex[2 * PART_BYTES] = ' ';
    g_string_append_len(key->parts, hex, sizeof(hex));
    append_name(key->parts, prefix, name);
    g_string_append_c(key->parts, '\n');
    dag__keyed_digest_add(&key->whole, digest, sizeof(digest));
    dag__keyed_digest_add(&key->whole, prefix, strlen(prefix));
    dag__keyed_digest_add(&key->whole, name, strlen(name) + 1);
}

void
dag_key_add_bytes(DagKey *key, const char *name, const void *bytes, size_t size)
{
    g_return_if_fail(key && key->context && name && (bytes || size == 0));
    begin_part(key);
    dag__keyed_digest_add(&key->part, bytes, size);
    end_part(key, "", name);
}

void
dag_key_add_text(DagKey *key, const char *name, const char *text)
{
    g_return_if_fail(key && key->context && name);
    /* With its NUL, so that "" differs from none. */
    dag_key_add_bytes(key, name, text, text ? strlen(text) + 1 : 0);
}

void
dag__key_note_read(DagKey *key, DagTaskId task)
{
    if (!key->read)
        key->read = g_array_new(FALSE, FALSE, sizeof(DagTaskId));
    g_array_append_val(key->read, task);
}

bool
dag__key_reads(const DagKey *key, DagTaskId task)
{
    for (guint i = 0; key->read && i < key->read->len; i++)
        if (g_array_index(key->read, DagTaskId, i) == task)
            return true;
    return false;
}

/* Add the value that a reference inserts. */
static bool
add_reference(DagKey *key, const DagSegment *segment, GError **error)
{
    const char *name = dag_graph_task_name(key->context->env->graph, segment->task);
    g_autofree char *text = NULL;
    g_autoptr(GString) value = g_string_new(NULL);
    const char *found;

    if (segment->is_outcome) {
        const char *word =
            dag_outcome_name(dag_context_outcome(key->context, segment->task));

        begin_part(key);
        dag__keyed_digest_add(&key->part, word, strlen(word));
        end_part(key, "outcome of ", name);
        return true;
    }
    text = dag__outputs_text(key->context->env->outputs, segment->task, error);
    if (!text || (segment->text && !dag_json_find(text, segment->text, value, error)))
        return false;
    found = segment->text ? value->str : text;
    begin_part(key);
    dag__keyed_digest_add(&key->part, found, strlen(found));
    end_part(key, "output of ", name);
    dag__key_note_read(key, segment->task);
    return true;
}

bool
dag_key_add_template(DagKey *key, const char *name, const DagTemplate *text, GError **error)
{
    g_return_val_if_fail(key && key->context && name, false);
    if (!text || dag_template_is_constant(text)) {
        dag_key_add_text(key, name, text ? dag_template_constant(text) : NULL);
        return true;
    }
    for (uint32_t i = 0; i < text->n_segments; i++)
        if (!segment_is_literal(&text->segments[i]) &&
            !add_reference(key, &text->segments[i], error))
            return false;
    begin_part(key);
    for (uint32_t i = 0; i < text->n_segments; i++) {
        const DagSegment *segment = &text->segments[i];

        /* A NUL stands for a value. */
        if (segment_is_literal(segment))
            dag__keyed_digest_add(&key->part, segment->text, segment->length);
        else
            dag__keyed_digest_add(&key->part, "", 1);
    }
    end_part(key, "", name);
    return true;
}

bool
dag_key_add_output(DagKey *key, DagTaskId task, GError **error)
{
    uint8_t digest[DAG__OUTPUT_DIGEST];

    g_return_val_if_fail(key && key->context, false);
    if (task == DAG_TASK_NONE)
        return true;
    if (!dag__outputs_digest(key->context->env->outputs, task, digest, error))
        return false;
    begin_part(key);
    dag__keyed_digest_add(&key->part, digest, sizeof(digest));
    end_part(key, "output of ", dag_graph_task_name(key->context->env->graph, task));
    dag__key_note_read(key, task);
    return true;
}

/* Add the rest of a file to the part.  Returns: false with errno set. */
static bool
sum_file(DagKey *key, int fd)
{
    guchar piece[65536];
    ssize_t n;

    while ((n = read(fd, piece, sizeof(piece))) > 0)
        dag__keyed_digest_add(&key->part, piece, (size_t)n);
    return n == 0;
}

/* Add the content of a file as a part.  Returns: as dag_key_add_file(). */
static bool
add_content(DagKey *key, const char *prefix, const char *name, const char *path,
            GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool is_good;

    begin_part(key);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        dag__keyed_digest_add(&key->part, "none", strlen("none"));
        end_part(key, prefix, name);
        return true;
    }
    dag__keyed_digest_add(&key->part, "file", strlen("file"));
    is_good = fd >= 0 && sum_file(key, fd);
    if (!is_good)
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "cannot read \"%s\": %s", path,
                    g_strerror(errno));
    if (fd >= 0)
        close(fd);
    if (is_good)
        end_part(key, prefix, name);
    return is_good;
}

bool
dag_key_add_file(DagKey *key, const char *path, GError **error)
{
    g_return_val_if_fail(key && key->context && path, false);
    return add_content(key, "file ", path, path, error);
}

bool
dag__key_add_input(DagKey *key, const char *name, const char *path, GError **error)
{
    return add_content(key, "input ", name, path, error);
}

char *
dag__key_sum_file(const DagKey *key, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    DagKey sum = {.part = *key->empty};
    uint8_t digest[DAG_DIGEST_SIZE];
    GString *hex = NULL;

    if (fd < 0)
        return NULL;
    if (sum_file(&sum, fd)) {
        dag__keyed_digest_end(&sum.part, digest);
        hex = g_string_sized_new(2 * sizeof(digest) + 1);
        for (size_t i = 0; i < sizeof(digest); i++)
            g_string_append_printf(hex, "%02x", digest[i]);
    }
    close(fd);
    return hex ? g_string_free(hex, FALSE) : NULL;
}

void
dag__key_finish(DagKey *key)
{
    dag__keyed_digest_end(&key->whole, key->digest);
    /* The name of a file may hold a secret. */
    dag_mask_text(key->context->env->graph->mask, key->parts, 0);
    key->context = NULL;
}

const uint8_t *
dag_key_digest(const DagKey *key)
{
    g_return_val_if_fail(key && !key->context, NULL);
    return key->digest;
}

const char *
dag_key_parts(const DagKey *key)
{
    g_return_val_if_fail(key, NULL);
    return key->parts->str;
}

/* Return the digests of the parts by name, in order; parts of one name are joined.  `names_out` (of
 * char *, borrowed from the table) gets the names in order. */
static GHashTable *
read_parts(const char *parts, GPtrArray *names_out)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) lines = g_strsplit(parts, "\n", -1);

    for (char **line = lines; *line; line++) {
        char *space = strchr(*line, ' '), *name, *digests;
        const char *earlier;

        if (!space)
            continue;
        earlier = g_hash_table_lookup(table, space + 1);
        digests =
            g_strdup_printf("%s%.*s", earlier ? earlier : "", (int)(space - *line), *line);
        name = g_strdup(space + 1);
        if (!earlier)
            g_ptr_array_add(names_out, name);
        g_hash_table_insert(table, name, digests); /* keeps the first copy of the name */
    }
    return table;
}

static void
add_change(GString *changes, unsigned n, const char *name, const char *verb)
{
    if (n < MAX_CHANGES)
        g_string_append_printf(changes, "%s%s %s", n > 0 ? "; " : "", name, verb);
    else if (n == MAX_CHANGES)
        g_string_append(changes, "; …");
}

char *
dag_key_compare(const char *earlier_parts, const DagKey *key)
{
    g_return_val_if_fail(earlier_parts && key, NULL);

    g_autoptr(GPtrArray) old_names = g_ptr_array_new(), names = g_ptr_array_new();
    g_autoptr(GHashTable) old = read_parts(earlier_parts, old_names);
    g_autoptr(GHashTable) new = read_parts(key->parts->str, names);
    GString *changes = g_string_new(NULL);
    unsigned n = 0;

    for (guint i = 0; i < names->len; i++) {
        const char *was = g_hash_table_lookup(old, names->pdata[i]);

        if (!was)
            add_change(changes, n++, names->pdata[i], "is new");
        else if (!g_str_equal(was, g_hash_table_lookup(new, names->pdata[i])))
            add_change(changes, n++, names->pdata[i], "changed");
    }
    for (guint i = 0; i < old_names->len; i++)
        if (!g_hash_table_contains(new, old_names->pdata[i]))
            add_change(changes, n++, old_names->pdata[i], "is gone");
    return g_string_free(changes, n == 0);
}
