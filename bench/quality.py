# SPDX-License-Identifier: MIT
"""How good are the schedules, the bounds, the predictions and the recommendations?

Nothing here is a race: dagrun is compared with known optima, with its own real runs, and with what
turned out to be best.  The graphs that others published are read from the directory that the
environment variable DAGRUN_PUBLISHED_GRAPHS names; without it, those parts are left out.
"""

import csv
import json
import os
import pathlib
import random
import statistics
import subprocess

import table

NOISE_SIGMA = 0.1
"""Of the factor by which costs are multiplied, so that they look like measured durations."""

SAMPLE = {
    "smoke": {"stg": 60, "search": 180, "noise": 180, "seeds": 1, "repeat": 1, "tasks": 10 ** 4,
              "sleepers": ["layered"], "mean": "0.005"},
    "quick": {"stg": 1, "search": 10, "noise": 15, "seeds": 1, "repeat": 3, "tasks": 10 ** 5,
              "sleepers": ["layered"], "mean": "0.1"},
    "full": {"stg": 1, "search": 1, "noise": 1, "seeds": 5, "repeat": 5, "tasks": 10 ** 6,
             "sleepers": ["layered", "random", "fork-join"], "mean": "0.1"},
}
"""Every n-th graph of the set, for the list strategies, for searches and with noise; seeds of each
kind of generated graph; repeats of real runs; tasks of the largest graph; kinds of the graphs of
sleeping tasks, and their mean cost in seconds."""

KNOWN = {"critical-path": (0.35, 0.76, 0.45, 0.0), "longest-first": (1.8, 6.7, 4.8, 0.1),
         "dataflow": (2.5, 7.0, 5.1, 0.2), "phases": (10.9, 28.9, 36.4, 26.9)}
"""Mean gap in percent that an independent list scheduler reached on STG 50 with 2, 4, 8 and 16
processors; phases are those of `asap`."""

PROCESSORS = (2, 4, 8, 16)

KINDS = ["chain", "independent", "fork-join", "layered", "random", "samepred", "wavefront", "tree",
         "fft", "stencil", "long-tail", "series-parallel"]


class Quality:
    def __init__(self, workspace, size, tell):
        self.dagrun = str(workspace.program("dagrun"))
        self.workspace = workspace
        self.sample = SAMPLE[size]
        self.size = size
        self.tell = tell
        self.directory = workspace.directory("quality")
        published = os.environ.get("DAGRUN_PUBLISHED_GRAPHS")
        self.published = pathlib.Path(published) if published else None
        self.n_missed = 0

    def run(self, *words):
        return subprocess.run([self.dagrun, *map(str, words)], stdout=subprocess.PIPE, text=True,
                              check=True, cwd=self.directory).stdout

    def bench(self, *words):
        return json.loads(self.run("bench", *words, "--json"))["graphs"]

    def section(self, title, header, rows):
        cells = [[str(cell) for cell in row] for row in [header, *rows]]
        self.tell(f"\n{title}\n{table.plain(cells[0], cells[1:])}")

    def goal(self, text, is_reached):
        self.n_missed += not is_reached
        self.tell(f"- {text}: {'reached' if is_reached else 'missed'}\n")

    def imported(self, path, form):
        made = self.directory / f"{path.stem}.xml"
        self.run("import", "--from", form, path, "-o", made)
        return made


def percent(share):
    return f"{100 * share:.2f} %"


def mean(values):
    return statistics.fmean(values) if values else 0.0


def optima(published, with_closed=True):
    """Return {(graph, processors): optimum}.  Without those that the publication left open, and others
    have closed, it is the set to which the known figures belong."""
    with open(published / "stg" / "optimal.csv", encoding="utf-8") as file:
        return {(pathlib.Path(row["graph"]).stem, int(row["procs"])): float(row["best_known"])
                for row in csv.DictReader(file) if row["status"] == "optimal" and
                (with_closed or row["proof"].startswith("Kasahara"))}


def stg_graphs(it, every):
    paths = sorted((it.published / "stg" / "50").glob("*.stg"))[::every]
    return [it.imported(path, "stg") for path in paths]


def pairs(graphs, case_of):
    """Return (graph name, workers, results by strategy, case) of each case."""
    return [(graph["graph"], case["workers"],
             {result["strategy"]: result for result in case["results"]}, case)
            for graph in graphs for case in graph["cases"] if case_of(case)]


