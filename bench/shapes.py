# SPDX-License-Identifier: MIT
"""Shapes of graphs, written as files for dagrun, make and ninja.

A shape is a list with the numbers of the tasks that each task needs, always smaller ones.  Random
shapes have a fixed seed, so they are always the same.

The argument `command` of a writer is a text, or a function from the number of a task to a text.
"""

import random
from xml.sax.saxutils import escape


class Shape:
    """needs[i] lists the tasks that task i needs; layers is the argument of limit-spawn."""

    def __init__(self, title, needs, layers=None):
        self.title = title
        self.needs = needs
        self.layers = layers
        self.n_tasks = len(needs)


def independent(n):
    return Shape(f"{n} independent tasks", [()] * n, f"{n}")


def chain(n):
    return Shape(f"a chain of {n}", [()] + [(i - 1,) for i in range(1, n)], f"1x{n}")


def layered(n_layers, width, n_needs=3):
    """Each task needs some random tasks of the layer before."""
    numbers = random.Random(1)
    needs = [()] * width
    for layer in range(1, n_layers):
        above = range((layer - 1) * width, layer * width)
        needs += [tuple(sorted(numbers.sample(above, n_needs))) for _ in range(width)]
    title = f"{n_layers} layers of {width}, each task needs {n_needs}"
    return Shape(title, needs, f"{width}x{n_layers}")


def diamond(width):
    needs = [()] + [(0,)] * width + [tuple(range(1, width + 1))]
    return Shape(f"a diamond, 1 → {width} → 1", needs, f"1,{width},1")


def names(numbers):
    return " ".join([f"t{i}" for i in numbers])


def graph_lines(shape, kind, command):
    text = command if callable(command) else lambda i: command
    yield '<graph xmlns="urn:dagrun:graph:1" name="bench">\n'
    for i, needs in enumerate(shape.needs):
        attribute = f' needs="{names(needs)}"' if needs else ""
        yield f'<task id="t{i}"{attribute}><{kind}>{escape(text(i))}</{kind}></task>\n'
    yield "</graph>\n"


def dollars(command):
    """Escape dollars for make and ninja."""
    return command.replace("$", "$$")


def makefile_lines(shape, command):
    """All targets are phony: make then searches no files and no implicit rules.

    The list is on one line, since the time of make is quadratic in the number of such lines.
    """
    text = command if callable(command) else lambda i: command
    every = names(range(shape.n_tasks))
    yield f".SUFFIXES:\n.PHONY: all {every}\nall: {every}\n"
    for i, needs in enumerate(shape.needs):
        yield f"t{i}: {names(needs)}\n\t{dollars(text(i))}\n"


def ninja_lines(shape, command):
    """A command that is the same for all tasks is in the rule, as usual."""
    yield f"rule run\n  command = {'$text' if callable(command) else dollars(command)}\n"
    for i, needs in enumerate(shape.needs):
        text = f"  text = {dollars(command(i))}\n" if callable(command) else ""
        yield f"build t{i}: run {names(needs)}\n{text}"


def write(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
    return path
