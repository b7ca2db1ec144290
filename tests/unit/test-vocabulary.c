/* SPDX-License-Identifier: MIT */
/*
 * The schema defines the format; the tables of the loader and of the kinds repeat it.  Both are
 * converted to the same notation here and compared:
 *
 *     param in graph tasks: choices default name! secret title type        (!: required)
 */
#include "load/vocabulary.h"

#include <dagrun/load.h>
#include <dagrun/strategy.h>
#include <dagrun/tasks.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <string.h>

static bool
is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* Returns: an attribute without the prefix "d:", or NULL; free with g_free(). */
static char *
get(xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetProp(node, BAD_CAST name);
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    if (copy && g_str_has_prefix(copy, "d:"))
        memmove(copy, copy + 2, strlen(copy) - 1);
    return copy;
}

static int
compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sort, join and free the words.  Returns: the words separated by `between`. */
static char *
join(GPtrArray *words, const char *between)
{
    char *text;

    g_ptr_array_sort(words, compare);
    g_ptr_array_add(words, NULL);
    text = g_strjoinv(between, (char **)words->pdata);
    g_ptr_array_unref(words);
    return text;
}

static GPtrArray *
words_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

/* Returns: the top-level declaration `kind` (element, complexType, group) named `name`. */
static xmlNode *
find(xmlNode *schema, const char *kind, const char *name)
{
    for (xmlNode *node = schema->children; node; node = node->next) {
        g_autofree char *own = is(node, kind) ? get(node, "name") : NULL;

        if (own && strcmp(own, name) == 0)
            return node;
    }
    g_error("the schema has no %s \"%s\"", kind, name);
}

/* Add "name" or "name!" of each attribute below `node`. */
static void
add_attributes(xmlNode *node, GPtrArray *words)
{
    for (xmlNode *child = node->children; child; child = child->next) {
        g_autofree char *name = is(child, "attribute") ? get(child, "name") : NULL;
        g_autofree char *use = name ? get(child, "use") : NULL;

        if (name)
            g_ptr_array_add(
                words, g_strconcat(name, g_strcmp0(use, "required") == 0 ? "!" : "", NULL));
        add_attributes(child, words);
    }
}

/* Returns: whether the content below `node` refers to the element, directly or through a group. */
static bool
may_hold(xmlNode *schema, xmlNode *node, const char *element)
{
    for (xmlNode *child = node->children; child; child = child->next) {
        g_autofree char *reference =
            child->type == XML_ELEMENT_NODE ? get(child, "ref") : NULL;

        if (reference && is(child, "element") && strcmp(reference, element) == 0)
            return true;
        if (reference && is(child, "group") &&
            may_hold(schema, find(schema, "group", reference), element))
            return true;
        if (may_hold(schema, child, element))
            return true;
    }
    return false;
}

/* Returns: the names of the elements that may contain `element`, sorted. */
static char *
parents_in_schema(xmlNode *schema, const char *element)
{
    GPtrArray *words = words_new();

    for (xmlNode *node = schema->children; node; node = node->next) {
        g_autofree char *name = is(node, "element") ? get(node, "name") : NULL;
        g_autofree char *type = name ? get(node, "type") : NULL;

        if (type && may_hold(schema, find(schema, "complexType", type), element))
            g_ptr_array_add(words, g_steal_pointer(&name));
    }
    return join(words, " ");
}

/* Returns: a line per element that is not a kind (or: that is one), sorted. */
static char *
describe_schema(xmlNode *schema, bool kinds)
{
    GPtrArray *lines = words_new();

    for (xmlNode *node = schema->children; node; node = node->next) {
        g_autofree char *name = is(node, "element") ? get(node, "name") : NULL;
        g_autofree char *type = name ? get(node, "type") : NULL;
        g_autofree char *group = name ? get(node, "substitutionGroup") : NULL;
        GPtrArray *words;

        if (!type || kinds != (g_strcmp0(group, "kind") == 0))
            continue;
        words = words_new();
        add_attributes(find(schema, "complexType", type), words);

        g_autofree char *attributes = join(words, " ");
        g_autofree char *parents = parents_in_schema(schema, kinds ? "kind" : name);

        g_ptr_array_add(lines, g_strdup_printf("%s in %s: %s", name, parents, attributes));
    }
    return join(lines, "\n");
}

/* Add "name" or "name!" of each attribute. */
static void
add_typed(GPtrArray *words, const DagAttribute *attributes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        g_ptr_array_add(words, g_strconcat(attributes[i].name,
                                           attributes[i].required ? "!" : "", NULL));
}

