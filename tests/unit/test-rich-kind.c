/* SPDX-License-Identifier: MIT */
/*
 * A kind that uses everything its tables offer: typed attributes, child elements, attributes of
 * <task>, and declarations beside the tasks.  From XML, and through the builder.
 */
#include <dagrun/error.h>
#include <dagrun/load.h>
#include <string.h>

#include "memory-file.h"

#define BEGIN "<graph xmlns=\"urn:dagrun:graph:1\">\n"
#define END   "</graph>\n"

typedef struct Service {
    const DagTemplate *url;
    int64_t max_size;
} Service;

static const DagAttribute service_attributes[] = {
    {.name = "name", .type = DAG_ATTRIBUTE_NAME, .required = true},
    {.name = "url", .type = DAG_ATTRIBUTE_TEMPLATE, .required = true},
    {.name = "max-size", .type = DAG_ATTRIBUTE_SIZE},
};

static void *
configure_service(DagElement *element, GError **error)
{
    Service *service = dag_element_alloc(element, sizeof(Service));

    service->url = dag_element_reference(element, "url");
    service->max_size = dag_element_size(element, "max-size", -1);
    if (service->max_size == 0)
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID, "nothing fits");
    return service;
}

static const DagDeclarationType service_type = {
    .element = {.name = "service",
                .attributes = service_attributes,
                .n_attributes = G_N_ELEMENTS(service_attributes)},
    .configure = configure_service,
};

static const DagDeclarationType *const declarations[] = {&service_type, NULL};

static const char *const methods[] = {"GET", "POST", "DELETE", NULL};

static const DagAttribute fetch_attributes[] = {
    {.name = "method", .type = DAG_ATTRIBUTE_CHOICE, .choices = methods},
    {.name = "service", .type = DAG_ATTRIBUTE_DECLARED, .of = "service"},
    {.name = "path", .type = DAG_ATTRIBUTE_TEMPLATE, .required = true},
    {.name = "limit", .type = DAG_ATTRIBUTE_SIZE},
    {.name = "ratio", .type = DAG_ATTRIBUTE_NUMBER, .min = 0, .max = 2},
    {.name = "offset", .type = DAG_ATTRIBUTE_NUMBER},
    {.name = "follow", .type = DAG_ATTRIBUTE_BOOLEAN},
    {.name = "tags", .type = DAG_ATTRIBUTE_WORDS},
    {.name = "note", .type = DAG_ATTRIBUTE_TEXT},
    {.name = "wait", .type = DAG_ATTRIBUTE_DURATION},
    {.name = "input", .type = DAG_ATTRIBUTE_TASK},
};

static const DagAttribute header_attributes[] = {
    {.name = "name", .type = DAG_ATTRIBUTE_TEXT, .required = true},
    {.name = "value", .type = DAG_ATTRIBUTE_TEMPLATE},
};

static const DagElementType tokens[] = {
    {.name = "token", .occurs = DAG_OCCURS_SOME, .text = DAG_TEXT_REQUIRED},
};

static const DagElementType fetch_children[] = {
    {.name = "header",
     .attributes = header_attributes,
     .n_attributes = G_N_ELEMENTS(header_attributes),
     .occurs = DAG_OCCURS_ANY},
    {.name = "body", .occurs = DAG_OCCURS_OPTIONAL, .text = DAG_TEXT_OPTIONAL},
    {.name = "auth", .children = tokens, .n_children = 1, .occurs = DAG_OCCURS_ONCE},
};

static const DagAttribute fetch_task_attributes[] = {
    {.name = "model", .type = DAG_ATTRIBUTE_TEXT},
};

typedef struct Fetch {
    int method;
    const DagDeclared *service;
    const DagTemplate *path;
    const DagTemplate *body;
    const DagTemplate *input;
    int64_t limit;
    int64_t wait_ns;
    double ratio;
    double offset;
    bool follow;
    const char *note;
    const char *model;
    const char *const *tags;
    size_t n_headers;
    const char *header;
    const DagTemplate *header_value;
    const char *token;
} Fetch;

