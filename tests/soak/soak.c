/* SPDX-License-Identifier: MIT */
/*
 * Run the real program on many random graphs with all kinds of failures: tasks that fail, hang,
 * ignore SIGTERM or leave processes behind; timeouts, retries, pools, signals.  Each run's record
 * must be consistent with the graph, its exit status with the record, and no process or temporary
 * file may be left.
 *
 *     soak --program=PATH [--seed=N] [--cases=M] [--jobs=N] [--keep] [--verbose]
 *
 * A case that fails prints the command to repeat it, and its directory is kept.  The timing
 * differs from run to run, so repeat it many times.  DAGRUN_SOAK_SEED and DAGRUN_SOAK_CASES are
 * the defaults of the options.
 */
#include "soak.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Stop after this number of failures; more would not add information. */
#define MAX_FAILED 20

/* With this number of cases or more, every outcome must have occurred.  The rarest, a run that
 * exceeds its time limit, occurs about once in 60 cases, depending on the machine. */
#define ENOUGH_CASES 1000

typedef struct Options {
    const char *self; /* as it was started */
    char *program;
    gint64 seed;
    gint64 n_cases;
    int n_jobs;
    gboolean keep;
    int64_t load_ns; /* see CaseFiles */
    gboolean verbose;
} Options;

/* Shared by all processes of the soak. */
typedef struct Sums {
    atomic_uint n_failed;
    atomic_uint n_outcomes[DAG_N_OUTCOMES]; /* of tasks */
    atomic_uint n_retried;                  /* tasks */
    atomic_uint n_interrupted;              /* runs, by a signal */
    atomic_uint n_timed_out;                /* runs */
    atomic_uint n_early;                    /* runs killed by a signal before they began */
    uint32_t lasted_us[];                   /* [n_cases]; each written by one process */
} Sums;

static void
add(atomic_uint *sum, unsigned n)
{
    atomic_fetch_add(sum, n);
}

static void
add_up(Sums *sums, const Record *record, const Sight *sight)
{
    if (!record) {
        add(&sums->n_early, WIFSIGNALED(sight->status));
        return;
    }
    for (uint32_t i = 0; i < record->n; i++) {
        add(&sums->n_outcomes[record->tasks[i].outcome], record->tasks[i].n_seen);
        add(&sums->n_retried, record->tasks[i].attempts->len > 1);
    }
    add(&sums->n_interrupted, record->signal != 0);
    add(&sums->n_timed_out, WIFEXITED(sight->status) && WEXITSTATUS(sight->status) == 124);
}

/* Remove a tree.  It contains no symbolic links. */
static void
remove_all(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *inner = g_build_filename(path, name, NULL);

        remove_all(inner);
    }
    g_remove(path);
}

static bool
write_file(const char *name, char *text)
{
    g_autofree char *owned = text;

    return g_file_set_contents_full(name, owned, -1, G_FILE_SET_CONTENTS_NONE, 0666, NULL);
}

/* Create the directory of a case and go there. */
static void
files_init(CaseFiles *files, const Case *c)
{
    files->directory = g_dir_make_tmp("dagrun-soak-XXXXXX", NULL);
    if (!files->directory || chdir(files->directory) < 0)
        g_error("cannot make a directory: %s", g_strerror(errno));
    files->temporary = g_build_filename(files->directory, "tmp", NULL);
    files->mark = g_strdup_printf("DAGRUN_SOAK_MARK=%s", files->directory);
    g_mkdir(files->temporary, 0777);
    if (!write_file("graph.xml", case_xml(c)))
        g_error("cannot write the graph");
}

static void
files_clear(CaseFiles *files, bool remove)
{
    if (remove)
        remove_all(files->directory);
    g_free(files->directory);
    g_free(files->temporary);
    g_free(files->mark);
}

static void
report(const Options *options, const Case *c, const CaseFiles *files, const Sight *sight)
{
    g_auto(GStrv) arguments = case_arguments(c, "dagrun");
    g_autofree char *command = g_strjoinv(" ", arguments);
    g_auto(GStrv) problems = g_strsplit(g_strchomp(sight->problems->str), "\n", -1);
    g_autoptr(GString) text = g_string_new(NULL);

    for (char **problem = problems; *problem; problem++)
        g_string_append_printf(text, "# seed %" G_GUINT64_FORMAT ": %s\n", c->seed,
                               *problem);
    g_string_append_printf(text, "#   %s, %u tasks: %s\n", c->random->shape, c->random->n,
                           command);
    for (unsigned i = 0; i < sight->n_sent; i++)
        g_string_append_printf(text, "#   signal %d after %.3f ms\n", c->signals[i].number,
                               (double)c->signals[i].delay_ns / 1e6);
    g_string_append_printf(text,
                           "#   files: %s\n"
                           "#   again: %s --program=%s --seed=%" G_GUINT64_FORMAT
                           " --cases=1\n",
                           files->directory, options->self, options->program, c->seed);
    fputs(text->str, stdout);
    fflush(stdout);
}

