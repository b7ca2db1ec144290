# SPDX-License-Identifier: MIT
"""How fast are tasks that are processes?

The limit is a loop around posix_spawn() that captures output and keeps only the order of layers.
All contenders run two processes at once and capture output (make with -Otarget; xargs does not,
and has no dependencies).  Each prints its default messages.
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
"""The semicolon makes make start a shell, too; make omits it for simple commands."""


class Work:
    """The action of each task, in the form that each contender needs."""

    def __init__(self, kind, command, words, bound):
        self.kind = kind
        self.command = command
        self.words = words
        self.bound = bound


def works(workspace):
    tiny = str(workspace.program("tiny"))
    return {
        "true": Work("exec", "/bin/true", ["/bin/true"], 1.10),
        "shell": Work("shell", SHELL_TEXT, ["/bin/sh", "-c", SHELL_TEXT], 1.10),
        "tiny": Work("exec", tiny, [tiny], 1.15),
    }


def cases(size):
    return [Case("processes/witness", "every task runs once, after what it needs", witness)] + [
        Case(f"processes/{shape}/{work}", f"{make().title}, each {action}",
             lambda workspace, make=make, work=work, name=f"{shape}-{work}":
                 prepare(workspace.directory(name), workspace, make(), works(workspace)[work]))
        for work, action in (("true", "/bin/true"), ("shell", "a shell"),
                           ("tiny", "a program of two instructions"))
        for shape, make in SHAPES[size].items()]


def prepare(directory, workspace, shape, work):
    limit = Contender("limit", [workspace.program("limit-spawn"), "-j", N_JOBS,
                                "--layers", shape.layers, *work.words])
    contenders = [limit, *graph_runners(directory, workspace, shape, work.kind, work.command)]
    if "," not in shape.layers and "x" not in shape.layers:
        contenders += list_runners(directory, workspace, shape, work)
    return Race(contenders, n_tasks=shape.n_tasks, goals=[
        at_most("dagrun", work.bound, "limit"), faster("dagrun", "make"),
        faster("dagrun", "ninja")])


def prints(text):
    return lambda output: None if text in output else f"did not print {text!r}: {output[-200:]!r}"


def graph_runners(directory, workspace, shape, kind, command):
    """Return the contenders with dependencies, each with a file in its own format."""
    graph = shapes.write(directory / "graph.xml", shapes.graph_lines(shape, kind, command))
    dagrun = [workspace.program("dagrun"), "-j", N_JOBS]
    check = prints(f"{shape.n_tasks} task{'s' * (shape.n_tasks > 1)} succeeded")
    found = [Contender("dagrun", [*dagrun, graph], directory=directory, check=check)]
    if "x" in shape.layers and not shape.layers.startswith("1x"):
        found.append(Contender("dagrun dataflow", [*dagrun, "--strategy", "dataflow", graph],
                               directory=directory, check=check))
    if make := workspace.peer("make"):
        shapes.write(directory / "Makefile", shapes.makefile_lines(shape, command))
        found.append(Contender("make", [make, "-rR", "-Otarget", f"-j{N_JOBS}"],
                               directory=directory, check=counts_lines(shape.n_tasks)))
    shapes.write(directory / "build.ninja", shapes.ninja_lines(shape, command))
    for name in ("ninja", "samu"):
        if program := workspace.peer(name):
            found.append(Contender(
                name, [program, f"-j{N_JOBS}"], directory=directory,
                check=prints(f"[{shape.n_tasks}/{shape.n_tasks}]"),
                prepare=lambda: (directory / ".ninja_log").unlink(missing_ok=True)))
    return found


def counts_lines(n):
    def check(output):
        n_lines = output.count("\n")
        return None if n_lines == n else f"{n_lines} lines for {n} tasks: {output[-200:]!r}"
    return check


def list_runners(directory, workspace, shape, work):
    """Return the contenders that run a command for each line of a list."""
    lines = shapes.write(directory / "lines", ["x\n"] * shape.n_tasks)
    found = []
    if xargs := workspace.peer("xargs"):
        found.append(Contender("xargs", [xargs, "-a", lines, "-n1", f"-P{N_JOBS}", *work.words]))
    if parallel := workspace.peer("parallel"):
        found.append(Contender("parallel", [parallel, "--will-cite", f"-j{N_JOBS}", "-n0",
                                            "-a", lines, work.command]))
    return found


def witness(workspace):
    """Each task appends its number to a file, which is then compared with the shape."""
    directory = workspace.directory("witness")
    shape = shapes.layered(6, 5)
    notes = directory / "notes"
    runners = graph_runners(directory, workspace, shape, "shell", lambda i: f"echo {i} >> {notes}")
    program = [workspace.program("limit-spawn"), "-j", N_JOBS, "--layers", shape.layers]
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
    return Race(run=run, remarks=["true for " +
                                  ", ".join(["limit", *(r.name for r in runners)])])


def wrong_order(lines, shape):
    """Return the error in `lines`, the numbers of tasks in the order they ran, or None."""
    if sorted(lines) != sorted(map(str, range(shape.n_tasks))):
        return f"{len(lines)} tasks ran, not each of {shape.n_tasks} once"
    position_of = {int(line): position for position, line in enumerate(lines)}
    for i, needs in enumerate(shape.needs):
        for need in needs:
            if position_of[need] > position_of[i]:
                return f"task {i} ran before task {need}, which it needs"
    return None
