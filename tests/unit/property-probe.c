/* SPDX-License-Identifier: MIT */
/*
 * The bodies of the tasks check that their predecessors have ended, and how many tasks run.  Only the
 * executor orders the data that they leave for each other, so that ThreadSanitizer tests the executor
 * and not the test: the atomic operations of the bodies are relaxed.
 */
#include "property.h"

#include <dagrun/context.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dice.h"
#include "timer-engine.h"

Probe probe;

void
probe_begin(const Case *c)
{
    Dice dice = c->seed ^ 0xfa11;
    size_t n_pools;

    timer_counts_reset(0, NULL);

    probe = (Probe){.of = c};
    probe.n_failures = g_new0(uint32_t, c->n + 1);
    dag_graph_pools(c->graph, &n_pools);
    probe.in_use = g_new0(atomic_uint, n_pools + 1);
    probe.n_runs = g_new0(atomic_uint, c->n + 1);
    probe.ended = g_new0(atomic_uint, c->n + 1);
    probe.depth = g_new0(uint32_t, c->n + 1);
    probe.turn = g_new0(uint32_t, c->n + 1);
    for (size_t id = 0; id < c->n; id++)
        if (dice_chance(&dice, c->failure_percent))
            probe.n_failures[id] = 1 + dice_below(&dice, 4);
}

void
probe_end(void)
{
    g_free(probe.n_failures);
    g_free(probe.in_use);
    g_free(probe.n_runs);
    g_free(probe.ended);
    g_free(probe.depth);
    g_free(probe.turn);
}

static unsigned
add(atomic_uint *counter, unsigned n)
{
    return atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* Return at once for most tasks; for a few, spin or yield the processor. */
static void
pass_time(DagTaskId id)
{
    Dice dice = probe.of->seed * 31 + id;
    uint32_t luck = dice_below(&dice, 64);
    struct timespec start, now;

    if (luck == 0)
        g_thread_yield();
    if (luck == 1)
        nanosleep(&(struct timespec){0, 50000}, NULL);
    if (luck < 2 || luck > 4)
        return;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < 15000);
}

/* Worker thread.  No task starts in a phase before one in which another has started. */
static void
check_phase(DagTaskId id)
{
    unsigned phase = dag_plan_phase(probe.of->plan, id);
    unsigned highest = get(&probe.highest_phase);

    if (probe.of->strategy->release != DAG_RELEASE_PHASE)
        return;
    g_assert_cmpuint(phase, >=, highest);
    atomic_store_explicit(&probe.highest_phase, phase, memory_order_relaxed);
}

bool
is_good_end(DagTaskId id, unsigned outcome)
{
    return outcome == DAG_SUCCEEDED ||
           ((outcome == DAG_FAILED || outcome == DAG_TIMED_OUT) &&
            dag_graph_task_policy(probe.of->graph, id)->allow_failure);
}

unsigned
attempts_allowed(DagTaskId id)
{
    return 1 + (unsigned)MAX(dag_graph_task_policy(probe.of->graph, id)->retries, 0);
}

/* Worker thread.  Take or give back the slots of the task, and check that no pool is overused. */
static void
use_pools(DagTaskId id, bool take)
{
    size_t n_uses, n_pools;
    const DagUse *uses = dag_graph_task_uses(probe.of->graph, id, &n_uses);
    const DagPool *pools = dag_graph_pools(probe.of->graph, &n_pools);

    for (size_t i = 0; i < n_uses; i++) {
        atomic_uint *in_use = &probe.in_use[uses[i].pool];

        if (take)
            g_assert_cmpuint(add(in_use, uses[i].slots) + uses[i].slots, <=,
                             pools[uses[i].pool].slots);
        else
            add(in_use, -uses[i].slots);
    }
}

/* Return whether the task, which has ended, lets its successors go on.  A kind does not know
 * whether it was cancelled because of the task's timeout. */
static bool
may_be_good(DagTaskId id)
{
    unsigned ended = get(&probe.ended[id]);

    return is_good_end(id, ended) ||
           (probe.of->limited && ended == DAG_CANCELLED && is_good_end(id, DAG_TIMED_OUT));
}

/* Worker thread.  Return the length of the longest chain of tasks that ran, up to this one. */
static uint32_t
check_predecessors(DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(probe.of->graph, id);
    bool is_always = dag_graph_task_policy(probe.of->graph, id)->always;
    uint32_t depth = 1;

    for (size_t p = 0; p < preds.n; p++) {
        if (!is_always)
            g_assert_true(may_be_good(preds.ids[p]));
        if (get(&probe.n_runs[preds.ids[p]]) > 0)
            depth = MAX(depth, probe.depth[preds.ids[p]] + 1);
    }
    return depth;
}

/* Worker or I/O thread. */
void
probe_start(DagTaskId id)
{
    unsigned attempt = add(&probe.n_runs[id], 1);

    g_assert_cmpuint(attempt, <, attempts_allowed(id));
    probe.turn[id] = add(&probe.n_started, 1);
    probe.depth[id] = check_predecessors(id);
    check_phase(id);
}

/* Return the number of units of this sort that a case has. */
static unsigned
n_units(const Case *c, DagOccupies occupies)
{
    return occupies == DAG_OCCUPIES_WORKER ? c->n_workers : c->n_connections;
}

/* Worker or I/O thread. */
static void
occupy(DagTaskId id)
{
    DagOccupies occupies = dag_graph_task_kind(probe.of->graph, id)->occupies;

    g_assert_cmpuint(add(&probe.n_running[occupies], 1), <, n_units(probe.of, occupies));
    use_pools(id, true);
    probe_start(id);
}

