/* SPDX-License-Identifier: MIT */
/*
 * Tasks that occupy connections: the number under way at once, their cost, and their relations to
 * other tasks.  test-engine-stop.c has everything that ends them early.
 */
#include <dagrun/duration.h>
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>

#include "descriptors.h"
#include "engine-case.h"
#include "run-of.h"
#include "run/job.h"

static void
test_a_job_ends_by_time(void)
{
    static const TimerSpec spec = {.delay_ns = 3 * MS};
    const DagKind *kinds[] = {&timer, &timerfd};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        timer_counts_reset(0, NULL);

        g_autoptr(EngineCase) c =
            engine_case_new(builder_of("a b<a", kinds[i], &spec), NULL);
        DagRecord a = record_of(c, "a"), b = record_of(c, "b");

        assert_contract(1);
        g_assert_true(dag_run_succeeded(c->run));
        g_assert_cmpint(a.end_ns - a.start_ns, >=, 3 * MS);
        g_assert_cmpint(b.start_ns, >=, a.end_ns);
        g_assert_cmpint(b.end_ns - b.start_ns, >=, 3 * MS);
        g_assert_cmpint(a.exit_code, ==, DAG_EXIT_NONE);
    }
}

static void
test_a_job_may_end_within_start(void)
{
    DagBuilder *builder = dag_builder_new();

    timer_counts_reset(0, NULL);
    for (unsigned i = 0; i < 2000; i++) {
        g_autofree char *name = g_strdup_printf("t%u", i);
        g_autofree char *needs = i > 0 ? g_strdup_printf("t%u", i - 1) : NULL;

        dag_builder_add_task(builder,
                             &(DagTaskSpec){.name = name, .needs = needs, .kind = &timer});
    }

    g_autoptr(EngineCase) c =
        engine_case_new(builder, &(DagExecuteOptions){.n_connections = 1});

    assert_contract(1);
    g_assert_cmpuint(dag_run_count(c->run, DAG_SUCCEEDED), ==, 2000);
    g_assert_cmpuint(timer_counts.n_most, ==, 1);
}

static void
test_a_second_finish_is_refused(void)
{
    static const TimerSpec spec = {.delay_ns = MS, .finishes_twice = true};

    timer_counts_reset(0, NULL);
    g_test_expect_message("dagrun", G_LOG_LEVEL_CRITICAL, "*is_finished*");

    g_autoptr(EngineCase) c = engine_case_new(builder_of("a", &timer, &spec), NULL);

    g_test_assert_expected_messages();
    g_assert_true(dag_run_succeeded(c->run));
}

/* Measured on the I/O thread when enough jobs are under way. */
static unsigned n_threads_when_full;
static size_t heap_when_full;

static size_t
heap_size(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static unsigned
count_threads(void)
{
    unsigned n = 0;
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);

    while (g_dir_read_name(tasks))
        n++;
    return n;
}

static void
measure(void)
{
    n_threads_when_full = count_threads();
    heap_when_full = heap_size();
}

/* Run 10 000 jobs on `n_connections`.  Returns: the heap in use when all connections were. */
static size_t
heap_with_connections(unsigned n_connections)
{
    static const TimerSpec spec = {.delay_ns = 1};
    unsigned n_threads;

    timer_counts_reset(n_connections, measure);
    end_unused_threads();
    n_threads = count_threads();

    g_autoptr(EngineCase) c = engine_case_new(
        many(10000, &timer, &spec),
        &(DagExecuteOptions){.n_workers = 1, .n_connections = n_connections});

    assert_contract(1);
    g_assert_cmpuint(dag_run_count(c->run, DAG_SUCCEEDED), ==, 10000);
    g_assert_cmpuint(dag_run_n_connections(c->run), ==, n_connections);
    g_assert_cmpuint(timer_counts.n_most, ==, n_connections);
    /* The worker, which may not have started yet, and the I/O thread. */
    g_assert_cmpuint(n_threads_when_full, <=, n_threads + 2);
    return heap_when_full;
}

