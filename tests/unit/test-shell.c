/* SPDX-License-Identifier: MIT */
/*
 * <shell>: scripts get values as variables and outputs as files.
 */
#include <string.h>

#include "run-of.h"

static void
test_a_script_is_run_by_sh(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><shell>\n"
               "  for x in 1 2 3; do printf '%s ' \"$x\"; done | tr ' ' -\n"
               "  case $0 in */sh) echo; esac\n"
               "</shell></task>",
               NULL);

    assert_said(run, "a", "1-2-3-\n");
}

static void
test_the_first_command_that_fails_ends_a_script(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><shell>echo one; (exit 7); echo two</shell></task>", NULL);

    assert_failed(run, "a", "exit status 7");
    g_assert_cmpstr(run_of_said(run, "a"), ==, "one\n");
}

static void
test_parameters_are_variables_that_nothing_parses(void)
{
    static const DagSetting setting = {
        .name = "v", .value = "'; touch gone; $(touch gone) `touch gone` \" \n *"};
    g_autoptr(RunOf) run =
        run_of("<param name=\"v\"/><param name=\"flag\" type=\"boolean\" "
               "default=\"1\"/>"
               "<task id=\"a\"><shell>printf '[%s]' \"$v\" \"$flag\"</shell></task>"
               "<task id=\"b\" needs=\"a\"><shell>test ! -e gone</shell></task>",
               &(RunOptions){.setting = &setting});

    assert_succeeded(run);
    assert_said(run, "a", "['; touch gone; $(touch gone) `touch gone` \" \n *][true]");
}

static void
test_the_text_is_never_substituted(void)
{
    g_autoptr(RunOf) run =
        run_of("<param name=\"p\" default=\"value\"/>"
               "<task id=\"t\"/>"
               "<task id=\"a\"><shell>q=mine; echo \"${p} ${q} ${t:-none} "
               "$${p}\" | sed 's/[0-9]*{/{/'</shell></task>",
               NULL);

    assert_said(run, "a", "value mine none {p}\n");
}

static void
test_outputs_are_files_named_by_variables(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>printf 'one\\0\\n\\n'</exec></task>"
               "<task id=\"b-2.x\"><exec>seq 3</exec></task>"
               "<task id=\"empty\"><exec>true</exec></task>"
               "<task id=\"none\"/>"
               "<task id=\"c\" needs=\"a b-2.x empty none\"><shell stdin=\"b-2.x\">\n"
               "  wc -c &lt;\"$a\"; cat \"$b_2_x\"; cat \"$b_2_x\" | head -n 1\n"
               "  wc -c &lt;\"$empty\"; wc -c &lt;\"$none\"; tail -n 1\n"
               "</shell></task>",
               NULL);

    assert_said(run, "c", "6\n1\n2\n3\n1\n0\n0\n3\n");
}

static void
test_children_of_a_script_can_read_the_files_too(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"a\"><exec>echo deep</exec></task>"
               "<task id=\"b\" needs=\"a\"><shell>sh -c 'sh -c \"cat $a\"'; test -f "
               "\"$a\"</shell></task>",
               NULL);

    assert_said(run, "b", "deep\n");
}

/* Assert the reason for which `c` fails after `b` has run the script, and that of `d`. */
static void
assert_is_noticed(const char *script, const char *reason)
{
    g_autofree char *text =
        g_strdup_printf("<task id=\"a\"><exec>echo original</exec></task>"
                        "<task id=\"b\" needs=\"a\"><shell>%s</shell></task>"
                        "<task id=\"c\" needs=\"a b\"><shell>cat \"$a\"</shell></task>"
                        "<task id=\"d\" needs=\"b\"><exec stdin=\"a\">cat</exec></task>"
                        "<task id=\"e\" needs=\"b\"><exec>echo ${a}</exec></task>",
                        script);
    g_autoptr(RunOf) run = run_of(text, &(RunOptions){.keep_going = true});

    assert_said(run, "b", "");
    assert_failed(run, "c", reason);
    assert_failed(run, "d", reason);
    assert_failed(run, "e", reason);
}

