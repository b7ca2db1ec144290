/* SPDX-License-Identifier: MIT */
/*
 * Simulations of hundreds of thousands of tasks.  CPU time and memory are printed, not checked: they depend on the
 * machine.  The goal of a release build is 0.5 s and 100 bytes a task.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sanitized.h"
#include "simulate-case.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SLOW 1
#else
#define IS_SLOW UNDER_TSAN
#endif

#define N_TASKS (IS_SLOW ? 20000U : 300000U)

/* Return the value of a line of /proc/self/status in bytes, or 0. */
static double
status_bytes(const char *label)
{
    g_autofree char *text = NULL;
    const char *line;

    if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
        return 0;
    line = strstr(text, label);
    return line ? g_ascii_strtod(line + strlen(label), NULL) * 1024 : 0;
}

/* Give freed memory back and begin to measure the peak anew. */
static void
reset_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");

#ifdef __GLIBC__
    malloc_trim(0);
#endif
    if (!file)
        return;
    fputs("5", file);
    fclose(file);
}

/* Return the plan of `n` tasks of one second, each of which needs the one before if
 * `is_chain`. */
static Case
large_case(unsigned n, bool is_chain)
{
    DagBuilder *builder = dag_builder_new();
    char name[16], previous[16] = "";

    for (unsigned i = 0; i < n; i++) {
        g_snprintf(name, sizeof(name), "t%u", i);
        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = name,
                                            .needs = is_chain && i > 0 ? previous : NULL,
                                            .cost = 1});
        memcpy(previous, name, sizeof(name));
    }
    return case_finish(builder);
}

/* Simulate with every strategy and assert the makespan, in seconds. */
static void
check_large(unsigned n, bool is_chain, unsigned n_workers, double makespan)
{
    g_auto(Case) it = large_case(n, is_chain);

    for (const DagStrategy *const *strategy = dag_strategies(); *strategy; strategy++) {
        double before, peak;
        clock_t start;

        reset_peak();
        before = status_bytes("VmRSS:");
        start = clock();
        g_autoptr(DagRun) run = dag_simulate(
            it.plan, &(DagSimulateOptions){.strategy = *strategy, .n_workers = n_workers});
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

        peak = status_bytes("VmHWM:");
        g_test_message("%s of %u tasks, %s: %.3f s of CPU, %.0f bytes a task",
                       is_chain ? "chain" : "set", n, (*strategy)->name, seconds,
                       (peak - before) / n);
        g_assert_cmpuint(dag_run_count(run, DAG_SUCCEEDED), ==, n);
        g_assert_cmpfloat((double)dag_run_makespan_ns(run) / 1e9, ==, makespan);
    }
}

static void
test_chain_is_simulated(void)
{
    check_large(N_TASKS, true, 4, N_TASKS);
}

static void
test_independent_tasks_are_simulated(void)
{
    check_large(N_TASKS, false, 4, N_TASKS / 4.0);
}

/* As many tasks at once as workers can be numbered. */
static void
test_many_workers_are_simulated(void)
{
    check_large(2 * UINT16_MAX, false, UINT_MAX, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulate-large/chain", test_chain_is_simulated);
    g_test_add_func("/simulate-large/independent", test_independent_tasks_are_simulated);
    g_test_add_func("/simulate-large/many-workers", test_many_workers_are_simulated);
    return g_test_run();
}
