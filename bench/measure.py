# SPDX-License-Identifier: MIT
"""Runs contenders side by side.

All run in each round, so that whatever slows the machine down for a while slows down all of
them; a ratio is taken within each round, and the median of these is what counts.  The order
changes from round to round, so that nobody always comes after the same one.  Who is quick runs more than once
in a round, and the mean counts: some machines are twice as fast in one tenth of a second as in the
next, and who takes a second meets all of that, who takes a tenth does not.  A first run of each
does not count: it fills caches, and its output is looked at, to see that it did what it should.
"""

import json
import os
import signal
import statistics
import subprocess
import tempfile


MOST_RUNS = 20
"""In one round, of one contender."""


class Broken(Exception):
    """A contender did not do what it should: there is nothing to measure."""


class TooSlow(Exception):
    """A contender was stopped, since it took longer than anybody waits."""


class Contender:
    """A program to run.

    check(output) returns what is wrong with what a run said, or None; prepare() is called before
    each run, unmeasured.  One that tells figures prints a JSON object.  One that makes n_runs by
    itself may take so much longer.
    """

    def __init__(self, name, command, *, directory=".", check=None, prepare=None,
                 tells_figures=False, n_runs=1):
        self.name = name
        self.command = [str(word) for word in command]
        self.directory = directory
        self.check = check or (lambda output: None)
        self.prepare = prepare or (lambda: None)
        self.tells_figures = tells_figures
        self.n_runs = n_runs


class Row:
    """What was measured of a contender: a sample, a dict of figures, for each round."""

    def __init__(self, name, samples, command=()):
        self.name = name
        self.samples = samples
        self.command = list(command)

    def values(self, key):
        return [sample[key] for sample in self.samples if key in sample]

    def median(self, key):
        """None where that was not measured."""
        values = self.values(key)
        return statistics.median(values) if values else None

    def ratio(self, other, key):
        """The median over the rounds of this one's figure to the other's."""
        pairs = zip(self.values(key), other.values(key))
        ratios = [mine / theirs for mine, theirs in pairs if theirs]
        return statistics.median(ratios) if ratios else None


def environment():
    """The same few variables for all, none of which asks a contender for something."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8"}


class Launcher:
    """Runs one contender once, by the program bench-launch.  In a round a contender runs until
    about fill_s are over."""

    def __init__(self, program, patience_s, fill_s=0):
        self.program = program
        self.patience_s = patience_s
        self.fill_s = fill_s

    def run(self, contender, output):
        """Returns the sample; `output`, a file, gets what the contender says."""
        contender.prepare()
        read_end, write_end = os.pipe()
        with open(read_end, encoding="ascii") as told:
            process = subprocess.Popen(
                [self.program, str(write_end), *contender.command],
                cwd=contender.directory, env=environment(), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, pass_fds=[write_end],
                start_new_session=True)
            os.close(write_end)
            self.wait(process, contender)
            return sample_of(contender, told.read())

    def wait(self, process, contender):
        patience_s = self.patience_s * contender.n_runs
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise TooSlow(f"{contender.name} took longer than {patience_s} s") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def run_quietly(self, contender):
        if not contender.tells_figures:
            return self.run(contender, subprocess.DEVNULL)
        return self.run_and_read(contender)[0]

    def run_and_read(self, contender):
        with tempfile.TemporaryFile() as output:
            sample = self.run(contender, output)
            output.seek(0)
            text = output.read().decode(errors="replace")
        if contender.tells_figures:
            sample |= json.loads(text)
        return sample, text


def sample_of(contender, told):
    """`told` is what bench-launch told."""
    numbers = told.split()
    if len(numbers) != 4:
        raise Broken(f"{contender.name} could not be started: {' '.join(contender.command)}")
    wall_ns, cpu_us, peak_kib, status = map(int, numbers)
    if status != 0:
        command = " ".join(contender.command)
        raise Broken(f"{contender.name} ended with status {status}: "
                     f"cd {contender.directory}; {command}")
    return {"wall_s": wall_ns / 1e9, "cpu_s": cpu_us / 1e6, "peak_bytes": peak_kib * 1024}


def order_of(round_number, things):
    """Another one first in each round, and every second time the other way round."""
    shift = round_number // 2 % len(things)
    turned = things[shift:] + things[:shift]
    return turned[::-1] if round_number % 2 else turned


def warm_up(launcher, contender):
    sample, text = launcher.run_and_read(contender)
    wrong = contender.check(text)
    if wrong:
        raise Broken(f"{contender.name}: {wrong}")
    return sample


def n_runs_to_fill(seconds, run_s):
    """How often to run in one round what takes run_s."""
    return max(1, min(MOST_RUNS, round(seconds / run_s)))


def mean_sample(samples):
    """Of several runs in one round; the peak is the highest of all."""
    return {key: (max if key == "peak_bytes" else statistics.fmean)(
        sample[key] for sample in samples) for key in samples[0]}


def side_by_side(launcher, contenders, n_rounds, fills=True):
    """Returns the rows, and (name, why) of each contender that was left out."""
    n_runs, left_out = {}, []
    for contender in contenders:
        try:
            run_s = warm_up(launcher, contender)["wall_s"]
            n_runs[contender] = n_runs_to_fill(launcher.fill_s, run_s) if fills else 1
        except TooSlow as slow:
            left_out.append((contender.name, str(slow)))
    samples = {contender: [] for contender in n_runs}
    for number in range(n_rounds):
        for contender in order_of(number, list(n_runs)):
            samples[contender].append(mean_sample(
                [launcher.run_quietly(contender) for _ in range(n_runs[contender])]))
    return [Row(c.name, samples[c], c.command) for c in n_runs], left_out
