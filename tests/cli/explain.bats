#!/usr/bin/env bats
# dagrun explain: why tasks are where they are, and what would make the plan shorter.

load helpers

network()
{
    graph g.xml "$@" <<'END'
      <pool name="net" slots="2"/> <phase title="The end" of="d"/>
      <task id="a" cost="2" title="Begin &lt;here&gt;"/>
      <task id="b" cost="5" needs="a"/>
      <task id="c" cost="3" needs="a" timeout="1m" uses="net"/>
      <task id="d" cost="1" needs="a b c late"/>
      <task id="late" cost="1"/>
END
}

@test "a task: its phase with all reasons, its times, its neighbours and limits" {
    network
    dagrun_exits 0 explain g.xml late
    is "$output" 'late: phase 2 of 3

Why phase 2 (rule just-in-time)
  late  phase 2  right before d, which needs it
  d     phase 3  right after b, which it needs
  b     phase 2  right after a, which it needs
  a     phase 1  the first phase, since it needs no task

When it can start, with as many workers as it takes
  cost            1.00 s  its expected duration
  earliest start     0 s  it needs no task
  latest start    6.00 s  any later, and the critical path gets longer: d comes after it
  slack           6.00 s  not critical: it can be late by this much

What it needs and unlocks
  needs    0  no task
  unlocks  1  d; in all 1 task waits for it'
    dagrun_exits 0 explain g.xml c d
    matches "$output" 'c: phase 2 of 3
  limits: timeout [^
]*, uses net'
    has "$output" 'd: phase 3 of 3, The end'
    has "$output" 'earliest start  7.00 s  when b has ended'
    has "$output" 'needs    4  a, b, c, late; in all it waits for 4 tasks'
    has "$output" 'critical: a delay makes the whole run longer'
    dagrun_exits 0 explain g.xml a
    has "$output" 'Begin <here>'
    has "$output" 'in all 3 tasks wait for it'
}

@test "the reasons follow the rule of the phases" {
    network
    dagrun_exits 0 explain g.xml late --phases asap
    has "$output" 'late  phase 1  the first phase, since it needs no task'
    dagrun_exits 0 explain g.xml c --phases alap
    has "$output" 'c  phase 2  right before d, which needs it
  d  phase 3  the last phase, since no task needs it'
}

@test "a plan: gains, implied dependencies, phases of one task" {
    network
    dagrun_exits 0 explain -j 1 g.xml
    # The chain a c d is 2 s shorter than a b d; with one worker, every second counts.
    has "$output" '
  task    cost  path: half  path: no time  run: half  run: no time
  a     2.00 s      1.00 s         2.00 s     1.00 s        2.00 s
  b     5.00 s      2.00 s         2.00 s     2.50 s        5.00 s
  d     1.00 s      500 ms         1.00 s     500 ms        1.00 s
'
    has "$output" '  critical path  8.00 s  the longest chain, with as many workers as it takes
  lower bound    12.0 s  no schedule on 1 worker is shorter than the work spread over all workers
  run            12.0 s  simulated on 1 worker with the strategy phases'
    has "$output" '
Dependencies that others imply
  d need not name a: it needs b, which comes after it
'
    has "$output" '
Phases of one task
  1 (a), 3 (d)
'
    lacks "$output" 'One after another'
}

@test "a gain of the simulated run may be negative" {
    # If a takes half its time, its successors are ready before f, and g, which is long, starts last
    # (Graham, 1969).
    graph g.xml 'strategy="dataflow"' <<'END'
      <task id="a" cost="5"/> <task id="b" cost="3" needs="a"/> <task id="c" cost="2"/>
      <task id="d" cost="1" needs="a"/> <task id="e" cost="1"/> <task id="f" cost="1" needs="e"/>
      <task id="g" cost="4" needs="f"/> <task id="h" cost="1" needs="a c"/>
END
    dagrun_exits 0 explain -j 2 g.xml --json
    is "$(json '[.strategy, .workers, .makespan_seconds, .critical_path_seconds]' <<<"$output")" \
        '["dataflow",2,9,8]'
    is "$(json '[.lower_bound_seconds, .lower_bound_by]' <<<"$output")" '[9,"workers"]'
    is "$(json '.critical_path[] | [.id, .path_gain_none, .run_gain_half, .run_gain_none]' <<<"$output" | xargs)" \
        '[a,2,-1,1] [b,2,0.5,1]'
    dagrun_exits 0 explain -j 2 g.xml
    matches "$output" 'a +5.00 s +2.00 s +2.00 s +−1.00 s +1.00 s'
}

