# SPDX-License-Identifier: MIT
"""What does each strategy cost when there are many tasks?

Planning and running tasks that do nothing, by the library, with two workers.  The memory is what
the run adds at its peak to graph and plan.
"""

import subprocess

import shapes
from measure import Contender
from processes import N_JOBS, says
from race import Case, Goal, Race

SHAPES = {
    "smoke": {"100": (10, 10)},
    "quick": {"10^4": (100, 100), "10^5": (316, 316)},
    "full": {"10^4": (100, 100), "10^5": (316, 316), "10^6": (1000, 1000)},
}

BIG = 90000
"""From so many tasks on, stacks of threads and the like are not seen any more."""


def cases(size):
    return [Case(f"strategies/{name}", f"{sides[0]} layers of {sides[1]}, each task needs 3",
                 lambda place, name=name, sides=sides: prepare(place, name, sides))
            for name, sides in SHAPES[size].items()]


def names(place):
    told = subprocess.run([place.program("dagrun"), "list", "--names", "strategies"],
                          capture_output=True, text=True, check=True)
    return told.stdout.split()


def prepare(place, name, sides):
    shape = shapes.layered(*sides)
    directory = place.directory(f"strategies-{name}")
    graph = shapes.write(directory / "graph.xml", shapes.graph_lines(shape, "noop", ""))
    stages = [place.program("bench-stages"), "-j", N_JOBS, "--strategy"]
    contenders = [Contender(strategy, [*stages, strategy, graph], tells_figures=True,
                            check=says(f'"n_succeeded": {shape.n_tasks}'))
                  for strategy in names(place)]
    goals = []
    if shape.n_tasks >= BIG:
        goals.append(Goal("every run ≤ 100 bytes a task beyond the graph", most_bytes, 100))
    return Race(contenders, n_tasks=shape.n_tasks, limit=None, goals=goals, key="total_s",
                shown=["plan_s", "run_s", "run_bytes"], document=["total_s", "run_bytes"])


def most_bytes(result):
    """A task, of the strategy that takes the most."""
    return max(row.median("run_bytes") for row in result.rows.values()) / result.race.n_tasks