static void
test_an_altered_output_is_noticed(void)
{
    const char *altered =
        "the file with the output of \"a\" was altered by a task; change a copy of it";
    const char *moved =
        "the file with the output of \"a\" was moved or removed by a task; copy it instead";

    assert_is_noticed("echo forged &gt;\"$a\"", altered);
    assert_is_noticed("echo more &gt;&gt;\"$a\"", altered);
    assert_is_noticed("sed -i s/o/O/ \"$a\"", altered);
    assert_is_noticed("mv \"$a\" x", moved);
    assert_is_noticed("rm \"$a\"", moved);
    assert_is_noticed("rm \"$a\"; ln -s /etc/passwd \"$a\"", moved);
    assert_is_noticed("rm \"$a\"; mkfifo \"$a\"", altered);
}

static void
test_only_direct_predecessors_are_variables(void)
{
    g_autoptr(RunOf) run =
        run_of("<task id=\"far\"><exec>echo far</exec></task>"
               "<task id=\"near\" needs=\"far\"><exec>echo near</exec></task>"
               "<task id=\"a\" needs=\"near\"><shell>echo ${far-unset}; cat "
               "\"$near\"</shell></task>",
               NULL);

    assert_said(run, "a", "unset\nnear\n");
}

static void
test_an_excluded_task_has_an_empty_output(void)
{
    g_autoptr(RunOf) run =
        run_of("<param name=\"no\" type=\"boolean\" default=\"false\"/>"
               "<task id=\"out\" when=\"$no\"><exec>echo out</exec></task>"
               "<task id=\"a\" needs=\"out\"><shell stdin=\"out\">wc -c; wc -c "
               "&lt;\"$out\"</shell></task>",
               NULL);

    assert_said(run, "a", "0\n0\n");
}

static void
test_a_variable_of_the_task_comes_before_a_parameter(void)
{
    g_autoptr(RunOf) run =
        run_of("<param name=\"y\" default=\"parameter\"/><param name=\"z\" "
               "default=\"parameter\"/>"
               "<task id=\"a\"><env name=\"z\" value=\"own\"/>"
               "<shell>echo $y $z</shell></task>",
               NULL);

    assert_said(run, "a", "parameter own\n");
}

static void
test_many_can_read_one_output_at_once(void)
{
    g_autoptr(GString) text = g_string_new("<task id=\"a\"><exec>seq 100000</exec></task>");
    g_autofree char *expected = NULL;

    for (int i = 0; i < 20; i++)
        g_string_append_printf(
            text, "<task id=\"b%d\" needs=\"a\"><shell %s>cksum %s</shell></task>", i,
            i % 2 ? "stdin=\"a\"" : "", i % 2 ? "" : "&lt;\"$a\"");

    g_autoptr(RunOf) run = run_of(text->str, &(RunOptions){.n_workers = 4});

    assert_succeeded(run);
    expected = g_strdup(run_of_said(run, "b0"));
    for (int i = 1; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("b%d", i);

        g_assert_cmpstr(run_of_said(run, name), ==, expected);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shell/a-script-is-run-by-sh", test_a_script_is_run_by_sh);
    g_test_add_func("/shell/the-first-command-that-fails-ends-a-script",
                    test_the_first_command_that_fails_ends_a_script);
    g_test_add_func("/shell/parameters-are-variables-that-nothing-parses",
                    test_parameters_are_variables_that_nothing_parses);
    g_test_add_func("/shell/the-text-is-never-substituted",
                    test_the_text_is_never_substituted);
    g_test_add_func("/shell/outputs-are-files-named-by-variables",
                    test_outputs_are_files_named_by_variables);
    g_test_add_func("/shell/children-of-a-script-can-read-the-files-too",
                    test_children_of_a_script_can_read_the_files_too);
    g_test_add_func("/shell/an-altered-output-is-noticed",
                    test_an_altered_output_is_noticed);
    g_test_add_func("/shell/only-direct-predecessors-are-variables",
                    test_only_direct_predecessors_are_variables);
    g_test_add_func("/shell/an-excluded-task-has-an-empty-output",
                    test_an_excluded_task_has_an_empty_output);
    g_test_add_func("/shell/a-variable-of-the-task-comes-before-a-parameter",
                    test_a_variable_of_the_task_comes_before_a_parameter);
    g_test_add_func("/shell/many-can-read-one-output-at-once",
                    test_many_can_read_one_output_at_once);
    return g_test_run();
}
