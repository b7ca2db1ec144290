# SPDX-License-Identifier: MIT
"""Cases, races and goals.  A case becomes a race when it is prepared."""

import functools

import measure


class Case:
    """One named comparison; prepare(workspace) writes its files and returns the Race."""

    def __init__(self, name, title, prepare):
        self.name = name
        self.title = title
        self.prepare = prepare


class Race:
    """Contenders side by side.

    limit: name of the contender that ratios refer to
    key: the figure that counts
    shown: the figures of the table
    document: the figures that have a table in the document, shared with other cases; if empty,
        the document has the whole table of this case
    heading: of the first column, which is `key` divided by the number of tasks
    """

    def __init__(self, contenders=(), *, n_tasks=1, limit="limit", goals=(), key="wall_s",
                 shown=("wall_s", "cpu_s", "peak_bytes"), document=None, heading="a task",
                 rounds_factor=1, fills=True, run=None, remarks=()):
        self.n_tasks = n_tasks
        self.limit = limit
        self.goals = list(goals)
        self.key = key
        self.shown = list(shown)
        self.document = [key] if document is None else list(document)
        self.heading = heading
        self.rounds_factor = rounds_factor
        self.remarks = list(remarks)
        self.run = run or functools.partial(measure.side_by_side, contenders=contenders,
                                            fills=fills)

    def measure(self, launcher, n_rounds):
        rows, left_out = self.run(launcher, n_rounds=n_rounds * self.rounds_factor)
        return Result(self, rows, left_out)


class Result:
    """The result of a race."""

    def __init__(self, race, rows, left_out):
        self.race = race
        self.rows = {row.name: row for row in rows}
        self.left_out = left_out

    def median(self, name, key):
        """Return a contender's median, or None if it is unknown or was not measured."""
        return self.rows[name].median(key) if name in self.rows else None

    def ratio(self, name, other, key=None):
        if name not in self.rows or other not in self.rows:
            return None
        return self.rows[name].ratio(self.rows[other], key or self.race.key)


class Goal:
    """figure(result) must be at most `bound`, or less than it; it is None if not measured."""

    def __init__(self, text, figure, bound, is_strict=False, unit=""):
        self.text = text
        self.figure = figure
        self.bound = bound
        self.is_strict = is_strict
        self.unit = unit

    def evaluate(self, result):
        """Return the figure, and "reached", "missed" or "not measured"."""
        figure = self.figure(result)
        if figure is None:
            return None, "not measured"
        is_met = figure < self.bound if self.is_strict else figure <= self.bound
        return figure, "reached" if is_met else "missed"


def at_most(name, times, other):
    return Goal(f"{name} ≤ {times:g} × {other}", lambda result: result.ratio(name, other), times)


def faster(name, other):
    return Goal(f"{name} faster than {other}", lambda result: result.ratio(name, other), 1,
                is_strict=True)
