/* SPDX-License-Identifier: MIT */
#include "record/traffic.h"

static void
clear_request(gpointer data)
{
    DagRequest *request = data;

    g_free((char *)request->method);
    g_free((char *)request->url);
    g_free((char *)request->service);
    g_free((char *)request->failure);
    g_free((char *)request->version);
    g_free((char *)request->address);
}

Traffic *
dag__traffic_new(void)
{
    Traffic *traffic = g_new0(Traffic, 1);

    traffic->requests = g_array_new(FALSE, FALSE, sizeof(DagRequest));
    g_array_set_clear_func(traffic->requests, clear_request);
    return traffic;
}

void
dag__traffic_free(Traffic *traffic)
{
    if (!traffic)
        return;
    g_array_unref(traffic->requests);
    g_free((char *)traffic->usage.model);
    g_free((char *)traffic->usage.served);
    g_free((char *)traffic->usage.finish_reason);
    g_free((char *)traffic->usage.fallback);
    g_free(traffic);
}

DagRequest *
dag__traffic_add_request(Traffic *traffic, const DagRequest *request)
{
    DagRequest copy = *request;

    copy.method = g_strdup(request->method);
    copy.url = g_strdup(request->url);
    copy.service = g_strdup(request->service);
    copy.failure = g_strdup(request->failure);
    copy.version = g_strdup(request->version);
    copy.address = g_strdup(request->address);
    g_array_append_val(traffic->requests, copy);
    return &g_array_index(traffic->requests, DagRequest, traffic->requests->len - 1);
}

static void
replace_text(const char **text, const char *later)
{
    if (!later)
        return;
    g_free((char *)*text);
    *text = g_strdup(later);
}

/* Add the numbers. */
static void
add_numbers(DagUsage *sum, const DagUsage *usage)
{
    sum->input = tokens_sum(sum->input, usage->input);
    sum->cached = tokens_sum(sum->cached, usage->cached);
    sum->output = tokens_sum(sum->output, usage->output);
    sum->reasoning = tokens_sum(sum->reasoning, usage->reasoning);
    sum->is_estimated = sum->is_estimated || usage->is_estimated;
    sum->repairs += usage->repairs;
    sum->has_cost = sum->has_cost || usage->has_cost;
    sum->cost += usage->cost;
}

void
dag__traffic_add_usage(Traffic *traffic, const DagUsage *usage)
{
    DagUsage *sum = &traffic->usage;

    traffic->has_usage = true;
    add_numbers(sum, usage);
    replace_text(&sum->model, usage->model);
    replace_text(&sum->served, usage->served);
    replace_text(&sum->finish_reason, usage->finish_reason);
    replace_text(&sum->fallback, usage->fallback);
}

void
dag__traffic_join(Traffic **traffic, Traffic *later)
{
    if (!later)
        return;
    if (!*traffic) {
        *traffic = later;
        return;
    }
    for (guint i = 0; i < later->requests->len; i++)
        dag__traffic_add_request(*traffic, &g_array_index(later->requests, DagRequest, i));
    (*traffic)->is_kept = (*traffic)->is_kept || later->is_kept;
    if (later->has_usage)
        dag__traffic_add_usage(*traffic, &later->usage);
    dag__traffic_free(later);
}

void
dag__traffic_count(DagTraffic *sums, const Traffic *traffic)
{
    if (!traffic)
        return;
    sums->n_requests += traffic->requests->len;
    for (guint i = 0; i < traffic->requests->len; i++) {
        const DagRequest *request = &g_array_index(traffic->requests, DagRequest, i);

        sums->n_failed += request->failure != NULL;
        sums->throttled_ns += request->throttled_ns;
    }
    sums->has_usage = sums->has_usage || traffic->has_usage;
    if (traffic->has_usage)
        add_numbers(&sums->usage, &traffic->usage);
}
