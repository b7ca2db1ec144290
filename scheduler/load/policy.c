/* SPDX-License-Identifier: MIT */
/*
 * Every value has been checked against its form, so each conversion succeeds.
 */
#include "load/policy.h"

#include <dagrun/duration.h>

bool
dag__boolean_of(const char *text)
{
    return text && (*text == 't' || *text == '1');
}

static int64_t
duration_of(const char *text)
{
    int64_t ns = 0;

    if (text)
        dag_duration_parse(text, &ns, NULL);
    return ns;
}

/* Codes are separated by single spaces.  Returns: whether there are any. */
static bool
read_codes(const char *text, DagCodes *codes_out)
{
    char *next = (char *)text;

    while (next && *next)
        dag_codes_add(codes_out, (unsigned)g_ascii_strtoull(next, &next, 10));
    return text != NULL;
}

void
dag__policy_read(const Values *values, DagPolicy *policy_out)
{
    const char *retries = values->value[TASK_RETRIES];
    const char *delay = values->value[TASK_RETRY_DELAY];

    *policy_out = (DagPolicy){
        .timeout_ns = duration_of(values->value[TASK_TIMEOUT]),
        .retry_delay_ns = delay ? dag_give(duration_of(delay)) : 0,
        .retries = retries ? (int32_t)dag_give(g_ascii_strtoll(retries, NULL, 10)) : 0,
        .allow_failure = dag__boolean_of(values->value[TASK_ALLOW_FAILURE]),
        .always = dag__boolean_of(values->value[TASK_ALWAYS]),
    };
    policy_out->limits_retries =
        read_codes(values->value[TASK_RETRY_ON], &policy_out->retry_on);
    policy_out->limits_success =
        read_codes(values->value[TASK_EXPECT], &policy_out->expect);
}
