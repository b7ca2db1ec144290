/* SPDX-License-Identifier: MIT */
#include "network/json-schema.h"

#include <dagrun/error.h>
#include <string.h>

/* Read a schema in which ' stands for ". */
static JsonSchema *
read_schema(const char *quoted)
{
    g_autofree char *text = g_strdelimit(g_strdup(quoted), "'", '"');
    g_autoptr(GError) error = NULL;
    JsonSchema *schema = dag__json_schema_read(text, strlen(text), &error);

    g_assert_no_error(error);
    return schema;
}

/* Returns: the violations, one per line. */
static char *
check_text(const JsonSchema *schema, const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    g_assert_nonnull(value);

    g_auto(GStrv) violations = dag__json_schema_check(schema, value);

    json_decref(value);
    return g_strjoinv("\n", violations);
}

typedef struct Case {
    const char *schema, *value, *violations;
} Case;

static void
try_cases(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_autoptr(JsonSchema) schema = read_schema(cases[i].schema);
        g_autofree char *violations = check_text(schema, cases[i].value);

        g_assert_cmpstr(violations, ==, cases[i].violations);
    }
}

static void
test_types_and_choices(void)
{
    static const Case cases[] = {
        {"true", "1", ""},
        {"false", "1", "/: is not allowed by the schema"},
        {"{}", "[1]", ""},
        {"{'type':'integer'}", "3", ""},
        {"{'type':'integer'}", "3.0", ""},
        {"{'type':'integer'}", "3.5", "/: must be of type integer, not number"},
        {"{'type':'number'}", "3", ""},
        {"{'type':'number'}", "\"3\"", "/: must be of type number, not string"},
        {"{'type':'boolean'}", "false", ""},
        {"{'type':'null'}", "null", ""},
        {"{'type':'null'}", "0", "/: must be of type null, not number"},
        {"{'type':['string','null']}", "null", ""},
        {"{'type':['string','null','array']}", "{}",
         "/: must be of type string, null or array, not object"},
        {"{'enum':['a',1,null]}", "1.0", ""},
        {"{'enum':['a',1,null]}", "2", "/: must be one of: a, 1 or null"},
        {"{'enum':[]}", "2", "/: must be one of: "},
        {"{'const':{'a':[1,2.0]}}", "{\"a\":[1.0,2]}", ""},
        {"{'const':{'a':[1,2]}}", "{\"a\":[1]}", "/: must be {\"a\": [1, 2]}"},
        {"{'const':[1]}", "[1,2]", "/: must be [1]"},
        {"{'const':{'a':1}}", "{\"a\":1,\"b\":2}", "/: must be {\"a\": 1}"},
        {"{'const':false}", "0", "/: must be false"},
        {"{'anyOf':[{'type':'string'},{'minimum':5}]}", "7", ""},
        {"{'anyOf':[{'type':'string'},{'minimum':5}]}", "\"a\"", ""},
        {"{'anyOf':[{'type':'string'},{'minimum':5}]}", "3",
         "/: must match one of the schemas of anyOf"},
    };

    try_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_limits(void)
{
    static const Case cases[] = {
        {"{'minimum':1,'maximum':2}", "1", ""},
        {"{'minimum':1,'maximum':2}", "2.0", ""},
        {"{'minimum':1,'maximum':2}", "0.5", "/: must be at least 1"},
        {"{'minimum':1,'maximum':2}", "2.5", "/: must be at most 2"},
        {"{'minimum':1}", "\"\"", ""}, /* not a number */
        {"{'minLength':2,'maxLength':3}", "\"\xC3\xA4\xC3\xA4\"", ""},
        {"{'minLength':2}", "\"\xC3\xA4\"", "/: must have a length of at least 2"},
        {"{'maxLength':1}", "\"ab\"", "/: must have a length of at most 1"},
        {"{'minItems':1,'maxItems':2}", "[]",
         "/: must have a number of items of at least 1"},
        {"{'maxItems':1}", "[1,2]", "/: must have a number of items of at most 1"},
        {"{'pattern':'b+'}", "\"abba\"", ""},
        {"{'pattern':'^b+$'}", "\"abba\"", "/: must match ^b+$"},
        {"{'pattern':'^b$'}", "\"b\\n\"", "/: must match ^b$"},
        {"{'pattern':'^.$'}", "\"\xC3\xA4\"", ""},
    };

    try_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_members_and_items(void)
{
    static const Case cases[] = {
        {"{'required':['a','b']}", "{\"b\":1}", "/: must have \"a\""},
        {"{'required':['a']}", "[]", ""}, /* not an object */
        {"{'properties':{'a':{'type':'string'}}}", "{\"a\":1,\"b\":2}",
         "/a: must be of type string, not number"},
        {"{'properties':{'a':{}},'additionalProperties':false}", "{\"a\":1,\"b/~\":2}",
         "/b~1~0: is not allowed by the schema"},
        {"{'properties':{'a':{}},'additionalProperties':{'type':'null'}}",
         "{\"a\":1,\"b\":2,\"c\":null}", "/b: must be of type null, not number"},
        {"{'items':{'type':'object','required':['x']}}", "[{\"x\":1},{},5]",
         "/1: must have \"x\"\n/2: must be of type object, not number"},
        {"{'$defs':{'t':{'type':'object','properties':{'next':{'$ref':'#/$defs/t'}},"
         "'additionalProperties':false}},'$ref':'#/$defs/t'}",
         "{\"next\":{\"next\":{\"x\":0}}}", "/next/next/x: is not allowed by the schema"},
        {"{'type':'array','items':{'$ref':'#'}}", "[[],[[]],[1]]",
         "/2/0: must be of type array, not number"},
        {"{'$ref':'#/$defs/a~1b','$defs':{'a/b':{'type':'string'}},'maxLength':1}",
         "\"ab\"", "/: must have a length of at most 1"},
    };

    try_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_at_most_ten_violations_are_named(void)
{
    g_autoptr(JsonSchema) schema = read_schema("{'items':{'type':'string'}}");
    g_autofree char *text = check_text(schema, "[1,2,3,4,5,6,7,8,9,10,11,12]");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), ==, 10);
    g_assert_cmpstr(lines[9], ==, "/9: must be of type string, not number");
}

static void
test_a_check_ends(void)
{
    g_autoptr(JsonSchema) schema =
        read_schema("{'$defs':{'a':{'anyOf':[{'items':{'$ref':'#/$defs/a'},'maxLength':0},"
                    "{'items':{'$ref':'#/$defs/a'},'maxLength':0}]}},'$ref':'#/$defs/a'}");
    GString *text = g_string_new(NULL);

    for (int i = 0; i < 60; i++)
        g_string_append_c(text, '[');
    g_string_append(text, "\"ab\"");
    for (int i = 0; i < 60; i++)
        g_string_append_c(text, ']');

    g_autofree char *violations = check_text(schema, text->str);

    g_assert_cmpstr(violations, ==, "/: must match one of the schemas of anyOf");
    g_string_free(text, TRUE);
}

static void
test_a_schema_that_cannot_be_checked_is_an_error(void)
{
    static const struct {
        const char *schema, *message;
    } cases[] = {
        {"{'type':'text'}", "the schema: \"type\" must be array, boolean, integer, null, "
                            "number, object or string, or a list of these"},
        {"{'type':[]}", "the schema: \"type\" must not be empty"},
        {"{'format':'date'}",
         "the schema: \"format\" is not among the keywords that dagrun checks"},
        {"{'properties':{'a':{'items':[1]}}}",
         "/properties/a/items: a schema must be an object, true or false"},
        {"{'properties':[]}", "the schema: \"properties\" must be an object"},
        {"{'anyOf':[]}", "the schema: \"anyOf\" must be a list of schemas"},
        {"{'anyOf':[{},{'minLength':-1}]}",
         "/anyOf/1: \"minLength\" must be a whole number, not negative"},
        {"{'maxItems':1.5}",
         "the schema: \"maxItems\" must be a whole number, not negative"},
        {"{'minimum':'1'}", "the schema: \"minimum\" must be a number"},
        {"{'required':'a'}", "the schema: \"required\" must be a list of names"},
        {"{'enum':1}", "the schema: \"enum\" must be a list"},
        {"{'$ref':'other.json'}",
         "the schema: nothing is at \"other.json\"; a reference is "
         "\"#\", or \"#/$defs/NAME\""},
        {"{'$ref':'#/$defs/a'}", "the schema: nothing is at \"#/$defs/a\"; a reference is "
                                 "\"#\", or \"#/$defs/NAME\""},
        {"{'$ref':'#'}", "the schema: its references go in circles"},
        {"{'$defs':{'a':{'anyOf':[{'$ref':'#/$defs/b'}]},'b':{'$ref':'#/$defs/a'}}}",
         "the schema: its references go in circles"},
        {"[]", "the schema: a schema must be an object, true or false"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdelimit(g_strdup(cases[i].schema), "'", '"');
        g_autoptr(GError) error = NULL;

        g_assert_null(dag__json_schema_read(text, strlen(text), &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, cases[i].message);
    }
}

static void
test_a_text_that_is_not_json_is_an_error(void)
{
    static const char *const texts[] = {"{\n\"type\": }", "{\"type\":1,\"type\":1}",
                                        "{\"pattern\":\"(\"}", ""};
    static const char *const beginnings[] = {"line 2, column ", "line 1, column ",
                                             "the schema: Error while compiling regular",
                                             "line 1, column "};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(dag__json_schema_read(texts[i], strlen(texts[i]), &error));
        g_assert_error(error, DAG_ERROR, DAG_ERROR_INVALID);
        g_assert_true(g_str_has_prefix(error->message, beginnings[i]));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-schema/types", test_types_and_choices);
    g_test_add_func("/json-schema/limits", test_limits);
    g_test_add_func("/json-schema/members", test_members_and_items);
    g_test_add_func("/json-schema/ten", test_at_most_ten_violations_are_named);
    g_test_add_func("/json-schema/ends", test_a_check_ends);
    g_test_add_func("/json-schema/refused",
                    test_a_schema_that_cannot_be_checked_is_an_error);
    g_test_add_func("/json-schema/text", test_a_text_that_is_not_json_is_an_error);
    return g_test_run();
}
