/* SPDX-License-Identifier: MIT */
/*
 * Checks values against JSON Schemas, for a comparison with another checker: each line of standard input is an object
 * {"schema": …, "value": …}, and its line of output "valid", "invalid", or "refused" if the schema is not read.
 */
#include "network/json-schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Return the word for the pair. */
static const char *
verdict_of(const json_t *pair)
{
    const json_t *value = json_object_get(pair, "value");
    char *text = json_dumps(json_object_get(pair, "schema"), JSON_ENCODE_ANY);
    g_autoptr(JsonSchema) schema =
        text ? dag__json_schema_read(text, strlen(text), NULL) : NULL;

    free(text);
    if (!schema || !value)
        return "refused";

    g_auto(GStrv) faults = dag__json_schema_check(schema, value);

    return faults[0] ? "invalid" : "valid";
}

int
main(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) >= 0) {
        json_t *pair = json_loads(line, 0, NULL);

        puts(verdict_of(pair));
        json_decref(pair);
    }
    free(line);
    return 0;
}
