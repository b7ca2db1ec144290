# SPDX-License-Identifier: MIT
"""What is compared, and what for: cases, which become races when their turn comes, and goals."""

import functools

import measure


class Case:
    """One comparison, by name; prepare(place) writes what it needs and returns the Race."""

    def __init__(self, name, title, prepare):
        self.name = name
        self.title = title
        self.prepare = prepare


class Race:
    """Contenders side by side.

    Ratios are to the one called `limit`; `key` names the figure that counts, `shown` those of
    the table, `document` those that have a table in the document, together with other cases;
    without any, the document has the whole table of this case.  The first column, the figure
    that counts divided by the number of tasks, has the `heading`.
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
    """What a race showed."""

    def __init__(self, race, rows, left_out):
        self.race = race
        self.rows = {row.name: row for row in rows}
        self.left_out = left_out

    def median(self, name, key):
        """None where there is none of that name, or it was not measured."""
        return self.rows[name].median(key) if name in self.rows else None

    def ratio(self, name, other, key=None):
        if name not in self.rows or other not in self.rows:
            return None
        return self.rows[name].ratio(self.rows[other], key or self.race.key)


class Goal:
    """figure(result) is to be at most `bound`, or less than it; None if it cannot be told."""

    def __init__(self, text, figure, bound, is_strict=False, unit=""):
        self.text = text
        self.figure = figure
        self.bound = bound
        self.is_strict = is_strict
        self.unit = unit

    def judge(self, result):
        """Returns the figure, and "reached", "missed" or "not measured"."""
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
