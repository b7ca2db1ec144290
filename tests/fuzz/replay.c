/* SPDX-License-Identifier: MIT */
/*
 * replay PATH…: pass files, and all files of directories, to the linked fuzz target.  For
 * compilers without libFuzzer, and as a regular test.
 */
#include "fuzz.h"

#include <stdio.h>

static unsigned
replay_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    g_autofree uint8_t *copy = NULL;
    gsize size;

    g_file_get_contents(path, &bytes, &size, &error);
    g_assert_no_error(error);
    /* Copy without the NUL that GLib appends, so that a sanitizer detects reads past the end. */
    copy = g_memdup2(bytes, size);
    printf("# %s\n", path);
    fflush(stdout); /* so that the last name is visible after an abort */
    LLVMFuzzerTestOneInput(copy, size);
    return 1;
}

/* Returns: the number of files. */
static unsigned
replay(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) directory = NULL;
    const char *name;
    unsigned n = 0;

    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        return replay_file(path);
    directory = g_dir_open(path, 0, &error);
    g_assert_no_error(error);
    while ((name = g_dir_read_name(directory))) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        if (!g_file_test(child, G_FILE_TEST_IS_DIR))
            n += replay_file(child);
    }
    return n;
}

int
main(int argc, char **argv)
{
    unsigned n = 0;

    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    printf("%u inputs\n", n);
    g_assert_cmpuint(n, >, 0);
    return 0;
}
