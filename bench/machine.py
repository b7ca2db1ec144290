# SPDX-License-Identifier: MIT
"""The conditions of a measurement: the machine, the programs, the commit, and the load."""

import os
import platform
import re
import subprocess

import table


def first_line(*command, cwd=None):
    """Return the first line that a command prints, or None."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return (done.stdout.splitlines() or [None])[0]


def line_of(path, pattern):
    try:
        with open(path, encoding="utf-8") as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return None
    return found.group(1).strip() if found else None


def file_system(path):
    """Return the type of the file system; make also puts its temporary files there."""
    fields = subprocess.run(["df", "--output=fstype", str(path)], capture_output=True, text=True,
                          check=False).stdout.split()
    return fields[-1] if fields else None


def commit(root):
    name = first_line("git", "-c", "safe.directory=*", "describe", "--always", "--dirty", cwd=root)
    return name or "unknown"


def processor_time():
    """Return the processor time since the machine started: (stolen, all), in ticks.

    Stolen time is time that the host gave to others while this machine was ready to run.
    """
    try:
        with open("/proc/stat", encoding="ascii") as file:
            ticks = [int(word) for word in file.readline().split()[1:9]]
    except OSError:
        return 0, 0
    return ticks[7], sum(ticks)


def stolen_since(before):
    stolen, everything = (now - then for now, then in zip(processor_time(), before))
    return f"{100 * stolen / everything:.2f} % of the time" if everything else "unknown"


def describe(workspace, root):
    """Return a dict of texts; unknown facts are missing."""
    cache = workspace.build / "CMakeCache.txt"
    compiler = line_of(cache, r"^CMAKE_C_COMPILER:\w+=(.*)$") or "cc"
    flags = line_of(cache, r"^CMAKE_BUILD_TYPE:\w+=(.*)$")
    facts = {
        "cpu": line_of("/proc/cpuinfo", r"^model name\s*:(.*)$") or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": table.size(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")),
        "kernel": platform.release(),
        "scratch": file_system(workspace.scratch),
        "compiler": first_line(compiler, "--version"),
        "build": flags,
        "commit": commit(root),
        "make": first_line("make", "--version"),
        "ninja": first_line("ninja", "--version"),
        "samu": first_line("samu", "--version"),
        "libxml2": first_line("pkg-config", "--modversion", "libxml-2.0"),
        "GLib": first_line("pkg-config", "--modversion", "glib-2.0"),
        "oneTBB": first_line("pkg-config", "--modversion", "tbb"),
        "load average": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }
    return {name: fact for name, fact in facts.items() if fact}
