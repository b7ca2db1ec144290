/* SPDX-License-Identifier: MIT */
/*
 * The schema, embedded when the library is built.
 */
#include <dagrun/load.h>

extern const unsigned char dag__schema_text[];

const char *
dag_schema(void)
{
    return (const char *)dag__schema_text;
}