/* A job costs itself, its timer and a few pointers. */
static void
test_ten_thousand_jobs_need_one_thread_and_their_memory(void)
{
    size_t with_one = heap_with_connections(1);
    size_t with_all = heap_with_connections(10000);

    g_test_message("%zu bytes a job, of which %zu are the job",
                   (with_all - with_one) / 10000, sizeof(DagJob));
    g_assert_cmpuint(with_all, <, with_one + 10000 * (sizeof(DagJob) + 400));
}

/* Worker thread. */
static DagOutcome
succeed(DagContext *context, const void *config)
{
    (void)context;
    (void)config;
    return DAG_SUCCEEDED;
}

/* Worker thread.  Waits until 30 timers are under way, then lets them end. */
static DagOutcome
see_thirty_timers(DagContext *context, const void *config)
{
    (void)config;
    while (atomic_load(&timer_counts.n_under_way) < 30)
        dag_context_poll(context, NULL, 0, 1);
    timer_gate_open();
    return DAG_SUCCEEDED;
}

static void
test_thirty_jobs_run_together_beside_one_worker(void)
{
    static const DagKind plain = {.name = "plain", .run = succeed};
    static const DagKind watcher = {.name = "watcher", .run = see_thirty_timers};
    static const TimerSpec spec = {.delay_ns = 5 * MS};
    DagBuilder *builder = builder_of("w1 w2<w1 w3<w2", &plain, NULL);

    timer_counts_reset(UINT_MAX, NULL);
    declare_words(builder, "last<w3", &watcher, NULL);
    declare_many(builder, "a", 15, &timer, &spec);
    declare_many(builder, "b", 15, &timerfd, &spec);

    g_autoptr(EngineCase) c =
        engine_case_new(builder, &(DagExecuteOptions){.n_workers = 1});

    assert_contract(2);
    g_assert_true(dag_run_succeeded(c->run));
    g_assert_cmpuint(timer_counts.n_most, ==, 30);
    for (DagTaskId id = 0; id < dag_graph_n_tasks(c->graph); id++) {
        DagRecord record = dag_run_record(c->run, id);

        if (dag_graph_task_kind(c->graph, id)->occupies == DAG_OCCUPIES_CONNECTION) {
            g_assert_cmpint(record.start_ns, <, record_of(c, "last").end_ns);
            g_assert_cmpint(record.end_ns, >, record_of(c, "w3").end_ns);
        }
    }
}

static void *
configure_template(DagElement *element, GError **error)
{
    return (void *)dag_element_template(element, dag_element_text(element), error);
}

/* Return the text of a task; the caller frees it. */
static char *
expand(DagContext *context, const void *config)
{
    g_autoptr(GError) error = NULL;
    char *text = dag_context_expand(context, config, &error);

    g_assert_no_error(error);
    return text;
}

/* Worker thread. */
static DagOutcome
say(DagContext *context, const void *config)
{
    g_autofree char *text = expand(context, config);

    dag_context_write_output(context, text, strlen(text));
    return DAG_SUCCEEDED;
}

/* I/O thread. */
static void
start_saying(DagJob *job, const void *config)
{
    g_autofree char *text = expand(dag_job_context(job), config);

    timer_begin(job, &(TimerSpec){.delay_ns = MS, .text = text});
}

static const DagKind speaker = {
    .name = "speaker", .takes_text = true, .configure = configure_template, .run = say};
static const DagKind caller = {.name = "caller",
                               .takes_text = true,
                               .occupies = DAG_OCCUPIES_CONNECTION,
                               .engine = &timer_engine,
                               .configure = configure_template,
                               .start = start_saying,
                               .cancel = timer_cancel};

