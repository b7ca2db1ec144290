/* SPDX-License-Identifier: MIT */
/*
 * A heading, then a line per running task, the longest-running one first:
 *
 *     [12/40] phase 2 of 4 · Content Selection · 1 failed · 0:12 elapsed · about 20 s left
 *       0:09  select_skills  comparing 120 skills
 *       0:02  select_projects (attempt 2 of 3)
 *       0:01  write_summary  waits 38 s for llm
 *       0:01  write_letter  312 tokens  41/s
 *
 * A task's line ends with the last line that it wrote, or with its title if it wrote none.
 *
 * If the heading does not fit, its parts are removed one by one, the least important first.
 * Task lines are truncated; times come first, so that they stay visible.
 */
#include "display/live-lines.h"

#include "display/estimate.h"
#include "display/terminal.h"

#include <dagrun/text.h>

#define MAX_ROWS 10 /* of tasks; more are not readable */

/* Size of a screen that does not report one. */
#define DEFAULT_WIDTH  80
#define DEFAULT_HEIGHT 24

#define MIN_TITLE 8 /* columns; a shorter piece of a title is useless */

/* The speed of a stream is shown once it has lasted for so long. */
#define LEAST_RATED_NS INT64_C(1000000000)

/* The parts of the heading, from left to right. */
typedef enum Part { COUNT, PHASE, TITLE, FAILED, ELAPSED, WORD, LEFT, N_PARTS } Part;

typedef struct Heading {
    GString *parts[N_PARTS]; /* without control characters; empty: left out */
} Heading;

