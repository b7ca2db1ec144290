# SPDX-License-Identifier: MIT
"""How long until a graph of a single task is done?

"task" is that task alone, started by what starts all the others.  What a runner takes beyond it
is its own time, and that is what the goal compares.
"""

import shapes
from measure import Contender
from processes import graph_runners
from race import Case, Goal, Race

RUNS = {"smoke": 3, "quick": 30, "full": 50}
"""In place of each round: single runs take a millisecond, and scatter."""

TIMES = 1.5


def cases(size):
    return [Case("startup", "one task, /bin/true",
                 lambda place: prepare(place, RUNS[size]))]


def prepare(place, n_runs):
    runners = graph_runners(place.directory("startup"), place, shapes.independent(1), "exec",
                            "/bin/true")
    contenders = [Contender("task", ["/bin/true"]), *runners]
    return Race(contenders, limit="task", rounds_factor=n_runs, fills=False, document=[], goals=[
        Goal(f"dagrun ≤ {TIMES:g} × the faster of make and ninja, beyond the task itself",
             own_time, TIMES)])


def own_time(result):
    """Returns: dagrun's time to that of the faster peer, all without the task."""
    task = result.median("task", "wall_s")
    peers = [result.median(name, "wall_s") for name in ("make", "ninja") if name in result.rows]
    if not peers:
        return None
    return (result.median("dagrun", "wall_s") - task) / (min(peers) - task)
