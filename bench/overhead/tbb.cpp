/* SPDX-License-Identifier: MIT */
/*
 * oneTBB in two ways: a flow graph of continue_nodes, built once; and a task_group in which the
 * last predecessor of a task submits it.
 */
#include "runner.h"

#include <atomic>
#include <memory>
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#include <vector>

namespace
{
namespace flow = oneapi::tbb::flow;

using Marks = std::vector<Mark>;

thread_local int64_t last_ns;

uint32_t
check_marks(const Shape &shape, void *done)
{
    std::unique_ptr<Marks> marks(static_cast<Marks *>(done));

    return marks_count(&shape, marks->data());
}

struct Flow {
    using Node = flow::continue_node<flow::continue_msg>;

    Flow(const Shape &of, const Body &body, unsigned n_workers)
        : shape(of), arena(n_workers)
    {
        arena.execute([&] {
            graph = std::make_unique<flow::graph>();
            for (uint32_t id = 0; id < shape.n; id++)
                nodes.push_back(
                    std::make_unique<Node>(*graph, [this, id, body](flow::continue_msg) {
                        mark_task(&(*marks)[id], &body, &last_ns);
                    }));
            for (uint32_t id = 0; id < shape.n; id++)
                for (uint32_t e = shape.first_succ[id]; e < shape.first_succ[id + 1]; e++)
                    flow::make_edge(*nodes[id], *nodes[shape.succs[e]]);
        });
    }

    void *run()
    {
        marks = new Marks(shape.n);
        arena.execute([&] {
            for (uint32_t id = 0; id < shape.n; id++)
                if (shape_n_preds(&shape, id) == 0)
                    nodes[id]->try_put(flow::continue_msg());
            graph->wait_for_all();
        });
        return marks;
    }

    const Shape &shape;
    oneapi::tbb::task_arena arena;
    std::unique_ptr<flow::graph> graph;
    std::vector<std::unique_ptr<Node>> nodes;
    Marks *marks = nullptr; /* of the current run */
};

struct Tasks {
    Tasks(const Shape &of, const Body &a_body, unsigned n_workers)
        : shape(of), body(a_body), arena(n_workers)
    {
    }

    void work(uint32_t id)
    {
        mark_task(&(*marks)[id], &body, &last_ns);
        for (uint32_t e = shape.first_succ[id]; e < shape.first_succ[id + 1]; e++) {
            uint32_t next = shape.succs[e];

            if (waiting[next].fetch_sub(1) == 1)
                group->run([this, next] { work(next); });
        }
    }

    void *run()
    {
        marks = new Marks(shape.n);
        waiting = std::make_unique<std::atomic<uint32_t>[]>(shape.n);
        for (uint32_t id = 0; id < shape.n; id++)
            waiting[id] = shape_n_preds(&shape, id);
        arena.execute([&] {
            oneapi::tbb::task_group all;

            group = &all;
            for (uint32_t id = 0; id < shape.n; id++)
                if (shape_n_preds(&shape, id) == 0)
                    all.run([this, id] { work(id); });
            all.wait();
        });
        return marks;
    }

    const Shape &shape;
    Body body;
    oneapi::tbb::task_arena arena;
    oneapi::tbb::task_group *group = nullptr;
    std::unique_ptr<std::atomic<uint32_t>[]> waiting;
    Marks *marks = nullptr; /* of the current run */
};

template <typename T>
constexpr Runner
runner_of(const char *name, const char *summary)
{
    return {
        name,
        summary,
        false,
        [](const Shape *shape, const Body *body, unsigned n_workers) -> void * {
            return new T(*shape, *body, n_workers);
        },
        [](void *it) { return static_cast<T *>(it)->run(); },
        [](void *it, void *done) { return check_marks(static_cast<T *>(it)->shape, done); },
        [](void *it) { delete static_cast<T *>(it); },
    };
}
} // namespace

const Runner runner_tbb_flow = runner_of<Flow>("tbb-flow", "oneTBB, flow graph");
const Runner runner_tbb_tasks = runner_of<Tasks>("tbb-tasks", "oneTBB, task_group");
