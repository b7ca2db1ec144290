/* SPDX-License-Identifier: MIT */
#include "display/live-lines.h"

#include <dagrun/builder.h>
#include <dagrun/text.h>
#include <string.h>

#include "graph-of.h"

#define SECOND ((int64_t)1000000000)

/* A run under way. */
typedef struct Scene {
    DagGraph *graph;
    DagPlan *plan;
    Tally tally;
    LiveLines lines;
} Scene;

/* Takes ownership of the builder. */
static void
scene_init(Scene *scene, DagBuilder *builder)
{
    scene->graph = graph_finish(builder, NULL);
    scene->plan = dag_plan_new(scene->graph, DAG_PHASES_JUST_IN_TIME, NULL);
    tally_init(&scene->tally);
    scene->lines =
        (LiveLines){.plan = scene->plan, .tally = &scene->tally, .seconds_left = -1};
}

static void
scene_clear(Scene *scene)
{
    tally_clear(&scene->tally);
    dag_plan_free(scene->plan);
    dag_graph_free(scene->graph);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

static void
start(Scene *scene, const char *name, int64_t time_ns)
{
    tally_start(&scene->tally, dag_graph_find(scene->graph, name), time_ns);
}

static void
finish(Scene *scene, const char *name, DagOutcome outcome)
{
    tally_finish(&scene->tally, dag_graph_find(scene->graph, name), outcome, false);
}

static char *
compose(const Scene *scene, unsigned width, unsigned height)
{
    GString *text = g_string_new(NULL);

    live_lines_compose(&scene->lines, (DagTextStyle){.width = width}, height, text);
    return g_string_free(text, FALSE);
}

static void
assert_lines(const Scene *scene, unsigned width, unsigned height, const char *expected)
{
    g_autofree char *text = compose(scene, width, height);

    g_assert_cmpstr(text, ==, expected);
}

/* Two phases; the second has a title, two running tasks and a failed one. */
static void
scene_of_selection(Scene *scene)
{
    DagBuilder *builder = builder_of("parse skills<parse jobs<parse", NULL, NULL);

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "projects", .title = "Select projects", .needs = "parse"});
    dag_builder_add_phase_title(builder, "Content Selection", "skills", (DagLocation){0});
    scene_init(scene, builder);
    start(scene, "parse", 0);
    finish(scene, "parse", DAG_SUCCEEDED);
    start(scene, "skills", 2 * SECOND);
    start(scene, "jobs", 2 * SECOND);
    start(scene, "projects", 9 * SECOND);
    finish(scene, "jobs", DAG_FAILED);
    scene->lines.now_ns = 12 * SECOND + 900000000;
    scene->lines.seconds_left = 21;
}

static void
test_heading_and_running_tasks(void)
{
    g_auto(Scene) scene;

    scene_of_selection(&scene);
    assert_lines(&scene, 100, 24,
                 "[2/4] phase 2 of 2 · Content Selection · 1 failed · 0:12 elapsed · "
                 "about 20 s left\n"
                 "  0:10  skills\n"
                 "  0:03  projects  Select projects");
    scene.lines.is_stopping = true;
    assert_lines(&scene, 100, 24,
                 "[2/4] phase 2 of 2 · Content Selection · 1 failed · 0:12 elapsed · "
                 "stopping\n"
                 "  0:10  skills\n"
                 "  0:03  projects  Select projects");
    scene.lines.is_interrupted = true;
    assert_lines(&scene, 120, 24,
                 "[2/4] phase 2 of 2 · Content Selection · 1 failed · 0:12 elapsed · "
                 "stopping; ^C again kills\n"
                 "  0:10  skills\n"
                 "  0:03  projects  Select projects");
}

