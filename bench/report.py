# SPDX-License-Identifier: MIT
"""Records of cases for the JSON file, and tables made from the records.

Tables depend on records only, so they can be made again from a file.
"""

import table

FORMAT = {"format": "dagrun-bench", "version": 1}

COLUMNS = {
    "wall_s": ("time", table.seconds),
    "total_s": ("time", table.seconds),
    "load_s": ("load", table.seconds),
    "plan_s": ("plan", table.seconds),
    "run_s": ("run", table.seconds),
    "cpu_s": ("CPU", table.seconds),
    "peak_bytes": ("peak memory", table.size),
    "run_bytes": ("run's memory", table.size),
    "metg_s": ("METG", table.seconds),
    "efficiency_1us": ("1 µs", table.percent),
    "efficiency_10us": ("10 µs", table.percent),
    "efficiency_100us": ("100 µs", table.percent),
}
"""For each figure of a sample: the heading, and the function that formats it."""


def record_of(case, result):
    race = result.race
    record = {
        "name": case.name, "title": case.title, "n_tasks": race.n_tasks, "key": race.key,
        "shown": race.shown, "document": race.document, "heading": race.heading,
        "limit": race.limit, "rows": [], "goals": [],
        "left_out": [list(pair) for pair in result.left_out], "remarks": race.remarks,
    }
    for row in result.rows.values():
        record["rows"].append({
            "name": row.name, "command": row.command,
            "median": {key: row.median(key) for key in row.samples[0]},
            "ratio": result.ratio(row.name, race.limit), "samples": row.samples})
    for goal in race.goals:
        figure, verdict = goal.evaluate(result)
        record["goals"].append({"text": goal.text, "figure": figure, "bound": goal.bound,
                                "verdict": verdict})
    return record


def machine_text(facts):
    return "".join(f"  {name:<13} {fact}\n" for name, fact in facts.items())


def case_text(record, graph_size):
    """Return the text of one case: a line per contender, then the goals, except in a smoke run."""
    lines = [f"{record['name']}: {record['title']}\n"]
    if record["rows"]:
        lines.append(table.plain(*case_table(record)))
    for goal in record["goals"] if graph_size != "smoke" else []:
        if goal["figure"] is None:
            lines.append(f"  {goal['verdict']}: {goal['text']}\n")
        else:
            lines.append(f"  {goal['verdict']}: {goal['text']} ({goal['figure']:.4g})\n")
    lines += [f"  left out: {why}\n" for _, why in record["left_out"]]
    lines += [f"  {remark}\n" for remark in record["remarks"]]
    return "".join(lines)


def case_table(record):
    """Return the header and rows of a case, without empty columns."""
    keys = [key for key in record["shown"]
            if any(key in row["median"] for row in record["rows"])]
    columns = [["", *[row["name"] for row in record["rows"]]],
               [record["heading"], *[per_task(record, row, record["key"])
                                     for row in record["rows"]]]]
    for key in keys:
        columns.append([COLUMNS[key][0], *[figure_text(row, key) for row in record["rows"]]])
    write = COLUMNS[record["key"]][1]
    if any(len(row["samples"]) > 1 for row in record["rows"]):
        values = [[sample[record["key"]] for sample in row["samples"]] for row in record["rows"]]
        columns.append(["least", *[write(min(some)) for some in values]])
        columns.append(["most", *[write(max(some)) for some in values]])
    if any(row["ratio"] for row in record["rows"]):
        columns.append([f"× {record['limit']}", *[f"{row['ratio']:.2f}" if row["ratio"] else ""
                                                  for row in record["rows"]]])
    header, *rows = zip(*columns)
    return header, rows


def figure_text(row, key):
    return COLUMNS[key][1](row["median"][key]) if key in row["median"] else ""


def per_task(record, row, key):
    return COLUMNS[key][1](row["median"][key] / record["n_tasks"])


def by_subject(records):
    subjects = {}
    for record in records:
        subjects.setdefault(record["name"].split("/")[0], []).append(record)
    return subjects


