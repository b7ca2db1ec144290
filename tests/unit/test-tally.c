/* SPDX-License-Identifier: MIT */
#include "display/tally.h"

/* Compare the running tasks.  "3:1@5": task 3, attempt 1, since 5 ns.  "3:2~5": it pauses. */
static void
assert_running(const Tally *tally, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < tally->running->len; i++) {
        const TallyTask *task = &g_array_index(tally->running, TallyTask, i);

        g_string_append_printf(text, "%s%u:%u%c%" G_GINT64_FORMAT, i > 0 ? " " : "",
                               task->id, task->attempt, task->is_pausing ? '~' : '@',
                               task->since_ns);
    }
    g_assert_cmpstr(text->str, ==, expected);
}

static void
test_longest_running_task_is_first(void)
{
    g_auto(Tally) tally;

    tally_init(&tally);
    assert_running(&tally, "");
    tally_start(&tally, 7, 10);
    tally_start(&tally, 3, 20);
    tally_start(&tally, 5, 30);
    assert_running(&tally, "7:1@10 3:1@20 5:1@30");
    tally_finish(&tally, 3, DAG_SUCCEEDED, false);
    assert_running(&tally, "7:1@10 5:1@30");
    tally_start(&tally, 1, 20); /* reported late */
    assert_running(&tally, "7:1@10 1:1@20 5:1@30");
}

static void
test_each_attempt_counts_from_its_own_start(void)
{
    g_auto(Tally) tally;

    tally_init(&tally);
    tally_start(&tally, 1, 10);
    tally_start(&tally, 2, 20);
    tally_pause(&tally, 1, 30);
    assert_running(&tally, "2:1@20 1:2~30");
    tally_start(&tally, 1, 40);
    assert_running(&tally, "2:1@20 1:2@40");
    tally_finish(&tally, 1, DAG_FAILED, false);
    assert_running(&tally, "2:1@20");
}

static void
test_each_ended_task_is_counted_once(void)
{
    static const DagOutcome outcomes[] = {DAG_SUCCEEDED, DAG_FAILED, DAG_TIMED_OUT,
                                          DAG_BLOCKED, DAG_CANCELLED};
    g_auto(Tally) tally;

    tally_init(&tally);
    for (DagTaskId id = 0; id < G_N_ELEMENTS(outcomes); id++) {
        if (outcomes[id] != DAG_BLOCKED)
            tally_start(&tally, id, id);
        tally_finish(&tally, id, outcomes[id], outcomes[id] != DAG_FAILED);
    }
    g_assert_cmpuint(tally.n_finished, ==, 5);
    g_assert_cmpuint(tally.n_failed, ==, 2);
    g_assert_cmpuint(tally.n_allowed, ==, 1);
    assert_running(&tally, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tally/longest-running-task-is-first",
                    test_longest_running_task_is_first);
    g_test_add_func("/tally/each-attempt-counts-from-its-own-start",
                    test_each_attempt_counts_from_its_own_start);
    g_test_add_func("/tally/each-ended-task-is-counted-once",
                    test_each_ended_task_is_counted_once);
    return g_test_run();
}
