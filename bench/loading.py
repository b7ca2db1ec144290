# SPDX-License-Identifier: MIT
"""How much time and memory does it take to load a graph from a file?

The limit is libxml2 reading the same file with empty handlers.  "to a plan" is a program that
embeds libdagrun: load the graph with every check, and plan it.  The dry runs of dagrun, make and
ninja also print one or two lines per task.
"""

import shapes
from measure import Contender
from processes import prints
from race import Case, Goal, Race, at_most, faster

COMMAND = "true"

SHAPES = {
    "smoke": {"100": (10, 10)},
    "quick": {"10^4": (100, 100), "10^5": (1000, 100)},
    "full": {"10^4": (100, 100), "10^5": (1000, 100), "10^6": (10000, 100)},
}

BIG = 1000000
"""Number of tasks above which the fixed memory of a program, some megabytes, is negligible."""


def cases(size):
    return [Case(f"loading/{name}", f"{sides[0]} layers of {sides[1]}, each task needs 3",
                 lambda workspace, name=name, sides=sides: prepare(workspace, name, sides))
            for name, sides in SHAPES[size].items()]


def counts(text, n):
    def check(output):
        n_found = output.count(text)
        return None if n_found == n else f"printed {text!r} {n_found} times, not {n} times"
    return check


def prepare(workspace, name, sides):
    directory = workspace.directory(f"loading-{name}")
    shape = shapes.layered(*sides)
    graph = shapes.write(directory / "graph.xml", shapes.graph_lines(shape, "exec", COMMAND))
    contenders = [
        Contender("limit", [workspace.program("limit-sax"), graph]),
        Contender("to a plan", [workspace.program("bench-stages"), "--to", "plan", graph],
                  check=prints(f'"n_tasks": {shape.n_tasks}, "n_phases": {sides[0]}'),
                  prints_figures=True),
        Contender("dagrun check", [workspace.program("dagrun"), "check", graph]),
        Contender("dagrun -n", [workspace.program("dagrun"), "-n", graph],
                  check=counts(f"\n    {COMMAND}\n", shape.n_tasks)),
        *others(directory, workspace, shape)]
    goals = [at_most("to a plan", 5, "limit")]
    goals += [faster("dagrun -n", f"{name} -n") for name in ("make", "ninja", "samu")
              if name == "make" or workspace.peer(name)]
    if shape.n_tasks >= BIG:
        goals.append(Goal("to a plan ≤ 300 bytes a task at the peak",
                          lambda result: per_task(result, "to a plan"), 300))
    return Race(contenders, n_tasks=shape.n_tasks, goals=goals,
                shown=["wall_s", "load_s", "plan_s", "cpu_s", "peak_bytes"],
                document=["wall_s", "peak_bytes"])


def per_task(result, name):
    peak = result.median(name, "peak_bytes")
    return peak / result.race.n_tasks if peak else None


def others(directory, workspace, shape):
    found = []
    shapes.write(directory / "build.ninja", shapes.ninja_lines(shape, COMMAND))
    for name in ("ninja", "samu"):
        if program := workspace.peer(name):
            found.append(Contender(f"{name} -n", [program, "-n"], directory=directory,
                                   check=prints(f"[{shape.n_tasks}/{shape.n_tasks}]")))
    if make := workspace.peer("make"):
        shapes.write(directory / "Makefile", shapes.makefile_lines(shape, COMMAND))
        found.append(Contender("make -n", [make, "-rR", "-n"], directory=directory,
                               check=counts("\n", shape.n_tasks)))
    return found
