#!/usr/bin/env bats
# dagrun verify: real runs have no findings; altered records have.

load helpers

some_graph()
{
    graph g.xml <<'END'
      <param name="on" type="boolean" default="false"/>
      <param name="word" default="w"/> <param name="x" type="number" default="0.1"/> <param name="tasks" default="-"/>
      <pool name="net" slots="1"/>
      <task id="again" retries="2" retry-delay="1ms" retry-on="3" uses="net">
        <shell>test -e tried || { touch tried; exit 3; }</shell>
      </task>
      <task id="may" allow-failure="true" uses="net"><exec>false</exec></task>
      <task id="out" needs="may" when="$on"><exec>true</exec></task>
      <task id="slow" needs="out" timeout="20ms"><exec>sleep 60</exec></task>
      <task id="bad" needs="again may"><exec>false</exec></task>
      <task id="late" needs="bad"><exec>true</exec></task>
      <task id="end" always="true" needs="late slow"><exec>true</exec></task>
END
}

# Run with these options, and check the record.
run_verified()
{
    rm -f tried
    dagrun -q g.xml --timings run.json "$@" 2>/dev/null || true
    dagrun_exits 0 verify g.xml run.json
    matches "$output" '^run.json: nothing found; checked [0-9]+ tasks with [0-9]+ attempts and [0-9]+ dependencies$'
    is "$stderr" ''
}

# Alter the record with a program of jq: altered FILTER.
altered()
{
    jq "$1" run.json >altered.json
}

@test "real runs have no findings" {
    some_graph
    for options in '' '-k --strategy dataflow' '-k --set on=true --phases asap' '-k may again --phases alap' \
        '--timeout 10ms --retries 1'; do
        # shellcheck disable=SC2086 # one word per option
        run_verified $options
    done
}

@test "the number of what was checked" {
    some_graph
    run_verified -k
    is "$output" 'run.json: nothing found; checked 6 tasks with 6 attempts and 6 dependencies'
    dagrun_exits 0 verify g.xml /dev/stdin <run.json
    has "$output" '/dev/stdin: nothing found'
    mkdir sub
    dagrun_exits 0 verify -C sub ../g.xml ../run.json
}

@test "a run without some of its tasks" {
    some_graph
    run_verified -k --without 'late,may'
    is "$output" 'run.json: nothing found; checked 4 tasks with 5 attempts and 3 dependencies'
    run_verified -k --without may again
    dagrun -q -k g.xml --without may --timings run.json 2>/dev/null || true
    # What the run had taken out may not be part of it, and a condition holds.
    altered '.excluded -= ["out"]'
    dagrun_exits 1 verify g.xml altered.json
    is "$output" 'altered.json: task "out" is excluded in the graph, but not in the run'
    altered '.excluded += ["end"]'
    dagrun_exits 1 verify g.xml altered.json
    has "$output" 'task "end"'
}

@test "findings are one line each" {
    graph g.xml <<<'<task id="a"><sleep duration="1ms"/></task> <task id="b" needs="a"/>'
    dagrun -q g.xml --timings run.json
    altered '(.tasks[] | select(.id == "b") | .outcome) = "blocked"'
    dagrun_exits 1 verify g.xml altered.json
    is "$stderr" ''
    is "$output" 'altered.json: task "b" is blocked, but ran
altered.json: the run counts 2 tasks as succeeded, but has 1
altered.json: the run counts 0 tasks as blocked, but has 1
altered.json: the run says that it succeeded, but it did not'
    dagrun_exits 1 verify g.xml altered.json --json
    is "$(json -c '.n_findings, .tasks, .findings[0]' <<<"$output")" '4
2
{"rule":"record","task":"b","text":"task \"b\" is blocked, but ran"}'
}

@test "a start before the end of what a task needs" {
    graph g.xml <<<'<task id="a"/> <task id="b" needs="a"/>'
    dagrun -q g.xml --strategy dataflow --timings run.json
    altered '.tasks[0] += {start_seconds: 1.2, end_seconds: 1.3, duration_seconds: 0.1}
        | .tasks[1] += {start_seconds: 1.25, end_seconds: 1.25, duration_seconds: 0} | .overall_duration_seconds = 2'
    dagrun_exits 1 verify g.xml altered.json
    has "$output" 'altered.json: task "b" started at 1.25 s, before "a", which it needs, ended at 1.30 s'
}

@test "a record of another graph" {
    graph g.xml <<<'<task id="a"/> <task id="b" needs="a"/>'
    graph other.xml <<<'<task id="a"/> <task id="c" needs="a"/> <task id="d"/>'
    dagrun -q g.xml --timings run.json
    dagrun_exits 1 verify other.xml run.json
    has "$output" 'run.json: task "b" is in the run, but not in the graph'
    has "$output" 'run.json: task "c" is in the graph, but not in the run'
}

@test "a run of selected tasks has all that they need" {
    graph g.xml <<<'<task id="a"/> <task id="b" needs="a"/> <task id="c" needs="b"/>'
    dagrun -q g.xml b --timings run.json
    dagrun_exits 0 verify g.xml run.json
    dagrun_exits 1 verify g.xml run.json c
    has "$output" 'run.json: task "c" is in the graph, but not in the run'
    altered 'del(.tasks[0])'
    dagrun_exits 1 verify g.xml altered.json
    has "$output" 'altered.json: task "a" is in the graph, but not in the run'
}

@test "conditions on secrets need their values" {
    graph g.xml <<<'<param name="key" secret="true"/> <task id="a"/> <task id="b" when="$key = '"'yes'"'"/>'
    export KEY=yes
    dagrun -q g.xml --set-env key=KEY --timings run.json
    dagrun_exits 0 verify g.xml run.json --set-env key=KEY
    has "$output" 'checked 2 tasks'
    dagrun_exits 2 verify g.xml run.json
    has "$stderr" 'give it one with --set-env key=VARIABLE'
}

@test "a file that is no record" {
    graph g.xml <<<'<task id="a"/>'
    complains 2 'dagrun: no graph given; see dagrun verify --help' verify
    complains 2 'dagrun: no record of a run given; see dagrun verify --help' verify g.xml
    complains 4 'dagrun: cannot read "none.json": No such file or directory' verify g.xml none.json
    complains 4 'dagrun: cannot read ".": Is a directory' verify g.xml .
    : >empty.json
    complains 4 "empty.json:1: the text ends where '{' should be" verify g.xml empty.json
    dagrun plan g.xml --json >plan.json
    dagrun_exits 4 verify g.xml plan.json
    matches "$stderr" '^plan.json:[0-9]+: '
    printf '{\n  "tasks": [\n    {"id": "a\x1b[31m"}\n' >odd.json
    complains 4 "odd.json:3: this is not JSON: control character 0x1b near '\"a'" verify g.xml odd.json
    graph bad.xml <<<'<task id="a" needs="z"/>'
    dagrun -q g.xml --timings run.json
    dagrun_exits 3 verify bad.xml run.json
    matches "$stderr" '^bad.xml:2:[0-9]+: error: '
}