@test "a dependency that carries an output or an outcome is needed" {
    graph g.xml <<'END'
      <task id="a"><exec>echo 1</exec></task>
      <task id="b" needs="a"><exec>echo 2</exec></task>
      <task id="bare" needs="a b"><exec>echo 3</exec></task>
      <task id="refers" needs="a b"><exec>echo ${a}</exec></task>
      <task id="names" needs="a b"><shell>echo "$a"</shell></task>
      <task id="reads" needs="a b"><exec stdin="a">cat</exec></task>
      <task id="asks" needs="a b" always="true"><exec>echo ${a.outcome}</exec></task>
END
    dagrun_exits 0 explain --json g.xml
    is "$(json '[.redundant[].task]' <<<"$output")" '["bare"]'
}

@test "dependencies inherited from an excluded task cannot be removed" {
    graph g.xml <<'END'
      <task id="a"/> <task id="b" needs="a"/> <task id="out" needs="a b" when="false()"/> <task id="c" needs="out"/>
END
    dagrun_exits 0 explain --json g.xml
    is "$(json '[.redundant, .serial_chains]' <<<"$output")" '[[],[]]'
}

@test "tasks in a row that pass no output on" {
    graph g.xml <<'END'
      <task id="a"><exec>true</exec></task> <task id="b" needs="a"><exec>true</exec></task>
      <task id="c" needs="b"><exec>true</exec></task>
      <task id="x"><exec>true</exec></task> <task id="y"><exec stdin="x">cat</exec></task>
      <task id="z" needs="y"><exec>true</exec></task>
END
    dagrun_exits 0 explain g.xml
    has "$output" '
One after another, perhaps without need
  a → b → c
  these tasks pass no output on'
    lacks "$output" 'x → y'
    has "$output" '  if each unknown cost is 1 s (6 tasks declare no cost):'
}

@test "--set-cost changes a plan, its explanation and the order of tasks" {
    network
    dagrun_exits 0 plan g.xml --set-cost c=10s --set-cost a=500ms --json
    is "$(json '[.critical_path, .critical_path_seconds]' <<<"$output")" '[["a","c","d"],11.5]'
    dagrun_exits 0 explain g.xml --set-cost c=10s c
    has "$output" 'critical: a delay makes the whole run longer'
    dagrun_exits 0 -n g.xml --strategy longest-first -j 1
    is "$(grep -x '[a-z]*' <<<"$output" | xargs)" 'a b c late d'
    dagrun_exits 0 -n g.xml --strategy longest-first -j 1 --set-cost late=9s --set-cost c=6s
    is "$(grep -x '[a-z]*' <<<"$output" | xargs)" 'late a c b d'
    dagrun_exits 0 bench g.xml --set-cost b=100s -j 1 --json
    is "$(json '.graphs[0].total_cost_seconds' <<<"$output")" 107
}

@test "--without takes tasks out as a condition would" {
    network
    dagrun_exits 0 plan g.xml --without b,la* --json
    is "$(json '[.excluded, .critical_path_seconds, (.tasks[] | select(.id == "d") | .needs)]' <<<"$output")" \
        '[["b","late"],6,["a","c"]]'
    dagrun_exits 0 plan g.xml --without b --without late
    has "$output" '  excluded: b, late'
    dagrun_exits 0 explain g.xml d --without a
    has "$output" 'needs    3  b, c, late; in all it waits for 3 tasks'
    graph h.xml <<'END'
      <task id="a"><exec>echo a</exec></task> <task id="b" needs="a"><exec>echo b</exec></task>
      <task id="c"><exec>echo [${b}]</exec></task>
END
    dagrun_exits 0 h.xml --without b
    is "$(sort <<<"$output" | xargs)" '[] a'
    has "$stderr" '1 excluded: b'
    complains 2 'dagrun: the graph has no task "bb"' h.xml --without bb
    complains 2 'dagrun: task "b" is both wanted and taken out' h.xml b --without b
}

