# SPDX-License-Identifier: MIT
"""Where things are: what was built, who else is installed, and where to write."""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent

PEERS = ["make", "ninja", "samu", "xargs", "parallel"]
"""Who may be there; without them, the comparison goes without them."""


def build_release():
    """Builds what users run, and what is measured with; says something only if that fails."""
    for command in (["cmake", "--preset", "bench"], ["cmake", "--build", "--preset", "bench"]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise SystemExit(f"bench/run: {' '.join(command)} failed:\n{done.stdout}")
    return ROOT / "build" / "bench"


class Place:
    def __init__(self, build, scratch):
        self.build = pathlib.Path(build).resolve()
        self.scratch = pathlib.Path(scratch)

    def program(self, name):
        """Returns the path of a program that was built: dagrun, or one of the bench."""
        for directory in ("", "bench", "bench/overhead"):
            found = self.build / directory / name
            if found.is_file() and os.access(found, os.X_OK):
                return found
        raise SystemExit(f"bench/run: {name} is not in {self.build}; "
                         "is that built with -DDAGRUN_BENCH=ON?")

    def peer(self, name):
        """Returns the path of another program, or None."""
        return shutil.which(name)

    def missing_peers(self):
        return [peer for peer in PEERS if not self.peer(peer)]

    def directory(self, name):
        made = self.scratch / name
        made.mkdir(parents=True, exist_ok=True)
        return made
