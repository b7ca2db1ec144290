# SPDX-License-Identifier: MIT
"""What is the cost of each strategy for many tasks?

The library plans and runs tasks that do nothing, with two workers.  Memory is the increase of the
peak by the run, beyond graph and plan.
"""

import subprocess

import shapes
from measure import Contender
from processes import N_JOBS, prints
from race import Case, Goal, Race

SHAPES = {
    "smoke": {"100": (10, 10)},
    "quick": {"10^4": (100, 100), "10^5": (316, 316)},
    "full": {"10^4": (100, 100), "10^5": (316, 316), "10^6": (1000, 1000)},
}

BIG = 90000
"""Number of tasks above which fixed memory, such as stacks of threads, is negligible."""


def cases(size):
    return [Case(f"strategies/{name}", f"{sides[0]} layers of {sides[1]}, each task needs 3",
                 lambda workspace, name=name, sides=sides: prepare(workspace, name, sides))
            for name, sides in SHAPES[size].items()]


def names(workspace):
    listed = subprocess.run([workspace.program("dagrun"), "list", "--names", "strategies"],
                            capture_output=True, text=True, check=True)
    return listed.stdout.split()


def prepare(workspace, name, sides):
    shape = shapes.layered(*sides)
    directory = workspace.directory(f"strategies-{name}")
    graph = shapes.write(directory / "graph.xml", shapes.graph_lines(shape, "noop", ""))
    stages = [workspace.program("bench-stages"), "-j", N_JOBS, "--strategy"]
    contenders = [Contender(strategy, [*stages, strategy, graph], prints_figures=True,
                            check=prints(f'"n_succeeded": {shape.n_tasks}'))
                  for strategy in names(workspace)]
    goals = []
    if shape.n_tasks >= BIG:
        goals.append(Goal("every run ≤ 100 bytes a task beyond the graph", most_bytes, 100))
    return Race(contenders, n_tasks=shape.n_tasks, limit=None, goals=goals, key="total_s",
                shown=["plan_s", "run_s", "run_bytes"], document=["total_s", "run_bytes"])


def most_bytes(result):
    """Return the bytes per task of the strategy that uses the most."""
    return max(row.median("run_bytes") for row in result.rows.values()) / result.race.n_tasks