static void *
configure_fetch(DagElement *element, GError **error)
{
    Fetch *fetch = dag_element_alloc(element, sizeof(Fetch));
    DagElement *body = dag_element_child(element, "body", 0);
    DagElement *auth = dag_element_child(element, "auth", 0);
    size_t n_tokens = dag_element_n_children(auth, "token");

    *fetch = (Fetch){
        .method = dag_element_choice(element, "method", 0),
        .service = dag_element_declared(element, "service"),
        .path = dag_element_reference(element, "path"),
        .input = dag_element_task(element, "input"),
        .limit = dag_element_size(element, "limit", -1),
        .wait_ns = dag_element_duration_ns(element, "wait"),
        .ratio = dag_element_number(element, "ratio", 1),
        .offset = dag_element_number(element, "offset", -1),
        .follow = dag_element_boolean(element, "follow", true),
        .note = dag_element_string(element, "note"),
        .model = dag_element_string(dag_element_of_task(element), "model"),
        .tags = dag_element_words(element, "tags"),
        .n_headers = dag_element_n_children(element, "header"),
        .token = dag_element_strdup(
            element, dag_element_text(dag_element_child(auth, "token", n_tokens - 1))),
    };
    if (fetch->n_headers > 0) {
        DagElement *last = dag_element_child(element, "header", fetch->n_headers - 1);

        fetch->header = dag_element_string(last, "name");
        fetch->header_value = dag_element_reference(last, "value");
    }
    if (body)
        fetch->body = dag_element_template(body, dag_element_text(body), error);
    return fetch;
}

static const DagKind fetch_kind = {
    .name = "fetch",
    .attributes = fetch_attributes,
    .n_attributes = G_N_ELEMENTS(fetch_attributes),
    .children = fetch_children,
    .n_children = G_N_ELEMENTS(fetch_children),
    .task_attributes = fetch_task_attributes,
    .n_task_attributes = G_N_ELEMENTS(fetch_task_attributes),
    .declarations = declarations,
    .configure = configure_fetch,
};

static const DagKind plain_kind = {.name = "plain"};

static const DagKind *const kinds[] = {&fetch_kind, &plain_kind, NULL};

static DagGraph *
load_with(const char *text, const DagKind *const *with, GError **error)
{
    MemoryFile file = memory_file_open(text, strlen(text));
    DagGraph *graph = dag_load_file(file.path, &(DagLoadOptions){.kinds = with}, error);

    memory_file_close(&file);
    return graph;
}

/* Assert the messages of an invalid graph, without the file's name. */
static void
assert_fails(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) got = g_string_new(NULL);

    g_assert_null(load_with(text, kinds, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);

    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

    for (char **line = lines; *line; line++) {
        const char *colon = strchr(*line, ':');

        g_string_append_printf(got, "%s%s", got->len > 0 ? "\n" : "",
                               **line == '/' ? colon + 1 : *line);
    }
    g_assert_cmpstr(got->str, ==, expected);
}

static void
test_everything_reaches_configure(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph = load_with(
        BEGIN
        "<param name=\"host\" default=\"example.org\"/>\n"
        "<task id=\"first\"/>\n"
        "<task id=\"second\" model=\" big one \">\n"
        "  <fetch method=\"POST\" service=\"api\" path=\"/${first}\" limit=\" 8MiB \"\n"
        "         ratio=\"1.5\" offset=\"-3\" follow=\"0\" tags=\" a  b \" note=\" x \"\n"
        "         wait=\"2s\" input=\"first\">\n"
        "    <header name=\"A\"/>\n"
        "    <body>\n  ${host}!\n</body>\n"
        "    <auth><token>t1</token><token>t2</token></auth>\n"
        "    <header name=\"B\" value=\"${first}\"/>\n"
        "  </fetch>\n"
        "</task>\n"
        "<tasks><service name=\"api\" url=\"https://${host}\" "
        "max-size=\"1.5kB\"/></tasks>\n" END,
        kinds, &error);

    g_assert_no_error(error);

    const Fetch *fetch = dag_graph_task_config(graph, 1);
    const Service *service = dag_declared_config(fetch->service);

    g_assert_cmpint(fetch->method, ==, 1);
    g_assert_cmpstr(dag_declared_name(fetch->service), ==, "api");
    g_assert_cmpstr(dag_template_constant(service->url), ==, "https://example.org");
    g_assert_cmpint(service->max_size, ==, 1500);
    g_assert_false(dag_template_is_constant(fetch->path));
    g_assert_cmpint(fetch->limit, ==, 8 << 20);
    g_assert_cmpfloat(fetch->ratio, ==, 1.5);
    g_assert_cmpfloat(fetch->offset, ==, -3);
    g_assert_false(fetch->follow);
    g_assert_cmpstr(fetch->tags[0], ==, "a");
    g_assert_cmpstr(fetch->tags[1], ==, "b");
    g_assert_null(fetch->tags[2]);
    g_assert_cmpstr(fetch->note, ==, " x ");
    g_assert_cmpstr(fetch->model, ==, " big one ");
    g_assert_cmpint(fetch->wait_ns, ==, 2000000000);
    g_assert_cmpuint(dag_template_task(fetch->input), ==, 0);
    g_assert_cmpuint(fetch->n_headers, ==, 2);
    g_assert_cmpstr(fetch->header, ==, "B");
    g_assert_cmpuint(dag_template_task(fetch->header_value), ==, 0);
    g_assert_cmpstr(dag_template_constant(fetch->body), ==, "  example.org!");
    g_assert_cmpstr(fetch->token, ==, "t2");
    g_assert_cmpuint(dag_graph_predecessors(graph, 1).n, ==, 1);
    g_assert_true(dag_graph_task_is_read(graph, 0));
}