static void
run_case(const Options *options, Sums *sums, gint64 number)
{
    g_autoptr(Case) c = case_new((uint64_t)(options->seed + number));
    g_autoptr(GString) problems = g_string_new(NULL);
    Sight sight = {.problems = problems};
    CaseFiles files;

    files_init(&files, c);
    files.load_ns = options->load_ns;
    soak_run(c, &files, options->program, &sight);

    g_autoptr(Record) record = record_read(c, "timings.json", problems);

    soak_check(c, record, &sight);
    add_up(sums, record, &sight);
    sums->lasted_us[number] = (uint32_t)(sight.lasted_ns / 1000);
    if (problems->len > 0) {
        add(&sums->n_failed, 1);
        report(options, c, &files, &sight);
    } else if (options->verbose) {
        printf("# seed %" G_GUINT64_FORMAT ": %u tasks, %.1f ms\n", c->seed, c->random->n,
               (double)sight.lasted_ns / 1e6);
    }
    files_clear(&files, problems->len == 0 && !options->keep);
}

/* Start a process that runs every n_jobs-th case.  Returns: its id, or -1. */
static pid_t
start_job(const Options *options, Sums *sums, int job)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (gint64 i = job; i < options->n_cases && sums->n_failed < MAX_FAILED;
         i += options->n_jobs)
        run_case(options, sums, i);
    exit(EXIT_SUCCESS);
}

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Print the sums.  Returns: false if there were ENOUGH_CASES and some outcome never occurred. */
static bool
print_sums(const Options *options, Sums *sums)
{
    gint64 n = options->n_cases;
    bool has_all = sums->n_retried > 0 && sums->n_interrupted > 0 && sums->n_timed_out > 0;

    const uint32_t *middle = &sums->lasted_us[n / 2], *last = &sums->lasted_us[n - 1];

    qsort(sums->lasted_us, (size_t)n, sizeof(uint32_t), compare_numbers);
    printf("# %" G_GINT64_FORMAT
           " cases: %u failed; median %.1f ms, longest %.0f ms\n# tasks:",
           n, sums->n_failed, *middle / 1e3, *last / 1e3);
    for (DagOutcome outcome = DAG_SUCCEEDED; outcome < DAG_N_OUTCOMES; outcome++) {
        printf(" %u %s,", sums->n_outcomes[outcome], dag_outcome_name(outcome));
        has_all = has_all && sums->n_outcomes[outcome] > 0;
    }
    printf(" %u tried again\n# runs: %u interrupted, %u out of time, %u ended before they "
           "began\n",
           sums->n_retried, sums->n_interrupted, sums->n_timed_out, sums->n_early);
    if (sums->n_failed >= MAX_FAILED)
        printf("# gave up after too many failures\n");
    if (!has_all && n >= ENOUGH_CASES)
        printf("# some of these numbers must not be 0\n");
    return has_all || n < ENOUGH_CASES;
}

static int
soak(const Options *options)
{
    size_t size = sizeof(Sums) + (size_t)options->n_cases * sizeof(uint32_t);
    Sums *sums =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool good = sums != MAP_FAILED;
    int status, n_jobs = (int)MIN(options->n_jobs, options->n_cases);

    g_assert(good);
    printf("1..1\n# seeds from %" G_GINT64_FORMAT "\n", options->seed);
    fflush(stdout); /* or each child process would print it, too */
    for (int job = 0; job < n_jobs; job++)
        good = start_job(options, sums, job) > 0 && good;
    while (wait(&status) > 0)
        good = status == 0 && good;
    good = print_sums(options, sums) && sums->n_failed == 0 && good;
    printf("%s 1 - every run is consistent\n", good ? "ok" : "not ok");
    munmap(sums, size);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static gint64
number_from(const char *variable, gint64 otherwise)
{
    const char *text = g_getenv(variable);

    return text ? g_ascii_strtoll(text, NULL, 10) : otherwise;
}

/* Returns: false if the command line is wrong. */
static bool
parse(int argc, char **argv, Options *options)
{
    const GOptionEntry entries[] = {
        {"program", 0, 0, G_OPTION_ARG_FILENAME, &options->program, "dagrun", "PATH"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &options->seed, "Seed of the first case", "N"},
        {"cases", 0, 0, G_OPTION_ARG_INT64, &options->n_cases, "Number of cases", "N"},
        {"jobs", 0, 0, G_OPTION_ARG_INT, &options->n_jobs, "Number of cases at once", "N"},
        {"keep", 0, 0, G_OPTION_ARG_NONE, &options->keep, "Keep all files", NULL},
        {"verbose", 0, 0, G_OPTION_ARG_NONE, &options->verbose, "A line per case", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (g_option_context_parse(context, &argc, &argv, &error) && options->program &&
        options->n_cases >= 1 && options->n_jobs >= 1)
        return true;
    fprintf(stderr, "soak: %s\n", error ? error->message : "see --help");
    return false;
}

int
main(int argc, char **argv)
{
    Options options = {.self = argv[0],
                       .seed = number_from("DAGRUN_SOAK_SEED", 1),
                       .n_cases = number_from("DAGRUN_SOAK_CASES", 150),
                       .n_jobs = 2};

    if (!parse(argc, argv, &options))
        return 2;

    g_autofree char *program = g_canonicalize_filename(options.program, NULL);

    g_free(options.program);
    options.program = g_steal_pointer(&program);
    options.load_ns = soak_measure_load(options.program);

    int status = soak(&options);

    g_free(options.program);
    return status;
}