/* Add the parent to the line of an element with the same attributes.  Return false if there is none. */
static bool
merge_line(GPtrArray *lines, const char *name, const char *parent, const char *attributes)
{
    g_autofree char *begin = g_strdup_printf("%s in ", name);
    g_autofree char *end = g_strdup_printf(": %s", attributes);

    for (guint i = 0; i < lines->len; i++) {
        char *line = lines->pdata[i];

        if (!g_str_has_prefix(line, begin) || !g_str_has_suffix(line, end))
            continue;

        g_autofree char *others =
            g_strndup(line + strlen(begin), strlen(line) - strlen(begin) - strlen(end));
        g_auto(GStrv) words = g_strsplit(others, " ", -1);
        GPtrArray *parents = words_new();

        for (char **word = words; *word; word++)
            g_ptr_array_add(parents, g_strdup(*word));
        g_ptr_array_add(parents, g_strdup(parent));

        g_autofree char *all = join(parents, " ");

        lines->pdata[i] = g_strconcat(begin, all, end, NULL);
        g_free(line);
        return true;
    }
    return false;
}

/* Add a line for the element of a kind, and one for each element in it. */
static void
add_element(GPtrArray *lines, const DagElementType *type, const char *parent)
{
    GPtrArray *words = words_new();

    add_typed(words, type->attributes, type->n_attributes);

    g_autofree char *attributes = join(words, " ");

    if (!merge_line(lines, type->name, parent, attributes))
        g_ptr_array_add(lines,
                        g_strdup_printf("%s in %s: %s", type->name, parent, attributes));
    for (size_t i = 0; i < type->n_children; i++)
        add_element(lines, &type->children[i], type->name);
}

/* Add the lines of elements that kinds declare beside tasks and within their own. */
static void
add_elements_of_kinds(GPtrArray *lines, const DagKind *const *kinds)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new(NULL, NULL); /* kinds share declarations */

    for (; *kinds; kinds++) {
        const DagDeclarationType *const *type = (*kinds)->declarations;

        for (size_t i = 0; i < (*kinds)->n_children; i++)
            add_element(lines, &(*kinds)->children[i], (*kinds)->name);
        for (; type && *type; type++)
            if (g_hash_table_add(seen, (gpointer)*type))
                add_element(lines, &(*type)->element, "graph tasks");
    }
}

static void
add_rule(GPtrArray *lines, const DagElementRule *rule, const DagKind *const *kinds)
{
    GPtrArray *parents = words_new(), *attributes = words_new();

    for (int parent = ELEMENT_GRAPH; parent < N_ELEMENT_KINDS; parent++)
        if (rule->parents & (1U << parent))
            g_ptr_array_add(parents, g_strdup(dag__elements[parent].name));
    for (size_t i = 0; i < rule->n_attributes; i++)
        g_ptr_array_add(attributes,
                        g_strconcat(rule->attributes[i].name,
                                    rule->attributes[i].required ? "!" : "", NULL));
    for (; rule == &dag__elements[ELEMENT_TASK] && *kinds; kinds++)
        add_typed(attributes, (*kinds)->task_attributes, (*kinds)->n_task_attributes);

    g_autofree char *parent_names = join(parents, " ");
    g_autofree char *attribute_names = join(attributes, " ");

    g_ptr_array_add(
        lines, g_strdup_printf("%s in %s: %s", rule->name, parent_names, attribute_names));
}

static char *
describe_tables(const DagKind *const *kinds)
{
    GPtrArray *lines = words_new();

    for (int kind = ELEMENT_GRAPH; kind < ELEMENT_INCLUDE; kind++)
        add_rule(lines, &dag__elements[kind], kinds);
    add_elements_of_kinds(lines, kinds);
    return join(lines, "\n");
}

static char *
describe_kinds(const DagKind *const *kinds)
{
    GPtrArray *lines = words_new();

    for (; *kinds; kinds++) {
        DagElementType type = {.name = (*kinds)->name,
                               .attributes = (*kinds)->attributes,
                               .n_attributes = (*kinds)->n_attributes};

        add_element(lines, &type, "task");
    }
    return join(lines, "\n");
}

static xmlDoc *
parse_schema(void)
{
    xmlDoc *document = xmlReadDoc(BAD_CAST dag_schema(), NULL, NULL, XML_PARSE_NONET);

    g_assert_nonnull(document);
    return document;
}

static void
test_elements_and_attributes_are_those_of_the_schema(void)
{
    xmlDoc *document = parse_schema();
    g_autofree char *expected = describe_schema(xmlDocGetRootElement(document), false);
    g_autofree char *got = describe_tables(dag_tasks_kinds());

    g_assert_cmpstr(got, ==, expected);
    g_assert_nonnull(
        strstr(expected, "param in graph tasks: choices default name! secret title type"));
    xmlFreeDoc(document);
}