static void
test_absent_attributes_have_defaults(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DagGraph) graph =
        load_with(BEGIN "<task id=\"a\"><fetch "
                        "path=\"/\"><auth><token>t</token></auth></fetch></task>\n" END,
                  kinds, &error);

    g_assert_no_error(error);

    const Fetch *fetch = dag_graph_task_config(graph, 0);

    g_assert_cmpint(fetch->method, ==, 0);
    g_assert_null(fetch->service);
    g_assert_cmpint(fetch->limit, ==, -1);
    g_assert_cmpint(fetch->wait_ns, ==, -1);
    g_assert_cmpfloat(fetch->ratio, ==, 1);
    g_assert_true(fetch->follow);
    g_assert_null(fetch->tags[0]);
    g_assert_null(fetch->note);
    g_assert_null(fetch->model);
    g_assert_null(fetch->body);
    g_assert_null(fetch->input);
}

static void
test_invalid_values_are_located(void)
{
    assert_fails(
        BEGIN "<task id=\"a\">\n"
              " <fetch path=\"${\" method=\"PSOT\"\n"
              "  limit=\"8 MiB\" ratio=\"2.1\" offset=\"1e3\"\n"
              "  follow=\"yes\" tags=\" \" wait=\"5\" servize=\"api\">\n"
              "  <auth><token>t</token></auth>\n"
              " </fetch></task>\n" END,
        "3:15: error: attribute \"path\" of <fetch>: \"${\" lacks its \"}\"\n"
        "3:27: error: attribute \"method\" of <fetch>: \"PSOT\" is not one of: GET POST "
        "DELETE; did you mean \"POST\"?\n"
        "4:10: error: attribute \"limit\" of <fetch>: \"8 MiB\" is not a size such as "
        "512kB "
        "or 8MiB\n"
        "4:24: error: attribute \"ratio\" of <fetch>: \"2.1\" is not a number from 0 to 2\n"
        "4:37: error: attribute \"offset\" of <fetch>: \"1e3\" is not a number\n"
        "5:11: error: attribute \"follow\" of <fetch>: \"yes\" is not a boolean (true or "
        "false)\n"
        "5:22: error: attribute \"tags\" of <fetch> is empty\n"
        "5:31: error: attribute \"wait\" of <fetch>: \"5\" is not a duration such as "
        "500ms, "
        "30s or 2h\n"
        "5:43: error: unknown attribute \"servize\" on <fetch>; did you mean \"service\"?");
}

