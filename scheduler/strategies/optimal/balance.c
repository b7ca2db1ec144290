/* SPDX-License-Identifier: MIT */
#include "strategies/optimal/balance.h"

#include <stdlib.h>
#include <string.h>

#define MAX_HALF       10 /* tasks; all their subsets are tried */
#define MAX_TASKS      (2 * MAX_HALF)
#define MAX_CANDIDATES 64  /* divisions tried for one pair of workers */
#define MAX_PAIRS      400 /* tried for one schedule */

/* A set of the chosen tasks, by their numbers there, and the sum of their durations. */
typedef struct Sum {
    int64_t sum;
    uint32_t members;
} Sum;

/* A task that is divided anew. */
typedef struct Piece {
    uint32_t id;
    int64_t duration;
    int64_t earliest, latest; /* starts, given the tasks that stay */
    uint32_t preds;           /* among the pieces */
} Piece;

/* The last tasks of two workers. */
typedef struct Pair {
    unsigned workers[2];
    int64_t free_at[2];      /* when the tasks that stay have ended */
    Piece pieces[MAX_TASKS]; /* by latest start */
    uint32_t n;
    int64_t start[MAX_TASKS]; /* the new starts */
} Pair;

typedef struct Balance {
    const Problem *problem;
    int64_t deadline;
    GRand *random;
    int64_t *start;   /* [n] */
    unsigned *worker; /* [n] */
    int64_t *end;     /* [n_workers]: the end of the last task */
    Turn *turns;      /* [n]: by start */
    unsigned *order;  /* [n_workers] */
    Sum left[1 << MAX_HALF], right[1 << MAX_HALF], scratch[1 << MAX_HALF];
} Balance;

static int64_t
end_of(const Balance *balance, uint32_t id)
{
    return balance->start[id] + balance->problem->duration[id];
}

/* Sort the tasks by start. */
static void
sort_by_start(Balance *balance)
{
    for (uint32_t id = 0; id < balance->problem->n; id++)
        balance->turns[id] = (Turn){-balance->start[id], id, 0};
    turns_sort(balance->turns, balance->problem->n);
}

/* Assign a worker to each task: the one that has been free for the shortest time. */
static void
assign_workers(Balance *balance)
{
    unsigned n_workers = balance->problem->n_workers;

    sort_by_start(balance);
    memset(balance->end, 0, n_workers * sizeof(int64_t));
    for (uint32_t i = 0; i < balance->problem->n; i++) {
        uint32_t id = balance->turns[i].id;
        unsigned best = n_workers,
                 from = (unsigned)g_rand_int_range(balance->random, 0, (int)n_workers);

        for (unsigned k = 0; k < n_workers; k++) {
            unsigned w = (from + k) % n_workers;

            if (balance->end[w] <= balance->start[id] &&
                (best == n_workers || balance->end[w] > balance->end[best]))
                best = w;
        }
        balance->worker[id] = best;
        balance->end[best] = end_of(balance, id);
    }
}

static int64_t
sum_of_ends(const Balance *balance)
{
    int64_t sum = 0;

    for (unsigned w = 0; w < balance->problem->n_workers; w++)
        sum += balance->end[w];
    return sum;
}

static unsigned
count_late(const Balance *balance)
{
    unsigned n = 0;

    for (unsigned w = 0; w < balance->problem->n_workers; w++)
        n += balance->end[w] > balance->deadline;
    return n;
}

/* Fill the window of a piece from the tasks that stay, and its predecessors among the pieces. */
static void
constrain(const Balance *balance, Pair *pair, uint32_t number, const uint32_t *number_of)
{
    const Problem *problem = balance->problem;
    Piece *piece = &pair->pieces[number];

    piece->earliest = piece->preds = 0;
    piece->latest = balance->deadline - piece->duration;
    for (uint32_t i = problem->preds.first[piece->id];
         i < problem->preds.first[piece->id + 1]; i++) {
        uint32_t pred = problem->preds.ids[i];

        if (number_of[pred] != UINT32_MAX)
            piece->preds |= UINT32_C(1) << number_of[pred];
        else
            piece->earliest = MAX(piece->earliest, end_of(balance, pred));
    }
    for (uint32_t i = problem->succs.first[piece->id];
         i < problem->succs.first[piece->id + 1]; i++) {
        uint32_t succ = problem->succs.ids[i];

        if (number_of[succ] == UINT32_MAX)
            piece->latest = MIN(piece->latest, balance->start[succ] - piece->duration);
    }
}

