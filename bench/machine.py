# SPDX-License-Identifier: MIT
"""What the figures are true of: the machine, the programs, the commit, and how busy it was."""

import os
import platform
import re
import subprocess

import table


def said(*command, cwd=None):
    """The first line that a command prints, or None."""
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
    """Where make puts its temporary files, too."""
    told = subprocess.run(["df", "--output=fstype", str(path)], capture_output=True, text=True,
                          check=False).stdout.split()
    return told[-1] if told else None


def commit(root):
    told = said("git", "-c", "safe.directory=*", "describe", "--always", "--dirty", cwd=root)
    return told or "unknown"


def processor_time():
    """Returns what the processors had for whom since the machine started: (stolen, all), in ticks.

    Stolen is what a virtual machine did not get though it wanted it.
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


def describe(place, root):
    """Everything is text, or missing where it is unknown."""
    cache = place.build / "CMakeCache.txt"
    compiler = line_of(cache, r"^CMAKE_C_COMPILER:\w+=(.*)$") or "cc"
    flags = line_of(cache, r"^CMAKE_BUILD_TYPE:\w+=(.*)$")
    facts = {
        "cpu": line_of("/proc/cpuinfo", r"^model name\s*:(.*)$") or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": table.size(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")),
        "kernel": platform.release(),
        "scratch": file_system(place.scratch),
        "compiler": said(compiler, "--version"),
        "build": flags,
        "commit": commit(root),
        "make": said("make", "--version"),
        "ninja": said("ninja", "--version"),
        "samu": said("samu", "--version"),
        "libxml2": said("pkg-config", "--modversion", "libxml-2.0"),
        "GLib": said("pkg-config", "--modversion", "glib-2.0"),
        "oneTBB": said("pkg-config", "--modversion", "tbb"),
        "load average": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }
    return {name: fact for name, fact in facts.items() if fact}
