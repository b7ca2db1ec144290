/* SPDX-License-Identifier: MIT */
/*
 * Write the graph of a case as XML, and dagrun's command line.
 */
#include "soak.h"

static void
add_attribute(GString *xml, const char *name, const char *value)
{
    g_autofree char *escaped = g_markup_escape_text(value, -1);

    g_string_append_printf(xml, " %s=\"%s\"", name, escaped);
}

static void
add_duration(GString *xml, const char *name, int64_t ns)
{
    g_string_append_printf(xml, " %s=\"%" G_GINT64_FORMAT "us\"", name, ns / 1000);
}

static void
add_codes(GString *xml, const char *name, const DagCodes *codes)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (int code = 0; code < 256; code++)
        if (dag_codes_has(codes, code))
            g_string_append_printf(list, "%s%d", list->len > 0 ? " " : "", code);
    add_attribute(xml, name, list->str);
}

static void
add_policy(GString *xml, const DagPolicy *policy)
{
    if (policy->timeout_ns > 0)
        add_duration(xml, "timeout", policy->timeout_ns);
    if (policy->retries != 0)
        g_string_append_printf(xml, " retries=\"%d\"", MAX(policy->retries, 0));
    add_duration(xml, "retry-delay", MAX(policy->retry_delay_ns, 0));
    if (policy->limits_retries)
        add_codes(xml, "retry-on", &policy->retry_on);
    if (policy->limits_success)
        add_codes(xml, "expect", &policy->expect);
    if (policy->allow_failure)
        add_attribute(xml, "allow-failure", "true");
    if (policy->always)
        add_attribute(xml, "always", "1");
}

static void
add_variable(GString *xml, const char *name, const char *value)
{
    g_string_append_printf(xml, "    <env name=\"%s\" value=\"%s\"/>\n", name, value);
}

static void
add_number(GString *xml, const char *name, int value)
{
    g_autofree char *text = g_strdup_printf("%d", value);

    add_variable(xml, name, text);
}

static void
add_variables(GString *xml, const Case *c, uint32_t number)
{
    const SoakTask *task = &c->tasks[number];
    g_autofree char *name = g_strdup_printf("t%u", number);

    add_variable(xml, "ME", name);
    add_number(xml, "CODE", task->code);
    if (task->chore->is_fickle) {
        add_number(xml, "BAD", (int)task->n_bad);
        add_variable(xml, "MUTE", task->mute ? "1" : "");
    }
    if (task->source != NO_TASK) {
        g_autofree char *source = g_strdup_printf("t%u", task->source);
        int least, most;

        case_lines(c, number, &least, &most);
        add_variable(xml, "SOURCE", source);
        add_number(xml, "LEAST", least);
        add_number(xml, "MOST", most);
    }
}

static void
add_chore(GString *xml, const SoakTask *task)
{
    static const char *const names[] = {
        [ELEMENT_NOOP] = "noop", [ELEMENT_SLEEP] = "sleep", [ELEMENT_SPIN] = "spin",
        [ELEMENT_EXEC] = "exec", [ELEMENT_SHELL] = "shell",
    };
    const Chore *chore = task->chore;
    g_autofree char *text =
        chore->text ? g_markup_escape_text(chore->text, -1) : g_strdup("");

    if (chore->element == ELEMENT_NONE)
        return;
    g_string_append_printf(xml, "    <%s", names[chore->element]);
    if (chore->source == SOURCE_INPUT)
        g_string_append_printf(xml, " stdin=\"t%u\"", task->source);
    if (chore->source == SOURCE_ARGUMENT)
        g_string_append_printf(xml, ">sh -c '%s' sh ${t%u}</exec>\n", text, task->source);
    else if (chore->element >= ELEMENT_EXEC)
        g_string_append_printf(xml, ">%s</%s>\n", text, names[chore->element]);
    else if (chore->text)
        g_string_append_printf(xml, " duration=\"%s\"/>\n", text);
    else
        g_string_append(xml, "/>\n");
}

static void
add_task(GString *xml, const Case *c, uint32_t number)
{
    const RandomGraph *random = c->random;
    g_autoptr(GString) needs = g_string_new(NULL);

    for (guint i = 0; i < random->needs[number]->len; i++)
        g_string_append_printf(needs, "t%u ",
                               g_array_index(random->needs[number], uint32_t, i));
    g_string_append_printf(xml, "  <task id=\"t%u\"", number);
    if (needs->len > 0)
        add_attribute(xml, "needs", needs->str);
    if (random->excluded[number])
        add_attribute(xml, "when", "$no");
    if (random->priorities[number] != 0)
        g_string_append_printf(xml, " priority=\"%d\"", random->priorities[number]);
    if (random->uses[number])
        add_attribute(xml, "uses", random->uses[number]);
    add_policy(xml, &c->tasks[number].policy);
    g_string_append_printf(xml, "> <!-- %s -->\n", c->tasks[number].chore->name);
    add_variables(xml, c, number);
    add_chore(xml, &c->tasks[number]);
    g_string_append(xml, "  </task>\n");
}

char *
case_xml(const Case *c)
{
    GString *xml =
        g_string_new("<graph xmlns=\"urn:dagrun:graph:1\" name=\"soak\">\n"
                     "  <param name=\"no\" type=\"boolean\" default=\"false\"/>\n");

    for (uint32_t pool = 0; pool < c->random->n_pools; pool++)
        g_string_append_printf(xml, "  <pool name=\"p%u\" slots=\"%u\"/>\n", pool,
                               c->random->slots[pool]);
    for (uint32_t i = 0; i < c->random->n; i++)
        add_task(xml, c, c->random->declared[i]);
    g_string_append(xml, "</graph>\n");
    return g_string_free(xml, FALSE);
}

static void
add(GPtrArray *words, const char *word)
{
    g_ptr_array_add(words, g_strdup(word));
}

static void
add_option(GPtrArray *words, const char *option, uint64_t value, const char *unit)
{
    g_ptr_array_add(words,
                    g_strdup_printf("%s=%" G_GUINT64_FORMAT "%s", option, value, unit));
}

char **
case_arguments(const Case *c, const char *program)
{
    GPtrArray *words = g_ptr_array_new();

    add(words, program);
    add(words, "graph.xml");
    add(words, "--timings=timings.json");
    g_ptr_array_add(words, g_strdup_printf("--strategy=%s", c->strategy->name));
    g_ptr_array_add(words, g_strdup_printf("-j%u", c->n_workers));
    add_option(words, "--seed", c->seed, "");
    add_option(words, "--grace", (uint64_t)c->grace_ns / 1000, "us");
    if (c->strategy->solve)
        add_option(words, "--budget", 5, "ms");
    if (c->timeout_ns > 0)
        add_option(words, "--timeout", (uint64_t)c->timeout_ns / 1000, "us");
    if (c->retries > 0)
        add_option(words, "--retries", c->retries, "");
    if (c->keep_going)
        add(words, "-k");
    if (c->verbosity)
        add(words, c->verbosity);
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}