@test "wrong costs" {
    network
    complains 2 'dagrun: --set-cost takes TASK=DURATION, such as build=2s, not "a"' plan g.xml --set-cost a
    complains 2 'dagrun: --set-cost a: "2" is not a duration such as 500ms, 30s or 2h' plan g.xml --set-cost a=2
    complains 2 'dagrun: the graph has no task "laate"; did you mean "late"?' bench g.xml --set-cost laate=2s
    complains 2 'dagrun: task "a" is excluded' explain g.xml --without a --set-cost a=1s
    complains 2 'dagrun: export writes the costs of the graph; it has no --set-cost and no --replay' export --to make g.xml --set-cost a=1s
    complains 2 'dagrun: verify has no rule that depends on costs; it has no --set-cost and no --replay' verify g.xml run.json --set-cost a=1s
}

# A run whose tasks took whole seconds, as data.
some_run()
{
    graph r.xml <<'END'
      <pool name="db" slots="1"/>
      <task id="a"/> <task id="b" needs="a" uses="db"/> <task id="c" needs="a" uses="db"/> <task id="d" needs="b"/>
END
    dagrun_exits 0 r.xml -q -j 2 --timings real.json
    jq 'def at($i; $from; $to):
            .tasks[$i].start_seconds = $from | .tasks[$i].end_seconds = $to |
            .tasks[$i].duration_seconds = $to - $from;
        .workers = 2 | at(0; 0; 1) | at(1; 1; 3) | at(2; 3; 8) | at(3; 8; 9)' real.json >run.json
}

@test "after a run: causes of waiting, and the chain of them" {
    some_run
    dagrun_exits 0 explain r.xml --after run.json
    is "$output" 'r: a run of 9.00 s (strategy phases, 2 workers)
  simulated again with the durations of its attempts: 9.00 s

From the start to the last end, each task after its cause
  task  started    took  waited
  a         0 s  1.00 s     0 s  after the start of the run
  b      1.00 s  2.00 s     0 s  after a, which it needs
  c      3.00 s  5.00 s     0 s  after the pool db, until b ended
  d      8.00 s  1.00 s     0 s  after c, the end of the phases before

Waiting after the last dependency, all tasks added up
  phase barrier  5.00 s  1 task  the phases before had not ended
  pool db        2.00 s  1 task  too few of its slots were free

The most delayed tasks
  task   ready  waited  for
  d     3.00 s  5.00 s  c, the end of the phases before
  c     1.00 s  2.00 s  the pool db, until b ended'
    dagrun_exits 0 explain r.xml --after run.json --json
    is "$(json '[.realised_critical_path[].id], .tasks[2].pool, .simulated_makespan_seconds' <<<"$output" | xargs)" \
        '[a,b,c,d] db 9'
}

@test "after a run: wrong records and options" {
    some_run
    network
    dagrun_exits 0 explain g.xml --after run.json
    has "$output" '1 of 5 tasks are not in the record: is it of this graph?'
    complains 4 'dagrun: cannot read "none.json": No such file or directory' explain r.xml --after none.json
    complains 2 'dagrun: --after explains a run as it was; it takes no -j, --connections, --strategy, --set-cost and --replay' \
        explain r.xml --after run.json -j 3
}

@test "mistakes" {
    network
    complains 2 'dagrun: the graph has no task "laate"; did you mean "late"?' explain g.xml laate
    complains 2 'dagrun: -j takes a number of workers from 1 to 10000, not "0"' explain g.xml -j 0
    complains 2 'dagrun: there is no strategy "phase"; did you mean "phases"?' explain g.xml --strategy phase
    complains 2 'dagrun: no graph given; see dagrun explain --help' explain
    graph g.xml <<<'<task id="a" when="false()"/> <task id="b"/>'
    complains 2 'dagrun: task "a" is excluded' explain g.xml a
}

@test "an empty graph" {
    graph g.xml <<<''
    dagrun_exits 0 explain g.xml
    is "$output" 'g: 0 tasks in 0 phases'
    dagrun_exits 0 explain --json g.xml
    is "$(json '[.critical_path, .makespan_seconds]' <<<"$output")" '[[],0]'
}

@test "docs/explain.md shows what is printed" {
    awk '/^```xml/ { here = 1; next } /^```/ { here = 0 } here' "$source_dir/docs/explain.md" >build.xml
    has "$(cat "$source_dir/docs/explain.md")" \
        "$(dagrun explain -j 2 build.xml | sed 's/^./    &/')"
}

@test "README.md shows what is printed" {
    has "$(cat "$source_dir/README.md")" \
        "$(dagrun explain "$source_dir/examples/resume/resume.xml" write_education_section |
            sed '/^When/,$d; s/^./    &/' | sed '$d')"
}