def list_strategies(it):
    """The strategies that do not search, and the bounds, on graphs with known optima."""
    known, solved = optima(it.published), optima(it.published, with_closed=False)
    names = list(KNOWN)
    graphs = it.bench(*stg_graphs(it, it.sample["stg"]), "-j", "2,4,8,16", "--noise", 0,
                      "--phases", "asap", "--strategies", ",".join(names))
    gaps = {(name, p): [] for name in names for p in PROCESSORS}
    n_wrong, n_tight, n = 0, 0, 0
    for graph, p, results, case in pairs(graphs, lambda case: True):
        if (graph, p) not in known:
            continue
        optimum = known[graph, p]
        n += 1
        n_wrong += case["lower_bound_seconds"] > optimum + 1e-6
        n_tight += case["lower_bound_seconds"] > optimum - 1e-6
        for name in names:
            gap = results[name]["makespan_seconds"] / optimum - 1
            n_wrong += gap < -1e-9
            if (graph, p) in solved:
                gaps[name, p].append(gap)
    rows = [[name, *(f"{100 * mean(gaps[name, p]):.2f} ({KNOWN[name][i]:g})"
                     for i, p in enumerate(PROCESSORS))] for name in names]
    it.section(f"mean gap above the optimum in percent, {sum(map(len, gaps.values())) // len(names)} "
               "cases of STG 50 (known figures)",
               ["strategy", *(f"P = {p}" for p in PROCESSORS)], rows)
    it.tell(f"the lower bound is the optimum in {n_tight} of {n} cases\n")
    it.goal("no bound above an optimum, no makespan below one", n_wrong == 0)
    if it.sample["stg"] == 1:
        it.goal("critical-path within rounding of the known figures",
                all(abs(100 * mean(gaps["critical-path", p]) - KNOWN["critical-path"][i]) <= 0.02
                    for i, p in enumerate(PROCESSORS)))


def searches(it):
    """The share of schedules that a search proves within its time."""
    known = optima(it.published)
    graphs = stg_graphs(it, it.sample["search"])
    rows, shares = [], {}
    for budget in ("0.1s", "1s"):
        found = pairs(it.bench(*graphs, "-j", "2,4,8,16", "--noise", 0, "--strategies", "optimal",
                               "--budget", budget), lambda case: True)
        proven = [(graph, p, results["optimal"]) for graph, p, results, _ in found
                  if results["optimal"]["search"]["result"] == "optimal"]
        n_wrong = sum(abs(result["makespan_seconds"] - known[graph, p]) > 1e-6
                      for graph, p, result in proven if (graph, p) in known)
        shares[budget] = len(proven) / len(found)
        rows.append([budget, f"{len(proven)} of {len(found)}", percent(shares[budget])])
        it.goal(f"no proof within {budget} contradicts an optimum", n_wrong == 0)
    it.section("schedules of STG 50 that are proven", ["budget", "proven", "share"], rows)
    it.goal("≥ 99 % within 0.1 s of processor time", shares["0.1s"] >= 0.99)
    it.goal("≥ 99.7 % within 1 s", shares["1s"] >= 0.997)


def noisy(it, graph, number):
    """Write the graph with costs that are a thousand times larger, and not round."""
    chance = random.Random(number)
    lines = []
    for line in graph.read_text(encoding="utf-8").split('cost="'):
        cost, quote, rest = line.partition('"')
        try:
            value = round(float(cost) * 1000 * chance.lognormvariate(0, NOISE_SIGMA))
            lines.append(f"{value}{quote}{rest}")
        except ValueError:
            lines.append(line)
    made = graph.with_name(f"noisy-{graph.name}")
    made.write_text('cost="'.join(lines), encoding="utf-8")
    return made


