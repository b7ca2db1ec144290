/* SPDX-License-Identifier: MIT */
/*
 * A control group (cgroups(7)) may have a quota, and so may each of its parents; the least one
 * counts.  /proc/self/cgroup tells the group of each hierarchy, and /proc/self/mountinfo where the
 * hierarchy is mounted and which group is at the top of the mount.
 *
 *     version 2   cpu.max                                   "50000 100000" or "max 100000"
 *     version 1   cpu.cfs_quota_us and cpu.cfs_period_us    "50000" or "-1", and "100000"
 */
#include "run/cpu-quota.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Fields of a line of mountinfo (proc(5)), up to the separator "-". */
enum { MOUNT_ROOT = 3, MOUNT_POINT = 4, MOUNT_FIELDS = 6 };

/* Return the content of root + path without the last newline, or NULL; free with g_free(). */
static char *
read_file(const char *root, const char *directory, const char *name)
{
    g_autofree char *path = g_strconcat(root, directory, "/", name, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

/* Return quota / period, or 0 if there is no quota. */
static double
divide(const char *quota, const char *period)
{
    double us = quota ? g_ascii_strtod(quota, NULL) : 0; /* of "max": 0 */
    double period_us = period ? g_ascii_strtod(period, NULL) : 0;

    return us > 0 && period_us > 0 ? us / period_us : 0;
}

/* Return the quota of the group with this directory, or 0. */
static double
quota_of_group(const char *root, const char *directory, bool is_version_2)
{
    if (!is_version_2) {
        g_autofree char *quota = read_file(root, directory, "cpu.cfs_quota_us");
        g_autofree char *period = read_file(root, directory, "cpu.cfs_period_us");

        return divide(quota, period);
    }

    g_autofree char *max = read_file(root, directory, "cpu.max");
    g_auto(GStrv) words = g_strsplit(max ? max : "", " ", 2);

    return g_strv_length(words) == 2 ? divide(words[0], words[1]) : 0;
}

/* Return the lesser quota; 0 stands for none. */
static double
lesser(double a, double b)
{
    return a <= 0 ? b : b <= 0 ? a : MIN(a, b);
}

/* Return the least quota of the group `path` below the mount point, and of its parents. */
static double
quota_of_path(const char *root, const char *mount_point, const char *path,
              bool is_version_2)
{
    g_autofree char *directory = g_strconcat(mount_point, path, NULL);
    double quota = 0;

    for (;;) {
        char *slash;

        quota = lesser(quota, quota_of_group(root, directory, is_version_2));
        slash = strrchr(directory, '/');
        if (!slash || (size_t)(slash - directory) < strlen(mount_point))
            return quota;
        *slash = '\0';
    }
}

/* Return whether `list`, separated by commas, has the word "cpu". */
static bool
has_cpu(const char *list)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);

    return g_strv_contains((const char *const *)words, "cpu");
}

/* Return the group of the hierarchy in /proc/self/cgroup, such as "/user.slice", or NULL; free with
 * g_free(). */
static char *
group_of(const char *cgroups, bool is_version_2)
{
    g_auto(GStrv) lines = g_strsplit(cgroups, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, ":", 3); /* number:controllers:path */

        if (g_strv_length(fields) == 3 &&
            (is_version_2 ? g_str_has_prefix(*line, "0::") : has_cpu(fields[1])))
            return g_strdup(fields[2]);
    }
    return NULL;
}

/* Return the path of `group` below `top`, the group that is mounted; "" for `top` itself.  In a container,
 * the group may lie outside of what is mounted; then the mount is its own. */
static const char *
path_below(const char *group, const char *top)
{
    size_t length = strcmp(top, "/") == 0 ? 0 : strlen(top);

    if (!group || strncmp(group, top, length) != 0 || strstr(group, "/..") ||
        (group[length] != '\0' && group[length] != '/'))
        return "";
    return strcmp(group + length, "/") == 0 ? "" : group + length;
}

/* Return the quota of the hierarchy that this line of mountinfo mounts, or 0. */
static double
quota_of_mount(const char *root, const char *line, const char *cgroups)
{
    const char *separator = strstr(line, " - ");
    g_auto(GStrv) before = g_strsplit(line, " ", MOUNT_FIELDS + 1);
    g_auto(GStrv) after = g_strsplit(separator ? separator + 3 : "", " ", 3);

    if (g_strv_length(before) < MOUNT_FIELDS || g_strv_length(after) < 3)
        return 0;

    bool is_version_2 = strcmp(after[0], "cgroup2") == 0;

    if (!is_version_2 && (strcmp(after[0], "cgroup") != 0 || !has_cpu(after[2])))
        return 0;

    g_autofree char *group = group_of(cgroups, is_version_2);
    g_autofree char *point = g_strcompress(before[MOUNT_POINT]); /* \040 is a space */

    return quota_of_path(root, point, path_below(group, before[MOUNT_ROOT]), is_version_2);
}

unsigned
dag__workers_for_quota(unsigned n_processors, double quota)
{
    if (quota <= 0 || quota >= n_processors)
        return n_processors;
    return MAX((unsigned)ceil(quota), 1);
}

double
dag__cpu_quota(const char *root)
{
    g_autofree char *cgroups = read_file(root, "/proc/self", "cgroup");
    g_autofree char *mounts = read_file(root, "/proc/self", "mountinfo");
    double quota = 0;

    if (!cgroups || !mounts)
        return 0;

    g_auto(GStrv) lines = g_strsplit(mounts, "\n", -1);

    for (char **line = lines; *line; line++)
        if (strstr(*line, " - cgroup"))
            quota = lesser(quota, quota_of_mount(root, *line, cgroups));
    return quota;
}
