# SPDX-License-Identifier: MIT
"""Compares a checker of JSON Schemas with python3-jsonschema on random schemas and values.

schema-judge.py PROGRAM N [SEED]: prints each pair on which they differ, and exits 1; else the numbers of verdicts.
"""
import json
import random
import subprocess
import sys

from jsonschema import Draft202012Validator

NAMES = ["a", "b", "c", "a/b", "~", "é"]
TEXTS = ["", "a", "ab", "abc", "é", "aé𝄞", "12", "a1", "\n", "true"]
NUMBERS = [0, 1, 2, 3, -1, 1.0, 2.5, -0.5, 1e3, 10]
PATTERNS = ["^a", "b$", "^[0-9]+$", "a|1", "^.{2}$", ""]
TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"]


class Pairs:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, of):
        return self.random.choice(of)

    def value(self, depth):
        kind = self.random.randrange(7 if depth > 0 else 5)
        if kind == 5:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        if kind == 6:
            return {name: self.value(depth - 1) for name in self.random.sample(NAMES, self.random.randrange(4))}
        return [None, self.one([True, False]), self.one(TEXTS), self.one(NUMBERS), self.one(NUMBERS)][kind]

    def bounds(self, least, most, of):
        low, high = sorted([self.one(of), self.one(of)])
        return self.one([{least: low}, {most: high}, {least: low, most: high}])

    def keyword(self, depth):
        choice = self.random.randrange(9 if depth > 0 else 5)
        if choice == 0:
            return {"enum": [self.value(1) for _ in range(1 + self.random.randrange(6))]}
        if choice == 1:
            return {"const": self.value(1)}
        if choice == 2:
            return self.bounds("minimum", "maximum", NUMBERS)
        if choice == 3:
            return self.bounds("minLength", "maxLength", range(4))
        if choice == 4:
            return self.one([{"pattern": self.one(PATTERNS)}, self.bounds("minItems", "maxItems", range(4))])
        if choice == 5:
            return {"anyOf": [self.schema(depth - 1) for _ in range(1 + self.random.randrange(3))]}
        if choice == 6:
            return {"items": self.schema(depth - 1)}
        if choice == 7:
            return {"$ref": self.one(["#/$defs/x", "#/$defs/y", "#/$defs/a~1b"])}
        return self.members(depth)

    def members(self, depth):
        schema = {"properties": {name: self.schema(depth - 1) for name in self.random.sample(NAMES, 3)}}
        if self.random.random() < 0.5:
            schema["required"] = self.random.sample(NAMES, 1 + self.random.randrange(2))
        if self.random.random() < 0.5:
            schema["additionalProperties"] = self.one([False, self.schema(depth - 1)])
        return schema

    def schema(self, depth):
        if self.random.random() < 0.08:
            return self.one([True, True, False])
        schema = {}
        if self.random.random() < 0.4:
            schema["type"] = self.one([self.one(TYPES), self.random.sample(TYPES, 3)])
        for _ in range(self.random.randrange(3)):
            schema.update(self.keyword(depth))
        return schema

    def whole(self):
        schema = self.keyword(3)
        # A definition refers to none, so that no chain of references is a circle.
        schema["$defs"] = {"x": self.schema(0), "y": {"type": self.one(TYPES)}, "a/b": self.schema(0)}
        return schema


def main():
    program, n = sys.argv[1], int(sys.argv[2])
    pairs = Pairs(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    asked = [{"schema": pairs.whole(), "value": pairs.value(3)} for _ in range(n)]
    expected = ["valid" if Draft202012Validator(pair["schema"]).is_valid(pair["value"]) else "invalid" for pair in asked]
    lines = "".join(json.dumps(pair) + "\n" for pair in asked)
    answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.split()
    differ = [trio for trio in zip(asked, expected, answers) if trio[1] != trio[2]]
    for pair, wanted, answer in differ:
        print(f"{answer}, but jsonschema says {wanted}: {json.dumps(pair)}")
    if differ or len(answers) != n:
        sys.exit(1)
    print(expected.count("valid"), expected.count("invalid"))


main()
