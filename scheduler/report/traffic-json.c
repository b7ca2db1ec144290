/* SPDX-License-Identifier: MIT */
/*
 * Requests and usage, as parts of the JSON of a run.
 */
#include "report/traffic-json.h"

static void
write_request(JsonWriter *json, const DagRequest *request)
{
    dag__json_begin_object(json, NULL);
    dag__json_integer(json, "attempt", request->attempt);
    dag__json_integer(json, "redirects", request->redirects);
    dag__json_string(json, "method", request->method);
    dag__json_string(json, "url", request->url);
    if (request->service)
        dag__json_string(json, "service", request->service);
    if (request->status > 0)
        dag__json_integer(json, "status", request->status);
    if (request->failure)
        dag__json_string(json, "failure", request->failure);
    dag__json_boolean(json, "sent", request->is_sent);
    dag__json_boolean(json, "reused", request->is_reused);
    if (request->is_insecure)
        dag__json_boolean(json, "insecure", true);
    if (request->version)
        dag__json_string(json, "http_version", request->version);
    if (request->address)
        dag__json_string(json, "address", request->address);
    dag__json_seconds(json, "queue_seconds", request->queue_ns);
    dag__json_seconds(json, "throttled_seconds", request->throttled_ns);
    dag__json_seconds(json, "name_seconds", request->name_ns);
    dag__json_seconds(json, "connect_seconds", request->connect_ns);
    dag__json_seconds(json, "tls_seconds", request->tls_ns);
    dag__json_seconds(json, "first_byte_seconds", request->first_byte_ns);
    dag__json_seconds(json, "total_seconds", request->total_ns);
    dag__json_integer(json, "bytes_sent", (int64_t)request->bytes_sent);
    dag__json_integer(json, "bytes_received", (int64_t)request->bytes_received);
    dag__json_end_object(json);
}

void
dag__json_requests(JsonWriter *json, const DagRun *run, DagTaskId id)
{
    size_t n;
    const DagRequest *requests = dag_run_requests(run, id, &n);

    if (n == 0)
        return;
    dag__json_begin_array(json, "requests");
    for (size_t i = 0; i < n; i++)
        write_request(json, &requests[i]);
    dag__json_end_array(json);
}

/* Write the sums of tokens, and the money. */
static void
write_tokens(JsonWriter *json, const DagUsage *usage)
{
    dag__json_integer(json, "input_tokens", (int64_t)usage->input);
    dag__json_integer(json, "cached_tokens", (int64_t)usage->cached);
    dag__json_integer(json, "output_tokens", (int64_t)usage->output);
    dag__json_integer(json, "reasoning_tokens", (int64_t)usage->reasoning);
    dag__json_string(json, "counted_by", usage->is_estimated ? "estimated" : "server");
    if (usage->has_cost)
        dag__json_number(json, "price", usage->cost);
}

void
dag__json_usage(JsonWriter *json, const DagRun *run, DagTaskId id)
{
    const DagUsage *usage = dag_run_usage(run, id);

    if (!usage)
        return;
    dag__json_begin_object(json, "usage");
    dag__json_string(json, "model", usage->model);
    dag__json_string(json, "model_served", usage->served);
    dag__json_string(json, "finish_reason", usage->finish_reason);
    if (usage->fallback)
        dag__json_string(json, "fallback", usage->fallback);
    dag__json_integer(json, "repairs", usage->repairs);
    write_tokens(json, usage);
    dag__json_end_object(json);
}

void
dag__json_traffic(JsonWriter *json, const char *key, const DagRun *run)
{
    DagTraffic traffic = dag_run_traffic(run);

    if (traffic.n_requests == 0 && !traffic.has_usage)
        return;
    dag__json_begin_object(json, key);
    dag__json_integer(json, "requests", (int64_t)traffic.n_requests);
    dag__json_integer(json, "failed_requests", (int64_t)traffic.n_failed);
    dag__json_seconds(json, "throttled_seconds", traffic.throttled_ns);
    if (traffic.has_usage)
        write_tokens(json, &traffic.usage);
    dag__json_end_object(json);
}
