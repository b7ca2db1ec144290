/* SPDX-License-Identifier: MIT */
/*
 * What every strategy has to keep to, whatever the graph, the number of workers and the luck of
 * the tasks: this is the definition of a strategy, and of the executor.
 *
 * A case is a number: it decides everything that is drawn.  When one fails, its number is
 * printed, and DAGRUN_TEST_SEED=number DAGRUN_TEST_CASES=1 runs it alone (threads interleave
 * anew; repeat it).  A larger DAGRUN_TEST_CASES searches longer.
 *
 * The bodies of the tasks look around: has all that they need ended, how many run?  What they
 * leave behind for each other is ordered by nothing but the executor, so that ThreadSanitizer
 * judges the executor and not the test: their own atomic operations are relaxed.
 */
#include <dagrun/context.h>
#include <dagrun/execute.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dice.h"
#include "graph-of.h"
#include "random-graph.h"

#if defined(__SANITIZE_THREAD__)
#define IS_SLOW 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IS_SLOW 1
#endif
#endif

#ifdef IS_SLOW
#define N_CASES 2500
#else
#define N_CASES 8000 /* each combination of what is cycled through several times */
#endif
#define STALLED_S 60 /* no case takes a hundredth of it */

/* A case that died says which it was. */
static char description[256];

static void
on_death(int signal_number)
{
    static const char stalled[] = "# stalled: ", died[] = "# died: ";
    const char *what = signal_number == SIGALRM ? stalled : died;
    ssize_t written = write(STDERR_FILENO, what, strlen(what));

    written += write(STDERR_FILENO, description, strlen(description));
    (void)written;
    signal(SIGABRT, SIG_DFL);
    abort();
}

/* What the tasks of a case are like. */
typedef enum Flavour {
    TINY,     /* may be run in batches */
    PLAIN,    /* may not */
    SPEAKING, /* reads the outputs of all that it needs */
    MIXED,
    N_FLAVOURS,
} Flavour;

static const char *const flavour_names[N_FLAVOURS] = {"tiny", "plain", "speaking", "mixed"};

typedef struct Case {
    uint64_t seed;
    const DagStrategy *strategy;
    unsigned n_workers;
    unsigned failure_percent;
    bool keep_going;
    bool observed;
    Flavour flavour;
    DagPhaseRule rule;
    RandomGraph *random;
    DagGraph *graph;
    DagPlan *plan;
    size_t n; /* tasks in the graph */
} Case;

/* What the bodies know and leave behind. */
static struct Probe {
    /* Read-only once the run began. */
    const Case *of;
    bool *fails;        /* [n] */
    bool heeds_cancel;  /* some end when the run is to be stopped */

    /* Relaxed: they order nothing. */
    atomic_uint *n_runs;      /* [n] */
    atomic_uint *ended;       /* [n]: 0, or the outcome */
    atomic_uint n_started;
    atomic_uint n_running;
    atomic_uint highest_phase;

    /* Not atomic: written by a body, read by those of its successors and by the caller. */
    uint32_t *depth;   /* [n]: tasks in the longest chain up to this one */
    uint32_t *turn;    /* [n]: this was the how-manieth to start */
} probe;

static void
probe_begin(const Case *c)
{
    Dice dice = c->seed ^ 0xfa11;

    probe = (struct Probe){.of = c};
    probe.fails = g_new0(bool, c->n + 1);
    probe.n_runs = g_new0(atomic_uint, c->n + 1);
    probe.ended = g_new0(atomic_uint, c->n + 1);
    probe.depth = g_new0(uint32_t, c->n + 1);
    probe.turn = g_new0(uint32_t, c->n + 1);
    for (size_t id = 0; id < c->n; id++)
        probe.fails[id] = dice_chance(&dice, c->failure_percent);
}

static void
probe_end(void)
{
    g_free(probe.fails);
    g_free(probe.n_runs);
    g_free(probe.ended);
    g_free(probe.depth);
    g_free(probe.turn);
}

