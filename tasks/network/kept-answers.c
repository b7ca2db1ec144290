/* SPDX-License-Identifier: MIT */
#include "kept-answers.h"

#include "write-all.h"

#include <dagrun/error.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the JSON in a file. */
#define FORMAT 1

/* Hexadecimal digits of a SHA-256. */
#define SUM_LENGTH ((size_t)64)

/* A salt has at least so many characters. */
#define SALT_LEAST 32

void
kept_answer_free(KeptAnswer *answer)
{
    if (!answer)
        return;
    if (answer->text)
        g_string_free(answer->text, TRUE);
    g_free(answer->model);
    g_free(answer);
}

/* Set the error to `problem`, an errno, with the place. */
static void
refuse(GError **error, const char *path, int problem)
{
    g_set_error(error, DAG_ERROR, DAG_ERROR_IO, "%s: %s", path, g_strerror(problem));
}

char *
kept_answers_directory(GError **error)
{
    const char *cache = g_getenv("XDG_CACHE_HOME");
    const char *home = g_getenv("HOME");
    g_autofree char *path = NULL;

    if (cache && g_path_is_absolute(cache)) { /* the specification ignores others */
        path = g_build_filename(cache, "dagrun", "answers", NULL);
    } else if (home && g_path_is_absolute(home)) {
        path = g_build_filename(home, ".cache", "dagrun", "answers", NULL);
    } else {
        g_set_error(error, DAG_ERROR, DAG_ERROR_IO,
                    "neither XDG_CACHE_HOME nor HOME is an absolute path");
        return NULL;
    }
    if (g_mkdir_with_parents(path, 0700) == 0)
        return g_steal_pointer(&path);
    refuse(error, path, errno);
    return NULL;
}

/* Write a file beside `path` that only the user may read.  Return its name, or NULL; free with g_free(). */
static char *
write_beside(const char *path, const GString *bytes, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    int problem = errno;

    if (fd < 0) {
        refuse(error, path, problem);
        return NULL;
    }

    bool good = write_all(fd, bytes->str, bytes->len);

    problem = errno;
    if (close(fd) < 0 && good) {
        good = false;
        problem = errno;
    }
    if (good)
        return g_steal_pointer(&temporary);
    unlink(temporary);
    refuse(error, path, problem);
    return NULL;
}

/* Return the salt in the file, or NULL. */
static char *
read_salt(const char *path)
{
    g_autofree char *salt = NULL;

    if (g_file_get_contents(path, &salt, NULL, NULL) && strlen(salt) >= SALT_LEAST)
        return g_steal_pointer(&salt);
    return NULL;
}

char *
kept_answers_salt(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, "salt", NULL);
    g_autofree char *salt = read_salt(path);
    g_autofree char *temporary = NULL;
    bool is_made;

    if (salt)
        return g_steal_pointer(&salt);

    g_autofree char *one = g_uuid_string_random(), *two = g_uuid_string_random();
    GString *text = g_string_new(one);

    g_string_append(text, two);
    temporary = write_beside(path, text, error);
    g_string_free(text, TRUE);
    if (!temporary)
        return NULL;
    /* Another run may make one at the same time: the first one stays.  One that is cut is replaced. */
    is_made = link(temporary, path) == 0;
    if (!is_made && errno == EEXIST && (salt = read_salt(path)))
        is_made = true;
    else if (!is_made)
        is_made = rename(temporary, path) == 0;
    if (!is_made)
        refuse(error, path, errno);
    unlink(temporary);
    if (!salt && is_made)
        salt = read_salt(path);
    return g_steal_pointer(&salt);
}

