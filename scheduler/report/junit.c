/* SPDX-License-Identifier: MIT */
/*
 * A run as a report of tests in the format of JUnit, as Jenkins and GitLab read it: a suite, and a case for each task.
 */
#include "report/measures.h"
#include "report/stream.h"
#include "report/xml-text.h"

#include <inttypes.h>

typedef struct Junit {
    const DagRun *run;
    const DagGraph *graph;
    const DagTaskTexts *texts;
    Stream *stream;
} Junit;

/* The element that tells why a case did not pass. */
typedef enum Verdict { VERDICT_PASSED, VERDICT_FAILED, VERDICT_SKIPPED } Verdict;

static void
append_attribute(GString *out, const char *name, const char *value)
{
    g_string_append_printf(out, " %s=\"", name);
    dag__xml_append(out, value, XML_ONE_LINE);
    g_string_append_c(out, '"');
}

static void
append_seconds(GString *out, const char *name, int64_t ns)
{
    g_string_append_printf(out, " %s=\"%" PRId64 ".%06" PRId64 "\"", name, ns / 1000000000,
                           ns / 1000 % 1000000);
}

static Verdict
verdict_of(const DagRun *run, DagTaskId id)
{
    DagOutcome outcome = dag_run_record(run, id).outcome;

    if (outcome == DAG_SUCCEEDED)
        return VERDICT_PASSED;
    if ((outcome == DAG_FAILED || outcome == DAG_TIMED_OUT) && !dag__is_allowed(run, id))
        return VERDICT_FAILED;
    return VERDICT_SKIPPED;
}

/* Return the number of tasks with this verdict. */
static size_t
count(const Junit *it, Verdict verdict)
{
    size_t n = 0;

    for (DagTaskId id = 0; id < dag_graph_n_tasks(it->graph); id++)
        n += verdict_of(it->run, id) == verdict;
    return n;
}

/* Append the reason why the task did not succeed, on one line. */
static void
append_message(const Junit *it, DagTaskId id, GString *out)
{
    DagRecord record = dag_run_record(it->run, id);
    const char *reason = dag_run_reason(it->run, id);

    if (dag__is_allowed(it->run, id))
        g_string_append(out, "allowed to fail: ");
    if (record.outcome == DAG_REUSED)
        g_string_append_printf(out, "its result is that of %s", dag_run_reuse(it->run, id));
    else if (!dag_report_end(it->run, id, out) && !reason)
        g_string_append(out, dag_outcome_name(record.outcome));
}

/* Write the element for a case that did not pass. */
static void
write_problem(const Junit *it, DagTaskId id, Verdict verdict)
{
    GString *out = it->stream->text;
    const char *element = verdict == VERDICT_FAILED ? "failure" : "skipped";
    const char *outcome = dag_outcome_name(dag_run_record(it->run, id).outcome);
    g_autoptr(GString) message = g_string_new(NULL);

    append_message(it, id, message);
    g_string_append_printf(out, "      <%s", element);
    append_attribute(out, "message", message->str);
    if (verdict == VERDICT_FAILED)
        append_attribute(out, "type", outcome);
    g_string_append(out, "/>\n");
}

static void
write_case(const Junit *it, DagTaskId id)
{
    GString *out = it->stream->text;
    Verdict verdict = verdict_of(it->run, id);
    DagRecord record = dag_run_record(it->run, id);
    const char *text = it->texts->text ? it->texts->text(id, it->texts->data) : NULL;

    g_string_append(out, "    <testcase");
    append_attribute(out, "name", dag_graph_task_name(it->graph, id));
    append_attribute(out, "classname", dag_graph_name(it->graph));
    append_seconds(out, "time",
                   record.n_attempts > 0 ? record.end_ns - record.start_ns : 0);
    if (verdict == VERDICT_PASSED && !text) {
        g_string_append(out, "/>\n");
        return;
    }
    g_string_append(out, ">\n");
    if (verdict != VERDICT_PASSED)
        write_problem(it, id, verdict);
    if (text) {
        g_string_append(out, "      <system-out>");
        dag__xml_append(out, text, XML_LINES);
        g_string_append(out, "</system-out>\n");
    }
    g_string_append(out, "    </testcase>\n");
}

/* Append the sums, which the outer element has, too. */
static void
append_sums(const Junit *it)
{
    g_string_append_printf(it->stream->text,
                           " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
                           dag_graph_n_tasks(it->graph), count(it, VERDICT_FAILED),
                           count(it, VERDICT_SKIPPED));
    append_seconds(it->stream->text, "time", dag_run_duration_ns(it->run));
}

static void
write_suite(const Junit *it)
{
    GString *out = it->stream->text;
    DagIds declared = dag_graph_declared(it->graph);
    g_autoptr(GDateTime) began =
        g_date_time_new_from_unix_utc(dag_run_started_us(it->run) / 1000000);
    g_autofree char *timestamp = g_date_time_format(began, "%Y-%m-%dT%H:%M:%S");

    g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    append_sums(it);
    g_string_append(out, ">\n  <testsuite");
    append_attribute(out, "name", dag_graph_name(it->graph));
    append_sums(it);
    append_attribute(out, "timestamp", timestamp);
    append_attribute(out, "hostname", g_get_host_name());
    g_string_append(out, ">\n");
    for (size_t i = 0; i < declared.n && stream_relieve(it->stream); i++)
        write_case(it, declared.ids[i]);
    g_string_append(out, "  </testsuite>\n</testsuites>\n");
}

void
dag_report_junit_to(const DagRun *run, const DagTaskTexts *texts, const DagReportSink *sink)
{
    static const DagTaskTexts no_texts;

    g_return_if_fail(run && sink);

    g_auto(Stream) stream = stream_to(sink);
    Junit it = {.run = run,
                .graph = dag_plan_graph(dag_run_plan(run)),
                .texts = texts ? texts : &no_texts,
                .stream = &stream};

    write_suite(&it);
}
