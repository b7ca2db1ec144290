# SPDX-License-Identifier: MIT
"""What is the overhead per task within one process?

bench-overhead runs graphs of tasks that do nothing: with dagrun's strategies, which record start
and end of each task, with oneTBB, with OpenMP, and with a thread pool and one push per task.  The
limit ("pass") is a single thread that processes the same arrays.  The program alternates between
the runners itself; this module calls it and collects its output.

For tasks that spin, efficiency is the work divided by the time of all workers.  METG (minimum
effective task granularity; Slaughter et al. 2020) is the shortest task for which efficiency
reaches one half.
"""

import functools
import math
import statistics
import subprocess

from measure import Broken, Contender, Row
from race import Case, Goal, Race, faster

SHAPES = ["independent", "chain", "layers", "wavefront", "tree"]
SIZES = {"smoke": 2500, "quick": 250000, "full": 1000000}
"""Square numbers, since some shapes are squares."""

OURS = ["phases", "dataflow", "critical-path"]
LIMIT = "pass"
N_WORKERS = 2

BODIES_NS = {"smoke": [1000, 10000], "quick": [100, 1000, 10000, 100000],
             "full": [50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000]}
SHOWN_BODIES = {1000: "efficiency_1us", 10000: "efficiency_10us", 100000: "efficiency_100us"}
BODIES_S = 0.4
"""Total of all bodies of a run: so long that starting the workers is negligible."""


def cases(size):
    n_tasks = SIZES[size]
    return [Case(f"overhead/{shape}/{n}", f"{n_tasks} tasks that do nothing, workers: {n}",
                 lambda workspace, shape=shape, n=n: prepare(workspace, shape, n_tasks, n))
            for n in (N_WORKERS, 1) for shape in SHAPES] + [
        Case("overhead/efficiency", f"layers of tasks that spin, workers: {N_WORKERS}",
             lambda workspace: prepare_efficiency(workspace, n_tasks, BODIES_NS[size]))]


def measure_runners(launcher, program, n_rounds, **options):
    """Run bench-overhead and return a list of samples for each runner."""
    words = [f"--{name}={value}" for name, value in options.items()]
    words += [f"--runner={name}" for name in runners(program)]
    contender = Contender("bench-overhead", [program, *words, f"--rounds={n_rounds}"],
                          n_runs=10 * n_rounds)
    _, text = launcher.run_and_read(contender)
    samples = {}
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) != 8:
            raise Broken(f"bench-overhead printed {line!r}")
        runner, round_number = fields[2], int(fields[5])
        if round_number > 0:
            samples.setdefault(runner, []).append({
                "run_s": float(fields[6]), "run_bytes": int(fields[7]),
                "n_tasks": int(fields[1])})
    return samples


@functools.cache
def runners(program):
    """Return all runners.  By default the program omits the limit if there are several workers."""
    listed = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout
    return [line.split("\t")[1] for line in listed.splitlines() if line.startswith("runner\t")]


def prepare(workspace, shape, n_tasks, n_workers):
    program = workspace.program("bench-overhead")

    def run(launcher, n_rounds):
        samples = measure_runners(launcher, program, n_rounds, shape=shape, tasks=n_tasks,
                      workers=n_workers)
        return [Row(name, samples[name]) for name in samples], []
    goals = [Goal("dataflow ≤ 60 ns a task", ns_per_task, 60)]
    goals += [faster("dataflow", name) for name in runners(program) if name not in OURS + [LIMIT]]
    goals += [Goal(f"{name} ≤ 100 bytes a task beyond the graph",
                   lambda result, name=name: bytes_per_task(result, name), 100)
              for name in OURS]
    return Race(run=run, n_tasks=n_tasks, limit=LIMIT, key="run_s", shown=["run_s", "run_bytes"],
                document=["run_s", "run_bytes"], goals=goals if n_workers > 1 else [])


def ns_per_task(result):
    return result.median("dataflow", "run_s") / result.race.n_tasks * 1e9


def bytes_per_task(result, name):
    n_bytes = result.median(name, "run_bytes")
    return None if n_bytes is None else n_bytes / result.race.n_tasks


def prepare_efficiency(workspace, n_tasks, bodies_ns):
    program = workspace.program("bench-overhead")

    def run(launcher, n_rounds):
        found = {}
        for body_ns in bodies_ns:
            n = min(n_tasks, max(100, int(BODIES_S * 1e9 / body_ns)))
            samples = measure_runners(launcher, program, n_rounds, shape="layers", tasks=n,
                          workers=N_WORKERS, body=body_ns)
            for name in samples:
                found.setdefault(name, {})[body_ns] = statistics.median(
                    sample["n_tasks"] * body_ns / 1e9 / N_WORKERS / sample["run_s"]
                    for sample in samples[name])
        return [Row(name, [figures_of(found[name])]) for name in found if name != LIMIT], []
    return Race(run=run, limit=None, key="metg_s", heading="METG",
                shown=list(SHOWN_BODIES.values()), document=[])


def figures_of(efficiency_of):
    """Return the figures of a runner; `efficiency_of` maps lengths of bodies, ns."""
    figures = {key: efficiency_of[body] for body, key in SHOWN_BODIES.items()
               if body in efficiency_of}
    return figures | {"metg_s": metg_ns(efficiency_of) / 1e9}


def metg_ns(efficiency_of, half=0.5):
    """Return the METG.  Interpolate the logarithm of the length linearly between two bodies; beyond
    the shortest and the longest, assume the same overhead for every body."""
    points = sorted(efficiency_of.items())
    for (short, low), (long, high) in zip(points, points[1:]):
        if low < half <= high:
            part = (half - low) / (high - low)
            return math.exp(math.log(short) + part * math.log(long / short))
    body, efficiency = points[0] if points[0][1] >= half else points[-1]
    return body * (1 - efficiency) / efficiency
