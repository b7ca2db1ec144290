/* SPDX-License-Identifier: MIT */
/*
 * Spools: the kept bytes, their storage, and the report of lost bytes.  A model that keeps all
 * bytes computes the expected result.
 */
#include "output/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"
#include "dice.h"

#define MIB DAG__SPOOL_MEMORY

/* The model: all bytes written, and the position of the reader. */
typedef struct Model {
    DagSpool *spool;
    GByteArray *all; /* bytes written */
    Dice dice;
    uint64_t n_read;
    uint64_t n_missing;
} Model;

static void
model_init(Model *model)
{
    *model = (Model){.spool = dag__spool_new(), .all = g_byte_array_new(), .dice = 7};
}

static void
model_clear(Model *model)
{
    dag__spool_free(model->spool);
    g_byte_array_unref(model->all);
}

/* Write `size` random bytes at once. */
static void
say(Model *model, size_t size)
{
    guint before = model->all->len;

    g_byte_array_set_size(model->all, before + (guint)size);
    for (size_t i = 0; i < size; i += 8) {
        uint64_t bytes = dice_next(&model->dice);

        memcpy(model->all->data + before + i, &bytes, MIN(8, size - i));
    }
    dag__spool_write(model->spool, model->all->data + before, size);
}

/* A DagSpoolTaker. */
static bool
compare(const char *bytes, uint64_t size, void *data)
{
    Model *model = data;

    g_assert_cmpuint(size, >, 0);
    g_assert_cmpuint(model->n_read + size, <=, model->all->len);
    if (bytes)
        g_assert_true(memcmp(bytes, model->all->data + model->n_read, size) == 0);
    else
        model->n_missing += size;
    model->n_read += size;
    return true;
}

/* Assert that the content can be read, in order, with a gap of `n_lost` bytes. */
static void
assert_reads(Model *model, uint64_t n_lost)
{
    static const size_t sizes[] = {0, 1, 2, 4095, 65535, 65536, 65537, MIB, 8 * MIB};
    g_autofree char *tail = g_malloc(8 * MIB);
    uint64_t n_whole = n_lost > 0 ? DAG__SPOOL_TAIL : model->all->len;

    g_assert_cmpuint(dag_spool_size(model->spool), ==, model->all->len);
    g_assert_cmpuint(dag_spool_n_lost(model->spool), ==, n_lost);
    g_assert_cmpint(dag_spool_problem(model->spool) != 0, ==, n_lost > 0);
    model->n_read = model->n_missing = 0;
    g_assert_cmpint(dag_spool_read(model->spool, compare, model), ==, 0);
    g_assert_cmpuint(model->n_read, ==, model->all->len);
    g_assert_cmpuint(model->n_missing, ==, n_lost);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        size_t n = dag_spool_tail(model->spool, tail, sizes[i]);

        g_assert_cmpuint(n, ==, MIN(sizes[i], n_whole));
        if (n > 0)
            g_assert_true(memcmp(tail, model->all->data + model->all->len - n, n) == 0);
    }
}

static void
test_an_empty_output_uses_no_descriptor(void)
{
    unsigned n_before = count_descriptors();
    Model model;

    model_init(&model);
    dag__spool_finish(model.spool);
    assert_reads(&model, 0);
    g_assert_cmpuint(count_descriptors(), ==, n_before);
    model_clear(&model);
}

static void
test_a_small_output_stays_in_memory(void)
{
    unsigned n_before = count_descriptors();
    Model model;

    model_init(&model);
    for (int i = 0; i < 1000; i++)
        say(&model, dice_below(&model.dice, 100));
    say(&model, MIB - model.all->len);
    assert_reads(&model, 0);
    dag__spool_finish(model.spool);
    assert_reads(&model, 0);
    g_assert_cmpuint(count_descriptors(), ==, n_before);
    model_clear(&model);
}

static void
test_a_large_output_goes_to_a_temporary_file(void)
{
    unsigned n_before = count_descriptors();
    Model model;

    model_init(&model);
    say(&model, MIB);
    g_assert_cmpuint(count_descriptors(), ==, n_before);
    say(&model, 1);
    g_assert_cmpuint(count_descriptors(), ==, n_before + 1);
    assert_reads(&model, 0);
    say(&model, 3 * MIB + 17);
    for (int i = 0; i < 100; i++)
        say(&model, dice_below(&model.dice, 65536));
    dag__spool_finish(model.spool);
    assert_reads(&model, 0);
    model_clear(&model);
    g_assert_cmpuint(count_descriptors(), ==, n_before);
}

/* Returns: the files in the directory for spilled bytes. */
static unsigned
count_names(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    unsigned n = 0;

    while (g_dir_read_name(directory))
        n++;
    return n;
}

