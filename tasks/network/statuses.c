/* SPDX-License-Identifier: MIT */
#include "statuses.h"

#include <dagrun/error.h>
#include <string.h>

#define LEAST_STATUS 100
#define LAST_STATUS  599

static const char *const failure_names[] = {
    [HTTP_NO_FAILURE] = "",
    [HTTP_FAILED_NAME] = "name",
    [HTTP_FAILED_CONNECT] = "connect",
    [HTTP_FAILED_TLS] = "tls",
    [HTTP_FAILED_PROXY] = "proxy",
    [HTTP_FAILED_NO_ANSWER] = "no-answer",
    [HTTP_FAILED_CUT] = "cut",
    [HTTP_FAILED_TIMEOUT_CONNECT] = "timeout-connect",
    [HTTP_FAILED_TIMEOUT_FIRST_BYTE] = "timeout-first-byte",
    [HTTP_FAILED_TIMEOUT_STALL] = "timeout-stall",
    [HTTP_FAILED_PROTOCOL] = "protocol",
    [HTTP_FAILED_STATUS] = "status",
    [HTTP_FAILED_THROTTLED] = "throttled",
    [HTTP_FAILED_QUOTA] = "quota",
    [HTTP_FAILED_REDIRECT] = "redirect",
    [HTTP_FAILED_TOO_LARGE] = "too-large",
    [HTTP_FAILED_SAVE] = "save",
    [HTTP_FAILED_EXTRACT] = "extract",
    [HTTP_FAILED_LENGTH] = "length",
    [HTTP_FAILED_FILTERED] = "filtered",
    [HTTP_FAILED_REFUSED] = "refused",
    [HTTP_FAILED_EMPTY] = "empty",
    [HTTP_FAILED_INVALID_RESULT] = "invalid-result",
    [HTTP_FAILED_CONTEXT] = "context",
    [HTTP_FAILED_REQUEST] = "request",
    [HTTP_FAILED_NOT_RECORDED] = "not-recorded",
    [HTTP_FAILED_BUDGET] = "budget",
};

const char *
http_failure_name(HttpFailure failure)
{
    return failure_names[failure];
}

static void
add_statuses(HttpOutcomes *out, unsigned first, unsigned last)
{
    for (unsigned status = first; status <= last; status++)
        out->statuses[status / 32] |= UINT32_C(1) << (status % 32);
}

/* Return the status that three digits are, or 0. */
static unsigned
status_of(const char *text)
{
    for (int i = 0; i < 3; i++)
        if (!g_ascii_isdigit(text[i]))
            return 0;

    unsigned status = (unsigned)g_ascii_digit_value(text[0]) * 100 +
                      (unsigned)g_ascii_digit_value(text[1]) * 10 +
                      (unsigned)g_ascii_digit_value(text[2]);

    return status >= LEAST_STATUS && status <= LAST_STATUS ? status : 0;
}

static bool
read_status(const char *word, HttpOutcomes *out)
{
    size_t length = strlen(word);
    unsigned first = length >= 3 ? status_of(word) : 0;
    unsigned last = first;

    if (length == 3 && strcmp(word + 1, "xx") == 0 && *word >= '1' && *word <= '5') {
        first = (unsigned)g_ascii_digit_value(*word) * 100;
        last = first + 99;
    } else if (length == 7 && word[3] == '-') {
        last = status_of(word + 4);
    } else if (length != 3) {
        return false;
    }
    if (first == 0 || last < first)
        return false;
    add_statuses(out, first, last);
    return true;
}

/* The last failure that a further attempt may mend. */
#define LAST_RETRIED HTTP_FAILED_PROTOCOL

static bool
read_failure(const char *word, HttpOutcomes *out)
{
    if (strcmp(word, "timeout") == 0) {
        out->failures |= 1U << HTTP_FAILED_TIMEOUT_CONNECT |
                         1U << HTTP_FAILED_TIMEOUT_FIRST_BYTE |
                         1U << HTTP_FAILED_TIMEOUT_STALL;
        return true;
    }
    for (unsigned failure = HTTP_FAILED_NAME; failure <= LAST_RETRIED; failure++)
        if (strcmp(word, failure_names[failure]) == 0) {
            out->failures |= 1U << failure;
            return true;
        }
    return false;
}

bool
http_outcomes_parse(const char *text, bool may_fail, HttpOutcomes *out, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);

    *out = (HttpOutcomes){.is_given = true};
    for (char **word = words; *word; word++) {
        if (!**word || read_status(*word, out) || (may_fail && read_failure(*word, out)))
            continue;
        g_set_error(error, DAG_ERROR, DAG_ERROR_INVALID,
                    "\"%s\" is not a status, such as 404, 200-299 or 5xx%s", *word,
                    may_fail
                        ? ", nor a failure (name connect tls proxy no-answer cut timeout "
                          "timeout-connect timeout-first-byte timeout-stall protocol)"
                        : "");
        return false;
    }
    return true;
}

bool
http_outcomes_has(const HttpOutcomes *outcomes, unsigned status)
{
    return status >= LEAST_STATUS && status <= LAST_STATUS &&
           (outcomes->statuses[status / 32] >> (status % 32) & 1);
}