static void
test_heading_loses_least_important_parts_first(void)
{
    static const struct {
        unsigned width;
        const char *text;
    } cases[] = {
        {83, "[2/4] phase 2 of 2 · Content Selection · 1 failed · 0:12 elapsed · about 20 "
             "s left"},
        {82, "[2/4] phase 2 of 2 · Content Selecti… · 1 failed · 0:12 elapsed · about 20 s "
             "left"},
        {74, "[2/4] phase 2 of 2 · Content… · 1 failed · 0:12 elapsed · about 20 s left"},
        {73, "[2/4] phase 2 of 2 · 1 failed · 0:12 elapsed · about 20 s left"},
        {62, "[2/4] phase 2 of 2 · 1 failed · 0:12 · about 20 s left"},
        {54, "[2/4] 1 failed · 0:12 · about 20 s left"},
        {39, "[2/4] 1 failed · 0:12"},
        {20, "[2/4] 1 failed"},
        {14, "[2/4]"},
    };
    g_auto(Scene) scene;

    scene_of_selection(&scene);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_lines(&scene, cases[i].width, 1, cases[i].text);
}

static void
test_without_a_barrier_several_phases_run(void)
{
    g_auto(Scene) scene;

    scene_init(&scene, builder_of("a b<a c", NULL, NULL));
    assert_lines(&scene, 80, 24, "[0/3] 0:00 elapsed");
    start(&scene, "a", 0);
    start(&scene, "c", 0);
    assert_lines(&scene, 80, 24,
                 "[0/3] phases 1–2 of 2 · 0:00 elapsed\n  0:00  a\n  0:00  c");
}

static void
test_allowed_failures_are_counted_apart(void)
{
    g_auto(Scene) scene;

    scene_init(&scene, builder_of("a b c", NULL, NULL));
    tally_finish(&scene.tally, 0, DAG_FAILED, true);
    assert_lines(&scene, 80, 24, "[1/3] 1 failed (1 allowed to) · 0:00 elapsed");
    tally_finish(&scene.tally, 1, DAG_TIMED_OUT, false);
    assert_lines(&scene, 80, 24, "[2/3] 2 failed (1 allowed to) · 0:00 elapsed");
}

/* The retries of the task take precedence over the default of the run. */
static void
test_retries_of_the_task_take_precedence(void)
{
    DagBuilder *builder = dag_builder_new();
    g_auto(Scene) scene;

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .policy = {.retries = 4}});
    scene_init(&scene, builder);
    scene.lines.retries = 2;
    start(&scene, "a", 0);
    tally_pause(&scene.tally, 0, 0);
    assert_lines(&scene, 80, 24,
                 "[0/1] phase 1 of 1 · 0:00 elapsed\n  0:00  a (attempt 2 of 5 follows)");
}

static void
test_attempts_are_shown_from_the_second_on(void)
{
    g_auto(Scene) scene;

    scene_init(&scene, builder_of("fetch", NULL, NULL));
    scene.lines.retries = 2;
    start(&scene, "fetch", 0);
    tally_pause(&scene.tally, 0, 3 * SECOND);
    scene.lines.now_ns = 4 * SECOND;
    assert_lines(
        &scene, 80, 24,
        "[0/1] phase 1 of 1 · 0:04 elapsed\n  0:01  fetch (attempt 2 of 3 follows)");
    start(&scene, "fetch", 4 * SECOND);
    assert_lines(&scene, 80, 24,
                 "[0/1] phase 1 of 1 · 0:04 elapsed\n  0:00  fetch (attempt 2 of 3)");
    assert_lines(&scene, 24, 24, "[0/1] 0:04\n  0:00  fetch");
}

