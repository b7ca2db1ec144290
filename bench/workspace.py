# SPDX-License-Identifier: MIT
"""Paths: the programs that were built, the installed peers, and the scratch directory."""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent

PEERS = ["make", "ninja", "samu", "xargs", "parallel", "curl"]
"""Optional programs; the comparison omits those that are not installed."""


def build_release():
    """Build the release and the programs of the bench; print only errors."""
    for command in (["cmake", "--preset", "bench"], ["cmake", "--build", "--preset", "bench"]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise SystemExit(f"bench/run: {' '.join(command)} failed:\n{done.stdout}")
    return ROOT / "build" / "bench"


class Workspace:
    def __init__(self, build, scratch):
        self.build = pathlib.Path(build).resolve()
        self.scratch = pathlib.Path(scratch)

    def program(self, name):
        """Return the path of a program that was built: dagrun, or one of the bench."""
        for directory in ("", "bench", "bench/overhead"):
            found = self.build / directory / name
            if found.is_file() and os.access(found, os.X_OK):
                return found
        raise SystemExit(f"bench/run: {name} is not in {self.build}; "
                         "is that built with -DDAGRUN_BENCH=ON?")

    def peer(self, name):
        """Return the path of an installed program, or None."""
        return shutil.which(name)

    def missing_peers(self):
        return [peer for peer in PEERS if not self.peer(peer)]

    def directory(self, name):
        made = self.scratch / name
        made.mkdir(parents=True, exist_ok=True)
        return made
