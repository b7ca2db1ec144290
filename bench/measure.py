# SPDX-License-Identifier: MIT
"""Run contenders side by side.

All contenders run in each round, so that a disturbance of the machine affects all of them.  A
ratio is computed within each round, and the median of the ratios counts.  The order changes from
round to round, so that no contender always follows the same other one.  Fast contenders run
several times per round, and the mean counts: the speed of some machines varies by a factor of two
within tenths of a second, which a long run averages and a short one does not.  The first run of
each contender does not count: it fills caches, and its output is checked.
"""

import json
import os
import signal
import statistics
import subprocess
import tempfile


MOST_RUNS = 20
"""Maximum number of runs of a contender in one round."""


class Broken(Exception):
    """A contender failed or printed wrong output, so there is nothing to measure."""


class TooSlow(Exception):
    """A contender exceeded the time limit and was killed."""


class Contender:
    """A program to run.

    check(output) returns a description of the error in a run's output, or None.  prepare() is
    called before each run and is not measured.  If prints_figures is set, the program prints a
    JSON object of figures.  A program that makes n_runs by itself gets n_runs times the time
    limit.
    """

    def __init__(self, name, command, *, directory=".", check=None, prepare=None,
                 prints_figures=False, n_runs=1):
        self.name = name
        self.command = [str(word) for word in command]
        self.directory = directory
        self.check = check or (lambda output: None)
        self.prepare = prepare or (lambda: None)
        self.prints_figures = prints_figures
        self.n_runs = n_runs


class Row:
    """The measurements of a contender: for each round a sample, which is a dict of figures."""

    def __init__(self, name, samples, command=()):
        self.name = name
        self.samples = samples
        self.command = list(command)

    def values(self, key):
        return [sample[key] for sample in self.samples if key in sample]

    def median(self, key):
        """Return the median of a figure, or None if it was not measured."""
        values = self.values(key)
        return statistics.median(values) if values else None

    def ratio(self, other, key):
        """Return the median over the rounds of the ratio of this figure to the other's."""
        pairs = zip(self.values(key), other.values(key))
        ratios = [mine / theirs for mine, theirs in pairs if theirs]
        return statistics.median(ratios) if ratios else None


def environment():
    """Return the environment of all contenders: a few variables without options of theirs."""
    names = ("PATH", "HOME", "TMPDIR", "DAGRUN_STORE")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8"}


class Launcher:
    """Runs contenders with the program bench-launch; in a round, each for about fill_s."""

    def __init__(self, program, patience_s, fill_s=0):
        self.program = program
        self.patience_s = patience_s
        self.fill_s = fill_s

    def run(self, contender, output):
        """Run a contender once and return the sample; its output goes to the file `output`."""
        contender.prepare()
        read_end, write_end = os.pipe()
        with open(read_end, encoding="ascii") as usage:
            process = subprocess.Popen(
                [self.program, str(write_end), *contender.command],
                cwd=contender.directory, env=environment(), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, pass_fds=[write_end],
                start_new_session=True)
            os.close(write_end)
            self.wait(process, contender)
            return sample_of(contender, usage.read())

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
        if not contender.prints_figures:
            return self.run(contender, subprocess.DEVNULL)
        return self.run_and_read(contender)[0]

    def run_and_read(self, contender):
        with tempfile.TemporaryFile() as output:
            sample = self.run(contender, output)
            output.seek(0)
            text = output.read().decode(errors="replace")
        if contender.prints_figures:
            sample |= json.loads(text)
        return sample, text


def sample_of(contender, usage):
    """Return the sample; `usage` is the line of bench-launch."""
    numbers = usage.split()
    if len(numbers) != 4:
        raise Broken(f"{contender.name} could not be started: {' '.join(contender.command)}")
    wall_ns, cpu_us, peak_kib, status = map(int, numbers)
    if status != 0:
        command = " ".join(contender.command)
        raise Broken(f"{contender.name} ended with status {status}: "
                     f"cd {contender.directory}; {command}")
    return {"wall_s": wall_ns / 1e9, "cpu_s": cpu_us / 1e6, "peak_bytes": peak_kib * 1024}


def order_of(round_number, things):
    """Return the order of a round: rotated every second round, reversed in between."""
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
    """Return the number of runs per round of a contender that takes run_s."""
    return max(1, min(MOST_RUNS, round(seconds / run_s)))


def mean_sample(samples):
    """Return the mean of several runs in one round; of peak_bytes, the maximum."""
    return {key: (max if key == "peak_bytes" else statistics.fmean)(
        sample[key] for sample in samples) for key in samples[0]}


def side_by_side(launcher, contenders, n_rounds, fills=True):
    """Return the rows, and (name, reason) of each contender that was left out."""
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
