/* SPDX-License-Identifier: MIT */
/*
 * <exec>: real programs, run by the executor.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "run-of.h"

/* Values with characters that are special to a shell, in C and in XML. */
#define NASTY                                                                              \
    "  two  words 'single' \"double\" `id` $(id) $HOME ${x} \\ * ; & | # \n line 2 é"
#define NASTY_XML                                                                          \
    "  two  words 'single' &quot;double&quot; `id` $(id) $HOME ${x} \\ * ; &amp; | # "     \
    "&#10; line 2 é"

/* Run one task "a" with `content`; assert the reason of its failure. */
static void
assert_fails(const char *content, const char *reason)
{
    g_autofree char *task = g_strdup_printf("<task id=\"a\">%s</task>", content);
    g_autoptr(RunOf) run = run_of(task, NULL);

    assert_failed(run, "a", reason);
}

/* Run one task "a" with `content`; assert its transcript. */
static void
assert_says(const char *content, const char *expected)
{
    g_autofree char *task = g_strdup_printf("<task id=\"a\">%s</task>", content);
    g_autoptr(RunOf) run = run_of(task, NULL);

    assert_said(run, "a", expected);
}

static void
test_a_program_runs_with_its_arguments(void)
{
    assert_says("<exec>echo one two</exec>", "one two\n");
    assert_says("<exec>printf [%s] '' 'a  b' \"c'd\" e\\ f</exec>", "[][a  b][c'd][e f]");
    assert_says("<exec>echo $HOME *</exec>", "$HOME *\n");
    assert_says("<exec>true</exec>", "");
}

static void
test_the_exit_status_is_the_reason(void)
{
    assert_fails("<exec>false</exec>", "exit status 1");
    assert_fails("<exec>sh -c 'exit 42'</exec>", "exit status 42");
}

static void
test_a_lost_exit_status_is_not_a_success(void)
{
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);

    assert_fails("<exec>true</exec>",
                 "its exit status is lost: this program ignores SIGCHLD, or waits for "
                 "processes that are not its own");
    signal(SIGCHLD, before);
    assert_says("<exec>true</exec>", "");
}

static void
test_the_signal_is_the_reason(void)
{
    assert_fails("<exec>sh -c 'kill -KILL $$'</exec>", "killed by SIGKILL (Killed)");
    assert_fails("<exec>sh -c 'kill -HUP $$'</exec>", "killed by SIGHUP (Hangup)");
}

static void
test_signals_that_dagrun_blocks_or_ignores_reach_programs(void)
{
    sigset_t term, before;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    signal(SIGPIPE, SIG_IGN);
    assert_fails("<exec>sh -c 'kill -PIPE $$'</exec>", "killed by SIGPIPE (Broken pipe)");
    assert_fails("<exec>sh -c 'kill -TERM $$'</exec>", "killed by SIGTERM (Terminated)");
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void
test_a_missing_program_is_reported(void)
{
    assert_fails("<exec>no-such-program</exec>",
                 "cannot run \"no-such-program\": not found in PATH");
    assert_fails("<exec>./none --flag</exec>",
                 "cannot run \"./none\": No such file or directory");
    assert_fails("<exec>''</exec>", "cannot run \"\": No such file or directory");
    assert_fails("<exec>/tmp</exec>", "cannot run \"/tmp\": it is a directory");
}

/* Task "make" writes the script x; task "a" runs it. */
static RunOf *
run_script(const char *script)
{
    g_autofree char *text =
        g_strdup_printf("<task id=\"make\"><exec>printf %%s '%s'</exec></task>"
                        "<task id=\"put\"><shell stdin=\"make\">cat >x; chmod "
                        "+x x</shell></task>"
                        "<task id=\"a\" needs=\"put\"><exec>./x</exec></task>",
                        script);

    return run_of(text, NULL);
}

static void
test_a_script_needs_an_existing_interpreter(void)
{
    g_autoptr(RunOf) good = run_script("#!/bin/sh\necho hello");
    g_autoptr(RunOf) missing = run_script("#!/no/such/interpreter\necho hello");
    g_autoptr(RunOf) none = run_script("echo hello");

    assert_said(good, "a", "hello\n");
    assert_failed(
        missing, "a",
        "cannot run \"./x\": its interpreter \"/no/such/interpreter\" does not exist; see "
        "its first line");
    assert_failed(none, "a",
                  "cannot run \"./x\": not a program; a script needs a first line such as "
                  "#!/bin/sh");
}

static void
test_programs_run_in_the_directory_of_the_graph(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>pwd</exec></task>"
               "<task id=\"make\"><exec>mkdir -p sub/deep</exec></task>"
               "<task id=\"b\" dir=\"sub\" needs=\"make\"><exec>pwd</exec></task>"
               "<task id=\"name\" needs=\"make\"><exec>echo deep</exec></task>"
               "<task id=\"c\" dir=\"sub/${name}\"><exec>pwd</exec></task>",
               NULL);
    g_autofree char *here = g_strconcat(run->directory, "\n", NULL);
    g_autofree char *sub = g_strconcat(run->directory, "/sub\n", NULL);
    g_autofree char *deep = g_strconcat(run->directory, "/sub/deep\n", NULL);

    assert_said(run, "a", here);
    assert_said(run, "b", sub);
    assert_said(run, "c", deep);
}