/* Collects transcripts: "TASK: TEXT", each on a line. */
static void
collect_transcript(const DagEvent *event, void *data)
{
    GString *all = data;

    if (event->type == DAG_EVENT_TASK_FINISHED && event->transcript) {
        g_autoptr(GBytes) text = bytes_of_spool(event->transcript);

        g_string_append_printf(
            all, "%s: %s\n",
            dag_graph_task_name(dag_plan_graph(dag_run_plan(event->run)), event->task),
            (const char *)g_bytes_get_data(text, NULL));
    }
}

static void
test_outputs_and_transcripts_pass_between_both_sorts_of_tasks(void)
{
    DagBuilder *builder = dag_builder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    DagObserver observer = {.notify = collect_transcript, .data = said};

    timer_counts_reset(0, NULL);
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "a", .kind = &caller, .text = "one"});
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "b", .kind = &speaker, .text = "${a} two"});
    dag_builder_add_task(
        builder, &(DagTaskSpec){.name = "c", .kind = &caller, .text = "${b} three"});
    dag_builder_add_task(builder,
                         &(DagTaskSpec){.name = "d", .kind = &caller, .text = "${c} ${a}"});

    g_autoptr(EngineCase) c = engine_case_new(
        builder, &(DagExecuteOptions){.observers = &observer, .n_observers = 1});

    assert_contract(1);
    g_assert_true(dag_run_succeeded(c->run));
    g_assert_cmpstr(said->str, ==,
                    "a: one\n"
                    "c: one two three\n"
                    "d: one two three one\n");
}

static atomic_uint n_slots_in_use;

static void
use_slot(void)
{
    g_assert_cmpuint(atomic_fetch_add(&n_slots_in_use, 1), <, 3);
}

static void
free_slot(void)
{
    atomic_fetch_sub(&n_slots_in_use, 1);
}

/* Worker thread. */
static DagOutcome
use_slot_briefly(DagContext *context, const void *config)
{
    (void)config;
    use_slot();
    dag_context_poll(context, NULL, 0, 1);
    free_slot();
    return DAG_SUCCEEDED;
}

/* I/O thread. */
static DagOutcome
free_slot_at_end(DagJob *job, DagOutcome outcome)
{
    (void)job;
    free_slot();
    return outcome;
}

/* I/O thread. */
static void
start_using_slot(DagJob *job, const void *config)
{
    (void)config;
    use_slot();
    timer_begin(job, &(TimerSpec){.delay_ns = MS, .end = free_slot_at_end});
}

static void
test_workers_and_connections_share_pools(void)
{
    static const DagKind worker_kind = {.name = "worker", .run = use_slot_briefly};
    static const DagKind connection_kind = {.name = "connection",
                                            .occupies = DAG_OCCUPIES_CONNECTION,
                                            .engine = &timerfd_engine,
                                            .start = start_using_slot,
                                            .cancel = timer_cancel};
    DagBuilder *builder = dag_builder_new();

    timer_counts_reset(0, NULL);
    dag_builder_add_pool(builder, &(DagPoolSpec){.name = "p", .slots = 3});
    for (unsigned i = 0; i < 60; i++) {
        g_autofree char *word = g_strdup_printf("t%u@p", i);

        declare_words(builder, word, i % 2 ? &worker_kind : &connection_kind, NULL);
    }

    g_autoptr(EngineCase) c =
        engine_case_new(builder, &(DagExecuteOptions){.n_workers = 4});

    assert_contract(1);
    g_assert_true(dag_run_succeeded(c->run));
    g_assert_cmpuint(n_slots_in_use, ==, 0);
    g_assert_cmpuint(timer_counts.n_most, <=, 3);
}

static void
test_the_run_knows_how_many_connections_it_had(void)
{
    static const struct {
        unsigned n_tasks, asked, expected;
    } cases[] = {
        {0, 0, 0}, {0, 5, 0}, {1, 0, 1}, {3, 0, 3}, {3, 2, 2}, {70, 0, 64}, {70, 100, 70},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        DagBuilder *builder = many(cases[i].n_tasks, &timer, NULL);

        timer_counts_reset(0, NULL);
        declare_words(builder, "milestone", NULL, NULL);

        g_autoptr(EngineCase) c =
            engine_case_new(builder, &(DagExecuteOptions){.n_connections = cases[i].asked});

        g_assert_cmpuint(dag_run_n_connections(c->run), ==, cases[i].expected);
        assert_contract(cases[i].n_tasks > 0);
    }
}

