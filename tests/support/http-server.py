#!/usr/bin/env python3
"""An HTTP server for tests: python3 http-server.py LOG

Listens on a free port of 127.0.0.1 and prints its number.  Writes each request to LOG when its headers and
body have been read: one line of JSON with method, path, headers (names in lower case), body, the number of
the connection, and the number of the request on it.  Ends when standard input ends.

It refuses to be a proxy for TLS.  The path says what it answers:

/status/CODE        that status, with the text "status CODE"
/text/TEXT          200 and the text
/echo               200 and the request as JSON
/json               200 and some JSON
/html/TEXT, /xml/TEXT  200 and the text, with that type
/header/NAME/VALUE  200, that header, and "ok"
/cut/N              the first N bytes of an answer of 200, then the end of the connection
/silent             nothing, and the end of the connection
/wait/MS/REST       after so long, what /REST answers
/stall              half of an answer, and then nothing for long
/bomb/SIZE          so many zero bytes, compressed
/redirect/CODE/URL  that status and Location: URL
/flaky/N/CODE       CODE for the first N requests of the path, then 200
/limited/N/CODE/T   CODE for the first N requests of the path, with Retry-After: T; then 200
/busy/N/T/REST      429 for the first N requests of the path, with Retry-After: T; then what /REST answers
/left/NAME/N        200, and X-RateLimit-Remaining-NAME: N
/quota              429, because the quota is used up
/close-second       an answer; the second request on a connection is read, and the connection closed
/chunks/N           N bytes in chunks
/garbage            a line that is not HTTP
"""

import gzip
import json
import socket
import sys
import threading
import time
import urllib.parse

lock = threading.Lock()
counts = {}
log = open(sys.argv[1], "a", buffering=1)


class Closed(Exception):
    """The connection is to be closed."""


def answer(code, body, headers=(), reason="Whatever"):
    if isinstance(body, str):
        body = body.encode()
    lines = ["HTTP/1.1 %d %s" % (code, reason), "Content-Length: %d" % len(body)]
    lines += ["%s: %s" % header for header in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def count(request):
    """Return which request of its path it is, from 1."""
    with lock:
        counts[request["path"]] = counts.get(request["path"], 0) + 1
        return counts[request["path"]]


def of_path(request, parts):
    """Return the bytes of an answer."""
    first = parts[0]
    if first == "status":
        return answer(int(parts[1]), "status %s\nmore\n" % parts[1])
    if first == "text":
        return answer(200, "/".join(parts[1:]))
    if first == "echo":
        return answer(200, json.dumps(request), [("Content-Type", "application/json")])
    if first == "json":
        return answer(200, '{"title": "A \\"title\\"", "n": 1.50, "list": [1, {"a": null}]}')
    if first in ("html", "xml"):
        kind = {"html": "text/html", "xml": "application/xml"}[first]
        return answer(200, "/".join(parts[1:]), [("Content-Type", kind)])
    if first == "header":
        return answer(200, "ok", [(parts[1], parts[2])])
    if first == "bomb":
        return answer(200, gzip.compress(bytes(int(parts[1]))), [("Content-Encoding", "gzip")])
    if first == "redirect":
        return answer(int(parts[1]), "elsewhere", [("Location", "/".join(parts[2:]))])
    if first == "flaky":
        n = count(request)
        return answer(int(parts[2]) if n <= int(parts[1]) else 200, "try %d" % n)
    if first == "limited":
        n = count(request)
        if n <= int(parts[1]):
            return answer(int(parts[2]), "slowly", [("Retry-After", parts[3])])
        return answer(200, "try %d" % n)
    if first == "left":
        return answer(200, "ok", [("X-RateLimit-Remaining-" + parts[1], parts[2])])
    if first == "quota":
        return answer(429, '{"error": {"message": "You have none left", "code": "insufficient_quota"}}')
    if first == "chunks":
        body = b"".join(b"1\r\nx\r\n" for _ in range(int(parts[1]))) + b"0\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    return answer(404, "no such page\n", reason="Not Found")


def reply(connection, request):
    if request["method"] == "CONNECT":
        connection.sendall(answer(403, "no proxy\n"))
        raise Closed
    parts = urllib.parse.unquote(request["path"].split("?")[0]).split("/")[1:]
    if parts[0] == "busy":
        if count(request) <= int(parts[1]):
            connection.sendall(answer(429, "busy", [("Retry-After", parts[2])]))
            return
        parts = parts[3:]
    if parts[0] == "wait":
        time.sleep(int(parts[1]) / 1000)
        parts = parts[2:]
    if parts[0] == "cut":
        whole = answer(200, "0123456789", [("X-A", "1")])
        connection.sendall(whole[: int(parts[1])])
        raise Closed
    if parts[0] == "stall":
        connection.sendall(answer(200, "0123456789")[:-5])
        time.sleep(60)
    if parts[0] == "garbage":
        connection.sendall(b"This is no answer.\r\n")
        raise Closed
    if parts[0] == "silent" or (parts[0] == "close-second" and request["nth"] == 2):
        raise Closed
    if parts[0] == "close-second":
        connection.sendall(answer(200, "first"))
        return
    connection.sendall(of_path(request, parts))


def read_request(file, number, nth):
    line = file.readline()
    if not line:
        raise Closed
    method, path, _ = line.decode("utf-8", "replace").split(" ", 2)
    headers = {}
    for line in file:
        if line in (b"\r\n", b"\n"):
            break
        name, value = line.decode("utf-8", "replace").split(":", 1)
        headers[name.lower()] = value.strip()
    body = file.read(int(headers.get("content-length", 0))).decode("utf-8", "replace")
    return {"method": method, "path": path, "headers": headers, "body": body,
            "connection": number, "nth": nth}


def serve(connection, number):
    with connection, connection.makefile("rb") as file:
        try:
            for nth in range(1, 1000):
                request = read_request(file, number, nth)
                with lock:
                    log.write(json.dumps(request) + "\n")
                reply(connection, request)
        except (Closed, OSError, ValueError):
            pass


def accept(listener):
    number = 0
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
        threading.Thread(target=serve, args=(connection, number), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0), backlog=256)
print(listener.getsockname()[1], flush=True)
threading.Thread(target=accept, args=(listener,), daemon=True).start()
sys.stdin.read()