static void
test_a_missing_directory_is_reported(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\" dir=\"nowhere\"><exec>true</exec></task>", NULL);
    g_autofree char *reason = g_strdup_printf(
        "cannot enter the directory \"%s/nowhere\": No such file or directory",
        run->directory);

    assert_failed(run, "a", reason);
}

static void
test_any_value_is_one_argument(void)
{
    g_autoptr(RunOf) run =
        run_of("<param name=\"v\" default=\"" NASTY_XML "\"/>"
               "<task id=\"a\"><exec>printf &lt;%s> ${v} \"x${v}\" '${v}x'</exec></task>",
               NULL);

    assert_said(run, "a", "<" NASTY "><x" NASTY "><" NASTY "x>");
}

static void
test_any_output_is_one_argument(void)
{
    g_autoptr(RunOf) run =
        run_of("<param name=\"v\" default=\"" NASTY_XML "\"/>"
               "<task id=\"a\"><exec>printf %s ${v}</exec></task>"
               "<task id=\"b\"><exec>printf &lt;%s> ${a} x${a}x</exec></task>",
               NULL);

    assert_said(run, "b", "<" NASTY "><x" NASTY "x>");
}

static void
test_trailing_newlines_of_an_output_are_removed(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>printf '\\n\\none\\n\\ntwo \\n\\n\\n'</exec></task>"
               "<task id=\"n\"><exec>printf '\\n\\n'</exec></task>"
               "<task id=\"e\"><exec>true</exec></task>"
               "<task id=\"b\"><exec>printf [%s] ${a} ${n} ${e} -${e}-</exec></task>",
               NULL);

    assert_said(run, "b", "[\n\none\n\ntwo ][][][--]");
}

static void
test_only_standard_output_is_passed_on(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>sh -c 'echo out; echo err >&amp;2'</exec></task>"
               "<task id=\"b\"><exec>printf %s ${a}</exec></task>",
               NULL);

    g_assert_nonnull(strstr(run_of_said(run, "a"), "out\n"));
    g_assert_nonnull(strstr(run_of_said(run, "a"), "err\n"));
    assert_said(run, "b", "out");
}

static void
test_standard_input_is_an_output_byte_for_byte(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>printf 'a\\0b\\377\\n\\n'</exec></task>"
               "<task id=\"b\"><exec stdin=\"a\">od -An -tx1</exec></task>"
               "<task id=\"c\"><exec stdin=\"a\">wc -c</exec></task>"
               "<task id=\"e\"><exec>true</exec></task>"
               "<task id=\"f\"><exec stdin=\"e\">wc -c</exec></task>",
               NULL);

    assert_said(run, "b", " 61 00 62 ff 0a 0a\n");
    assert_said(run, "c", "6\n");
    assert_said(run, "f", "0\n");
}

static void
test_without_one_standard_input_is_empty(void)
{
    assert_says("<exec>wc -c</exec>", "0\n");
}