static unsigned
get(atomic_uint *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static unsigned
add(atomic_uint *counter, unsigned n)
{
    return atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* Most tasks do nothing; a few take their time, or leave the processor to others. */
static void
dawdle(DagTaskId id)
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
look_at_phase(DagTaskId id)
{
    unsigned phase = dag_plan_phase(probe.of->plan, id);
    unsigned highest = get(&probe.highest_phase);

    if (probe.of->strategy->release != DAG_RELEASE_PHASE)
        return;
    g_assert_cmpuint(phase, >=, highest);
    atomic_store_explicit(&probe.highest_phase, phase, memory_order_relaxed);
}

/* Worker thread. */
static DagOutcome
body(DagContext *context, const void *config)
{
    DagTaskId id = dag_context_task(context);
    DagIds preds = dag_graph_predecessors(probe.of->graph, id);
    const char *name = dag_graph_task_name(probe.of->graph, id);
    DagOutcome outcome = probe.fails[id] ? DAG_FAILED : DAG_SUCCEEDED;
    uint32_t depth = 1;

    (void)config;
    g_assert_cmpuint(add(&probe.n_running, 1), <, probe.of->n_workers);
    g_assert_cmpuint(add(&probe.n_runs[id], 1), ==, 0);
    probe.turn[id] = add(&probe.n_started, 1);
    for (size_t p = 0; p < preds.n; p++) {
        g_assert_cmpuint(get(&probe.ended[preds.ids[p]]), ==, DAG_SUCCEEDED);
        depth = MAX(depth, probe.depth[preds.ids[p]] + 1);
    }
    probe.depth[id] = depth;
    look_at_phase(id);
    dawdle(id);

    if (probe.heeds_cancel && id % 2 && dag_context_cancel_level(context) != DAG_CANCEL_NONE)
        outcome = DAG_CANCELLED;
    else if (outcome == DAG_FAILED)
        dag_context_set_reason(context, "no luck with %s", name);
    if (dag_context_wants_transcript(context) && id % 3)
        dag_context_take_transcript(context, g_bytes_new(name, strlen(name)));
    atomic_store_explicit(&probe.ended[id], (unsigned)outcome, memory_order_relaxed);
    add(&probe.n_running, (unsigned)-1);
    return outcome;
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

/* Returns: what the template of random_graph_build() has to become. */
static char *
expected_text(DagTaskId id)
{
    const RandomGraph *random = probe.of->random;
    uint32_t number = (uint32_t)atoi(dag_graph_task_name(probe.of->graph, id) + 1);
    GString *text = g_string_new("text:");

    for (guint i = 0; i < random->needs[number]->len; i++) {
        uint32_t other = g_array_index(random->needs[number], uint32_t, i);
        g_autofree char *name = g_strdup_printf("t%u", other);

        if (!random->excluded[other] && speaks(dag_graph_find(probe.of->graph, name)))
            g_string_append(text, name);
    }
    return g_string_free(text, FALSE);
}

/* Worker thread. */
static DagOutcome
speaking_body(DagContext *context, const void *config)
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

        dag_context_take_output(context, g_bytes_new(said, strlen(said)));
    }
    return body(context, NULL);
}

static const DagKind tiny = {.name = "tiny", .is_tiny = true, .run = body};
static const DagKind plain = {.name = "plain", .run = body};
static const DagKind speaking = {.name = "speaking",
                                 .takes_text = true,
                                 .configure = speaking_configure,
                                 .run = speaking_body};

/* The observer: every event once, and in an order that makes sense. */
typedef struct Watcher {
    const Case *of;
    pthread_t thread;
    uint8_t *started;  /* [n] */
    uint8_t *finished; /* [n] */
    uint8_t *phase_started;  /* [n_phases] */
    uint8_t *phase_finished; /* [n_phases] */
    size_t n_events;
    bool is_over;
} Watcher;

static void
watch_start(Watcher *watcher, const DagEvent *event)
{
    g_assert_cmpuint(watcher->started[event->task]++, ==, 0);
    g_assert_cmpuint(watcher->finished[event->task], ==, 0);
    g_assert_null(event->transcript);
}

static void
watch_end(Watcher *watcher, const DagEvent *event)
{
    DagRecord record = dag_run_record(event->run, event->task);
    const char *name = dag_graph_task_name(watcher->of->graph, event->task);

    g_assert_cmpuint(watcher->finished[event->task]++, ==, 0);
    g_assert_cmpint(record.outcome, !=, DAG_PENDING);
    g_assert_cmpint(watcher->started[event->task], ==, record.start_ns >= 0);
    if (record.start_ns >= 0)
        g_assert_cmpint(event->time_ns, ==, record.end_ns);
    if (record.start_ns >= 0 && event->task % 3) {
        g_autoptr(GBytes) expected = g_bytes_new(name, strlen(name));

        g_assert_true(g_bytes_equal(event->transcript, expected));
    } else {
        g_assert_null(event->transcript);
    }
}

static void
watch_task(Watcher *watcher, const DagEvent *event)
{
    uint32_t phase = dag_plan_phase(watcher->of->plan, event->task);

    if (event->type == DAG_EVENT_TASK_STARTED)
        watch_start(watcher, event);
    else
        watch_end(watcher, event);
    if (watcher->of->strategy->release == DAG_RELEASE_PHASE && watcher->started[event->task]) {
        g_assert_cmpuint(watcher->phase_started[phase], ==, 1);
        g_assert_cmpuint(watcher->phase_finished[phase], ==, 0);
    }
}

static void
watch_phase(Watcher *watcher, const DagEvent *event)
{
    DagIds tasks = dag_plan_phase_tasks(watcher->of->plan, event->phase);

    g_assert_cmpint(watcher->of->strategy->release, ==, DAG_RELEASE_PHASE);
    if (event->type == DAG_EVENT_PHASE_STARTED) {
        g_assert_cmpuint(watcher->phase_started[event->phase]++, ==, 0);
        for (uint32_t phase = 0; phase < event->phase; phase++)
            g_assert_cmpuint(watcher->phase_finished[phase], ==,
                             watcher->phase_started[phase]);
        return;
    }
    g_assert_cmpuint(watcher->phase_started[event->phase], ==, 1);
    g_assert_cmpuint(watcher->phase_finished[event->phase]++, ==, 0);
    for (size_t i = 0; i < tasks.n; i++)
        g_assert_cmpuint(watcher->finished[tasks.ids[i]], ==, 1);
}

static void
watch(const DagEvent *event, void *data)
{
    Watcher *watcher = data;

    g_assert_true(pthread_equal(watcher->thread, pthread_self()));
    g_assert_false(watcher->is_over);
    g_assert_cmpint(event->type == DAG_EVENT_RUN_STARTED, ==, watcher->n_events == 0);
    watcher->n_events++;
    switch (event->type) {
    case DAG_EVENT_TASK_STARTED:
    case DAG_EVENT_TASK_FINISHED:
        watch_task(watcher, event);
        break;
    case DAG_EVENT_PHASE_STARTED:
    case DAG_EVENT_PHASE_FINISHED:
        watch_phase(watcher, event);
        break;
    case DAG_EVENT_RUN_FINISHED:
        watcher->is_over = true;
        break;
    case DAG_EVENT_RUN_STARTED:
        break;
    }
}

static void
watcher_check(const Watcher *watcher)
{
    g_assert_true(watcher->is_over);
    for (size_t id = 0; id < watcher->of->n; id++)
        g_assert_cmpuint(watcher->finished[id], ==, 1);
    for (size_t phase = 0; phase < dag_plan_n_phases(watcher->of->plan); phase++)
        g_assert_cmpuint(watcher->phase_finished[phase], ==, watcher->phase_started[phase]);
}

/* Whether a predecessor, however far back, failed. */
static bool
is_behind_failure(const Case *c, const DagRun *run, DagTaskId id)
{
    DagIds preds = dag_graph_predecessors(c->graph, id);

    for (size_t p = 0; p < preds.n; p++) {
        DagOutcome outcome = dag_run_record(run, preds.ids[p]).outcome;

        if (outcome == DAG_FAILED || outcome == DAG_TIMED_OUT || outcome == DAG_BLOCKED)
            return true;
    }
    return false;
}

/* The outcome of each task follows from those of its predecessors. */
static void
check_outcome(const Case *c, const DagRun *run, DagTaskId id, bool may_stop)
{
    DagRecord record = dag_run_record(run, id);
    bool has_run = get(&probe.n_runs[id]) == 1;

    g_assert_cmpint(record.start_ns >= 0, ==, has_run);
    g_assert_cmpint(record.end_ns >= 0, ==, has_run);
    if (has_run)
        g_assert_cmpint(record.outcome, ==, get(&probe.ended[id]));
    else if (is_behind_failure(c, run, id))
        g_assert_cmpint(record.outcome, ==, DAG_BLOCKED);
    else
        g_assert_cmpint(record.outcome, ==, DAG_CANCELLED);
    if (!may_stop)
        g_assert_cmpint(has_run, ==, !is_behind_failure(c, run, id));

    if (record.outcome == DAG_FAILED) {
        g_autofree char *reason =
            g_strdup_printf("no luck with %s", dag_graph_task_name(c->graph, id));

        g_assert_cmpstr(dag_run_reason(run, id), ==, reason);
    } else {
        g_assert_null(dag_run_reason(run, id));
    }
}

/* What it needs had ended when it started, and so had every phase before, at a barrier. */
static void
check_times(const Case *c, const DagRun *run)
{
    bool has_barrier = c->strategy->release == DAG_RELEASE_PHASE;
    int64_t reached_ns = 0;

    for (uint32_t phase = 0; phase < dag_plan_n_phases(c->plan); phase++) {
        DagIds tasks = dag_plan_phase_tasks(c->plan, phase);
        int64_t end_ns = reached_ns;

        for (size_t i = 0; i < tasks.n; i++) {
            DagRecord record = dag_run_record(run, tasks.ids[i]);
            DagIds preds = dag_graph_predecessors(c->graph, tasks.ids[i]);

            if (record.start_ns < 0)
                continue;
            g_assert_cmpint(record.start_ns, <=, record.end_ns);
            if (has_barrier)
                g_assert_cmpint(record.start_ns, >=, reached_ns);
            for (size_t p = 0; p < preds.n; p++)
                g_assert_cmpint(dag_run_record(run, preds.ids[p]).end_ns, <=, record.start_ns);
            end_ns = MAX(end_ns, record.end_ns);
        }
        reached_ns = end_ns;
    }
}

static int
compare_turns(gconstpointer a, gconstpointer b)
{
    uint32_t x = probe.turn[*(const DagTaskId *)a], y = probe.turn[*(const DagTaskId *)b];

    return x < y ? -1 : x > y;
}

/* Returns: the tasks that ran, in the order in which they started; of DagTaskId. */
static GArray *
start_order(const Case *c)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(DagTaskId));

    for (DagTaskId id = 0; id < c->n; id++)
        if (get(&probe.n_runs[id]) > 0)
            g_array_append_val(order, id);
    g_array_sort(order, compare_turns);
    return order;
}

