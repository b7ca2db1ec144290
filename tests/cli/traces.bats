# Reports of a run in the formats of other programs: --trace, --junit, --events.

load helpers

# Two workers, phases, a retry that helps, a failure that is allowed, one that blocks, and a pool.
mixed_graph()
{
    graph g.xml 'name="mixed"' <<'END'
      <pool name="db" slots="2"/>
      <task id="a" uses="db"><exec>sleep 0.02</exec></task>
      <task id="b" uses="db:2"><shell>sleep 0.03</shell></task>
      <task id="again" needs="a b" retries="1" retry-delay="10ms"><shell>test -e done || { touch done; exit 3; }</shell></task>
      <task id="may" needs="a" allow-failure="true"><shell>echo "it is &lt;broken&gt;"; exit 4</shell></task>
      <task id="bad" needs="a"><shell>for i in $(seq 100); do echo "line $i"; done; printf '\033[31mred\033[0m \001 ]]&gt;\n'; exit 5</shell></task>
      <task id="behind" needs="bad"/>
END
}

# The trace breaks no rule, such as: boxes of a track overlap, an arrow lacks an end, or does not lead from the end of a
# box to the start of one, a counter does not end at 0.
keeps_rules()
{
    run -0 jq -r '
        .traceEvents as $all
        | ([$all[] | select(.ph == "X")] | group_by([.pid, .tid])[] | sort_by(.ts)
            | range(1; length) as $i | select(.[$i].ts < .[$i - 1].ts + .[$i - 1].dur - 0.001)
            | "overlap: \(.[$i].name)"),
          ([$all[] | select(.ph == "s" or .ph == "f")] | group_by(.id)[]
            | select((map(.ph) | sort) != ["f", "s"]) | "arrow: \(.[0].id)"),
          ([$all[] | select(.ph == "s" or .ph == "f")][] as $tip
            | select([$all[] | select(.ph == "X" and .pid == $tip.pid and .tid == $tip.tid
                and (if $tip.ph == "f" then .ts == $tip.ts else .ts + .dur - $tip.ts | . >= 0 and . < 0.002 end))] == [])
            | "not at the \(if $tip.ph == "f" then "start" else "end" end) of a box: \($tip.id)"),
          ([$all[] | select(.ph == "C")] | group_by(.name)[] | last | select(.args | add != 0)
            | "counter: \(.name)")' "$1"
    is "$output" ''
}

@test "a trace has a box for each attempt, arrows that decided, and counters" {
    mixed_graph
    dagrun_exits 1 -q -k -j2 g.xml --trace t.json --timings run.json
    keeps_rules t.json
    is "$(jq -r '[.traceEvents[] | select(.ph == "X" and .pid == 1) | "\(.name):\(.cat)"] | sort | join(" ")' t.json)" \
        'a:succeeded again:failed again:succeeded b:succeeded bad:failed may:failed'
    # The boxes have the times of the record.
    is "$(jq '[.traceEvents[] | select(.ph == "X" and .pid == 1) | .dur] | add | floor' t.json)" \
        "$(jq '[.tasks[] | .busy_seconds // .duration_seconds // 0] | add * 1e6 | floor' run.json)"
    is "$(jq -r '[.traceEvents[] | select(.ph == "X" and .pid == 3) | .name] | join(", ")' t.json)" 'phase 1, phase 2'
    is "$(jq '[.traceEvents[] | select(.name == "pool db") | .args.slots] | max' t.json)" 2
    is "$(jq '[.traceEvents[] | select(.name == "running") | .args.tasks] | max | . == 1 or . == 2' t.json)" true
    has "$(jq -r '.traceEvents[] | select(.name == "bad" and .ph == "X") | .args.reason' t.json)" 'exit status 5'
    # Three tasks had a predecessor that ran.
    is "$(jq '[.traceEvents[] | select(.ph == "s")] | length' t.json)" 3
}

@test "a trace has tracks of connections, and none of phases without barriers" {
    graph g.xml <<<'<task id="a"><http url="http://127.0.0.1:1/"/></task> <task id="b"/>'
    dagrun_exits 1 -q -k g.xml --strategy dataflow --trace t.json
    keeps_rules t.json
    is "$(jq -r '[.traceEvents[] | select(.ph == "M" and .name == "process_name") | .args.name] | join(" ")' t.json)" \
        'workers connections numbers'
    is "$(jq -r '[.traceEvents[] | select(.ph == "X" and .pid == 2) | .name] | unique | join(" ")' t.json)" a
}

@test "a JUnit report is read by a program of others, with the text of failures" {
    mixed_graph
    dagrun_exits 1 -q -k g.xml --junit j.xml
    xmllint --noout j.xml
    is "$(/usr/bin/python3 -c '
import junitparser
suite, = list(junitparser.JUnitXml.fromfile("j.xml"))
print(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped)
for case in suite:
    print(case.name, *((r._elem.tag, r.message, r.type) for r in case.result))
')" "mixed 6 1 0 2
a
b
again
may ('skipped', 'allowed to fail: exit status 4', None)
bad ('failure', 'exit status 5', 'failed')
behind ('skipped', 'blocked', None)"
    text=$(xmllint --xpath 'string(//testcase[@name="bad"]/system-out)' j.xml)
    has "$text" $'line 1\n'
    has "$text" 'lines left out'
    has "$text" 'red'
    has "$text" ']]>'
    lacks "$text" $'\033'
    has "$(xmllint --xpath 'string(//testcase[@name="may"]/system-out)' j.xml)" 'it is <broken>'
}

# The second task ends when it sees that the first one has ended.
@test "events are written as they happen, one object a line" {
    graph g.xml <<'END'
      <task id="a" retries="1" retry-delay="1ms"><shell>test -e once || { touch once; exit 3; }</shell></task>
      <task id="b" needs="a"><shell>until grep -q '"task-finished".*"a"' e.jsonl; do sleep 0.01; done</shell></task>
END
    dagrun_exits 0 -q g.xml --events e.jsonl
    is "$(jq -r '[.event, .task // .phase // empty, .outcome // empty, .attempt // empty] | map(tostring) | join(" ")' e.jsonl)" \
        "run-started
phase-started 1
task-started a 1
attempt-failed a failed 1
task-started a 2
task-finished a succeeded
phase-finished 1
phase-started 2
task-started b 1
task-finished b succeeded
phase-finished 2
run-finished"
    is "$(jq -s 'map(.time_seconds) == (map(.time_seconds) | sort)' e.jsonl)" true
    mkfifo pipe
    jq -r .event pipe >got 3>&- &
    dagrun_exits 0 -q g.xml --events pipe
    wait $!
    is "$(tail -n 1 got)" run-finished
}

@test "a report that cannot be written is told before anything runs" {
    graph g.xml <<<'<task id="a"><exec>touch ran</exec></task>'
    for option in --trace --junit --events; do
        complains 4 'dagrun: cannot write "none/x": No such file or directory' g.xml "$option" none/x
        complains 2 "dagrun: $option takes a file; standard output is for the output of tasks" g.xml "$option" -
    done
    [[ ! -e ran ]]
    # A run that cannot be leaves the old report.
    echo old >t.json
    dagrun_exits 4 g.xml --trace t.json --events none/x
    is "$(<t.json)" old
    dagrun_exits 4 -q g.xml --events /dev/full
    has "$stderr" 'cannot write "/dev/full": No space left on device'
}
