/* SPDX-License-Identifier: MIT */
/*
 * Every user of the machine can read the command line, so --set cannot give a value to a secret.
 * --set-env and --set-file can.
 */
#include "commands/param-values.h"

#include "commands/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_SIZE (1 << 20) /* larger values fit into no argument or variable */

/* An option that gives values to parameters. */
typedef struct Source {
    const char *option;
    const char *usage;
    /* Read the value of parameter `name`; `text` is the part of the option after "=".
     * Returns: the value, free with g_free(); or NULL after an error message. */
    char *(*read)(const char *name, const char *text);
    bool is_private;
} Source;

static char *
read_value(const char *name, const char *text)
{
    (void)name;
    return g_strdup(text);
}

static char *
read_variable(const char *name, const char *variable)
{
    const char *value = g_getenv(variable);

    if (!value)
        complain("parameter \"%s\": the environment has no variable \"%s\"", name,
                 variable);
    return g_strdup(value);
}

/* Read a file, which may be a pipe.  At most MAX_FILE_SIZE bytes.
 * Returns: the content, or NULL with an errno value in *errno_out. */
static GString *
read_all(const char *path, int *errno_out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[4096];
    ssize_t n = fd;

    while (n >= 0 && text->len <= MAX_FILE_SIZE &&
           (n = read(fd, buffer, sizeof(buffer))) > 0)
        g_string_append_len(text, buffer, n);
    *errno_out = n < 0 ? errno : text->len > MAX_FILE_SIZE ? EFBIG : 0;
    if (fd >= 0)
        close(fd);
    return *errno_out == 0 ? g_steal_pointer(&text) : NULL;
}

/* A newline at the end of the file, "\n" or "\r\n", is not part of the value. */
static char *
read_file(const char *name, const char *path)
{
    int problem;
    GString *text = read_all(path, &problem);

    if (!text) {
        complain("parameter \"%s\": cannot read \"%s\": %s", name, path,
                 g_strerror(problem));
        return NULL;
    }
    if (text->len > 0 && text->str[text->len - 1] == '\n')
        g_string_truncate(text, text->len - (g_str_has_suffix(text->str, "\r\n") ? 2 : 1));
    if (strlen(text->str) == text->len)
        return g_string_free(text, FALSE);
    complain("parameter \"%s\": \"%s\" holds a NUL byte", name, path);
    g_string_free(text, TRUE);
    return NULL;
}

static void
setting_clear(gpointer data)
{
    DagSetting *setting = data;

    g_free((char *)setting->name);
    g_free((char *)setting->value);
}

/* Add the setting of `text`, "name=…".
 * Returns: false after an error message. */
static bool
add_setting(GArray *settings, const Source *source, const char *text)
{
    const char *equals = strchr(text, '=');
    DagSetting setting = {.is_private = source->is_private};

    if (!equals || equals == text) {
        complain("%s takes %s, not \"%s\"", source->option, source->usage, text);
        return false;
    }
    setting.name = g_strndup(text, (gsize)(equals - text));
    setting.value = source->read(setting.name, equals + 1);
    if (setting.value && !g_utf8_validate(setting.value, -1, NULL)) {
        complain("the value of \"%s\" is not UTF-8", setting.name);
        g_clear_pointer((char **)&setting.value, g_free);
    }
    g_array_append_val(settings, setting);
    return setting.value != NULL;
}

/* Return the number of texts; `texts` may be NULL. */
static guint
n_of(char **texts)
{
    return texts ? g_strv_length(texts) : 0;
}

GArray *
param_values_read(const GraphOptions *options)
{
    static const Source sources[] = {
        {"--set", "NAME=VALUE", read_value, false},
        {"--set-env", "NAME=VARIABLE", read_variable, true},
        {"--set-file", "NAME=FILE", read_file, true},
        {"a record", "NAME=VALUE", read_value, false},
    };
    char **const texts[] = {options->settings, options->set_env, options->set_file,
                            options->recorded};
    g_autoptr(GArray) settings = g_array_new(FALSE, FALSE, sizeof(DagSetting));

    g_array_set_clear_func(settings, setting_clear);
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        for (char **text = texts[i]; text && *text; text++)
            if (!add_setting(settings, &sources[i], *text))
                return NULL;
    for (guint i = settings->len - n_of(options->recorded); i < settings->len; i++)
        g_array_index(settings, DagSetting, i).source = options->record;
    return g_steal_pointer(&settings);
}