static void
test_kinds_are_those_of_the_schema(void)
{
    xmlDoc *document = parse_schema();
    g_autofree char *expected = describe_schema(xmlDocGetRootElement(document), true);
    g_autofree char *got = describe_kinds(dag_tasks_kinds());

    g_assert_cmpstr(got, ==, expected);
    g_assert_nonnull(strstr(expected, "sleep in task: duration!"));
    xmlFreeDoc(document);
}

/* Return `text` with `insertion` before the first `anchor`; frees `text`. */
static char *
insert_before(char *text, const char *anchor, const char *insertion)
{
    const char *at = strstr(text, anchor);
    char *longer;

    g_assert_nonnull(at);
    longer = g_strdup_printf("%.*s%s%s", (int)(at - text), text, insertion, at);
    g_free(text);
    return longer;
}

/* Return the schema with a kind that has all that a kind can have. */
static xmlDoc *
rich_schema(void)
{
    g_autofree char *text = g_strdup(dag_schema());

    text = insert_before(text, "</xs:schema>",
                         "<xs:element name=\"fetch\" type=\"d:fetch\""
                         " substitutionGroup=\"d:kind\"/>"
                         "<xs:complexType name=\"fetch\"><xs:sequence>"
                         "<xs:element ref=\"d:heading\"/></xs:sequence>"
                         "<xs:attribute name=\"url\" use=\"required\"/></xs:complexType>"
                         "<xs:element name=\"heading\" type=\"d:heading\"/>"
                         "<xs:complexType name=\"heading\">"
                         "<xs:attribute name=\"value\"/></xs:complexType>"
                         "<xs:element name=\"account\" type=\"d:account\"/>"
                         "<xs:complexType name=\"account\">"
                         "<xs:attribute name=\"name\" use=\"required\"/></xs:complexType>");
    text = insert_before(text, "<xs:element ref=\"d:task\"/>",
                         "<xs:element ref=\"d:account\"/>");
    text = insert_before(text, "<xs:attribute name=\"needs\"",
                         "<xs:attribute name=\"model\"/>");

    xmlDoc *document = xmlReadDoc(BAD_CAST text, NULL, NULL, XML_PARSE_NONET);

    g_assert_nonnull(document);
    return document;
}

static void
test_a_rich_kind_is_compared(void)
{
    static const DagAttribute url[] = {
        {.name = "url", .type = DAG_ATTRIBUTE_TEXT, .required = true}};
    static const DagAttribute value[] = {{.name = "value", .type = DAG_ATTRIBUTE_TEXT}};
    static const DagAttribute model[] = {{.name = "model", .type = DAG_ATTRIBUTE_TEXT}};
    static const DagAttribute name[] = {
        {.name = "name", .type = DAG_ATTRIBUTE_NAME, .required = true}};
    static const DagElementType header = {
        .name = "heading", .attributes = value, .n_attributes = 1};
    static const DagDeclarationType service = {
        .element = {.name = "account", .attributes = name, .n_attributes = 1}};
    static const DagDeclarationType *const declarations[] = {&service, NULL};
    static const DagKind fetch = {
        .name = "fetch",
        .attributes = url,
        .n_attributes = 1,
        .children = &header,
        .n_children = 1,
        .task_attributes = model,
        .n_task_attributes = 1,
        .declarations = declarations,
    };
    const DagKind *kinds[16] = {&fetch};
    const DagKind *const *own = dag_tasks_kinds();
    xmlDoc *document;

    for (size_t i = 0; own[i]; i++)
        kinds[i + 1] = own[i];
    document = rich_schema();

    xmlNode *root = xmlDocGetRootElement(document);
    g_autofree char *elements = describe_schema(root, false);
    g_autofree char *tables = describe_tables(kinds);
    g_autofree char *kinds_in_schema = describe_schema(root, true);

    g_assert_cmpstr(tables, ==, elements);
    g_assert_nonnull(strstr(tables, "heading in fetch: value\n"));
    g_assert_nonnull(strstr(tables, "account in graph tasks: name!\n"));
    g_assert_nonnull(strstr(tables, "id! inputs model needs"));
    g_assert_nonnull(strstr(kinds_in_schema, "fetch in task: url!"));
    xmlFreeDoc(document);
}

static void
test_the_namespace_is_that_of_the_schema(void)
{
    xmlDoc *document = parse_schema();
    g_autofree char *space = get(xmlDocGetRootElement(document), "targetNamespace");

    g_assert_cmpstr(space, ==, DAG__NAMESPACE);
    xmlFreeDoc(document);
}

/* Returns: whether the graph `document` is valid by the schema. */
static bool
is_valid(xmlSchema *schema, const char *document)
{
    xmlDoc *tree = xmlReadDoc(BAD_CAST document, NULL, NULL, XML_PARSE_NONET);
    xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(schema);
    int status;

    g_assert_nonnull(tree);
    xmlSchemaSetValidErrors(context, NULL, NULL, NULL);
    xmlSchemaSetValidStructuredErrors(context, NULL, NULL);
    status = xmlSchemaValidateDoc(context, tree);
    xmlSchemaFreeValidCtxt(context);
    xmlFreeDoc(tree);
    return status == 0;
}