/* Take up to `n_wanted` of the last tasks of two workers. */
static void
take_pieces(Balance *balance, Pair *pair, uint32_t n_wanted)
{
    const Problem *problem = balance->problem;
    g_autofree uint32_t *number_of = g_new(uint32_t, problem->n);

    memset(number_of, 0xff, problem->n * sizeof(uint32_t));
    pair->n = 0;
    pair->free_at[0] = pair->free_at[1] = 0;
    for (uint32_t i = problem->n; i-- > 0;) {
        uint32_t id = balance->turns[i].id;
        unsigned side = balance->worker[id] == pair->workers[1];

        if (balance->worker[id] != pair->workers[side])
            continue;
        if (pair->n < n_wanted) {
            number_of[id] = pair->n;
            pair->pieces[pair->n++] = (Piece){.id = id, .duration = problem->duration[id]};
        } else
            pair->free_at[side] = MAX(pair->free_at[side], end_of(balance, id));
    }
    for (uint32_t i = 0; i < pair->n; i++)
        constrain(balance, pair, i, number_of);
}

/* Fill sums_out with the sums of all subsets of pieces [from, from + n), sorted.  Returns: how
 * many there are. */
static uint32_t
list_sums(const Pair *pair, uint32_t from, uint32_t n, Sum *sums_out, Sum *scratch)
{
    uint32_t n_sums = 1;

    sums_out[0] = (Sum){0, 0};
    for (uint32_t i = from; i < from + n; i++) {
        Sum added = {pair->pieces[i].duration, UINT32_C(1) << i};

        /* Merge the sums without and with this piece. */
        for (uint32_t k = 0, without = 0, with = 0; k < 2 * n_sums; k++)
            if (without < n_sums && sums_out[without].sum <= sums_out[with].sum + added.sum)
                scratch[k] = sums_out[without++];
            else {
                scratch[k] = (Sum){sums_out[with].sum + added.sum,
                                   sums_out[with].members | added.members};
                with++;
            }
        n_sums *= 2;
        memcpy(sums_out, scratch, n_sums * sizeof(Sum));
    }
    return n_sums;
}

/* Return the number of a piece that can start on its side at `time`, or UINT32_MAX. */
static uint32_t
next_piece(const Pair *pair, uint32_t candidates, uint32_t ended, int64_t time)
{
    uint32_t best = UINT32_MAX;

    for (; candidates != 0; candidates &= candidates - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(candidates);
        const Piece *piece = &pair->pieces[i];

        if (piece->earliest <= time && (piece->preds & ~ended) == 0 &&
            (best == UINT32_MAX || piece->latest < pair->pieces[best].latest))
            best = i;
    }
    return best;
}

/* Return whether the first worker can do the pieces `first` and the second the others, without
 * idle time; fills pair->start. */
static bool
is_feasible(Pair *pair, uint32_t first)
{
    uint32_t left[2] = {first, ~first & ((UINT32_C(1) << pair->n) - 1)};
    uint32_t running[2] = {0, 0}, ended = 0;
    int64_t time[2] = {pair->free_at[0], pair->free_at[1]};

    while ((left[0] | left[1]) != 0) {
        unsigned side = left[0] != 0 && (left[1] == 0 || time[0] <= time[1]) ? 0 : 1;
        uint32_t piece;

        if (time[!side] <= time[side])
            ended |= running[!side];
        ended |= running[side];
        piece = next_piece(pair, left[side], ended, time[side]);
        if (piece == UINT32_MAX || time[side] > pair->pieces[piece].latest)
            return false;
        pair->start[piece] = time[side];
        time[side] += pair->pieces[piece].duration;
        running[side] = UINT32_C(1) << piece;
        left[side] &= ~running[side];
    }
    return true;
}

