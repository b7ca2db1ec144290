/* SPDX-License-Identifier: MIT */
#include "runner.h"

uint32_t
marks_count(const Shape *shape, const Mark *marks)
{
    uint32_t n = 0;

    for (uint32_t id = 0; id < shape->n; id++) {
        bool is_good = marks[id].end_ns > 0;

        for (uint32_t e = shape->first_pred[id]; e < shape->first_pred[id + 1]; e++)
            is_good = is_good && marks[shape->preds[e]].end_ns <= marks[id].end_ns;
        n += is_good;
    }
    return n;
}