static void
test_a_nul_byte_cannot_be_an_argument(void)
{
    static const char reason[] = "the output of \"a\" holds a NUL byte, so it cannot be an "
                                 "argument; read it with stdin=\"a\"";
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>printf 'a\\0b'</exec></task>"
               "<task id=\"b\"><exec>echo ${a}</exec></task>"
               "<task id=\"c\"><env name=\"X\" value=\"${a}\"/><exec>true</exec></task>"
               "<task id=\"d\" dir=\"${a}\"><exec>true</exec></task>",
               &(RunOptions){.keep_going = true});

    assert_failed(run, "b", reason);
    assert_failed(run, "c", reason);
    assert_failed(run, "d", reason);
}

static void
test_variables_are_added_to_the_environment(void)
{
    g_setenv("TEST_OF_DAGRUN_KEPT", "kept", TRUE);
    g_setenv("TEST_OF_DAGRUN_REPLACED", "old", TRUE);

    g_autoptr(RunOf) run =
        run_of("<param name=\"v\" default=\"" NASTY_XML "\"/>"
               "<task id=\"a\"><exec>echo said</exec></task>"
               "<task id=\"b\">"
               "<env name=\"TEST_OF_DAGRUN_REPLACED\" value=\"new\"/>"
               "<env name=\"X\" value=\"${v}|${a}|$${a}\"/>"
               "<env name=\"EMPTY\" value=\"\"/>"
               "<exec>printenv TEST_OF_DAGRUN_KEPT TEST_OF_DAGRUN_REPLACED X EMPTY</exec>"
               "</task>"
               "<task id=\"c\"><exec>printenv TEST_OF_DAGRUN_REPLACED</exec></task>",
               NULL);

    assert_said(run, "b", "kept\nnew\n" NASTY "|said|${a}\n\n");
    assert_said(run, "c", "old\n");
}

static void
test_parameters_are_no_variables_of_programs(void)
{
    g_autoptr(RunOf) run =
        run_of("<param name=\"dagrun_test_p\" default=\"x\"/>"
               "<task id=\"a\"><exec>printenv dagrun_test_p</exec></task>",
               NULL);

    assert_failed(run, "a", "exit status 1");
}

static void
test_ten_megabytes_pass_through(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>head -c 10000000 /dev/zero</exec></task>"
               "<task id=\"b\"><exec stdin=\"a\">cat</exec></task>"
               "<task id=\"c\"><exec stdin=\"b\">wc -c</exec></task>"
               "<task id=\"d\"><exec stdin=\"a\">true</exec></task>",
               NULL);
    GBytes *said = g_hash_table_lookup(run->said, "b");

    assert_succeeded(run);
    assert_said(run, "c", "10000000\n");
    g_assert_cmpuint(g_bytes_get_size(said), ==, 10000000);
}

static void
test_outputs_pass_without_an_observer(void)
{
    g_autoptr(RunOf) run = run_of("<task id=\"a\"><exec>seq 100000</exec></task>"
                                  "<task id=\"b\"><exec stdin=\"a\">wc -c</exec></task>"
                                  "<task id=\"c\"><exec>test ${b} = 588895</exec></task>"
                                  "<task id=\"d\"><exec>seq 100000</exec></task>",
                                  &(RunOptions){.unobserved = true});

    assert_succeeded(run);
    g_assert_cmpuint(g_hash_table_size(run->said), ==, 0);
}

static void
test_an_argument_that_is_too_long_is_reported(void)
{
    g_autoptr(RunOf) run = run_of("<task id=\"a\"><exec>seq 100000</exec></task>"
                                  "<task id=\"b\"><exec>echo ${a}</exec></task>",
                                  NULL);

    assert_failed(run, "b",
                  "cannot run \"echo\": its argument 1 has 588894 bytes, and the kernel "
                  "accepts no more "
                  "than 128 KiB; pass it with stdin or as a file");
}

static void
test_a_program_leads_a_process_group(void)
{
    assert_says(
        "<exec>sh -c 'read a b c d e f &lt;/proc/$$/stat; test $e = $$ &amp;&amp; echo "
        "leads'</exec>",
        "leads\n");
}