static void
test_an_engine_is_opened_once_for_each_run(void)
{
    static const TimerSpec spec = {.delay_ns = MS};

    timer_counts_reset(0, NULL);
    for (unsigned i = 1; i <= 3; i++) {
        g_autoptr(EngineCase) c = engine_case_new(many(20, &timer, &spec), NULL);

        assert_contract(i);
        g_assert_true(dag_run_succeeded(c->run));
    }
}

static void
test_an_engine_of_the_caller_stays_open(void)
{
    static const TimerSpec spec = {.delay_ns = MS};
    DagOpenEngine open = {.engine = &timer_engine};

    timer_counts_reset(0, NULL);
    open.state = timer_engine.open(NULL);

    /* One run only: each has an I/O thread of its own, and the engine belongs to one thread. */
    g_autoptr(EngineCase) c = engine_case_new(
        many(20, &timer, &spec), &(DagExecuteOptions){.engines = &open, .n_engines = 1});

    g_assert_true(dag_run_succeeded(c->run));
    g_assert_cmpuint(timer_counts.n_starts, ==, 20);
    g_assert_cmpuint(timer_counts.n_opens, ==, 1);
    g_assert_cmpuint(timer_counts.n_closes, ==, 0);
    timer_engine.close(open.state);
    assert_contract(1);
}

static void
test_an_engine_that_cannot_be_opened_fails_its_tasks(void)
{
    DagBuilder *builder = many(9, &broken_timer, NULL);

    timer_counts_reset(0, NULL);
    declare_words(builder, "after<t3", &timer, NULL);
    declare_words(builder, "other", &timer, NULL);

    g_autoptr(EngineCase) c =
        engine_case_new(builder, &(DagExecuteOptions){.keep_going = true});

    g_assert_cmpuint(timer_counts.n_opens, ==,
                     2); /* the broken one, and the one of "other" */
    g_assert_cmpuint(timer_counts.n_closes, ==, 1);
    g_assert_cmpuint(timer_counts.n_starts, ==, 1);
    g_assert_cmpuint(dag_run_count(c->run, DAG_FAILED), ==, 9);
    g_assert_cmpstr(reason_of(c, "t0"), ==, "cannot open the broken engine");
    g_assert_cmpstr(reason_of(c, "t8"), ==, "cannot open the broken engine");
    g_assert_cmpint(record_of(c, "after").outcome, ==, DAG_BLOCKED);
    g_assert_cmpint(record_of(c, "other").outcome, ==, DAG_SUCCEEDED);
}

static void
test_every_strategy_mixes_workers_and_connections(void)
{
    static const DagKind plain = {.name = "plain", .run = succeed};
    static const TimerSpec spec = {.delay_ns = MS / 10};

    for (const DagStrategy *const *s = dag_strategies(); *s; s++) {
        DagBuilder *builder = builder_of("w1 w2 w3 w4<w1,c1 w5<c3,w4", &plain, NULL);

        timer_counts_reset(0, NULL);
        declare_words(builder, "c1 c2<w2 c3<c1,w3", &timer, &spec);
        declare_words(builder, "c4<c2,w4 c5 c6<w5", &timerfd, &spec);

        g_autoptr(EngineCase) c = engine_case_new(
            builder,
            &(DagExecuteOptions){.strategy = *s, .n_workers = 2, .n_connections = 2});

        g_assert_true(dag_run_succeeded(c->run));
        g_assert_cmpuint(timer_counts.n_most, <=, 2);
        assert_contract(2);
        for (DagTaskId id = 0; id < dag_graph_n_tasks(c->graph); id++)
            g_assert_cmpuint(dag_run_record(c->run, id).worker, <, 2);
    }
}