static void
test_the_file_has_no_name(void)
{
    g_autofree char *directory = g_dir_make_tmp("dagrun-test-XXXXXX", NULL);
    Model model;

    g_setenv("TMPDIR", directory, TRUE);
    model_init(&model);
    say(&model, 2 * MIB);
    g_assert_cmpuint(count_names(directory), ==, 0);
    assert_reads(&model, 0);
    model_clear(&model);
    g_unsetenv("TMPDIR");
    g_assert_cmpint(rmdir(directory), ==, 0);
}

static void
test_without_a_file_head_and_tail_are_kept(void)
{
    Model model;

    g_setenv("TMPDIR", "/proc", TRUE);
    model_init(&model);
    say(&model, MIB - 10);
    say(&model, DAG__SPOOL_TAIL); /* fits only in the tail */
    assert_reads(&model, 0);
    say(&model, 1);
    g_assert_cmpint(dag_spool_problem(model.spool), ==, ENOENT);
    assert_reads(&model, 1);
    for (int i = 0; i < 1000; i++)
        say(&model, dice_below(&model.dice, 1000));
    assert_reads(&model, model.all->len - (MIB - 10) - DAG__SPOOL_TAIL);
    say(&model, 5 * MIB);
    dag__spool_finish(model.spool);
    assert_reads(&model, model.all->len - (MIB - 10) - DAG__SPOOL_TAIL);
    model_clear(&model);
    g_unsetenv("TMPDIR");
}

static struct rlimit
limit(int resource, rlim_t value)
{
    struct rlimit before, now;

    g_assert_cmpint(getrlimit(resource, &before), ==, 0);
    now = before;
    now.rlim_cur = value;
    g_assert_cmpint(setrlimit(resource, &now), ==, 0);
    return before;
}

static void
test_the_content_of_a_full_file_is_kept(void)
{
    struct rlimit before = limit(RLIMIT_FSIZE, 2 * MIB + 100);
    Model model;

    model_init(&model);
    say(&model, MIB);
    say(&model, MIB);
    assert_reads(&model, 0);
    say(&model, MIB);
    g_assert_cmpint(dag_spool_problem(model.spool), ==, EFBIG);
    assert_reads(&model, MIB - 100 - DAG__SPOOL_TAIL);
    say(&model, 70);
    assert_reads(&model, MIB - 100 - DAG__SPOOL_TAIL + 70);
    setrlimit(RLIMIT_FSIZE, &before);
    say(&model, MIB); /* a gap stays */
    assert_reads(&model, 2 * MIB - 100 - DAG__SPOOL_TAIL + 70);
    model_clear(&model);
}

static void
test_without_a_descriptor_head_and_tail_are_kept(void)
{
    int next = dup(STDERR_FILENO);
    struct rlimit before;
    Model model;

    close(next);
    before = limit(RLIMIT_NOFILE, (rlim_t)next);
    model_init(&model);
    say(&model, 2 * MIB);
    setrlimit(RLIMIT_NOFILE, &before);
    g_assert_cmpint(dag_spool_problem(model.spool), ==, EMFILE);
    assert_reads(&model, 2 * MIB - DAG__SPOOL_TAIL);
    model_clear(&model);
}

static void
test_all_spools_together_are_bounded(void)
{
    unsigned n_before = count_descriptors(), n_files;
    Model models[100];

    for (size_t i = 0; i < G_N_ELEMENTS(models); i++) {
        model_init(&models[i]);
        say(&models[i], MIB);
    }
    n_files = count_descriptors() - n_before;
    g_assert_cmpuint(n_files, >=, 36); /* at most 64 MiB are kept in memory */
    g_assert_cmpuint(n_files, <, 100);
    for (size_t i = 0; i < G_N_ELEMENTS(models); i++) {
        assert_reads(&models[i], 0);
        model_clear(&models[i]);
    }
    g_assert_cmpuint(count_descriptors(), ==, n_before);
}

static void
test_without_a_file_more_stays_in_memory(void)
{
    Model models[66];

    g_setenv("TMPDIR", "/proc", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(models); i++) {
        model_init(&models[i]);
        say(&models[i], MIB / 2);
        say(&models[i], MIB / 2);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(models); i++) {
        assert_reads(&models[i], 0);
        model_clear(&models[i]);
    }
    g_unsetenv("TMPDIR");
}

static void
test_memory_is_bounded_without_a_file(void)
{
    g_autofree char *bytes = g_malloc0(MIB);
    DagSpool *spools[300];
    unsigned n_lost = 0;

    g_setenv("TMPDIR", "/proc", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(spools); i++) {
        spools[i] = dag__spool_new();
        dag__spool_write(spools[i], bytes, MIB);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(spools); i++) {
        n_lost += dag_spool_n_lost(spools[i]) > 0;
        dag__spool_free(spools[i]);
    }
    g_unsetenv("TMPDIR");
    g_assert_cmpuint(n_lost, >=, 44); /* 256 MiB are kept */
}