static void
test_child_elements_are_checked(void)
{
    assert_fails(
        BEGIN "<task id=\"a\">\n"
              " <fetch path=\"/\">\n"
              "  <hedaer name=\"A\"/>\n"
              "  <header nam=\"A\"/>\n"
              "  <body/>\n"
              "  <body/>\n"
              "  <header name=\"A\">text</header>\n"
              "  <auth><task id=\"b\"/></auth>\n"
              "  <token/>text\n"
              " </fetch></task>\n" END,
        "3:2: error: text is not allowed in <fetch>\n"
        "4:3: error: unknown element \"hedaer\" in <fetch>; did you mean \"header\"?\n"
        "5:3: error: <header> lacks the attribute \"name\"\n"
        "5:16: error: unknown attribute \"nam\" on <header>; did you mean \"name\"?\n"
        "7:3: error: <fetch> has more than one <body>\n"
        "8:3: error: text is not allowed in <header>\n"
        "9:3: error: <auth> lacks the element <token>\n"
        "9:9: error: <task> is not allowed in <auth>\n"
        "10:3: error: unknown element \"token\" in <fetch>");
    assert_fails(BEGIN
                 "<task id=\"a\"><fetch path=\"/\"/></task>\n"
                 "<task id=\"b\"><fetch path=\"/\"><auth><token> </token></auth></fetch>"
                 "</task>\n" END,
                 "2:14: error: <fetch> lacks the element <auth>\n"
                 "3:36: error: <token> is empty");
}

static void
test_attributes_of_task_belong_to_a_kind(void)
{
    assert_fails(
        BEGIN "<task id=\"a\" model=\"m\"><plain/></task>\n"
              "<task id=\"b\" modle=\"m\"/>\n"
              "<task id=\"c\" model=\" \"/>\n" END,
        "2:21: error: unknown attribute \"model\" on <task>\n"
        "3:21: error: unknown attribute \"modle\" on <task>; did you mean \"model\"?\n"
        "4:21: error: attribute \"model\" of <task> is empty\n"
        "4:21: error: unknown attribute \"model\" on <task>");
}

static void
test_declarations_are_checked(void)
{
    static const char fetch[] = "<task id=\"a\"><fetch path=\"/\" "
                                "service=\"apy\"><auth><token>t</token></auth></fetch>"
                                "</task>\n";
    g_autofree char *unknown =
        g_strconcat(BEGIN, fetch, "<service name=\"api\" url=\"u\"/>\n", END, NULL);

    assert_fails(unknown, "2:39: error: task \"a\" uses the service \"apy\", which is not "
                          "declared; did you mean \"api\"?");
    assert_fails(
        BEGIN "<service name=\"api\" url=\"u\"/>\n"
              "<service name=\"api\" url=\"u\"/>\n"
              "<service name=\"b\"/>\n"
              "<service url=\"u\"/>\n"
              "<sevrice name=\"c\"/>\n"
              "<service name=\"d\" url=\"u\" max-size=\"0\"/>\n"
              "<service name=\"e\" url=\"${a}${x}\"/>\n"
              "<task id=\"a\"><service name=\"f\" url=\"u\"/></task>\n" END,
        "3:16: error: duplicate service \"api\" (first declared at line 2)\n"
        "4:1: error: <service> lacks the attribute \"url\"\n"
        "5:1: error: <service> lacks the attribute \"name\"\n"
        "6:1: error: unknown element \"sevrice\" in <graph>; did you mean "
        "\"service\"?\n"
        "7:1: error: <service>: nothing fits\n"
        "8:24: error: <service> refers to \"${a}\", which is a task, not a parameter\n"
        "8:24: error: <service> refers to \"${x}\", which is not a parameter\n"
        "9:14: error: <service> is not allowed in <task>");
}

/* Assert that a graph with a task of the kind is rejected for the kind's table. */
static void
assert_bad_table(const DagKind *kind, const char *expected)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GError) error = NULL;

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a", .kind = kind});
    dag_builder_add_task(builder, &(DagTaskSpec){.name = "b", .kind = kind});
    g_assert_null(dag_builder_finish(builder, NULL, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, expected);
}

#define ATTRIBUTES(...)                                                                    \
    &(DagKind)                                                                             \
    {                                                                                      \
        .name = "k", .attributes = (DagAttribute[]){{__VA_ARGS__}}, .n_attributes = 1      \
    }