void
live_lines_append_clock(GString *out, int64_t ns)
{
    int64_t seconds = ns / 1000000000;

    if (seconds >= 3600)
        g_string_append_printf(out, "%" G_GINT64_FORMAT ":%02d:%02d", seconds / 3600,
                               (int)(seconds / 60 % 60), (int)(seconds % 60));
    else
        g_string_append_printf(out, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
}

/* Fill in the phases of the running tasks: several if the strategy has no barrier. */
static void
fill_phases(const LiveLines *lines, Heading *heading)
{
    const GArray *running = lines->tally->running;
    uint32_t first = UINT32_MAX, last = 0;
    size_t n = dag_plan_n_phases(lines->plan);

    for (guint i = 0; i < running->len; i++) {
        uint32_t phase =
            dag_plan_phase(lines->plan, g_array_index(running, TallyTask, i).id);

        first = MIN(first, phase);
        last = MAX(last, phase);
    }
    if (running->len == 0)
        return;
    if (first != last) {
        g_string_printf(heading->parts[PHASE], "phases %u–%u of %zu", first + 1, last + 1,
                        n);
        return;
    }
    g_string_printf(heading->parts[PHASE], "phase %u of %zu", first + 1, n);
    if (dag_plan_phase_title(lines->plan, first))
        dag_text_append_clean(heading->parts[TITLE],
                              dag_plan_phase_title(lines->plan, first));
}

static void
fill_time_left(const LiveLines *lines, Heading *heading)
{
    GString *left = heading->parts[LEFT];

    if (lines->is_stopping) {
        g_string_assign(left,
                        lines->is_interrupted ? "stopping; ^C again kills" : "stopping");
        return;
    }
    estimate_append(lines->seconds_left, left);
    if (left->len > 0)
        g_string_append(left, " left");
}

static const char *
separator(const Heading *heading, Part part)
{
    if (part == COUNT)
        return "";
    if (part == WORD)
        return " ";
    for (int before = part - 1; before > COUNT; before--)
        if (heading->parts[before]->len > 0)
            return " · ";
    return " ";
}

static size_t
heading_width(const Heading *heading)
{
    size_t width = 0;

    for (int part = 0; part < N_PARTS; part++)
        if (heading->parts[part]->len > 0)
            width += dag_text_width(heading->parts[part]->str) +
                     dag_text_width(separator(heading, (Part)part));
    return width;
}

static void
fit_heading(Heading *heading, size_t limit)
{
    static const Part order[] = {TITLE, WORD, PHASE, LEFT, ELAPSED, FAILED};
    size_t width = heading_width(heading),
           title = dag_text_width(heading->parts[TITLE]->str);

    if (width > limit && limit + title >= width + MIN_TITLE) {
        g_autofree char *whole = g_strdup(heading->parts[TITLE]->str);

        g_string_truncate(heading->parts[TITLE], 0);
        dag_text_append_fitted(heading->parts[TITLE], whole, limit + title - width);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(order) && heading_width(heading) > limit; i++)
        g_string_truncate(heading->parts[order[i]], 0);
}

static void
append_colored(GString *out, DagTextStyle style, const char *color, const char *text)
{
    if (style.color && *color)
        g_string_append_printf(out, "%s%s" DAG_ANSI_RESET, color, text);
    else
        g_string_append(out, text);
}

static void
append_heading(const LiveLines *lines, DagTextStyle style, size_t limit, GString *out)
{
    static const char *const colors[N_PARTS] = {
        [COUNT] = DAG_ANSI_BOLD, [PHASE] = "", [TITLE] = "", [FAILED] = DAG_ANSI_RED,
        [ELAPSED] = "",          [WORD] = "",  [LEFT] = ""};
    const Tally *tally = lines->tally;
    Heading heading;

    for (int part = 0; part < N_PARTS; part++)
        heading.parts[part] = g_string_new(NULL);
    g_string_printf(heading.parts[COUNT], "[%zu/%zu]", tally->n_finished,
                    dag_graph_n_tasks(dag_plan_graph(lines->plan)));
    fill_phases(lines, &heading);
    if (tally->n_failed > 0)
        g_string_printf(heading.parts[FAILED], "%zu failed", tally->n_failed);
    if (tally->n_allowed > 0)
        g_string_append_printf(heading.parts[FAILED], " (%zu allowed to)",
                               tally->n_allowed);
    live_lines_append_clock(heading.parts[ELAPSED], lines->now_ns);
    g_string_assign(heading.parts[WORD], "elapsed");
    fill_time_left(lines, &heading);

    dag_mask_text(style.secrets, heading.parts[TITLE], 0);
    fit_heading(&heading, limit);
    for (int part = 0; part < N_PARTS; part++) {
        if (heading.parts[part]->len == 0)
            continue;
        g_string_append(out, separator(&heading, (Part)part));
        append_colored(out, style, colors[part], heading.parts[part]->str);
    }
    for (int part = 0; part < N_PARTS; part++)
        g_string_free(heading.parts[part], TRUE);
}

/* Append as much of the text as fits.
 * Returns: the number of columns left. */
static size_t
append_truncated(GString *out, DagTextStyle style, const char *color, const char *text,
                 size_t n_left)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    g_autoptr(GString) cut = g_string_new(NULL);
    size_t width;

    dag_text_append_clean(clean, text);
    dag_mask_text(style.secrets, clean, 0);
    width = dag_text_append_fitted(cut, clean->str, n_left);
    append_colored(out, style, color, cut->str);
    return n_left - width;
}

/* Append "(attempt 2 of 3)" if it fits. */
static size_t
append_attempt(const LiveLines *lines, const TallyTask *task, DagTextStyle style,
               size_t n_left, GString *out)
{
    int32_t declared =
        dag_graph_task_policy(dag_plan_graph(lines->plan), task->id)->retries;
    unsigned retries = declared > 0 ? (unsigned)declared : lines->retries;
    g_autofree char *text = g_strdup_printf(task->is_pausing ? " (attempt %u of %u follows)"
                                                             : " (attempt %u of %u)",
                                            task->attempt, retries + 1);

    if (task->attempt < 2 || dag_text_width(text) > n_left)
        return n_left;
    return append_truncated(out, style, DAG_ANSI_RED, text, n_left);
}