/* Assert that the file of the descriptor can be opened for reading only. */
static void
assert_read_only(int fd)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    int flags[] = {O_WRONLY, O_RDWR, O_WRONLY | O_APPEND}, other = open(path, O_RDONLY);

    g_assert_cmpint(write(fd, "x", 1), <, 0);
    g_assert_cmpint(other, >=, 0);
    close(other);
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
        other = open(path, flags[i]);
        /* A sealed memfd can be opened for writing, but writes fail. */
        g_assert_true(other < 0 || write(other, "x", 1) < 0);
        g_assert_true(other < 0 || ftruncate(other, 0) < 0);
        if (other >= 0)
            close(other);
    }
}

static void
assert_can_be_shared(size_t size)
{
    unsigned n_before = count_descriptors();
    struct stat info;
    Model model;
    int fd, flags = 0;

    model_init(&model);
    say(&model, size);
    dag__spool_finish(model.spool);
    fd = dag__spool_share(model.spool, "a-name");
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(dag__spool_share(model.spool, "a-name"), ==, fd);
    g_assert_cmpuint(count_descriptors(), ==, n_before + 1);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    g_assert_cmpint(fstat(fd, &info), ==, 0);
    g_assert_cmpint(info.st_size, ==, size);
    assert_reads(&model, 0);
    /* Root is not restricted if the file system has no means for that. */
    if (geteuid() != 0 || size <= MIB ||
        (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && flags & FS_IMMUTABLE_FL))
        assert_read_only(fd);
    else
        g_test_message("not tried: the file could be altered by the superuser");
    assert_reads(&model, 0);
    model_clear(&model);
    g_assert_cmpuint(count_descriptors(), ==, n_before);
}

static void
test_readers_get_a_file_that_they_cannot_alter(void)
{
    assert_can_be_shared(1);
    assert_can_be_shared(MIB);
    assert_can_be_shared(5 * MIB);
}