/* A worker runs one task at a time. */
static void
check_workers(const Case *c, const DagRun *run)
{
    g_autoptr(GArray) order = start_order(c);
    g_autofree int64_t *free_ns = g_new0(int64_t, c->n_workers);

    for (guint i = 0; i < order->len; i++) {
        DagRecord record = dag_run_record(run, g_array_index(order, DagTaskId, i));

        g_assert_cmpuint(record.worker, <, c->n_workers);
        g_assert_cmpint(record.start_ns, >=, free_ns[record.worker]);
        free_ns[record.worker] = record.end_ns;
    }
}

static void
check_counts(const Case *c, const DagRun *run)
{
    size_t counts[DAG_N_OUTCOMES] = {0};

    for (DagTaskId id = 0; id < c->n; id++)
        counts[dag_run_record(run, id).outcome]++;
    for (int outcome = 0; outcome < DAG_N_OUTCOMES; outcome++)
        g_assert_cmpuint(dag_run_count(run, (DagOutcome)outcome), ==, counts[outcome]);
    g_assert_cmpint(dag_run_succeeded(run), ==, counts[DAG_SUCCEEDED] == c->n);
    g_assert_cmpint(dag_run_makespan_ns(run), <=, dag_run_duration_ns(run));
}

/* Runs the case, with `cancel` or NULL, and checks all of the above. */
static void
run_case(const Case *c, DagCancel *cancel)
{
    Watcher watcher = {
        .of = c,
        .thread = pthread_self(),
        .started = g_new0(uint8_t, c->n + 1),
        .finished = g_new0(uint8_t, c->n + 1),
        .phase_started = g_new0(uint8_t, dag_plan_n_phases(c->plan) + 1),
        .phase_finished = g_new0(uint8_t, dag_plan_n_phases(c->plan) + 1),
    };
    DagObserver observer = {watch, &watcher};
    g_autoptr(GError) error = NULL;
    g_autoptr(DagRun) run = dag_execute(c->plan,
                                        &(DagExecuteOptions){
                                            .strategy = c->strategy,
                                            .n_workers = c->n_workers,
                                            .seed = c->seed,
                                            .keep_going = c->keep_going,
                                            .cancel = cancel,
                                            .observers = &observer,
                                            .n_observers = c->observed,
                                        },
                                        &error);

    g_assert_no_error(error);
    if (c->observed)
        watcher_check(&watcher);
    for (DagTaskId id = 0; id < c->n; id++)
        check_outcome(c, run, id, cancel || (!c->keep_going && c->failure_percent > 0));
    check_times(c, run);
    check_workers(c, run);
    check_counts(c, run);
    g_free(watcher.started);
    g_free(watcher.finished);
    g_free(watcher.phase_started);
    g_free(watcher.phase_finished);
}

