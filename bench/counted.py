# SPDX-License-Identifier: MIT
"""Run a client, and print what the server has counted, as JSON.

    counted.py PORT COMMAND [WORD...]        requests, answers and duplicates (bench/request-server.c)
    counted.py --interrupt N PORT COMMAND…   when N requests are under way, send SIGINT, and again half a second
                                             later: the time from the second one to the end of the command
"""

import json
import signal
import subprocess
import sys
import time
import urllib.request

SAME_S = 0.5
"""dagrun takes two signals within a shorter time for one request."""


def report(port):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/report", timeout=10) as answer:
        return json.load(answer)


def counted(port, command):
    report(port)  # forget what was before
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        status = process.wait()
    figures = report(port)
    return status, figures | {"tries": figures["requests"] / max(figures["answers"], 1)}


def interrupted(port, n_held, command):
    report(port)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while report(port)["held"] < n_held:
            if process.poll() is not None:
                return process.returncode, {}
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        time.sleep(SAME_S)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        process.wait()
        end_s = time.monotonic() - start
    return 0, {"end_s": end_s}


def main(words):
    if words[0] == "--interrupt":
        status, figures = interrupted(int(words[2]), int(words[1]), words[3:])
    else:
        status, figures = counted(int(words[0]), words[1:])
    print(json.dumps(figures))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
