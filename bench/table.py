# SPDX-License-Identifier: MIT
"""Format figures and tables, for a terminal and for a document."""

import unicodedata


def seconds(value):
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if value * scale >= 1:
            return f"{three_digits(value * scale)} {unit}"
    return f"{three_digits(value * 1e9)} ns"


def size(value):
    for unit, scale in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= scale:
            return f"{three_digits(value / scale)} {unit}"
    return f"{value:.0f} B"


def percent(value):
    return f"{value * 100:.0f} %"


def three_digits(value):
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{digits}f}"


def width(text):
    return sum(0 if unicodedata.combining(c) else 1 for c in text)


def padded(text, n, is_left):
    space = " " * (n - width(text))
    return text + space if is_left else space + text


def plain(header, rows):
    """Return a table as text: the first column is aligned left, the others right."""
    table = [header, *rows]
    widths = [max(width(row[i]) for row in table) for i in range(len(header))]
    return "".join(
        "  " + "  ".join(padded(cell, n, i == 0)
                         for i, (cell, n) in enumerate(zip(row, widths))).rstrip() + "\n"
        for row in table)


def markdown(header, rows):
    rule = ["---"] + ["--:"] * (len(header) - 1)
    return "".join("| " + " | ".join(row) + " |\n" for row in [header, rule, *rows])