static unsigned
n_strategies(void)
{
    unsigned n = 0;

    while (dag_strategies()[n])
        n++;
    return n;
}

/* Returns: the last digit of `*number` in base `base`, which is taken off. */
static unsigned
digit(uint64_t *number, unsigned base)
{
    unsigned last = (unsigned)(*number % base);

    *number /= base;
    return last;
}

static void
case_build(Case *c)
{
    static const DagKind *const kinds[N_FLAVOURS][3] = {
        [TINY] = {&tiny, &tiny, &tiny},
        [PLAIN] = {&plain, &plain, &plain},
        [SPEAKING] = {&speaking, &speaking, &speaking},
        [MIXED] = {&tiny, &speaking, &plain},
    };
    Dice dice = c->seed;

    c->rule = (DagPhaseRule)dice_below(&dice, DAG_N_PHASE_RULES);
    c->random = random_graph_new(dice_next(&dice),
                                 &(RandomGraphOptions){
                                     .max_tasks = dice_chance(&dice, 5) ? 700 : 60,
                                     .excluded_percent = dice_chance(&dice, 50) ? 15 : 0,
                                     .priorities = dice_chance(&dice, 50),
                                 });
    c->graph = random_graph_build(c->random, kinds[c->flavour], 3);
    c->n = dag_graph_n_tasks(c->graph);
    c->plan = dag_plan_new(c->graph, c->rule);
    g_snprintf(description, sizeof(description),
               "DAGRUN_TEST_SEED=%" G_GUINT64_FORMAT " DAGRUN_TEST_CASES=1: %s, %u workers, "
               "%s, %s, %zu tasks (%s), %u %% fail%s%s\n",
               c->seed, c->strategy->name, c->n_workers, dag_phase_rule_name(c->rule),
               c->random->shape, c->n, flavour_names[c->flavour], c->failure_percent,
               c->keep_going ? ", keep going" : "", c->observed ? ", observed" : "");
    probe_begin(c);
}

