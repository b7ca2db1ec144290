# SPDX-License-Identifier: MIT
"""How fast, and how polite, are tasks that are requests?

The limit is a loop around curl_multi_socket_action() without tasks, names or records.  Client and server have a core
each.  The server (request-server) counts, so that a duplicate is what it has seen.
"""

import importlib.util
import os
import pathlib
import subprocess
import sys

import measure
from measure import Contender
from race import Case, Goal, Race

HERE = pathlib.Path(__file__).resolve().parent

SIZES = {
    "smoke": {"small": 50, "wait": 20, "streams": 3, "events": 4, "waiting": 10, "posts": 20, "storm": 100, "held": 10,
              "fast": 20, "settle_ms": 50},
    "quick": {"small": 5000, "wait": 1000, "streams": 500, "events": 40, "waiting": 400, "posts": 5000, "storm": 300,
              "held": 200, "fast": 1000, "settle_ms": 1000},
    "full": {"small": 20000, "wait": 1000, "streams": 500, "events": 60, "waiting": 1000, "posts": 100000, "storm": 300,
             "held": 1000, "fast": 3000, "settle_ms": 1000},
}
"""Requests, streams and their events; "fast": events of the stream beside `waiting` requests, which begin within settle_ms."""

CONNECTIONS = 64

EVENT_MS = 50
"""Between events of a stream: 20 a second."""

FAST_MS = 1
"""Between events of the stream beside requests that wait."""


def cases(size):
    parts = [("small", "1 KB answers", small), ("waiting", "each answer takes 200 ms", waiting),
             ("beside", "a stream beside requests that wait", beside),
             ("streams", "streams of 20 events a second", streams),
             ("posts", "POSTs whose connections end", posts),
             ("storm", "a server that answers 429", storm), ("interrupt", "^C twice", interrupt)]
    return [Case(f"network/{name}", title,
                 lambda workspace, name=name, part=part: part(
                     Server(workspace, name), SIZES[size]))
            for name, title, part in parts]