/* Append "  waits 38 s for llm", as far as it fits. */
static size_t
append_wait(const LiveLines *lines, const TallyTask *task, DagTextStyle style,
            size_t n_left, GString *out)
{
    int64_t left_ns = task->wait.until_ns - lines->now_ns;
    g_autoptr(GString) text = g_string_new("  waits");

    if (!task->is_waiting)
        return n_left;
    if (left_ns > 0)
        g_string_append_printf(text, " %" G_GINT64_FORMAT " s",
                               (left_ns + 999999999) / 1000000000);
    if (task->wait.pool)
        g_string_append_printf(text, " for %s", task->wait.pool);
    return append_truncated(out, style, "", text->str, n_left);
}

/* Append "  312 tokens  41/s", as far as it fits. */
static size_t
append_tokens(const LiveLines *lines, const TallyTask *task, DagTextStyle style,
              size_t n_left, GString *out)
{
    int64_t passed_ns = lines->now_ns - task->counted_ns;
    g_autoptr(GString) text = g_string_new(NULL);

    if (task->n_tokens == 0)
        return n_left;
    g_string_append_printf(text, "  %" G_GUINT64_FORMAT " token%s", task->n_tokens,
                           task->n_tokens == 1 ? "" : "s");
    if (passed_ns >= LEAST_RATED_NS)
        g_string_append_printf(text, "  %.0f/s",
                               (double)(task->n_tokens - task->n_tokens_before) /
                                   ((double)passed_ns / 1e9));
    return append_truncated(out, style, "", text->str, n_left);
}

/* Times form a column as wide as the longest time. */
static void
append_task(const LiveLines *lines, const TallyTask *task, DagTextStyle style, size_t limit,
            GString *out)
{
    const DagGraph *graph = dag_plan_graph(lines->plan);
    const char *name = dag_graph_task_name(graph, task->id);
    const char *title = dag_graph_task_title(graph, task->id);
    const char *text = task->last_line ? task->last_line : title;
    const TallyTask *longest = &g_array_index(lines->tally->running, TallyTask, 0);
    g_autoptr(GString) widest = g_string_new(NULL);
    g_autoptr(GString) clock = g_string_new(NULL);
    g_autofree char *column = NULL;
    size_t n_left;

    live_lines_append_clock(widest, MAX(lines->now_ns - longest->since_ns, 0));
    live_lines_append_clock(clock, MAX(lines->now_ns - task->since_ns, 0));
    column = g_strdup_printf("  %*s  ", (int)widest->len, clock->str);
    n_left = append_truncated(out, style, "", column, limit);
    n_left = append_truncated(out, style, "", name, n_left);
    n_left = append_attempt(lines, task, style, n_left, out);
    n_left = append_wait(lines, task, style, n_left, out);
    n_left = append_tokens(lines, task, style, n_left, out);
    if (n_left >= MIN_TITLE + 2 && g_strcmp0(text, name) != 0) {
        n_left = append_truncated(out, style, "", "  ", n_left);
        append_truncated(out, style, DAG_ANSI_DIM, text, n_left);
    }
}

static void
append_others(size_t n, DagTextStyle style, size_t limit, GString *out)
{
    g_autofree char *text = g_strdup_printf("  and %zu more", n);

    append_truncated(out, style, DAG_ANSI_DIM, text, limit);
}

void
live_lines_compose(const LiveLines *lines, DagTextStyle style, unsigned height,
                   GString *out)
{
    size_t width = style.width ? style.width : DEFAULT_WIDTH;
    size_t limit = MAX(width, 2) - 1, n = lines->tally->running->len;
    size_t n_rows = MIN(((height ? height : DEFAULT_HEIGHT) - 1) / 2, MAX_ROWS);
    /* If not all tasks fit, the last row counts the others, unless it is the only row. */
    size_t n_tasks = n <= n_rows ? n : n_rows <= 1 ? n_rows : n_rows - 1;

    append_heading(lines, style, limit, out);
    for (size_t i = 0; i < n_tasks; i++) {
        g_string_append_c(out, '\n');
        append_task(lines, &g_array_index(lines->tally->running, TallyTask, i), style,
                    limit, out);
    }
    if (n > n_tasks && n_rows > 1) {
        g_string_append_c(out, '\n');
        append_others(n - n_tasks, style, limit, out);
    }
}