static void
test_an_invalid_table_is_a_finding(void)
{
    static DagElementType endless = {.name = "e", .children = &endless, .n_children = 1};
    static const DagElementType nameless[] = {{.name = NULL}};
    static const DagElementType same[] = {{.name = "e"}, {.name = "e"}};
    static const DagAttribute twice[] = {{.name = "x", .type = DAG_ATTRIBUTE_TEXT},
                                         {.name = "x", .type = DAG_ATTRIBUTE_TEXT}};

    assert_bad_table(ATTRIBUTES(.type = DAG_ATTRIBUTE_TEXT),
                     "the table of <k> is invalid: an attribute of <k> has no name");
    assert_bad_table(ATTRIBUTES(.name = "x", .type = DAG_ATTRIBUTE_CHOICE),
                     "the table of <k> is invalid: attribute \"x\" of <k> has no choices");
    assert_bad_table(
        ATTRIBUTES(.name = "x", .type = DAG_ATTRIBUTE_NUMBER, .min = 1),
        "the table of <k> is invalid: attribute \"x\" of <k> has an empty range");
    assert_bad_table(
        ATTRIBUTES(.name = "x", .type = DAG_ATTRIBUTE_DECLARED, .of = "y"),
        "the table of <k> is invalid: attribute \"x\" of <k> names a declaration "
        "that is not in the table");
    assert_bad_table(
        ATTRIBUTES(.name = "x", .type = DAG_ATTRIBUTE_TEXT, .resource = "/dev/x"),
        "the table of <k> is invalid: attribute \"x\" of <k> has a resource, and is no "
        "boolean of a kind");
    assert_bad_table(ATTRIBUTES(.name = "x", .type = DAG_ATTRIBUTE_NAME),
                     "the table of <k> is invalid: attribute \"x\" of <k> is for a "
                     "declaration, and it is none");
    assert_bad_table(ATTRIBUTES(.name = "x", .type = DAG_ATTRIBUTE_SLOTS),
                     "the table of <k> is invalid: attribute \"x\" of <k> is for a "
                     "declaration, and it is none");
    assert_bad_table(ATTRIBUTES(.name = "x", .type = (DagAttributeType)99),
                     "the table of <k> is invalid: attribute \"x\" of <k> has no type");
    assert_bad_table(&(DagKind){.name = "k", .attributes = twice, .n_attributes = 2},
                     "the table of <k> is invalid: <k> has the attribute \"x\" twice");
    assert_bad_table(&(DagKind){.name = "k", .children = &endless, .n_children = 1},
                     "the table of <k> is invalid: elements in <e> are nested too deeply");
    assert_bad_table(&(DagKind){.name = "k", .children = nameless, .n_children = 1},
                     "the table of <k> is invalid: an element in <k> has no name");
    assert_bad_table(&(DagKind){.name = "k", .children = same, .n_children = 2},
                     "the table of <k> is invalid: <k> has the element <e> twice");
    assert_bad_table(&(DagKind){0}, "the table of <> is invalid: a kind has no name");
}

/* Assert that a declaration of the type is rejected for the type's table. */
static void
assert_bad_declaration(const DagDeclarationType *type, const char *expected)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GError) error = NULL;

    dag_builder_add_declaration(builder, type, &(DagElementSpec){.name = "d"});
    dag_builder_add_declaration(builder, type, &(DagElementSpec){.name = "d"});
    g_assert_null(dag_builder_finish(builder, NULL, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, expected);
}

static void
test_an_invalid_declaration_table_is_a_finding(void)
{
    static const DagAttribute reads[] = {{.name = "x", .type = DAG_ATTRIBUTE_TASK}};

    assert_bad_declaration(
        &(DagDeclarationType){.element = {.name = "d"}},
        "the table of <d> is invalid: <d> must have one required attribute "
        "that names it");
    assert_bad_declaration(&(DagDeclarationType){{.name = NULL}, NULL},
                           "the table of <> is invalid: a declaration has no name");
    assert_bad_declaration(
        &(DagDeclarationType){
            .element = {.name = "d", .attributes = reads, .n_attributes = 1}},
        "the table of <d> is invalid: attribute \"x\" of <d> reads a task, and it is none");
}