class Server:
    """The server of a case.  It ends with the race."""

    def __init__(self, workspace, name):
        self.workspace = workspace
        self.directory = workspace.directory(f"network-{name}")
        cores = sorted(os.sched_getaffinity(0))
        self.client = ["taskset", "-c", str(cores[0])]
        self.process = subprocess.Popen(
            ["taskset", "-c", str(cores[-1]), workspace.program("request-server")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def race(self, contenders, **options):
        def run(launcher, n_rounds):
            try:
                return measure.side_by_side(launcher, contenders, n_rounds, fills=False)
            finally:
                self.end()
        return Race(contenders, run=run, document=[], **options)

    def graph(self, name, lines):
        path = self.directory / name
        path.write_text('<graph xmlns="urn:dagrun:graph:1">\n' + "".join(lines) + "</graph>\n")
        return path

    def dagrun(self, graph, *words, connections=CONNECTIONS):
        return [*self.client, self.workspace.program("dagrun"), "-q", "--strategy", "dataflow", "--no-store",
                "--connections", connections, *words, graph]

    def counted(self, name, command, *words):
        return Contender(name, [sys.executable, HERE / "counted.py", *words, self.port, *command], prints_figures=True)


def gets(server, n, path):
    return server.graph("get.xml", [f'<task id="t{i}"><http url="{server.url(path)}"/></task>\n' for i in range(n)])


def getters(server, n, path, n_connections, n_threads=CONNECTIONS):
    """Return contenders that get the same n times."""
    limit = server.workspace.program("limit-requests")
    url = server.url(path)
    found = [
        Contender("limit", [*server.client, limit, "-c", n_connections, n, url]),
        Contender("threads", [*server.client, limit, "--threads", "-c", n_threads, n, url]),
        Contender("dagrun", server.dagrun(gets(server, n, path), connections=n_connections))]
    if curl := server.workspace.peer("curl"):
        # 300 is the most that it does at once.
        found.append(Contender("curl --parallel", [
            *server.client, curl, "-sZ", "--fail", "--parallel-max", min(n_connections, 300), "-o", "/dev/null",
            f"{url}?[1-{n}]"]))
    if importlib.util.find_spec("aiohttp"):
        found.append(Contender("aiohttp", [*server.client, sys.executable, HERE / "get-all.py", n, n_connections, url]))
    return found


def small(server, sizes):
    n = sizes["small"]
    return server.race(getters(server, n, "bytes/1024", CONNECTIONS), n_tasks=n, heading="a request", goals=[
        Goal("dagrun ≤ 1.25 × limit (0.8 × its requests a second)", lambda result: result.ratio("dagrun", "limit"), 1.25)])


def waiting(server, sizes):
    n = sizes["wait"]
    return server.race(getters(server, n, "wait/200", n), n_tasks=n, heading="a request", goals=[
        Goal("dagrun ≤ 1.15 × limit", lambda result: result.ratio("dagrun", "limit"), 1.15)])


def stream_tasks(server, n, n_events, ms):
    return [f'<service name="ai" url="{server.url(f"stream/{n_events}/{ms}")}"/>\n',
            *(f'<task id="s{i}"><chat service="ai" model="m"><user>x</user></chat></task>\n' for i in range(n))]


def beside(server, sizes):
    """The processor time that an event costs for each request that waits."""
    n_events, n_waiting = sizes["fast"], sizes["waiting"]
    wait_ms = n_events * FAST_MS * 2 + sizes["settle_ms"]
    stream = stream_tasks(server, 1, n_events, FAST_MS)
    waiters = [f'<task id="w{i}"><http url="{server.url(f"wait/{wait_ms}")}"/></task>\n' for i in range(n_waiting)]
    contenders = [
        Contender(name, server.dagrun(server.graph(f"{name}.xml", lines), connections=n_waiting + 1))
        for name, lines in (("stream", stream), ("waiting", waiters), ("both", stream + waiters))]

    def of_each(result):
        times = [result.median(name, "cpu_s") for name in ("both", "stream", "waiting")]
        return None if None in times else (times[0] - times[1] - times[2]) / n_events / n_waiting * 1e6

    return server.race(contenders, limit="stream", key="cpu_s", n_tasks=n_events, heading="an event", shown=["cpu_s", "wall_s"],
                       goals=[Goal("an event costs ≤ 0.5 µs for each request that waits", of_each, 0.5)])


def streams(server, sizes):
    n = sizes["streams"]
    graph = server.graph("streams.xml", stream_tasks(server, n, sizes["events"], EVENT_MS))
    contenders = [Contender("dagrun", server.dagrun(graph, connections=n))]

    def cores(result):
        cpu_s, wall_s = result.median("dagrun", "cpu_s"), result.median("dagrun", "wall_s")
        return cpu_s / wall_s if wall_s else None

    return server.race(contenders, limit="dagrun", key="cpu_s", n_tasks=n * sizes["events"], heading="an event",
                       goals=[Goal(f"{n} streams ≤ half a core", cores, 0.5)])


def posts(server, sizes):
    n = sizes["posts"]
    graph = server.graph("posts.xml", [
        f'<task id="t{i}"><http url="{server.url(f"post/{i}")}"><body>x</body></http></task>\n' for i in range(n)])
    contenders = [server.counted("dagrun", server.dagrun(graph))]
    return server.race(contenders, limit="dagrun", n_tasks=n, heading="a request", shown=["wall_s", "cpu_s"],
                       goals=[Goal("no POST twice, as the server counts", lambda result: result.median("dagrun", "duplicates"), 0)])


def storm(server, sizes):
    n = sizes["storm"]
    graph = server.graph("storm.xml", [
        f'<service name="s" url="{server.url("")}" connections="8"/>\n',
        *(f'<task id="t{i}"><http service="s" url="limited/{i}"/></task>\n' for i in range(n))])
    contenders = [server.counted("dagrun", server.dagrun(graph))]
    return server.race(contenders, limit="dagrun", n_tasks=n, heading="a request", shown=["wall_s", "cpu_s"],
                       goals=[Goal("≤ 1.1 requests per answer, 8 at once", lambda result: result.median("dagrun", "tries"), 1.1)])


def interrupt(server, sizes):
    n = sizes["held"]
    contenders = [server.counted("dagrun", server.dagrun(gets(server, n, "hold"), connections=n)[3:], "--interrupt", n)]
    return server.race(contenders, limit="dagrun", n_tasks=1, heading="", shown=["wall_s", "cpu_s"],
                       goals=[Goal(f"{n} requests end ≤ 0.05 s after the second ^C",
                                   lambda result: result.median("dagrun", "end_s"), 0.05)])