static void
test_a_withdrawn_attempt_waits_for_its_pool(void)
{
    g_auto(Scene) scene;

    scene_init(&scene, builder_of("fetch ask<fetch", NULL, NULL));
    scene.lines.retries = 2;
    start(&scene, "fetch", 0);
    tally_wait(&scene.tally, 0, 3 * SECOND, &(TallyWait){42 * SECOND, "llm"});
    scene.lines.now_ns = 4 * SECOND + 1;
    assert_lines(&scene, 80, 24,
                 "[0/2] phase 1 of 2 · 0:04 elapsed\n  0:01  fetch  waits 38 s for llm");
    tally_wait(&scene.tally, 0, 3 * SECOND, &(TallyWait){42 * SECOND, NULL});
    assert_lines(&scene, 80, 24,
                 "[0/2] phase 1 of 2 · 0:04 elapsed\n  0:01  fetch  waits 38 s");
    tally_wait(&scene.tally, 0, 3 * SECOND, &(TallyWait){3 * SECOND, "llm"});
    assert_lines(&scene, 80, 24,
                 "[0/2] phase 1 of 2 · 0:04 elapsed\n  0:01  fetch  waits for llm");
    start(&scene, "fetch", 4 * SECOND); /* it is the first attempt again */
    assert_lines(&scene, 80, 24, "[0/2] phase 1 of 2 · 0:04 elapsed\n  0:00  fetch");
}

static void
test_tokens_and_their_rate_are_shown(void)
{
    g_auto(Scene) scene;

    scene_init(&scene, builder_of("ask", NULL, NULL));
    start(&scene, "ask", 0);
    tally_count(&scene.tally, 0, 3 * SECOND, 1);
    scene.lines.now_ns = 3 * SECOND + 500000000;
    assert_lines(&scene, 80, 24, "[0/1] phase 1 of 1 · 0:03 elapsed\n  0:03  ask  1 token");
    tally_count(&scene.tally, 0, 4 * SECOND, 101);
    scene.lines.now_ns = 5 * SECOND;
    assert_lines(&scene, 80, 24,
                 "[0/1] phase 1 of 1 · 0:05 elapsed\n  0:05  ask  101 tokens  50/s");
    tally_count(&scene.tally, 0, 5 * SECOND, 4); /* another answer */
    assert_lines(&scene, 80, 24,
                 "[0/1] phase 1 of 1 · 0:05 elapsed\n  0:05  ask  4 tokens");
    start(&scene, "ask", 5 * SECOND);
    assert_lines(&scene, 80, 24, "[0/1] phase 1 of 1 · 0:05 elapsed\n  0:00  ask");
}

static void
test_times_up_to_hours_form_a_column(void)
{
    g_auto(Scene) scene;

    scene_init(&scene, builder_of("a b c", NULL, NULL));
    scene.lines.now_ns = 3723 * SECOND;
    start(&scene, "a", 0);
    start(&scene, "b", 3000 * SECOND);
    start(&scene, "c", 3721 * SECOND);
    assert_lines(&scene, 80, 24,
                 "[0/3] phase 1 of 1 · 1:02:03 elapsed\n"
                 "  1:02:03  a\n"
                 "    12:03  b\n"
                 "     0:02  c");
}

static void
scene_of_many(Scene *scene)
{
    DagBuilder *builder = dag_builder_new();

    for (int i = 0; i < 30; i++) {
        char name[8];

        g_snprintf(name, sizeof(name), "t%d", i);
        dag_builder_add_task(builder, &(DagTaskSpec){.name = name});
    }
    scene_init(scene, builder);
    for (DagTaskId id = 0; id < 30; id++)
        tally_start(&scene->tally, id, id);
}

