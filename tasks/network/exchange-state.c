/* SPDX-License-Identifier: MIT */
#include "exchange-state.h"

#include "exchange.h"

#include <dagrun/duration.h>

#define BIT(state) (1U << EXCHANGE_##state)

/* The states that may follow, except EXCHANGE_IDLE. */
static const unsigned next_of[] = {
    [EXCHANGE_IDLE] = BIT(WAITING) | BIT(QUEUED) | BIT(RUNNING) | BIT(REPLAYING),
    [EXCHANGE_WAITING] = BIT(WAITING) | BIT(QUEUED) | BIT(RUNNING) | BIT(REPLAYING),
    [EXCHANGE_QUEUED] = BIT(ADMITTED),
    [EXCHANGE_ADMITTED] = BIT(WAITING) | BIT(RUNNING),
    [EXCHANGE_RUNNING] = BIT(WAITING) | BIT(RUNNING) | BIT(ENDED),
    [EXCHANGE_REPLAYING] = BIT(WAITING) | BIT(ENDED),
    [EXCHANGE_ENDED] = 0,
};

#undef BIT

static bool
ends_by_itself(ExchangeState state)
{
    return state == EXCHANGE_WAITING || state == EXCHANGE_ADMITTED ||
           state == EXCHANGE_REPLAYING;
}

static bool
has_place(ExchangeState state)
{
    return state == EXCHANGE_ADMITTED || state == EXCHANGE_RUNNING;
}

bool
exchange_has_place(const Exchange *exchange)
{
    return has_place(exchange->state);
}

/* Give back all that the state holds, except for a place. */
static void
leave(Exchange *exchange)
{
    if (exchange->wait)
        waits_remove(transfers_waits(exchange->transfers), exchange->wait);
    exchange->wait = NULL;
    if (exchange->state != EXCHANGE_QUEUED)
        return;
    g_queue_remove(&exchange->origin->queue, exchange);
    exchange->queue_ns += dag_clock_ns() - exchange->queued_ns;
}

/* Take all that the state holds, except for a place. */
static void
enter(Exchange *exchange, ExchangeState state, int64_t time_ns)
{
    exchange->state = state;
    if (ends_by_itself(state))
        exchange->wait = waits_add(transfers_waits(exchange->transfers), time_ns,
                                   exchange_go_on, exchange);
    if (state != EXCHANGE_QUEUED)
        return;
    exchange->queued_ns = dag_clock_ns();
    g_queue_push_tail(&exchange->origin->queue, exchange);
}

void
exchange_admit(Origin *origin)
{
    for (unsigned n = origin_n_places(origin); n > 0 && origin->queue.length > 0; n--) {
        Exchange *next = g_queue_peek_head(&origin->queue);

        leave(next);
        enter(next, EXCHANGE_ADMITTED, 0);
        origin->n_running++;
    }
}

void
exchange_move(Exchange *exchange, ExchangeState state, int64_t time_ns)
{
    ExchangeState before = exchange->state;
    Origin *origin = exchange->origin;

    g_assert(state == EXCHANGE_IDLE || next_of[before] >> state & 1);
    leave(exchange);
    enter(exchange, state, time_ns);
    if (has_place(before) == has_place(state))
        return;
    if (has_place(state)) {
        origin->n_running++;
        return;
    }
    origin->n_running--;
    origin->n_unresolved += before == EXCHANGE_RUNNING && !origin->is_resolved;
    exchange_admit(origin);
}