/* Find a division in which the first worker's pieces take from `least` to `most`. */
static bool
divide(Balance *balance, Pair *pair, int64_t least, int64_t most)
{
    uint32_t half = pair->n / 2;
    uint32_t n_left = list_sums(pair, 0, half, balance->left, balance->scratch);
    uint32_t n_right =
        list_sums(pair, half, pair->n - half, balance->right, balance->scratch);
    uint32_t n_tried = 0;

    for (uint32_t i = 0, high = n_right; i < n_left && n_tried < MAX_CANDIDATES; i++) {
        int64_t sum = balance->left[i].sum;

        while (high > 0 && sum + balance->right[high - 1].sum > most)
            high--;
        for (uint32_t k = high;
             k > 0 && sum + balance->right[k - 1].sum >= least && n_tried < MAX_CANDIDATES;
             k--, n_tried++)
            if (is_feasible(pair, balance->left[i].members | balance->right[k - 1].members))
                return true;
    }
    return false;
}

/* Choose two workers, if possible of those that do not end exactly in time. */
static void
choose_workers(Balance *balance, Pair *pair, int64_t slack)
{
    unsigned n = balance->problem->n_workers, n_inexact = 0;

    for (unsigned w = 0; w < n; w++)
        if (balance->end[w] > balance->deadline ||
            balance->end[w] < balance->deadline - slack)
            balance->order[n_inexact++] = w;
    for (unsigned w = 0, k = n_inexact; w < n; w++)
        if (!(balance->end[w] > balance->deadline ||
              balance->end[w] < balance->deadline - slack))
            balance->order[k++] = w;
    for (unsigned i = 0; i < 2; i++) {
        unsigned limit = n_inexact > i ? n_inexact : n;
        unsigned k = (unsigned)g_rand_int_range(balance->random, (int)i, (int)limit);
        unsigned chosen = balance->order[k];

        balance->order[k] = balance->order[i];
        balance->order[i] = pair->workers[i] = chosen;
    }
}

/* Divide the last tasks of two workers anew.  Returns: whether that succeeded. */
static bool
try_pair(Balance *balance, int64_t slack)
{
    Pair pair;
    int64_t time_left, all = 0;

    choose_workers(balance, &pair, slack);
    take_pieces(balance, &pair,
                (uint32_t)g_rand_int_range(balance->random, 8, MAX_TASKS + 1));
    for (uint32_t i = 0; i < pair.n; i++)
        all += pair.pieces[i].duration;
    time_left = balance->deadline - pair.free_at[0];
    /* Both in time, if they can be; otherwise the first exactly in time. */
    if (!divide(balance, &pair,
                MAX(time_left - slack, all - (balance->deadline - pair.free_at[1])),
                time_left) &&
        !divide(balance, &pair, time_left - slack, time_left))
        return false;
    for (uint32_t i = 0; i < pair.n; i++)
        balance->start[pair.pieces[i].id] = pair.start[i];
    return true;
}

bool
balance(const Problem *problem, int64_t deadline, GRand *random, int64_t *start)
{
    g_autofree Balance *balance = g_new(Balance, 1);
    g_autofree unsigned *worker = g_new(unsigned, problem->n);
    g_autofree unsigned *order = g_new(unsigned, problem->n_workers);
    g_autofree int64_t *end = g_new(int64_t, problem->n_workers);
    g_autofree Turn *turns = g_new(Turn, problem->n);
    int64_t slack;

    balance->problem = problem;
    balance->deadline = deadline;
    balance->random = random;
    balance->start = start;
    balance->worker = worker;
    balance->order = order;
    balance->end = end;
    balance->turns = turns;
    assign_workers(balance);
    slack = problem->n_workers * deadline - sum_of_ends(balance);
    if (slack < 0 || problem->n_workers < 2)
        return false;
    for (unsigned i = 0; i < MAX_PAIRS && count_late(balance) > 0; i++)
        if (try_pair(balance, slack / problem->n_workers))
            assign_workers(balance);
    return count_late(balance) == 0;
}