/* Returns: a new, unlinked file that contains `text`, opened like a log. */
static int
log_with(const char *text)
{
    char path[] = "/tmp/dagrun-test-XXXXXX";
    int fd = mkostemp(path, O_APPEND | O_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    unlink(path);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
    return fd;
}

/* Assert that the file contains `text` and all output. */
static void
assert_log_holds(int fd, const char *text, const Model *model)
{
    size_t before = strlen(text), size = before + model->all->len;
    g_autofree char *got = g_malloc(size + 1);

    g_assert_cmpint(pread(fd, got, size + 1, 0), ==, size);
    g_assert_true(memcmp(got, text, before) == 0);
    g_assert_true(memcmp(got + before, model->all->data, model->all->len) == 0);
}

static void
test_a_log_gets_every_byte_at_once(void)
{
    unsigned n_before = count_descriptors();
    int fd = log_with("before\n"), ours = dup(fd);
    Model model;

    model_init(&model);
    dag__spool_set_log(model.spool, fd, 0);
    for (int i = 0; i < 10; i++) {
        say(&model, 10);
        assert_log_holds(ours, "before\n", &model);
    }
    dag__spool_finish(model.spool);
    g_assert_cmpuint(count_descriptors(), ==, n_before + 1); /* ours */
    assert_reads(&model, 0);
    g_assert_cmpint(dag_spool_log_problem(model.spool), ==, 0);
    model_clear(&model);
    close(ours);
}

static void
test_a_long_log_is_the_file_of_the_spool(void)
{
    unsigned n_before = count_descriptors();
    int fd = log_with("before\n"), ours = dup(fd);
    Model model;

    g_setenv("TMPDIR", "/proc", TRUE); /* no other file is needed */
    model_init(&model);
    dag__spool_set_log(model.spool, fd, 0);
    say(&model, MIB);
    say(&model, 3 * MIB);
    say(&model, 1);
    dag__spool_finish(model.spool);
    assert_log_holds(ours, "before\n", &model);
    assert_reads(&model, 0);
    g_assert_cmpint(dag_spool_log_problem(model.spool), ==, 0);
    /* Another process truncates it. */
    g_assert_cmpint(ftruncate(ours, MIB), ==, 0);
    model.n_read = model.n_missing = 0;
    g_assert_cmpint(dag_spool_read(model.spool, compare, &model), ==, ESTALE);
    g_assert_cmpuint(model.n_read, ==, model.all->len);
    g_assert_cmpuint(model.n_missing, ==, model.all->len + strlen("before\n") - MIB);
    model_clear(&model);
    close(ours);
    g_unsetenv("TMPDIR");
    g_assert_cmpuint(count_descriptors(), ==, n_before);
}

static void
test_without_a_log_the_spool_is_complete(void)
{
    int full = open("/dev/full", O_RDWR | O_CLOEXEC);
    Model model;

    if (full < 0) {
        g_test_skip("no /dev/full");
        return;
    }
    model_init(&model);
    dag__spool_set_log(model.spool, full, 0);
    say(&model, 10);
    g_assert_cmpint(dag_spool_log_problem(model.spool), ==, ENOSPC);
    say(&model, 2 * MIB);
    assert_reads(&model, 0);
    model_clear(&model);

    model_init(&model);
    dag__spool_set_log(model.spool, -1, EROFS);
    say(&model, 10);
    say(&model, 2 * MIB);
    g_assert_cmpint(dag_spool_log_problem(model.spool), ==, EROFS);
    assert_reads(&model, 0);
    model_clear(&model);
}

static void
test_a_log_on_a_full_disk_keeps_its_head(void)
{
    struct rlimit before = limit(RLIMIT_FSIZE, 3 * MIB);
    Model model;

    model_init(&model);
    dag__spool_set_log(model.spool, log_with(""), 0);
    say(&model, 2 * MIB);
    say(&model, 2 * MIB);
    setrlimit(RLIMIT_FSIZE, &before);
    g_assert_cmpint(dag_spool_log_problem(model.spool), ==, EFBIG);
    assert_reads(&model, MIB - DAG__SPOOL_TAIL);
    dag__spool_finish(model.spool);
    model_clear(&model);
}

/* A DagSpoolTaker that takes one piece. */
static bool
take_one(const char *bytes, uint64_t size, void *data)
{
    unsigned *n_pieces = data;

    g_assert_nonnull(bytes);
    g_assert_cmpuint(size, <=, MIB);
    (*n_pieces)++;
    return false;
}

static void
assert_can_be_stopped(size_t size)
{
    unsigned n_pieces = 0;
    Model model;

    model_init(&model);
    say(&model, size);
    g_assert_cmpint(dag_spool_read(model.spool, take_one, &n_pieces), ==, 0);
    g_assert_cmpuint(n_pieces, ==, 1);
    model_clear(&model);
}

static void
test_a_taker_may_stop(void)
{
    assert_can_be_stopped(10);
    assert_can_be_stopped(5 * MIB);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGXFSZ, SIG_IGN);
    g_unsetenv("TMPDIR");
    g_test_add_func("/spool/an-empty-output-uses-no-descriptor",
                    test_an_empty_output_uses_no_descriptor);
    g_test_add_func("/spool/a-small-output-stays-in-memory",
                    test_a_small_output_stays_in_memory);
    g_test_add_func("/spool/a-large-output-goes-to-a-temporary-file",
                    test_a_large_output_goes_to_a_temporary_file);
    g_test_add_func("/spool/the-file-has-no-name", test_the_file_has_no_name);
    g_test_add_func("/spool/without-a-file-head-and-tail-are-kept",
                    test_without_a_file_head_and_tail_are_kept);
    g_test_add_func("/spool/the-content-of-a-full-file-is-kept",
                    test_the_content_of_a_full_file_is_kept);
    g_test_add_func("/spool/without-a-descriptor-head-and-tail-are-kept",
                    test_without_a_descriptor_head_and_tail_are_kept);
    g_test_add_func("/spool/all-spools-together-are-bounded",
                    test_all_spools_together_are_bounded);
    g_test_add_func("/spool/without-a-file-more-stays-in-memory",
                    test_without_a_file_more_stays_in_memory);
    g_test_add_func("/spool/memory-is-bounded-without-a-file",
                    test_memory_is_bounded_without_a_file);
    g_test_add_func("/spool/readers-get-a-file-that-they-cannot-alter",
                    test_readers_get_a_file_that_they_cannot_alter);
    g_test_add_func("/spool/a-log-gets-every-byte-at-once",
                    test_a_log_gets_every_byte_at_once);
    g_test_add_func("/spool/a-long-log-is-the-file-of-the-spool",
                    test_a_long_log_is_the_file_of_the_spool);
    g_test_add_func("/spool/without-a-log-the-spool-is-complete",
                    test_without_a_log_the_spool_is_complete);
    g_test_add_func("/spool/a-log-on-a-full-disk-keeps-its-head",
                    test_a_log_on_a_full_disk_keeps_its_head);
    g_test_add_func("/spool/a-taker-may-stop", test_a_taker_may_stop);
    return g_test_run();
}