/* <task> has "cost" itself. */
static void
test_an_attribute_of_task_cannot_be_taken(void)
{
    static const DagAttribute cost[] = {{.name = "cost", .type = DAG_ATTRIBUTE_TEXT}};
    static const DagKind kind = {
        .name = "k", .task_attributes = cost, .n_task_attributes = 1};
    g_autoptr(GError) error = NULL;

    g_assert_null(load_with(BEGIN END, (const DagKind *const[]){&kind, NULL}, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(
        error->message, ==,
        "the table of <k> is invalid: <task> has the attribute \"cost\" already");
}

static void
test_a_kind_without_a_name_is_a_finding(void)
{
    static const DagKind kind = {.summary = "nameless"};
    g_autoptr(GError) error = NULL;

    g_assert_null(load_with(BEGIN "<task id=\"a\"/>" END,
                            (const DagKind *const[]){&kind, NULL}, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, "a kind has no name");
}

static void
test_the_builder_checks_elements_itself(void)
{
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GError) error = NULL;
    DagPair path = {.name = "path", .value = "/"};
    DagElementSpec token = {.name = "token", .text = "t"};
    DagElementSpec children[] = {{.name = "auth", .children = &token, .n_children = 1},
                                 {.name = "bodi"}};

    dag_builder_add_task(builder, &(DagTaskSpec){.name = "a",
                                                 .kind = &fetch_kind,
                                                 .attributes = &path,
                                                 .n_attributes = 1,
                                                 .text = "text",
                                                 .children = children,
                                                 .n_children = 2,
                                                 .kind_location = {"x.xml", 4, 5}});
    g_assert_null(dag_builder_finish(builder, NULL, &error));
    g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==,
                    "x.xml:4:5: error: text is not allowed in <fetch>\n"
                    "unknown element \"bodi\" in <fetch>; did you mean \"body\"?");
}

/* More attributes than any kind of dagrun has. */
static void
test_a_kind_has_any_number_of_attributes(void)
{
    enum { N = 1000 };
    g_autofree DagAttribute *attributes = g_new0(DagAttribute, N);
    g_autofree DagPair *pairs = g_new0(DagPair, N);
    DagKind kind = {.name = "k", .attributes = attributes, .n_attributes = N};
    g_autoptr(DagBuilder) builder = dag_builder_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < N; i++) {
        g_ptr_array_add(names, g_strdup_printf("a%zu", i));
        attributes[i] =
            (DagAttribute){.name = names->pdata[i], .type = DAG_ATTRIBUTE_BOOLEAN};
        pairs[i] = (DagPair){.name = names->pdata[i], .value = i == N - 1 ? "x" : "1"};
    }
    dag_builder_add_task(
        builder,
        &(DagTaskSpec){.name = "a", .kind = &kind, .attributes = pairs, .n_attributes = N});
    g_assert_null(dag_builder_finish(builder, NULL, &error));
    g_assert_cmpstr(error->message, ==,
                    "attribute \"a999\" of <k>: \"x\" is not a boolean (true or false)");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rich-kind/everything-reaches-configure",
                    test_everything_reaches_configure);
    g_test_add_func("/rich-kind/absent-attributes-have-defaults",
                    test_absent_attributes_have_defaults);
    g_test_add_func("/rich-kind/invalid-values-are-located",
                    test_invalid_values_are_located);
    g_test_add_func("/rich-kind/child-elements-are-checked",
                    test_child_elements_are_checked);
    g_test_add_func("/rich-kind/attributes-of-task-belong-to-a-kind",
                    test_attributes_of_task_belong_to_a_kind);
    g_test_add_func("/rich-kind/declarations-are-checked", test_declarations_are_checked);
    g_test_add_func("/rich-kind/an-invalid-table-is-a-finding",
                    test_an_invalid_table_is_a_finding);
    g_test_add_func("/rich-kind/an-invalid-declaration-table-is-a-finding",
                    test_an_invalid_declaration_table_is_a_finding);
    g_test_add_func("/rich-kind/an-attribute-of-task-cannot-be-taken",
                    test_an_attribute_of_task_cannot_be_taken);
    g_test_add_func("/rich-kind/a-kind-without-a-name-is-a-finding",
                    test_a_kind_without_a_name_is_a_finding);
    g_test_add_func("/rich-kind/the-builder-checks-elements-itself",
                    test_the_builder_checks_elements_itself);
    g_test_add_func("/rich-kind/a-kind-has-any-number-of-attributes",
                    test_a_kind_has_any_number_of_attributes);
    return g_test_run();
}
