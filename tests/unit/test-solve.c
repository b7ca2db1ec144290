/* SPDX-License-Identifier: MIT */
/*
 * Strategies that search: schedules with holds, in the simulator, the ready set and the executor.
 */
#include "ready/ready-set.h"

#include <string.h>

#include "dice.h"
#include "gate.h"
#include "random-graph.h"
#include "simulate-case.h"

/*
 * Two workers.  Every schedule that never leaves a worker idle while a task is ready takes 10
 * seconds.  The optimum takes 8: B and C start together after X, so A waits although a worker is
 * idle.
 */
#define FIVE_TASKS "A:3 X:1 B<X:4 C<X:4 D<B,C:3"

/* The schedule that solve_as_given() returns, by the names of tasks: an order, and holds such as
 * "A>X": A is held until X has ended. */
static const char *given_order, *given_holds;

/* The arguments of the last call. */
static DagMachine seen_machine;
static int64_t seen_budget_ns;
static unsigned n_calls;

static DagTaskId
task_called(const DagGraph *graph, const char *name)
{
    DagTaskId id = dag_graph_find(graph, name);

    g_assert_cmpuint(id, !=, DAG_TASK_NONE);
    return id;
}

static void
solve_as_given(const DagPlan *plan, const DagMachine *machine,
               const DagSearchLimits *limits, DagSchedule *schedule_out)
{
    const DagGraph *graph = dag_plan_graph(plan);
    g_auto(GStrv) order = g_strsplit(given_order, " ", -1);
    g_auto(GStrv) holds = g_strsplit(given_holds, " ", -1);

    n_calls++;
    seen_machine = *machine;
    seen_budget_ns = limits->budget_ns;
    for (size_t i = 0; order[i]; i++)
        schedule_out->order[i] = task_called(graph, order[i]);
    schedule_out->holds = g_new(DagHold, g_strv_length(holds) + 1);
    for (size_t i = 0; holds[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(holds[i], ">", 2);

        schedule_out->holds[schedule_out->n_holds++] =
            (DagHold){task_called(graph, pair[0]), task_called(graph, pair[1])};
    }
    schedule_out->lower_bound = 8;
    schedule_out->is_optimal = true;
}

static const DagStrategy as_given = {.name = "as-given",
                                     .summary = "the schedule of the test",
                                     .source = "this file",
                                     .release = DAG_RELEASE_READY,
                                     .order = DAG_ORDER_KEY,
                                     .solve = solve_as_given};

static void
give_schedule(const char *order, const char *holds)
{
    given_order = order;
    given_holds = holds;
}

/* Return the simulation of a graph with a schedule. */
static Case
solved_case(const char *words, const char *order, const char *holds,
            DagSimulateOptions options)
{
    give_schedule(order, holds);
    options.strategy = &as_given;
    return case_of(words, options);
}

static void
test_a_hold_reaches_the_optimum(void)
{
    g_auto(Case) it =
        solved_case(FIVE_TASKS, "X B C D A", "A>X", (DagSimulateOptions){.n_workers = 2});

    assert_makespan(&it, 8);
    assert_ran(&it, "X", 0, 1);
    assert_ran(&it, "B", 1, 5);
    assert_ran(&it, "C", 1, 5);
    assert_ran(&it, "D", 5, 8);
    assert_ran(&it, "A", 5, 8);
    assert_all_succeeded(&it);
}

static void
test_the_order_alone_takes_longer(void)
{
    g_auto(Case) it =
        solved_case(FIVE_TASKS, "X B C D A", "", (DagSimulateOptions){.n_workers = 2});

    assert_ran(&it, "A", 0, 3);
    assert_makespan(&it, 10);
}

/* The keys of the strategy "permuted". */
static double permuted[5];

static void
permuted_keys(G_GNUC_UNUSED const DagPlan *plan, G_GNUC_UNUSED uint64_t seed,
              double *key_out)
{
    memcpy(key_out, permuted, sizeof(permuted));
}

static const DagStrategy by_permutation = {.name = "permuted",
                                           .release = DAG_RELEASE_READY,
                                           .order = DAG_ORDER_KEY,
                                           .keys = permuted_keys};

/* Simulate with each permutation of the keys from position `at` on.  Update the shortest
 * makespan.  Returns: the number of permutations. */
static unsigned
try_permutations(const DagPlan *plan, size_t at, int64_t *best_ns)
{
    unsigned n = 0;

    if (at == G_N_ELEMENTS(permuted)) {
        g_autoptr(DagRun) run = simulate(
            plan, (DagSimulateOptions){.strategy = &by_permutation, .n_workers = 2});

        *best_ns = MIN(*best_ns, dag_run_makespan_ns(run));
        return 1;
    }
    for (size_t i = at; i < G_N_ELEMENTS(permuted); i++) {
        double key = permuted[at];

        permuted[at] = permuted[i];
        permuted[i] = key;
        n += try_permutations(plan, at + 1, best_ns);
        permuted[i] = permuted[at];
        permuted[at] = key;
    }
    return n;
}

static void
test_no_order_without_holds_is_shorter_than_ten(void)
{
    g_auto(Case) it = case_finish(builder_of(FIVE_TASKS, NULL, NULL));
    int64_t best_ns = INT64_MAX;

    for (size_t i = 0; i < G_N_ELEMENTS(permuted); i++)
        permuted[i] = (double)i;
    g_assert_cmpuint(try_permutations(it.plan, 0, &best_ns), ==, 120);
    g_assert_cmpint(best_ns, ==, 10 * SECOND_NS);
}

static void
test_dry_run_follows_the_schedule(void)
{
    g_auto(Case) it = case_finish(builder_of(FIVE_TASKS, NULL, NULL));
    DagTaskId order[5];

    give_schedule("X C B A D", "A>C B>C");
    dag_execute_order(it.plan, &as_given, 0, order);
    g_autofree char *names = names_of(it.graph, (DagIds){order, 5});

    g_assert_cmpstr(names, ==, "X C B A D");
}

static void
test_ready_set_holds_back(void)
{
    g_auto(Case) it = case_finish(builder_of(FIVE_TASKS, NULL, NULL));
    ReadySet *ready;
    DagTaskId x = dag_graph_find(it.graph, "X"), a = dag_graph_find(it.graph, "A");

    give_schedule("X A B C D", "A>X");
    ready = dag__ready_set_new(
        it.plan, &(ReadyOptions){.strategy = &as_given, .machine = {.n_workers = 2}});
    g_assert_cmpfloat(dag__ready_schedule(ready)->lower_bound, ==, 8);
    g_assert_true(dag__ready_schedule(ready)->is_optimal);
    dag__ready_begin(ready);
    g_assert_cmpuint(dag__ready_next(ready, DAG_OCCUPIES_WORKER, 0), ==, x);
    g_assert_cmpuint(dag__ready_next(ready, DAG_OCCUPIES_WORKER, 0), ==, DAG_TASK_NONE);
    dag__ready_end(ready, x, DAG_SUCCEEDED);
    g_assert_cmpuint(dag__ready_next(ready, DAG_OCCUPIES_WORKER, 0), ==, a);
    dag__ready_set_free(ready);
}

static void
test_other_strategies_have_no_schedule(void)
{
    g_auto(Case) it = case_finish(builder_of("a", NULL, NULL));
    ReadySet *ready =
        dag__ready_set_new(it.plan, &(ReadyOptions){.strategy = dag_strategies()[0],
                                                    .machine = {.n_workers = 1}});

    g_assert_null(dag__ready_schedule(ready));
    dag__ready_set_free(ready);
}

/* Worker thread.  Takes long enough for another worker to start each task that is ready. */
static DagOutcome
linger(G_GNUC_UNUSED DagContext *context, G_GNUC_UNUSED const void *config)
{
    g_usleep(20000);
    return DAG_SUCCEEDED;
}

static const DagKind lingering = {.name = "linger", .run = linger};

static const DagKind meeting = {.name = "meet", .run = meet};

/* B and C run at the same time: nothing is held that the schedule does not hold. */
static void
test_executor_keeps_holds(void)
{
    static Gate gate = GATE(2);
    DagBuilder *builder = builder_of("A X D<B,C", &lingering, NULL);

    declare_words(builder, "B<X C<X", &meeting, &gate);
    g_auto(Case) it = case_finish(builder);

    give_schedule("X B C A D", "A>X D>A");
    it.run = execute(it.plan, &(DagExecuteOptions){.strategy = &as_given, .n_workers = 3});
    assert_all_succeeded(&it);
    g_assert_cmpint(record_of(&it, "A").start_ns, >=, record_of(&it, "X").end_ns);
    g_assert_cmpint(record_of(&it, "D").start_ns, >=, record_of(&it, "A").end_ns);
}

static void
test_arguments_reach_solve(void)
{
    g_auto(Case) it = case_finish(builder_of(FIVE_TASKS, &lingering, NULL));
    DagTaskId order[5];

    give_schedule("X B C D A", "");
    n_calls = 0;
    it.run = dag_simulate(
        it.plan,
        &(DagSimulateOptions){.strategy = &as_given, .n_workers = 3, .budget_ns = 123});
    g_assert_cmpuint(n_calls, ==, 1);
    g_assert_cmpuint(seen_machine.n_workers, ==, 3);
    g_assert_cmpuint(seen_machine.n_connections, ==, 0);
    g_assert_cmpint(seen_budget_ns, ==, 123);

    g_autoptr(DagRun) run = execute(
        it.plan,
        &(DagExecuteOptions){.strategy = &as_given, .n_workers = 2, .budget_ns = 456});
    g_assert_true(dag_run_succeeded(run));
    g_assert_cmpuint(n_calls, ==, 2);
    g_assert_cmpuint(seen_machine.n_workers, ==, 2);
    g_assert_cmpint(seen_budget_ns, ==, 456);

    dag_execute_order(it.plan, &as_given, 0, order);
    g_assert_cmpuint(n_calls, ==, 3);
    g_assert_cmpuint(seen_machine.n_workers, ==, 1);
    g_assert_cmpint(seen_budget_ns, ==, 0);
}

/* Return whether a schedule for three tasks, c needs a, is valid. */
static bool
is_valid(const DagTaskId order[3], DagHold hold)
{
    g_autoptr(DagGraph) graph = graph_of("a b c<a", NULL);
    DagTaskId copy[3] = {order[0], order[1], order[2]};
    DagSchedule schedule = {.order = copy, .holds = &hold, .n_holds = 1};

    return dag_schedule_is_valid(&schedule, graph);
}

static void
test_bad_schedules_are_refused(void)
{
    const DagHold harmless = {.task = 1, .after = 0};

    g_assert_true(is_valid((DagTaskId[]){0, 1, 2}, harmless));
    g_assert_true(is_valid((DagTaskId[]){0, 2, 1}, harmless));
    g_assert_true(is_valid((DagTaskId[]){1, 0, 2}, (DagHold){.task = 2, .after = 1}));

    /* A task is missing, another one comes twice. */
    g_assert_false(is_valid((DagTaskId[]){0, 1, 1}, harmless));
    g_assert_false(is_valid((DagTaskId[]){0, 0, 2}, harmless));
    /* A number is out of range. */
    g_assert_false(is_valid((DagTaskId[]){0, 1, 3}, harmless));
    g_assert_false(is_valid((DagTaskId[]){0, DAG_TASK_NONE, 1}, harmless));
    g_assert_false(is_valid((DagTaskId[]){0, 1, 2}, (DagHold){.task = 3, .after = 0}));
    g_assert_false(is_valid((DagTaskId[]){0, 1, 2}, (DagHold){.task = 1, .after = 3}));
    /* A task comes before its predecessor. */
    g_assert_false(is_valid((DagTaskId[]){2, 0, 1}, harmless));
    /* A hold is against the order, or on the task itself. */
    g_assert_false(is_valid((DagTaskId[]){1, 0, 2}, harmless));
    g_assert_false(is_valid((DagTaskId[]){0, 1, 2}, (DagHold){.task = 1, .after = 1}));
}

static void
test_schedule_without_order_is_refused_or_empty(void)
{
    g_autoptr(DagGraph) empty = graph_of("", NULL);
    g_autoptr(DagGraph) graph = graph_of("a", NULL);
    DagSchedule schedule = {.order = NULL};

    g_assert_true(dag_schedule_is_valid(&schedule, empty));
    g_assert_false(dag_schedule_is_valid(&schedule, graph));
}

/* A strategy that returns an invalid schedule is an error of the program. */
static void
test_invalid_schedule_aborts(void)
{
    if (g_test_subprocess()) {
        g_auto(Case) it =
            solved_case("a b<a", "b a", "", (DagSimulateOptions){.n_workers = 1});

        g_assert_null(it.run);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*dag_schedule_is_valid*");
}

/* An attempt takes the cost of its task.  Tasks called "f…" fail; those called "t…" fail at their
 * first two attempts. */
static DagSimulatedAttempt
attempt_by_name(const DagPlan *plan, DagTaskId id, unsigned attempt,
                G_GNUC_UNUSED void *data)
{
    const char *name = dag_graph_task_name(dag_plan_graph(plan), id);
    bool fails = name[0] == 'f' || (name[0] == 't' && attempt <= 2);

    return (DagSimulatedAttempt){.seconds = dag_plan_cost(plan, id),
                                 .outcome = fails ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

static const DagSimulateOptions keep_going = {
    .n_workers = 3, .keep_going = true, .attempt = attempt_by_name};

static void
test_hold_ends_with_a_failure(void)
{
    g_auto(Case) it = solved_case("f:2 h", "f h", "h>f", keep_going);

    assert_ended(&it, "f", DAG_FAILED);
    assert_ran(&it, "h", 2, 3);
}

static void
test_hold_ends_when_its_task_is_blocked(void)
{
    g_auto(Case) it =
        solved_case("f:2 b<f c<b h a", "f b c a h", "h>b h>c h>a h>a", keep_going);

    assert_ended(&it, "c", DAG_BLOCKED);
    assert_ran(&it, "a", 0, 1);
    assert_ran(&it, "h", 2, 3);
}

static void
test_hold_lasts_until_the_last_attempt(void)
{
    DagSimulateOptions options = keep_going;
    g_auto(Case) it = {0};

    options.retries = 2;
    it = solved_case("t:2 h", "t h", "h>t", options);
    assert_ended(&it, "t", DAG_SUCCEEDED);
    g_assert_cmpuint(record_of(&it, "t").n_attempts, ==, 3);
    g_assert_cmpint(record_of(&it, "h").start_ns, ==, record_of(&it, "t").end_ns);
}

static void
test_held_task_may_be_blocked(void)
{
    g_auto(Case) it = solved_case("f:1 a:3 h<f i<a", "f a h i", "h>a i>h", keep_going);

    assert_ended(&it, "h", DAG_BLOCKED);
    assert_ran(&it, "i", 3, 4);
}

static void
test_held_task_is_cancelled_by_a_stop(void)
{
    g_auto(Case) it =
        solved_case("f:1 a:3 h i", "f a h i", "h>a i>f",
                    (DagSimulateOptions){.n_workers = 3, .attempt = attempt_by_name});

    assert_ended(&it, "h", DAG_CANCELLED);
    assert_ended(&it, "i", DAG_CANCELLED);
    assert_makespan(&it, 3);
}

/* A hold ends when its task is given up, so a held clean-up runs after a stop. */
static void
test_held_clean_up_runs_after_a_stop(void)
{
    g_auto(Case) it =
        solved_case("f:1 a:3 c<a z:2* y:1*", "f a c z y", "z>c y>a",
                    (DagSimulateOptions){.n_workers = 3, .attempt = attempt_by_name});

    assert_ended(&it, "c", DAG_CANCELLED);
    assert_ran(&it, "z", 1, 3);
    assert_ran(&it, "y", 3, 4);
    assert_ended(&it, "z", DAG_SUCCEEDED);
}

static void
test_hold_ends_when_its_task_is_cancelled(void)
{
    g_auto(Case) it =
        solved_case("a:9 c<a z<a:2* y:1*", "a c z y", "y>a",
                    (DagSimulateOptions){.n_workers = 3, .timeout_ns = 4 * SECOND_NS});

    assert_ended(&it, "a", DAG_CANCELLED);
    assert_ran(&it, "a", 0, 4);
    assert_ran(&it, "y", 4, 5);
    assert_ended(&it, "c", DAG_CANCELLED);
}

/* The seed of the schedule that solve_at_random() returns. */
static uint64_t schedule_seed;
static DagHold *drawn_holds; /* [n_drawn] */
static size_t n_drawn;

/* The order of the numbers, which is topological, and random holds that agree with it. */
static void
solve_at_random(const DagPlan *plan, G_GNUC_UNUSED const DagMachine *machine,
                G_GNUC_UNUSED const DagSearchLimits *limits, DagSchedule *schedule_out)
{
    uint32_t n = (uint32_t)dag_graph_n_tasks(dag_plan_graph(plan));
    Dice dice = schedule_seed;

    for (DagTaskId id = 0; id < n; id++)
        schedule_out->order[id] = id;
    schedule_out->holds = g_new(DagHold, n + 1);
    for (DagTaskId id = 1; id < n; id++)
        if (dice_chance(&dice, 40))
            schedule_out->holds[schedule_out->n_holds++] =
                (DagHold){.task = id, .after = dice_below(&dice, id)};
    g_free(drawn_holds);
    n_drawn = schedule_out->n_holds;
    drawn_holds = g_memdup2(schedule_out->holds, n_drawn * sizeof(DagHold));
}

static const DagStrategy at_random = {.name = "at-random",
                                      .release = DAG_RELEASE_READY,
                                      .order = DAG_ORDER_KEY,
                                      .solve = solve_at_random};

/* Worker thread. */
static DagOutcome
fail_sometimes(DagContext *context, G_GNUC_UNUSED const void *config)
{
    return dag_context_task(context) % 7 == 6 ? DAG_FAILED : DAG_SUCCEEDED;
}

static DagSimulatedAttempt
attempt_sometimes(G_GNUC_UNUSED const DagPlan *plan, DagTaskId id,
                  G_GNUC_UNUSED unsigned attempt, G_GNUC_UNUSED void *data)
{
    return (DagSimulatedAttempt){.seconds = id % 4,
                                 .outcome = id % 7 == 6 ? DAG_FAILED : DAG_SUCCEEDED,
                                 .exit_code = DAG_EXIT_NONE};
}

static const DagKind failing = {.name = "failing", .run = fail_sometimes};
static const DagKind tiny = {.name = "tiny", .run = fail_sometimes, .is_tiny = true};

/* Assert that every task ended and no held task started before the end of the task it was held
 * for. */
static void
check_holds(const DagRun *run)
{
    for (size_t i = 0; i < n_drawn; i++) {
        DagRecord held = dag_run_record(run, drawn_holds[i].task);
        DagRecord after = dag_run_record(run, drawn_holds[i].after);

        if (held.n_attempts > 0 && after.n_attempts > 0)
            g_assert_cmpint(held.start_ns, >=, after.end_ns);
    }
    for (DagTaskId id = 0; id < dag_graph_n_tasks(dag_plan_graph(dag_run_plan(run))); id++)
        g_assert_cmpint(dag_run_record(run, id).outcome, !=, DAG_PENDING);
}

static void
check_random_holds(uint64_t seed, const DagKind *kind)
{
    g_autoptr(RandomGraph) random = random_graph_new(
        seed, &(RandomGraphOptions){
                  .max_tasks = 40, .priorities = seed % 2, .policy_percent = 20});
    g_autoptr(DagGraph) graph = random_graph_build(random, &kind, 1);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_ASAP, NULL);
    bool goes_on = seed % 3;
    unsigned n_workers = 1 + seed % 4;

    schedule_seed = seed;
    g_autoptr(DagRun) executed = execute(plan, &(DagExecuteOptions){.strategy = &at_random,
                                                                    .n_workers = n_workers,
                                                                    .keep_going = goes_on});
    check_holds(executed);

    g_autoptr(DagRun) simulated =
        dag_simulate(plan, &(DagSimulateOptions){.strategy = &at_random,
                                                 .n_workers = n_workers,
                                                 .keep_going = goes_on,
                                                 .attempt = attempt_sometimes});
    check_holds(simulated);
    for (DagTaskId id = 0; goes_on && id < dag_graph_n_tasks(graph); id++)
        g_assert_cmpint(dag_run_record(simulated, id).outcome, ==,
                        dag_run_record(executed, id).outcome);
}

static void
test_random_holds_are_kept(void)
{
    for (uint64_t seed = 0; seed < 300; seed++)
        check_random_holds(seed, seed % 2 ? &tiny : &failing);
    g_clear_pointer(&drawn_holds, g_free);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/solve/optimum", test_a_hold_reaches_the_optimum);
    g_test_add_func("/solve/order-alone", test_the_order_alone_takes_longer);
    g_test_add_func("/solve/brute-force", test_no_order_without_holds_is_shorter_than_ten);
    g_test_add_func("/solve/dry-run", test_dry_run_follows_the_schedule);
    g_test_add_func("/solve/ready-set", test_ready_set_holds_back);
    g_test_add_func("/solve/no-schedule", test_other_strategies_have_no_schedule);
    g_test_add_func("/solve/executor", test_executor_keeps_holds);
    g_test_add_func("/solve/arguments", test_arguments_reach_solve);
    g_test_add_func("/solve/invalid", test_bad_schedules_are_refused);
    g_test_add_func("/solve/invalid/no-order",
                    test_schedule_without_order_is_refused_or_empty);
    g_test_add_func("/solve/invalid/aborts", test_invalid_schedule_aborts);
    g_test_add_func("/solve/hold/failed", test_hold_ends_with_a_failure);
    g_test_add_func("/solve/hold/blocked", test_hold_ends_when_its_task_is_blocked);
    g_test_add_func("/solve/hold/retried", test_hold_lasts_until_the_last_attempt);
    g_test_add_func("/solve/hold/cancelled", test_hold_ends_when_its_task_is_cancelled);
    g_test_add_func("/solve/held/blocked", test_held_task_may_be_blocked);
    g_test_add_func("/solve/held/cancelled", test_held_task_is_cancelled_by_a_stop);
    g_test_add_func("/solve/held/clean-up", test_held_clean_up_runs_after_a_stop);
    g_test_add_func("/solve/random", test_random_holds_are_kept);
    return g_test_run();
}
