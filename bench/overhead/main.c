/* SPDX-License-Identifier: MIT */
/*
 * Overhead per task: run one graph with every runner in turn, round after round, and print each
 * time as a line of values separated by tabs:
 *
 *     shape  tasks  runner  workers  body_ns  round  seconds  memory
 *
 * where memory is the growth in bytes of the process during the first warm-up, before which malloc
 * returns free memory to the system.  There are several warm-ups, all printed as round 0.  After
 * that malloc keeps its memory, so that the rounds measure the runners and not the kernel's
 * allocation of pages.  By default malloc would keep some blocks and return others, depending on
 * the previous runner.
 *
 * The reader computes sums and ratios.
 */
#include "runner.h"

#include <fcntl.h>
#include <glib.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_WARM_UPS 3

static const Runner *const runners[] = {
    &runner_pass,          &runner_phases,    &runner_dataflow,
    &runner_critical_path, &runner_pool,      &runner_openmp,
#ifdef HAVE_TBB
    &runner_tbb_flow,      &runner_tbb_tasks,
#endif
};

static char *shape_name; /* NULL: the first */
static int n_tasks = 1000000;
static int n_workers = 2;
static int n_rounds = 5;
static int64_t body_ns;
static char **chosen; /* NULL: all */
static gboolean wants_list;

static const GOptionEntry options[] = {
    {"shape", 's', 0, G_OPTION_ARG_STRING, &shape_name, "Shape of the graph", "NAME"},
    {"tasks", 'n', 0, G_OPTION_ARG_INT, &n_tasks, "Number of tasks (1000000)", "N"},
    {"workers", 'j', 0, G_OPTION_ARG_INT, &n_workers, "Number of workers (2)", "N"},
    {"rounds", 'r', 0, G_OPTION_ARG_INT, &n_rounds, "Number of rounds (5)", "N"},
    {"body", 'b', 0, G_OPTION_ARG_INT64, &body_ns, "How long each task spins (0)", "NS"},
    {"runner", 0, 0, G_OPTION_ARG_STRING_ARRAY, &chosen,
     "Use only this one; may be repeated", "NAME"},
    {"list", 'l', 0, G_OPTION_ARG_NONE, &wants_list, "List shapes and runners", NULL},
    {NULL},
};

static bool
is_chosen(const Runner *runner)
{
    if (runner->is_serial && n_workers > 1 && !chosen)
        return false;
    return !chosen || g_strv_contains((const char *const *)chosen, runner->name);
}

static void
list(void)
{
    for (const char *const *name = shape_names(); *name; name++)
        printf("shape\t%s\n", *name);
    for (size_t i = 0; i < G_N_ELEMENTS(runners); i++)
        printf("runner\t%s\t%s\n", runners[i]->name, runners[i]->summary);
}

/* Returns: a number of kilobytes from /proc/self/status, as bytes; -1 if unknown. */
static int64_t
memory(const char *key)
{
    g_autofree char *status = NULL;
    const char *line = NULL;

    if (g_file_get_contents("/proc/self/status", &status, NULL, NULL))
        line = strstr(status, key);
    return line ? g_ascii_strtoll(line + strlen(key), NULL, 10) * 1024 : -1;
}

/* Reset the peak of memory use. */
static void
forget_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

    malloc_trim(0);
    if (fd >= 0 && write(fd, "5", 1) < 0)
        g_warning("cannot measure memory");
    if (fd >= 0)
        close(fd);
}

/* A runner and its prepared data. */
typedef struct Contender {
    const Runner *runner;
    void *prepared;
    int64_t grown; /* bytes, in the first warm-up */
} Contender;

static void
run_once(Contender *contender, const Shape *shape, int round)
{
    bool is_first = round == 1 - N_WARM_UPS;
    const Runner *runner = contender->runner;
    int64_t before = 0, began_ns, took_ns;
    uint32_t n_good;
    void *done;

    if (is_first) {
        forget_peak();
        before = memory("VmRSS:");
    }
    began_ns = clock_ns();
    done = runner->run(contender->prepared);
    took_ns = clock_ns() - began_ns;
    if (is_first)
        contender->grown = memory("VmHWM:") - before;
    n_good = runner->check(contender->prepared, done);
    if (n_good != shape->n)
        g_error("%s ran %u of %u tasks of %s correctly", runner->name, n_good, shape->n,
                shape->name);
    printf("%s\t%u\t%s\t%d\t%" G_GINT64_FORMAT "\t%d\t%.9f\t%" G_GINT64_FORMAT "\n",
           shape->name, shape->n, runner->name, runner->is_serial ? 1 : n_workers, body_ns,
           MAX(round, 0), (double)took_ns / 1e9, contender->grown);
    fflush(stdout);
}

static void
compare(const Shape *shape)
{
    Contender contenders[G_N_ELEMENTS(runners)];
    Body body = {body_ns};
    size_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(runners); i++)
        if (is_chosen(runners[i]))
            contenders[n++] = (Contender){
                .runner = runners[i],
                .prepared = runners[i]->prepare(shape, &body, (unsigned)n_workers)};
    for (int round = 1 - N_WARM_UPS; round <= n_rounds; round++)
        for (size_t i = 0; i < n; i++)
            run_once(&contenders[i], shape, round);
    for (size_t i = 0; i < n; i++)
        contenders[i].runner->dispose(contenders[i].prepared);
}

int
main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context =
        g_option_context_new("- overhead of runners of graphs");
    g_autoptr(GError) error = NULL;
    Shape *shape;

    setlocale(LC_ALL, "C");
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "bench-overhead: %s\n", error->message);
        return 2;
    }
    if (wants_list) {
        list();
        return 0;
    }
    shape = shape_new(shape_name ? shape_name : *shape_names(), (uint32_t)n_tasks);
    if (!shape || n_workers < 1) {
        fprintf(stderr, "bench-overhead: no such shape, or no workers\n");
        return 2;
    }
    compare(shape);
    shape_free(shape);
    return 0;
}
