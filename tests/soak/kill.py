# SPDX-License-Identifier: MIT
"""Kill dagrun while it runs random graphs, resume until all is done, and check the results.

    python3 kill.py DAGRUN CASES SEED

Each task appends a line to a file of its own, and its output is a digest of the outputs that it reads. dagrun is
killed with SIGKILL at random moments: alone, or with all its tasks. A task that was shown as succeeded must never
run again, and in the end all outputs must be those of a run that nothing disturbed. A seed determines its graph;
the moments depend on the machine.
"""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

MOST_RUNS = 60  # of one graph; then the last one is left alone


def graph_of(rng):
    """Return the tasks of a random graph as a list of lists of earlier tasks."""
    n = rng.randint(1, 25)
    return [sorted(rng.sample(range(i), min(i, rng.randint(0, 3)))) for i in range(n)]


def write_graph(path, needs, rng):
    with open(path, "w") as out:
        out.write('<graph xmlns="urn:dagrun:graph:1">\n')
        for task, preds in enumerate(needs):
            pause = rng.choice(("", "sleep 0.01; ", "sleep 0.03; "))
            read = " ".join(f'"$t{pred}"' for pred in preds)
            out.write(f'<task id="t{task}" needs="{" ".join(f"t{p}" for p in preds)}"><shell>'
                      f"{pause}cat /dev/null {read} | cksum; echo >>count.t{task}</shell></task>\n")
        # Their outputs are read, so that they are kept; the last task shows them all.
        names = " ".join(f"t{task}" for task in range(len(needs)))
        files = " ".join(f'"$t{task}"' for task in range(len(needs)))
        out.write(f'<task id="all" needs="{names}"><shell>cat {files}</shell></task>\n</graph>\n')


def count(directory, task):
    try:
        return os.path.getsize(os.path.join(directory, f"count.{task}"))
    except FileNotFoundError:
        return 0


def wait_for_tasks(directory):
    """Wait until no process of a killed run works in the directory."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{process}/cwd") == directory:
                    break
            except OSError:
                pass
        else:
            return
        time.sleep(0.005)
    raise SystemExit(f"processes are left in {directory}")


def run(dagrun, directory, moment, with_tasks):
    """Resume the graph and kill it after `moment` seconds. Return (exit status, shown tasks, output)."""
    errors = os.path.join(directory, "stderr")
    with open(errors, "w+b") as stderr:
        process = subprocess.Popen([dagrun, "g.xml", "--resume", "--store", "store", "-j", "3"], cwd=directory,
                                   stdout=subprocess.PIPE, stderr=stderr, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            if with_tasks:
                for child in children_of(process.pid):
                    kill(child)
            kill(process.pid)
            output, _ = process.communicate()
        stderr.seek(0)
        said = stderr.read().decode()
    shown = re.findall(r"^\[\d+/\d+\] (\w+)  (?!failed|blocked|cancelled)", said, re.M)
    return process.returncode, shown, output, said


def children_of(process):
    try:
        with open(f"/proc/{process}/task/{process}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def check(seed, dagrun):
    rng = random.Random(seed)
    needs = graph_of(rng)
    kills = 0
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        write_graph(os.path.join(directory, "g.xml"), needs, rng)
        done = {}  # shown as succeeded, with the number of times that it had run
        for number in range(MOST_RUNS + 1):
            moment = None if number == MOST_RUNS else rng.uniform(0.005, 0.12)
            status, shown, output, said = run(dagrun, directory, moment, rng.random() < 0.5)
            wait_for_tasks(directory)
            kills += status == -signal.SIGKILL
            for task in shown:
                done.setdefault(task, count(directory, task))
            for task, times in done.items():
                if count(directory, task) != times:
                    raise SystemExit(f"seed {seed}: {task} ran again after it was shown as succeeded\n{said}")
            if status == 0:
                break
            if status not in (-signal.SIGKILL, 1):
                raise SystemExit(f"seed {seed}: exit status {status}\n{said}")
        for task in range(len(needs)):
            if count(directory, f"t{task}") == 0:
                raise SystemExit(f"seed {seed}: t{task} never ran")
        result = subprocess.run([dagrun, "g.xml", "--no-store"], cwd=directory, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
        if output and result.stdout != output:
            raise SystemExit(f"seed {seed}: the results differ from those of an undisturbed run")
    return kills


def main():
    dagrun, cases, first = os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    kills = sum(check(seed, dagrun) for seed in range(first, first + cases))
    print(f"{cases} graphs, {kills} kills: nothing was done twice, nothing is lost")


main()