static void
ignore(void *data, const xmlError *problem)
{
    (void)data;
    (void)problem;
}

/* Returns: whether loader and schema agree on `value` of the attribute `name`. */
static void
assert_agree(xmlSchema *schema, DagAttributeForm form, const char *pattern,
             const char *value)
{
    g_autofree char *escaped = g_markup_escape_text(value, -1);
    g_auto(GStrv) halves = g_strsplit(pattern, "@", 2);
    g_autofree char *document =
        g_strconcat("<graph xmlns=\"" DAG__NAMESPACE "\">", halves[0], escaped, halves[1],
                    "</graph>", NULL);
    g_autofree char *copy = g_strdup(value);
    DagFormValue parsed;
    g_autofree char *problem = dag__form_parse(form, copy, &parsed);

    if (is_valid(schema, document) != !problem)
        g_error("the schema %s %s, the loader: %s", problem ? "accepts" : "rejects",
                document, problem ? problem : "accepts");
}

/* (libxml2 reads decimals of up to 24 digits; the loader any.) */
static void
test_loader_and_schema_agree_on_values(void)
{
    static const struct {
        DagAttributeForm form;
        const char *pattern;
    } attributes[] = {
        {FORM_NAME, "<task id=\"@\"/>"},
        {FORM_NAMES, "<task id=\"a\" needs=\"@\"/>"},
        {FORM_DECIMAL, "<task id=\"a\" cost=\"@\"/>"},
        {FORM_INTEGER, "<task id=\"a\" priority=\"@\"/>"},
        {FORM_AGE, "<task id=\"a\" cache=\"@\"/>"},
        {FORM_TEXT, "<task id=\"a\" title=\"@\"/>"},
        {FORM_VERBATIM, "<task id=\"a\" dir=\"@\"/>"},
        {FORM_VERBATIM, "<task id=\"a\" when=\"@\"/>"},
        {FORM_VARIABLE, "<param name=\"@\"/>"},
        {FORM_WORDS, "<param name=\"p\" choices=\"@\"/>"},
        {FORM_RAW, "<param name=\"p\" default=\"@\"/>"},
    };
    static const char *const values[] = {
        "",       " ",         "a",           " a ",        "a b",
        " a  b ", "a\tb",      "1",           "01",         "-1",
        "+1",     "-0",        "0",           "1.5",        "1.",
        ".5",     ".",         "-",           "+",          "-.5",
        "1e5",    "0x1",       "2147483647",  "2147483648", "-2147483648",
        "INF",    "NaN",       "a-b",         "a.b",        "a:b",
        "_a",     "-a",        ".a",          "1a",         "é",
        "aé",     "a,b",       "$a",          "a/b",        "1 2",
        "--1",    "1.5.5",     "-2147483649", "a_1",        "A",
        "·a",     "a·",        "+0.0",        "1,5",        "a b c d",
        "१",      "−1",        "a&b",         "\u00a0",     "7d",
        "0d",     " forever ", "0.0s",        "0.50h",
    };
    xmlSchemaParserCtxt *parser =
        xmlSchemaNewMemParserCtxt(dag_schema(), (int)strlen(dag_schema()));
    xmlSchema *schema = xmlSchemaParse(parser);

    g_assert_nonnull(schema);
    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)(void (*)(void))ignore);
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(values); k++)
            assert_agree(schema, attributes[i].form, attributes[i].pattern, values[k]);
    xmlSetStructuredErrorFunc(NULL, NULL);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
}

static void
test_the_strategies_are_those_of_the_table(void)
{
    const DagStrategy *const *strategies = dag_strategies();
    size_t n = 0;

    for (; strategies[n]; n++)
        g_assert_cmpstr(dag__strategy_names[n], ==, strategies[n]->name);
    g_assert_null(dag__strategy_names[n]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vocabulary/elements-and-attributes-are-those-of-the-schema",
                    test_elements_and_attributes_are_those_of_the_schema);
    g_test_add_func("/vocabulary/kinds-are-those-of-the-schema",
                    test_kinds_are_those_of_the_schema);
    g_test_add_func("/vocabulary/a-rich-kind-is-compared", test_a_rich_kind_is_compared);
    g_test_add_func("/vocabulary/the-namespace-is-that-of-the-schema",
                    test_the_namespace_is_that_of_the_schema);
    g_test_add_func("/vocabulary/loader-and-schema-agree-on-values",
                    test_loader_and_schema_agree_on_values);
    g_test_add_func("/vocabulary/strategies", test_the_strategies_are_those_of_the_table);
    return g_test_run();
}