static void
test_a_program_has_three_descriptors(void)
{
    /* Descriptors inherited by the test do not count; ls opens a fourth one to list them. */
    g_assert_cmpint(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), ==, 0);

    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>echo x</exec></task>"
               "<task id=\"b\"><exec stdin=\"a\">ls /proc/self/fd</exec></task>"
               "<task id=\"c\" needs=\"a\"><exec>ls /proc/self/fd</exec></task>",
               NULL);

    assert_said(run, "b", "0\n1\n2\n3\n");
    assert_said(run, "c", "0\n1\n2\n3\n");
}

static void
test_commands_are_described_as_shell_text(void)
{
    g_autoptr(RunOf) run = run_of(
        "<param name=\"p\" default=\"a b\"/>"
        "<task id=\"a\"><exec>echo one</exec></task>"
        "<task id=\"b\"><exec stdin=\"a\">printf ${p}  '' x${a} it\\'s</exec></task>",
        NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    dag_graph_describe_task(run->graph, dag_graph_find(run->graph, "b"), text);
    g_assert_cmpstr(text->str, ==, "printf 'a b' '' x${a} 'it'\\''s' < ${a}");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/a-program-runs-with-its-arguments",
                    test_a_program_runs_with_its_arguments);
    g_test_add_func("/exec/the-exit-status-is-the-reason",
                    test_the_exit_status_is_the_reason);
    g_test_add_func("/exec/a-lost-exit-status-is-not-a-success",
                    test_a_lost_exit_status_is_not_a_success);
    g_test_add_func("/exec/the-signal-is-the-reason", test_the_signal_is_the_reason);
    g_test_add_func("/exec/signals-that-dagrun-blocks-or-ignores-reach-programs",
                    test_signals_that_dagrun_blocks_or_ignores_reach_programs);
    g_test_add_func("/exec/a-missing-program-is-reported",
                    test_a_missing_program_is_reported);
    g_test_add_func("/exec/a-script-needs-an-existing-interpreter",
                    test_a_script_needs_an_existing_interpreter);
    g_test_add_func("/exec/programs-run-in-the-directory-of-the-graph",
                    test_programs_run_in_the_directory_of_the_graph);
    g_test_add_func("/exec/a-missing-directory-is-reported",
                    test_a_missing_directory_is_reported);
    g_test_add_func("/exec/any-value-is-one-argument", test_any_value_is_one_argument);
    g_test_add_func("/exec/any-output-is-one-argument", test_any_output_is_one_argument);
    g_test_add_func("/exec/trailing-newlines-of-an-output-are-removed",
                    test_trailing_newlines_of_an_output_are_removed);
    g_test_add_func("/exec/only-standard-output-is-passed-on",
                    test_only_standard_output_is_passed_on);
    g_test_add_func("/exec/standard-input-is-an-output-byte-for-byte",
                    test_standard_input_is_an_output_byte_for_byte);
    g_test_add_func("/exec/without-one-standard-input-is-empty",
                    test_without_one_standard_input_is_empty);
    g_test_add_func("/exec/a-nul-byte-cannot-be-an-argument",
                    test_a_nul_byte_cannot_be_an_argument);
    g_test_add_func("/exec/variables-are-added-to-the-environment",
                    test_variables_are_added_to_the_environment);
    g_test_add_func("/exec/parameters-are-no-variables-of-programs",
                    test_parameters_are_no_variables_of_programs);
    g_test_add_func("/exec/ten-megabytes-pass-through", test_ten_megabytes_pass_through);
    g_test_add_func("/exec/outputs-pass-without-an-observer",
                    test_outputs_pass_without_an_observer);
    g_test_add_func("/exec/an-argument-that-is-too-long-is-reported",
                    test_an_argument_that_is_too_long_is_reported);
    g_test_add_func("/exec/a-program-leads-a-process-group",
                    test_a_program_leads_a_process_group);
    g_test_add_func("/exec/a-program-has-three-descriptors",
                    test_a_program_has_three_descriptors);
    g_test_add_func("/exec/commands-are-described-as-shell-text",
                    test_commands_are_described_as_shell_text);
    return g_test_run();
}