/* Return seconds of the wall clock since `time`, in nanoseconds. */
static int64_t
age_of(const struct timespec *time)
{
    int64_t now_us = g_get_real_time();
    int64_t time_us = (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000;

    return (now_us - time_us) * 1000;
}

static uint64_t
count_of(const json_t *usage, const char *name)
{
    json_int_t count = json_integer_value(json_object_get(usage, name));

    return count > 0 ? (uint64_t)count : 0;
}

/* Return the answer that the two lines and the text describe, or NULL. */
static KeptAnswer *
read_answer(const char *bytes, size_t size)
{
    const char *line_end = memchr(bytes, '\n', size);
    json_t *about =
        line_end ? json_loadb(bytes, (size_t)(line_end - bytes), 0, NULL) : NULL;
    const json_t *usage = json_object_get(about, "usage");
    double seconds = json_number_value(json_object_get(about, "duration_seconds"));
    KeptAnswer *answer = NULL;

    if (json_integer_value(json_object_get(about, "dagrun_answer")) == FORMAT &&
        seconds >= 0 && seconds < 1e9) {
        answer = g_new0(KeptAnswer, 1);
        answer->text =
            g_string_new_len(line_end + 1, (gssize)(bytes + size - line_end - 1));
        answer->duration_ns = (int64_t)(seconds * 1e9);
        answer->model = g_strdup(json_string_value(json_object_get(about, "model")));
        answer->usage = (ChatUsage){.input = count_of(usage, "input"),
                                    .cached = count_of(usage, "cached"),
                                    .output = count_of(usage, "output"),
                                    .reasoning = count_of(usage, "reasoning"),
                                    .is_known = usage != NULL};
    }
    json_decref(about);
    return answer;
}

KeptAnswer *
kept_answers_read(const char *directory, const char *key, int64_t age_ns)
{
    g_autofree char *path = g_build_filename(directory, key, NULL);
    g_autofree char *bytes = NULL, *sum = NULL;
    struct stat status;
    gsize size;

    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) ||
        !g_file_get_contents(path, &bytes, &size, NULL))
        return NULL;
    /* A file of the future says nothing of its age. */
    if (age_ns != INT64_MAX &&
        (age_of(&status.st_mtim) < 0 || age_of(&status.st_mtim) > age_ns))
        return NULL;
    if (size <= SUM_LENGTH || bytes[SUM_LENGTH] != '\n')
        return NULL;
    sum = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)bytes + SUM_LENGTH + 1, size - SUM_LENGTH - 1);
    if (memcmp(sum, bytes, SUM_LENGTH) != 0)
        return NULL;
    return read_answer(bytes + SUM_LENGTH + 1, size - SUM_LENGTH - 1);
}

/* Return all that follows the first line. */
static GString *
write_answer(const KeptAnswer *answer)
{
    json_t *about =
        json_pack("{s:i, s:f, s:s*}", "dagrun_answer", FORMAT, "duration_seconds",
                  (double)answer->duration_ns / 1e9, "model", answer->model);
    const ChatUsage *usage = &answer->usage;
    GString *out = g_string_new(NULL);
    char *line;

    if (usage->is_known)
        json_object_set_new(
            about, "usage",
            json_pack("{s:I, s:I, s:I, s:I}", "input", (json_int_t)usage->input, "cached",
                      (json_int_t)usage->cached, "output", (json_int_t)usage->output,
                      "reasoning", (json_int_t)usage->reasoning));
    line = json_dumps(about, JSON_COMPACT);
    g_string_append_printf(out, "%s\n", line);
    g_string_append_len(out, answer->text->str, (gssize)answer->text->len);
    free(line);
    json_decref(about);
    return out;
}

bool
kept_answers_write(const char *directory, const char *key, const KeptAnswer *answer,
                   GError **error)
{
    g_autofree char *path = g_build_filename(directory, key, NULL);
    GString *bytes = write_answer(answer);
    g_autofree char *sum = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)bytes->str, bytes->len);
    g_autofree char *temporary = NULL;

    g_string_prepend_c(bytes, '\n');
    g_string_prepend(bytes, sum);
    temporary = write_beside(path, bytes, error);
    g_string_free(bytes, TRUE);
    if (!temporary)
        return false;
    if (rename(temporary, path) == 0)
        return true;
    refuse(error, path, errno);
    unlink(temporary);
    return false;
}
