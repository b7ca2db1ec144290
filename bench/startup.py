# SPDX-License-Identifier: MIT
"""How long does a graph with a single task take?

"task" is the task alone, started by bench-launch like all contenders.  The goal compares the time
that a runner adds to it.
"""

import shapes
from measure import Contender
from processes import graph_runners
from race import Case, Goal, Race

RUNS = {"smoke": 3, "quick": 30, "full": 50}
"""Runs per round: a single run takes a millisecond, and its time varies much."""

TIMES = 1.5


def cases(size):
    return [Case("startup", "one task, /bin/true",
                 lambda workspace: prepare(workspace, RUNS[size]))]


def prepare(workspace, n_runs):
    runners = graph_runners(workspace.directory("startup"), workspace, shapes.independent(1),
                            "exec", "/bin/true")
    contenders = [Contender("task", ["/bin/true"]), *runners]
    return Race(contenders, limit="task", rounds_factor=n_runs, fills=False, document=[], goals=[
        Goal(f"dagrun ≤ {TIMES:g} × the faster of make and ninja, beyond the task itself",
             own_time, TIMES)])


def own_time(result):
    """Return the ratio of dagrun's time to that of the faster peer, both without the task."""
    task = result.median("task", "wall_s")
    peers = [result.median(name, "wall_s") for name in ("make", "ninja") if name in result.rows]
    if not peers:
        return None
    return (result.median("dagrun", "wall_s") - task) / (min(peers) - task)