/* Worker thread. */
static DagOutcome
wait_for_starts(unsigned n, int64_t limit_ns)
{
    int64_t end_ns = dag_clock_ns() + limit_ns;

    while (atomic_load(&timer_counts.n_starts) < n && dag_clock_ns() < end_ns)
        g_usleep(200);
    return DAG_SUCCEEDED;
}

/* Worker thread. */
static DagOutcome
run_until_the_first_start(DagContext *context, const void *config)
{
    (void)context, (void)config;
    return wait_for_starts(1, 5000 * MS);
}

/* Worker thread. */
static DagOutcome
run_until_the_second_start(DagContext *context, const void *config)
{
    (void)context, (void)config;
    return wait_for_starts(2, 5000 * MS);
}

/* The end of "w" lets "c" start when the next token comes.  The only worker goes on with "x", and the I/O
 * thread, which had nothing to wait for but "a", must learn that time. */
static void
test_a_token_comes_while_all_workers_are_busy(void)
{
    static const DagKind first = {.name = "first", .run = run_until_the_first_start};
    static const DagKind second = {.name = "second", .run = run_until_the_second_start};
    static const TimerSpec lasts = {.delay_ns = 800 * MS};
    DagBuilder *builder = dag_builder_new();

    timer_counts_reset(0, NULL);
    dag_builder_add_pool(builder,
                         &(DagPoolSpec){.name = "p", .rate = {1, 50 * MS}, .burst = 1});
    declare_words(builder, "a@p", &timer, &lasts);
    declare_words(builder, "w", &first, NULL);
    declare_words(builder, "c<w@p", &timer, NULL);
    declare_words(builder, "x<w", &second, NULL);

    g_autoptr(EngineCase) c = engine_case_new(
        builder,
        &(DagExecuteOptions){.strategy = dag_strategy_find("dataflow"), .n_workers = 1});

    assert_contract(1);
    g_assert_cmpint(record_of(c, "c").start_ns, <, record_of(c, "a").end_ns);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/a-job-ends-by-time", test_a_job_ends_by_time);
    g_test_add_func("/engine/a-job-may-end-within-start", test_a_job_may_end_within_start);
    g_test_add_func("/engine/a-second-finish-is-refused", test_a_second_finish_is_refused);
    g_test_add_func("/engine/ten-thousand-jobs-need-one-thread-and-their-memory",
                    test_ten_thousand_jobs_need_one_thread_and_their_memory);
    g_test_add_func("/engine/thirty-jobs-run-together-beside-one-worker",
                    test_thirty_jobs_run_together_beside_one_worker);
    g_test_add_func("/engine/outputs-and-transcripts-pass-between-both-sorts-of-tasks",
                    test_outputs_and_transcripts_pass_between_both_sorts_of_tasks);
    g_test_add_func("/engine/workers-and-connections-share-pools",
                    test_workers_and_connections_share_pools);
    g_test_add_func("/engine/the-run-knows-how-many-connections-it-had",
                    test_the_run_knows_how_many_connections_it_had);
    g_test_add_func("/engine/an-engine-is-opened-once-for-each-run",
                    test_an_engine_is_opened_once_for_each_run);
    g_test_add_func("/engine/an-engine-of-the-caller-stays-open",
                    test_an_engine_of_the_caller_stays_open);
    g_test_add_func("/engine/an-engine-that-cannot-be-opened-fails-its-tasks",
                    test_an_engine_that_cannot_be_opened_fails_its_tasks);
    g_test_add_func("/engine/every-strategy-mixes-workers-and-connections",
                    test_every_strategy_mixes_workers_and_connections);
    g_test_add_func("/engine/a-token-comes-while-all-workers-are-busy",
                    test_a_token_comes_while_all_workers_are_busy);
    status = g_test_run();
    end_unused_threads();
    return status;
}