/* Worker or I/O thread.  End the attempt, cancelled or by itself, and return its outcome. */
static DagOutcome
leave(DagContext *context, bool is_cancelled)
{
    DagTaskId id = dag_context_task(context);
    DagOccupies occupies = dag_graph_task_kind(probe.of->graph, id)->occupies;
    const char *name = dag_graph_task_name(probe.of->graph, id);
    DagOutcome outcome =
        get(&probe.n_runs[id]) <= probe.n_failures[id] ? DAG_FAILED : DAG_SUCCEEDED;

    if (is_cancelled)
        outcome = DAG_CANCELLED;
    else if (outcome == DAG_FAILED)
        dag_context_set_reason(context, "no luck with %s", name);
    if (dag_context_wants_transcript(context) && id % 3)
        dag_context_write_transcript(context, name, strlen(name));
    atomic_store_explicit(&probe.ended[id], (unsigned)outcome, memory_order_relaxed);
    use_pools(id, false);
    add(&probe.n_running[occupies], (unsigned)-1);
    return outcome;
}

/* Return whether the task ends when it is cancelled. */
static bool
heeds_cancel(DagTaskId id)
{
    return probe.heeds_cancel && id % 2;
}

/* Worker thread. */
static DagOutcome
body(DagContext *context, const void *config)
{
    DagTaskId id = dag_context_task(context);

    (void)config;
    occupy(id);
    pass_time(id);
    return leave(context,
                 heeds_cancel(id) && dag_context_cancel_level(context) != DAG_CANCEL_NONE);
}

static void *
speaking_configure(DagElement *element, GError **error)
{
    return (void *)dag_element_template(element, dag_element_text(element), error);
}

static bool
speaks(DagTaskId id)
{
    return dag_graph_task_kind(probe.of->graph, id)->takes_text && id % 4;
}

/* Return the expected expansion of the template of random_graph_build(). */
static char *
expected_text(DagTaskId id)
{
    const RandomGraph *random = probe.of->random;
    uint32_t number = (uint32_t)atoi(dag_graph_task_name(probe.of->graph, id) + 1);
    GString *text = g_string_new("text:");

    for (guint i = 0; i < random->needs[number]->len; i++) {
        uint32_t other = g_array_index(random->needs[number], uint32_t, i);
        g_autofree char *name = g_strdup_printf("t%u", other);

        if (random->excluded[other])
            continue;

        DagTaskId pred = dag_graph_find(probe.of->graph, name);

        /* The predecessors of a clean-up may not have run. */
        if (speaks(pred) && get(&probe.n_runs[pred]) > 0)
            g_string_append(text, name);
    }
    return g_string_free(text, FALSE);
}

/* Worker or I/O thread.  Check the outputs of the predecessors, and write one. */
static void
speak(DagContext *context, const void *config)
{
    DagTaskId id = dag_context_task(context);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = dag_context_expand(context, config, &error);
    g_autofree char *expected = expected_text(id);

    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, expected);
    if (speaks(id)) {
        g_autofree char *said =
            g_strconcat(dag_graph_task_name(probe.of->graph, id), "\n\n", NULL);

        dag_context_write_output(context, said, strlen(said));
    }
}

/* Worker thread. */
static DagOutcome
speaking_body(DagContext *context, const void *config)
{
    speak(context, config);
    return body(context, NULL);
}

/* I/O thread. */
static DagOutcome
end_connected(DagJob *job, DagOutcome outcome)
{
    return leave(dag_job_context(job), outcome == DAG_CANCELLED);
}

/* I/O thread.  Half of the attempts end within start(), the others after up to 200 µs; some of
 * those with a timeout only end when they are cancelled. */
static void
start_connected(DagJob *job, const void *config)
{
    DagTaskId id = dag_context_task(dag_job_context(job));
    Dice dice = (probe.of->seed * 31 + id) * 31 + get(&probe.n_runs[id]);
    TimerSpec spec = {.end = end_connected};

    if (config)
        speak(dag_job_context(job), config);
    if (dice_chance(&dice, 50))
        spec.delay_ns = dice_below(&dice, 200000);
    if (!heeds_cancel(id))
        spec.linger_ns = TIMER_NEVER;
    if (dag_graph_task_policy(probe.of->graph, id)->timeout_ns > 0 &&
        dice_chance(&dice, 30))
        spec.delay_ns = TIMER_NEVER;
    occupy(id);
    timer_begin(job, &spec);
}

const DagKind tiny = {.name = "tiny", .is_tiny = true, .run = body};
const DagKind plain = {.name = "plain", .run = body};
const DagKind speaking = {.name = "speaking",
                          .takes_text = true,
                          .configure = speaking_configure,
                          .run = speaking_body};
const DagKind connected = {.name = "connected",
                           .occupies = DAG_OCCUPIES_CONNECTION,
                           .engine = &timer_engine,
                           .start = start_connected,
                           .cancel = timer_cancel};
const DagKind connected_by_fd = {.name = "connected-by-fd",
                                 .occupies = DAG_OCCUPIES_CONNECTION,
                                 .engine = &timerfd_engine,
                                 .start = start_connected,
                                 .cancel = timer_cancel};
const DagKind connected_speaking = {.name = "connected-speaking",
                                    .takes_text = true,
                                    .occupies = DAG_OCCUPIES_CONNECTION,
                                    .engine = &timer_engine,
                                    .configure = speaking_configure,
                                    .start = start_connected,
                                    .cancel = timer_cancel};