def searches_with_noise(it):
    graphs = [noisy(it, graph, i) for i, graph in enumerate(stg_graphs(it, it.sample["noise"]))]
    found = pairs(it.bench(*graphs, "-j", "4,8", "--noise", 0, "--strategies", "optimal",
                           "--budget", "1s"), lambda case: True)
    rows, shares, rests = [], {}, {}
    for p in (4, 8):
        results = [results["optimal"] for _, workers, results, _ in found if workers == p]
        rest = [result["makespan_seconds"] / result["search"]["lower_bound_seconds"] - 1
                for result in results if result["search"]["result"] != "optimal"]
        shares[p], rests[p] = 1 - len(rest) / len(results), mean(rest)
        rows.append([p, f"{len(results) - len(rest)} of {len(results)}", percent(shares[p]),
                     percent(rests[p])])
    it.section("the same, costs × 1000 with noise, within 1 s",
               ["P", "proven", "share", "mean gap of the rest"], rows)
    it.goal("≥ 60 % proven with 4 workers", shares[4] >= 0.6)
    it.goal("mean gap of the rest ≤ 0.2 % with 4 workers, ≤ 1 % with 8",
            rests[4] <= 0.002 and rests[8] <= 0.01)


def predictions(it):
    """Simulated makespans beside those of real runs."""
    rows, worst = [], 0.0
    for kind in it.sample["sleepers"]:
        path = it.directory / f"sleep-{kind}.xml"
        it.run("generate", kind, "--tasks", 10, "--seed", 1, "--costs", "uniform",
               "--mean", it.sample["mean"],
               "--kind", "sleep", "-o", path)
        words = [path, "-j", "1,2", "--budget", "50ms"]
        simulated = it.bench(*words, "--noise", 0)[0]
        real = it.bench(*words, "--real", "--repeat", it.sample["repeat"])[0]
        for planned, run in zip(simulated["cases"], real["cases"]):
            errors = [abs(b["makespan_seconds"] / a["makespan_seconds"] - 1)
                      for a, b in zip(planned["results"], run["results"])]
            worst = max(worst, *errors)
            rows.append([kind, planned["workers"], percent(mean(errors)), percent(max(errors))])
    it.section("real runs of sleeping tasks beside their simulation, every strategy",
               ["graph", "P", "mean difference", "largest"], rows)
    it.goal("every makespan within 3 % of the prediction", worst <= 0.03)


def recommendations(it):
    """A strategy is recommended with some samples of noise, and judged with others."""
    losses = []
    others = [name for name in it.run("list", "--names", "strategies").split()
              if name not in ("optimal", "heft", "cpop")]
    for kind in KINDS:
        for costs in ("uniform", "log-normal"):
            for seed in range(it.sample["seeds"]):
                path = it.directory / f"{kind}-{costs}-{seed}.xml"
                it.run("generate", kind, "--tasks", 60, "--seed", seed, "--costs", costs,
                       "-o", path)
                words = [path, "-j", "4", "--strategies", ",".join(others), "--samples", 20]
                advice = it.bench(*words, "--seed", 1)[0]["recommendation"]["strategy"]
                judged = {result["strategy"]: result["median_seconds"] for result in
                          it.bench(*words, "--seed", 1000)[0]["cases"][0]["results"]}
                losses.append(judged[advice] / min(judged.values()) - 1)
    share = sum(loss <= 0.01 for loss in losses) / len(losses)
    it.section("recommended with samples of noise, judged with other samples, 4 workers",
               ["graphs", "within 1 % of the best", "mean loss", "largest"],
               [[len(losses), percent(share), percent(mean(losses)), percent(max(losses))]])
    it.goal("within 1 % of the best strategy on ≥ 95 % of the graphs", share >= 0.95)


def barriers(it):
    """Workflows of others: by how much a barrier between phases makes them longer."""
    rows = []
    paths = [(path, "dax") for path in sorted((it.published / "dax").glob("*.xml"))]
    paths += [(path, "wfformat") for path in sorted((it.published / "wfformat").glob("*.json"))
              if not path.stem.endswith("schema")]
    for path, form in paths:
        graph = it.bench(it.imported(path, form), "-j", "2,4,8,16", "--noise", 0,
                         "--strategies", "phases,dataflow,critical-path")[0]
        costs = []
        for case in graph["cases"]:
            taken = {result["strategy"]: result["makespan_seconds"] for result in case["results"]}
            costs.append(percent(taken["phases"] / min(taken.values()) - 1))
        rows.append([path.stem, graph["tasks"], *costs])
    it.section("phases beside the best of dataflow and critical-path: how much longer it takes",
               ["workflow", "tasks", *(f"P = {p}" for p in PROCESSORS)], rows)