/* What matters most is cycled through and not drawn, so that each combination comes up. */
static void
case_init(Case *c, uint64_t seed)
{
    unsigned n = n_strategies() * 7 * 2 * 2 * 2 * N_FLAVOURS;
    uint64_t which = seed * 1009 % n; /* a prime: neighbours differ in all digits */

    *c = (Case){.seed = seed};
    c->flavour = (Flavour)digit(&which, N_FLAVOURS);
    c->keep_going = digit(&which, 2);
    c->observed = digit(&which, 2);
    c->failure_percent = digit(&which, 2) ? 10 : 0;
    c->n_workers = 1 + digit(&which, 7);
    c->strategy = dag_strategies()[which];
}

static void
case_clear(Case *c)
{
    probe_end();
    dag_plan_free(c->plan);
    dag_graph_free(c->graph);
    random_graph_free(c->random);
}

static uint64_t
number_from(const char *variable, uint64_t otherwise)
{
    const char *text = g_getenv(variable);

    return text ? g_ascii_strtoull(text, NULL, 10) : otherwise;
}

/* Calls `check` with one case after the other. */
static void
for_each_case(uint64_t n_cases, void (*check)(Case *c))
{
    uint64_t first = number_from("DAGRUN_TEST_SEED", 1);

    n_cases = number_from("DAGRUN_TEST_CASES", n_cases);
    for (uint64_t i = 0; i < n_cases; i++) {
        Case c;

        alarm(STALLED_S);
        case_init(&c, first + i);
        check(&c);
        case_clear(&c);
    }
    alarm(0);
}

