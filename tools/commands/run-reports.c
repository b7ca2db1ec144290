/* SPDX-License-Identifier: MIT */
#include "commands/run-reports.h"

#include "commands/command.h"

#include <dagrun/report.h>
#include <string.h>

void
run_reports_add(RunReports *reports, GArray *entries)
{
    const GOptionEntry added[] = {
        {"trace", 0, 0, G_OPTION_ARG_FILENAME, &reports->trace_path,
         "Write the run to FILE for Perfetto or chrome://tracing", "FILE"},
        {"junit", 0, 0, G_OPTION_ARG_FILENAME, &reports->junit_path,
         "Write the tasks to FILE as tests, in the format of JUnit", "FILE"},
        {"events", 0, 0, G_OPTION_ARG_FILENAME, &reports->events_path,
         "Write each event to FILE as it happens, as a line of JSON", "FILE"},
    };

    g_array_append_vals(entries, added, G_N_ELEMENTS(added));
}

static bool
is_file(const char *option, const char *path)
{
    if (g_strcmp0(path, "-") != 0)
        return true;
    complain("%s takes a file; standard output is for the output of tasks", option);
    return false;
}

bool
run_reports_read(const RunReports *reports)
{
    return is_file("--trace", reports->trace_path) &&
           is_file("--junit", reports->junit_path) &&
           is_file("--events", reports->events_path);
}

static bool
open_report(OutputFile **file_out, const char *path)
{
    if (path)
        *file_out = output_file_open(path);
    return !path || *file_out;
}

bool
run_reports_open(RunReports *reports)
{
    return open_report(&reports->trace, reports->trace_path) &&
           open_report(&reports->junit, reports->junit_path) &&
           (!reports->events_path ||
            event_log_open(&reports->events, reports->events_path));
}

size_t
run_reports_observe(RunReports *reports, DagObserver *observers, size_t n)
{
    if (reports->events.path)
        observers[n++] = event_log_observer(&reports->events);
    if (reports->junit)
        observers[n++] = failure_texts_observer(&reports->texts);
    return n;
}

/* For DagTaskTexts. */
static const char *
text_of(DagTaskId id, void *texts)
{
    return failure_texts_get(texts, id);
}

bool
run_reports_finish(RunReports *reports, const DagRun *run)
{
    OutputFile *trace = g_steal_pointer(&reports->trace);
    OutputFile *junit = g_steal_pointer(&reports->junit);
    bool good = event_log_close(&reports->events);

    if (!run) {
        output_file_discard(trace);
        output_file_discard(junit);
        return good;
    }
    if (trace) {
        dag_report_trace_to(run, &(DagReportSink){output_file_write, trace});
        good = output_file_close(trace) && good;
    }
    if (junit) {
        dag_report_junit_to(run, &(DagTaskTexts){text_of, &reports->texts},
                            &(DagReportSink){output_file_write, junit});
        good = output_file_close(junit) && good;
    }
    return good;
}

void
run_reports_clear(RunReports *reports)
{
    run_reports_finish(reports, NULL);
    failure_texts_clear(&reports->texts);
    g_free(reports->trace_path);
    g_free(reports->junit_path);
    g_free(reports->events_path);
}