BUILD_JOBS = {"esp32_cam": 6, "esp32_ghp_lab_a_bootloader": 6, "esp32_241tim142_bootloader": 10}
"""Jobs at a time in the builds that were recorded."""


def write_build(it, path, in_order):
    """Write a recorded build as a graph; `in_order`: its tasks have priorities in the order in which they
    began.  Return the graph's path and the makespan that was measured, in seconds."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if not row[0].startswith("#")]
    rows.sort(key=lambda row: int(row[2]))
    known = {row[0] for row in rows}
    made = it.directory / f"{path.stem}-{'order' if in_order else 'free'}.xml"
    with open(made, "w", encoding="utf-8") as file:
        file.write('<graph xmlns="urn:dagrun:graph:1">\n')
        for rank, (number, _, _, _, taken_ms, deps, *_) in enumerate(rows):
            needs = " ".join(f"t{d}" for d in deps.split(",") if d in known)
            priority = f' priority="{len(rows) - rank}"' if in_order else ""
            needs = f' needs="{needs}"' if needs else ""
            file.write(f'<task id="t{number}" cost="{int(taken_ms) / 1000}"{priority}{needs}/>\n')
        file.write("</graph>\n")
    return made, (max(int(row[3]) for row in rows) - min(int(row[2]) for row in rows)) / 1000


def builds(it):
    """Builds that ninja ran: its order simulated, and what the critical path first would have taken."""
    rows, furthest = [], 0.0
    for path in sorted((it.published / "builds").glob("*.tsv")):
        taken = {}
        for in_order, strategy in ((True, "dataflow"), (False, "critical-path")):
            made, measured = write_build(it, path, in_order)
            case = it.bench(made, "-j", BUILD_JOBS[path.stem], "--noise", 0,
                            "--strategies", strategy)[0]["cases"][0]
            taken[strategy] = case["results"][0]["makespan_seconds"]
            bound = case["lower_bound_seconds"]
        furthest = max(furthest, abs(taken["dataflow"] / measured - 1))
        rows.append([path.stem, BUILD_JOBS[path.stem], f"{measured:.3f} s",
                     f"{taken['dataflow']:.3f} s", f"{taken['critical-path']:.3f} s", f"{bound:.3f} s",
                     percent(1 - taken["critical-path"] / taken["dataflow"])])
    it.section("builds by ninja", ["build", "jobs", "measured", "its order, simulated", "critical-path",
                                   "lower bound", "saved"], rows)
    it.goal(f"ninja's order within 0.5 % of what it took (at most {percent(furthest)})", furthest <= 0.005)


def decisions(it):
    """The time to decide, before a run."""
    path = it.directory / "large.xml"
    it.run("generate", "layered", "--tasks", it.sample["tasks"], "--costs", "uniform", "-o", path)
    done = subprocess.run([str(it.workspace.program("bench-decide")), str(path)],
                          stdout=subprocess.PIPE, text=True, check=True)
    figures = json.loads(done.stdout)
    n_tasks = figures.pop("n_tasks")
    it.section(f"time to decide, {n_tasks} tasks with three dependencies each: the bound, and the time "
               "beyond that of first in, first out", ["decision", "ns a task"], [[name, f"{ns:.1f}"] for name, ns in figures.items()])
    it.goal("the bound and critical-path ≤ 50 ns a task",
            figures["bound"] <= 50 and figures["critical-path"] <= 50)


PARTS = {
    "stg": (list_strategies, True), "search": (searches, True),
    "noise": (searches_with_noise, True), "predictions": (predictions, False),
    "recommendations": (recommendations, False), "barriers": (barriers, True),
    "builds": (builds, True),
    "decisions": (decisions, False),
}
"""The parts, and whether they need published graphs."""


def measure(workspace, size, parts, tell):
    """Measure the parts, all if there are none.  Return the number of goals that are missed."""
    it = Quality(workspace, size, tell)
    for name, (part, needs_graphs) in PARTS.items():
        if parts and name not in parts:
            continue
        if needs_graphs and not (it.published and it.published.is_dir()):
            tell(f"\nquality/{name} is left out: DAGRUN_PUBLISHED_GRAPHS names no directory\n")
            continue
        part(it)
    return it.n_missed