static void
check_run(Case *c)
{
    case_build(c);
    run_case(c, NULL);
}

static void
test_each_task_runs_once_iff_what_it_needs_succeeded(void)
{
    for_each_case(N_CASES, check_run);
}

/* Raises the wish to stop once some tasks have started. */
typedef struct Stopper {
    DagCancel *cancel;
    unsigned after; /* this many */
    bool twice;
    atomic_bool is_over;
} Stopper;

static void *
stop_run(void *data)
{
    Stopper *stopper = data;

    while (get(&probe.n_started) < stopper->after && !atomic_load(&stopper->is_over))
        g_thread_yield();
    dag_cancel_raise(stopper->cancel, SIGTERM);
    if (stopper->twice)
        dag_cancel_raise(stopper->cancel, SIGINT);
    return NULL;
}

static void
check_stopped(Case *c)
{
    Stopper stopper = {.cancel = dag_cancel_new(NULL)};
    pthread_t thread;

    case_build(c);

    Dice dice = c->seed ^ 0x5709;

    stopper.after = dice_below(&dice, (uint32_t)c->n + 1);
    stopper.twice = dice_chance(&dice, 30);
    probe.heeds_cancel = dice_chance(&dice, 50);
    pthread_create(&thread, NULL, stop_run, &stopper);
    run_case(c, stopper.cancel);
    atomic_store(&stopper.is_over, true);
    pthread_join(thread, NULL);
    g_assert_cmpint(dag_cancel_signal(stopper.cancel), ==, SIGTERM);
    dag_cancel_free(stopper.cancel);
}

static void
test_a_run_can_be_stopped_at_any_moment(void)
{
    for_each_case(N_CASES / 4, check_stopped);
}

/* Runs the case again.  Returns: the names of the tasks in the order in which they started. */
static char *
order_of_run(Case *c)
{
    probe_end();
    probe_begin(c);
    run_case(c, NULL);

    g_autoptr(GArray) order = start_order(c);

    return names_of(c->graph, (DagIds){(const DagTaskId *)(void *)order->data, order->len});
}

static void
check_order(Case *c)
{
    c->n_workers = 1;
    c->flavour = c->flavour == SPEAKING ? SPEAKING : PLAIN; /* no batches, which may reorder */
    case_build(c);

    g_autofree DagTaskId *planned = g_new(DagTaskId, c->n + 1);
    g_autofree char *first = order_of_run(c);
    g_autofree char *second = order_of_run(c);

    g_assert_cmpstr(first, ==, second);
    if (c->failure_percent > 0)
        return;
    dag_execute_order(c->plan, c->strategy, c->seed, planned);

    g_autofree char *expected = names_of(c->graph, (DagIds){planned, c->n});

    g_assert_cmpstr(first, ==, expected);
}

static void
test_one_worker_follows_the_order_that_a_dry_run_shows(void)
{
    for_each_case(N_CASES / 4, check_order);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGABRT, on_death);
    signal(SIGALRM, on_death);
    g_test_add_func("/property/each-task-runs-once-iff-what-it-needs-succeeded",
                    test_each_task_runs_once_iff_what_it_needs_succeeded);
    g_test_add_func("/property/a-run-can-be-stopped-at-any-moment",
                    test_a_run_can_be_stopped_at_any_moment);
    g_test_add_func("/property/one-worker-follows-the-order-that-a-dry-run-shows",
                    test_one_worker_follows_the_order_that_a_dry_run_shows);
    return g_test_run();
}