def growth_texts(records):
    """For each subject whose cases differ in size only: yield the ratio of the figures per task in
    the largest graph to those in the smallest."""
    for subject, of_subject in by_subject(records).items():
        rows = []
        for key in dict.fromkeys(key for record in of_subject for key in record["document"]):
            rows += [[f"{name}, {COLUMNS[key][0]} a task", growth]
                     for name, growth in growths(of_subject, key).items()]
        if rows:
            ends = [min(of_subject, key=n_tasks), max(of_subject, key=n_tasks)]
            header = ["", f"{short(ends[1]['name'])} : {short(ends[0]['name'])}"]
            yield subject, table.plain(header, rows)


def n_tasks(record):
    return record["n_tasks"]


def growths(records, key):
    """Return a dict from contenders to texts; empty if cases differ in more than size."""
    if len(records) < 2 or not all(short(record["name"]).startswith("10^") for record in records):
        return {}
    least, most = min(records, key=n_tasks), max(records, key=n_tasks)
    figures = [{row["name"]: row["median"][key] / record["n_tasks"] for row in record["rows"]}
               for record in (least, most)]
    return {name: f"{figures[1][name] / small:.2f}"
            for name, small in figures[0].items() if name in figures[1]}


def document(results):
    """Return all results as Markdown: a table per subject and figure, and the goals."""
    facts = results["machine"] | {"measured": results["started"], "size": results["size"]}
    parts = [table.markdown(["", ""], facts.items()).replace("--:", "---")]
    for subject, records in by_subject(results["cases"]).items():
        parts.append(f"### {subject}\n")
        raced = [record for record in records if record["rows"]]
        for key in dict.fromkeys(key for record in raced for key in record["document"]):
            parts.append(matrix([record for record in raced if key in record["document"]], key))
        parts += [table.markdown(*case_table(record)) for record in raced if not record["document"]]
        parts.append(goals_text(records) + notes_text(records))
    return "\n".join(part for part in parts if part)


def matrix(records, key):
    """Return a table of cases and contenders; the shorter of the two lists forms the columns."""
    names = list(dict.fromkeys(row["name"] for record in records for row in record["rows"]))
    cells = {(record["name"], row["name"]): cell(record, row, key)
             for record in records for row in record["rows"]}
    cases = [record["name"] for record in records]
    heading = f"{COLUMNS[key][0]} a task"
    if len(names) > len(cases):
        rows = [[name, *[cells.get((case, name), "") for case in cases]] for name in names]
        header = [heading, *map(short, cases)]
        if growth := growths(records, key):
            header.append("growth")
            rows = [[*row, growth.get(row[0], "")] for row in rows]
        return table.markdown(header, rows)
    rows = [[short(case), *[cells.get((case, name), "") for name in names]] for case in cases]
    return table.markdown([heading, *names], rows)


def cell(record, row, key):
    if key not in row["median"]:
        return ""
    text = per_task(record, row, key)
    if key == record["key"] and row["ratio"] and row["name"] != record["limit"]:
        text += f" (× {row['ratio']:.2f})"
    return text


def short(case_name):
    return case_name.split("/", 1)[-1]


def goals_text(records):
    """Return one line per goal, for all cases that have it."""
    goals = {}
    for record in records:
        for goal in record["goals"]:
            goals.setdefault(goal["text"], []).append((short(record["name"]), goal))
    lines = []
    for text, cases in goals.items():
        measured = [(name, goal) for name, goal in cases if goal["figure"] is not None]
        missed = [f"{name} ({goal['figure']:.4g})" for name, goal in measured
                  if goal["verdict"] == "missed"]
        lines.append(f"- {text}: " + ("not measured" if not measured else
                     f"reached in {len(measured) - len(missed)} of {len(measured)}" +
                     (f"; missed: {', '.join(missed)}" if missed else "")) + "\n")
    return "".join(lines)


def notes_text(records):
    lines = []
    for record in records:
        lines += [f"- left out of {short(record['name'])}: {why}\n"
                  for _, why in record["left_out"]]
        lines += [f"- {record['title']}: {remark}\n" for remark in record["remarks"]]
    return "".join(lines)