static size_t
count_lines(const char *text)
{
    size_t n = 1;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void
test_at_most_half_of_the_screen_is_used(void)
{
    g_auto(Scene) scene;

    scene_of_many(&scene);
    assert_lines(&scene, 80, 10,
                 "[0/30] phase 1 of 1 · 0:00 elapsed\n"
                 "  0:00  t0\n"
                 "  0:00  t1\n"
                 "  0:00  t2\n"
                 "  and 27 more");
    assert_lines(&scene, 80, 5,
                 "[0/30] phase 1 of 1 · 0:00 elapsed\n  0:00  t0\n  and 29 more");
    assert_lines(&scene, 80, 3, "[0/30] phase 1 of 1 · 0:00 elapsed\n  0:00  t0");
    assert_lines(&scene, 80, 2, "[0/30] phase 1 of 1 · 0:00 elapsed");
    for (unsigned height = 0; height < 100; height++) {
        g_autofree char *text = compose(&scene, 80, height);

        g_assert_cmpuint(count_lines(text), <=, 11);
        if (height > 0)
            g_assert_cmpuint(count_lines(text), <=, MAX(height / 2 + 1, 1));
    }
}

/* Wide characters take two columns, combining ones none; control characters are replaced. */
static void
test_no_line_is_as_wide_as_the_screen(void)
{
    DagBuilder *builder = dag_builder_new();
    g_auto(Scene) scene;

    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "wide", .title = "技能と経験を選択する\033[2J e\xcc\x81"});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "選択選択選択選択選択選択"});
    dag_builder_add_phase_title(builder, "内容の選択", "wide", (DagLocation){0});
    scene_init(&scene, builder);
    start(&scene, "wide", 0);
    start(&scene, "選択選択選択選択選択選択", 0);
    assert_lines(&scene, 80, 24,
                 "[0/2] phase 1 of 1 · 内容の選択 · 0:00 elapsed\n"
                 "  0:00  wide  技能と経験を選択する [2J e\xcc\x81\n"
                 "  0:00  選択選択選択選択選択選択");
    assert_lines(&scene, 25, 24,
                 "[0/2] 0:00\n"
                 "  0:00  wide  技能と経…\n"
                 "  0:00  選択選択選択選…");
    for (unsigned width = 1; width < 100; width++) {
        g_autofree char *text = compose(&scene, width, 24);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        /* The count is never removed. */
        for (char **line = lines + (width <= 5); *line; line++)
            g_assert_cmpuint(dag_text_width(*line), <, MAX(width, 2));
    }
}

static void
test_colours_take_no_columns(void)
{
    g_auto(Scene) scene;
    g_autoptr(GString) text = g_string_new(NULL);

    scene_of_selection(&scene);
    live_lines_compose(&scene.lines, (DagTextStyle){.width = 39, .color = true}, 24, text);
    g_assert_cmpstr(text->str, ==,
                    "\033[1m[2/4]\033[0m \033[31m1 failed\033[0m · 0:12\n"
                    "  0:10  skills\n"
                    "  0:03  projects  \033[2mSelect projects\033[0m");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/live-lines/heading-and-running-tasks",
                    test_heading_and_running_tasks);
    g_test_add_func("/live-lines/heading-loses-least-important-parts-first",
                    test_heading_loses_least_important_parts_first);
    g_test_add_func("/live-lines/without-a-barrier-several-phases-run",
                    test_without_a_barrier_several_phases_run);
    g_test_add_func("/live-lines/allowed-failures-are-counted-apart",
                    test_allowed_failures_are_counted_apart);
    g_test_add_func("/live-lines/retries-of-the-task-take-precedence",
                    test_retries_of_the_task_take_precedence);
    g_test_add_func("/live-lines/attempts-are-shown-from-the-second-on",
                    test_attempts_are_shown_from_the_second_on);
    g_test_add_func("/live-lines/a-withdrawn-attempt-waits-for-its-pool",
                    test_a_withdrawn_attempt_waits_for_its_pool);
    g_test_add_func("/live-lines/tokens-and-their-rate-are-shown",
                    test_tokens_and_their_rate_are_shown);
    g_test_add_func("/live-lines/times-up-to-hours-form-a-column",
                    test_times_up_to_hours_form_a_column);
    g_test_add_func("/live-lines/at-most-half-of-the-screen-is-used",
                    test_at_most_half_of_the_screen_is_used);
    g_test_add_func("/live-lines/no-line-is-as-wide-as-the-screen",
                    test_no_line_is_as_wide_as_the_screen);
    g_test_add_func("/live-lines/colours-take-no-columns", test_colours_take_no_columns);
    return g_test_run();
}
