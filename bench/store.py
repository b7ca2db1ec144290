# SPDX-License-Identifier: MIT
"""How much time does the store of runs take?

The same graphs with the store and without it, in turn.
"""

import shapes
from measure import Contender
from processes import N_JOBS, prints
from race import Case, Goal, Race, at_most

N_TASKS = {"smoke": 60, "quick": 2000, "full": 10000}

RUNS = {"smoke": 3, "quick": 30, "full": 50}
"""Runs of one task per round: a single run takes a millisecond, and its time varies much."""

TIMES = 1.03
MORE_MS = 0.5


def cases(size):
    return [
        Case("store/processes", f"{N_TASKS[size]} processes of two instructions",
             lambda workspace: Race(
                 contenders(workspace, N_TASKS[size]), n_tasks=N_TASKS[size], limit="no store",
                 document=[], goals=[at_most("store", TIMES, "no store")])),
        Case("store/startup", "one process of two instructions",
             lambda workspace: Race(
                 contenders(workspace, 1), limit="no store", rounds_factor=RUNS[size], fills=False,
                 document=[], goals=[Goal(f"store ≤ {MORE_MS:g} ms more", more_ms, MORE_MS,
                                          unit=" ms")])),
    ]


def contenders(workspace, n_tasks):
    directory = workspace.directory(f"store-{n_tasks}")
    graph = shapes.write(directory / "graph.xml", shapes.graph_lines(
        shapes.independent(n_tasks), "exec", str(workspace.program("tiny"))))
    command = [workspace.program("dagrun"), "-j", N_JOBS, graph]
    check = prints(f"{n_tasks} task{'s' * (n_tasks > 1)} succeeded")
    return [Contender("no store", [*command, "--no-store"], directory=directory, check=check),
            Contender("store", [*command, "--store", directory / "store"], directory=directory,
                      check=check)]


def more_ms(result):
    """Return the time that the store adds, in milliseconds."""
    return 1000 * (result.median("store", "wall_s") - result.median("no store", "wall_s"))
