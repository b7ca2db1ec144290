# SPDX-License-Identifier: MIT
"""How fast do tasks start and end that are processes?

Against the limit: a loop around posix_spawn() that captures what the processes say, and keeps no
order but that of layers.  All may have two processes at once and capture output (make does with
-Otarget; xargs does not, and knows no order).  Each says of each task what it says by default.
"""

import shapes
from measure import Broken, Contender
from race import Case, Race, at_most, faster

N_JOBS = 2

SHAPES = {
    "smoke": {
        "independent": lambda: shapes.independent(60),
        "chain": lambda: shapes.chain(20),
        "layers": lambda: shapes.layered(5, 8),
        "diamond": lambda: shapes.diamond(40),
    },
    "quick": {
        "independent": lambda: shapes.independent(2000),
        "chain": lambda: shapes.chain(500),
        "layers": lambda: shapes.layered(40, 50),
        "diamond": lambda: shapes.diamond(1000),
    },
    "full": {
        "independent": lambda: shapes.independent(10000),
        "chain": lambda: shapes.chain(2000),
        "layers": lambda: shapes.layered(100, 100),
        "diamond": lambda: shapes.diamond(5000),
    },
}

SHELL_TEXT = "true;"
"""The semicolon is for make, which would do without a shell if it saw no need for one."""


class Work:
    """What each task does, as each contender is told it."""

    def __init__(self, kind, command, words, bound):
        self.kind = kind
        self.command = command
        self.words = words
        self.bound = bound


def works(place):
    tiny = str(place.program("tiny"))
    return {
        "true": Work("exec", "/bin/true", ["/bin/true"], 1.10),
        "shell": Work("shell", SHELL_TEXT, ["/bin/sh", "-c", SHELL_TEXT], 1.10),
        "tiny": Work("exec", tiny, [tiny], 1.15),
    }


def cases(size):
    return [Case("processes/witness", "every task runs once, after what it needs", witness)] + [
        Case(f"processes/{shape}/{work}", f"{make().title}, each {what}",
             lambda place, make=make, work=work, name=f"{shape}-{work}":
                 prepare(place.directory(name), place, make(), works(place)[work]))
        for work, what in (("true", "/bin/true"), ("shell", "a shell"),
                           ("tiny", "a program of two instructions"))
        for shape, make in SHAPES[size].items()]


def prepare(directory, place, shape, work):
    limit = Contender("limit", [place.program("limit-spawn"), "-j", N_JOBS,
                                "--layers", shape.layers, *work.words])
    contenders = [limit, *graph_runners(directory, place, shape, work.kind, work.command)]
    if "," not in shape.layers and "x" not in shape.layers:
        contenders += list_runners(directory, place, shape, work)
    return Race(contenders, n_tasks=shape.n_tasks, goals=[
        at_most("dagrun", work.bound, "limit"), faster("dagrun", "make"),
        faster("dagrun", "ninja")])


def says(text):
    return lambda output: None if text in output else f"did not say {text!r}: {output[-200:]!r}"


def graph_runners(directory, place, shape, kind, command):
    """Those that keep an order: dagrun and its like, each with a file of its own."""
    graph = shapes.write(directory / "graph.xml", shapes.graph_lines(shape, kind, command))
    dagrun = [place.program("dagrun"), "-j", N_JOBS]
    check = says(f"{shape.n_tasks} task{'s' * (shape.n_tasks > 1)} succeeded")
    found = [Contender("dagrun", [*dagrun, graph], directory=directory, check=check)]
    if "x" in shape.layers and not shape.layers.startswith("1x"):
        found.append(Contender("dagrun dataflow", [*dagrun, "--strategy", "dataflow", graph],
                               directory=directory, check=check))
    if make := place.peer("make"):
        shapes.write(directory / "Makefile", shapes.makefile_lines(shape, command))
        found.append(Contender("make", [make, "-rR", "-Otarget", f"-j{N_JOBS}"],
                               directory=directory, check=counts_lines(shape.n_tasks)))
    shapes.write(directory / "build.ninja", shapes.ninja_lines(shape, command))
    for name in ("ninja", "samu"):
        if program := place.peer(name):
            found.append(Contender(
                name, [program, f"-j{N_JOBS}"], directory=directory,
                check=says(f"[{shape.n_tasks}/{shape.n_tasks}]"),
                prepare=lambda: (directory / ".ninja_log").unlink(missing_ok=True)))
    return found


def counts_lines(n):
    def check(output):
        n_lines = output.count("\n")
        return None if n_lines == n else f"{n_lines} lines for {n} tasks: {output[-200:]!r}"
    return check


def list_runners(directory, place, shape, work):
    """Those that run a command for each line of a list."""
    lines = shapes.write(directory / "lines", ["x\n"] * shape.n_tasks)
    found = []
    if xargs := place.peer("xargs"):
        found.append(Contender("xargs", [xargs, "-a", lines, "-n1", f"-P{N_JOBS}", *work.words]))
    if parallel := place.peer("parallel"):
        found.append(Contender("parallel", [parallel, "--will-cite", f"-j{N_JOBS}", "-n0",
                                            "-a", lines, work.command]))
    return found


def witness(place):
    """Each task notes its number in a file; that file is then compared with the shape."""
    directory = place.directory("witness")
    shape = shapes.layered(6, 5)
    notes = directory / "notes"
    runners = graph_runners(directory, place, shape, "shell", lambda i: f"echo {i} >> {notes}")
    program = [place.program("limit-spawn"), "-j", N_JOBS, "--layers", shape.layers]
    limit = Contender("limit", [*program, "/bin/sh", "-c", f"echo >> {notes}"])

    def run(launcher, n_rounds):
        del n_rounds
        for runner in [limit, *runners]:
            notes.write_text("", encoding="ascii")
            launcher.run_and_read(runner)
            lines = notes.read_text(encoding="ascii").split("\n")[:-1]
            wrong = (None if runner is limit and len(lines) == shape.n_tasks
                     else wrong_order(lines, shape))
            if wrong:
                raise Broken(f"{runner.name}: {wrong}")
        return [], []
    return Race(run=run, remarks=["so they did with " +
                                  ", ".join(["limit", *(r.name for r in runners)])])


def wrong_order(lines, shape):
    """`lines` are the numbers of tasks as they ran.  Returns what is wrong, or None."""
    if sorted(lines) != sorted(map(str, range(shape.n_tasks))):
        return f"{len(lines)} tasks were noted, not each of {shape.n_tasks} once"
    place_of = {int(line): place for place, line in enumerate(lines)}
    for i, needs in enumerate(shape.needs):
        for need in needs:
            if place_of[need] > place_of[i]:
                return f"task {i} ran before task {need}, which it needs"
    return None
