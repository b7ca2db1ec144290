#!/usr/bin/env bats
# dagrun bench: the comparison of strategies.

load helpers

# Return whether the process has a handler for the signal: catches PID NAME
catches()
{
    local mask

    mask=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status")
    ((0x$mask >> ($(kill -l "$2") - 1) & 1))
}

# The chain a, b, c must begin at once; four other tasks are in the way.
chain_and_others()
{
    graph g.xml "$@" <<'END'
      <param name="extra" type="boolean" default="false"/>
      <task id="x" cost="2"><exec>touch marker</exec></task> <task id="y" cost="2"/>
      <task id="a" cost="1"/> <task id="z" cost="2"/> <task id="w" cost="2"/>
      <task id="b" needs="a" cost="3"/> <task id="c" needs="b" cost="4"/>
      <task id="late" cost="100" when="$extra"/>
END
}

@test "a table for each number of workers, and a recommendation" {
    chain_and_others 'output="made"'
    dagrun_exits 0 bench g.xml -j 1,2 --noise 0
    is "$stderr" ''
    has "$output" 'g: 7 tasks, simulated with their costs, 16.0 s'
    matches "$output" '
1 worker: no schedule is shorter than the work spread over all workers, 16.0 s
  all [0-9]+ strategies +16.0 s +0 % +1.00 +100 % +0 s +0 s
'
    matches "$output" '
2 workers: no schedule is shorter than the critical path, 8.00 s
  critical-path +8.00 s +0 % +2.00 +100 % +0 s +none
'
    matches "$output" '
  phases  +12.0 s +50 % +1.33 +67 % +8.00 s +1.00 s
'
    has "$output" 'Use critical-path with 2 workers: 8.00 s; no schedule is shorter than the critical path.
cp-misf, slack and optimal take the same.
phases, the default, takes 50 % longer: 12.0 s, of which its barriers cost 1.00 s.'
    [[ ! -e marker && ! -e made ]]
}

@test "the machine of the graph: unlike workers, by every strategy that knows them" {
    dagrun_exits 0 bench "$source_dir/tests/conformance/valid/machine.xml" -j 3 --strategies dataflow --noise 0
    has "$output" 'Use dataflow with'
    has "$output" '
the machine of the graph, 3 workers: no schedule is shorter than 73.0 s
  optimal  73.0 s  no schedule is shorter
  heft     80.0 s  9.6 % above the lower bound
  cpop     86.0 s  17.8 % above the lower bound
its workers with optimal
  p1  n'
    dagrun_exits 0 bench "$source_dir/tests/conformance/valid/machine.xml" -j 3 --strategies heft,cpop --json
    is "$(json '.graphs[0].machine.schedules[] | [.strategy, .makespan_seconds]' <<<"$output" | xargs)" \
        '[optimal,73] [heft,80] [cpop,86]'
}

@test "ties are named" {
    graph g.xml <<<'<task id="a" cost="2"/> <task id="b" needs="a" cost="1"/>'
    dagrun_exits 0 bench g.xml
    has "$output" 'Use phases with 1 worker: 3.00 s; no schedule is shorter than the critical path.
All '"$(dagrun list strategies --names | grep -c -v -e heft -e cpop)"' strategies take the same, so there is no reason to change it.
Beyond 1 worker nothing is gained, or less than 1 %.'
    dagrun_exits 0 bench g.xml --strategies dataflow,critical-path
    has "$output" 'Use dataflow with 1 worker'
    has "$output" 'critical-path takes the same.'
}

@test "costs that are not known count as 1 s, and the report says so" {
    graph g.xml <<<'<task id="a"/> <task id="b"/>'
    dagrun_exits 0 bench g.xml -j1
    has "$output" 'No task declares a cost: each counts as 1 s.'
    graph g.xml <<<'<task id="a" cost="2"/> <task id="b"/>'
    dagrun_exits 0 bench g.xml -j1
    has "$output" '1 task declares no cost, and counts as 1 s.'
}

@test "the options of a graph" {
    chain_and_others
    has "$(dagrun bench g.xml -j1 --set extra=true)" '8 tasks, simulated with their costs, 1 min 56 s'
    has "$(dagrun bench g.xml b x -j1)" '3 tasks, simulated with their costs, 6.00 s'
    mkdir sub && mv g.xml sub
    has "$(dagrun bench -C sub g.xml -j1 --phases alap)" '7 tasks'
    dagrun_exits 4 bench g.xml
}

@test "numbers of workers" {
    chain_and_others
    counts() { sed -n 's/^\([0-9]*\) worker.*/\1/p' | xargs; }
    is "$(dagrun bench g.xml -j 4,1-3,2 | counts)" '1 2 3 4'
    is "$(dagrun bench g.xml -j2 | counts)" 2
    has "$(dagrun bench g.xml | counts)" '1 2 4 8'
    for wrong in 0 x 3-1 1, '' 1-10001; do
        complains 2 "dagrun: -j takes numbers of workers from 1 to 10000, such as 4 or 1,2,4 or 1-16, not \"$wrong\"" \
            bench g.xml --jobs="$wrong"
    done
    complains 2 'dagrun: -j takes up to 256 numbers of workers, not "1-300"' bench g.xml -j 1-300
}

@test "names of strategies" {
    chain_and_others
    dagrun_exits 0 bench g.xml -j2 --strategies phases,phases,random
    is "$(grep -c '^  phases ' <<<"$output")" 1
    has "$output" 'Use phases'
    complains 2 'dagrun: there is no strategy "phase"; did you mean "phases"?' bench g.xml --strategies dataflow,phase
    complains 2 'dagrun: --seed takes a whole number, not "x"' bench g.xml --seed x
    dagrun_exits 0 bench g.xml -j2 --strategies random
    has "$output" 'There is no strategy to recommend.'
}

@test "the work of an interval is a lower bound, and Graham's guarantee is told" {
    graph g.xml <<'END'
      <task id="a" cost="1"/> <task id="b" needs="a" cost="1"/> <task id="c" needs="a" cost="1"/>
      <task id="d" needs="a" cost="1"/> <task id="e" needs="b c d" cost="1"/>
END
    dagrun_exits 0 bench g.xml -j2
    has "$output" '
2 workers: no schedule is shorter than the work between 1.00 s after the start and 1.00 s before the end allows, 4.00 s
'
    dagrun_exits 0 bench g.xml -j2 --json
    is "$(json '.graphs[0].cases[0] | [.lower_bound_seconds, .lower_bound_by, .guarantee]' <<<"$output")" '[4,"interval",1.5]'
    graph h.xml <<<'<task id="a" cost="2"/> <task id="b" cost="2"/> <task id="c" cost="2"/> <task id="d" cost="3"/> <task id="e" cost="3"/>'
    dagrun_exits 0 bench h.xml -j2 --strategies dataflow
    has "$output" 'Without barriers, no order takes more than 1.5 times the shortest possible with 2 workers (Graham 1966).'
    sed -i 's/<task/<pool name="p" slots="1"\/> <task/; s/id="a"/id="a" uses="p"/' h.xml
    lacks "$(dagrun bench h.xml -j2 --strategies dataflow)" Graham
}

@test "a search proves a schedule, and raises the bound" {
    graph g.xml <<'END'
      <task id="a" cost="3"/> <task id="x" cost="1"/> <task id="b" needs="x" cost="4"/>
      <task id="c" needs="x" cost="4"/> <task id="d" needs="b c" cost="2.5"/>
END
    dagrun_exits 0 bench g.xml -j2 --noise 0 --strategies dataflow,optimal
    matches "$output" '
  optimal \(proven\) +8.00 s +0 % .*
  dataflow +9.50 s +19 % '
    graph g.xml <<<'<task id="a" cost="5"/> <task id="b" cost="5"/> <task id="c" cost="4"/>'
    dagrun_exits 0 bench g.xml -j2 --noise 0 --strategies dataflow,optimal
    has "$output" '
2 workers: no schedule is shorter than a search has shown, 9.00 s
'
    has "$output" 'Use dataflow with 2 workers: 9.00 s; no schedule is shorter than a search has shown.'
    dagrun_exits 0 bench g.xml -j2 --noise 0 --strategies dataflow,optimal --json
    is "$(json '.graphs[0].cases[0] | [.lower_bound_seconds, .lower_bound_by, [.results[].search]]' <<<"$output")" \
        '[9,"search",[null,{"result":"optimal","lower_bound_seconds":9}]]'
    dagrun bench g.xml -j2 --noise 0 --strategies dataflow,optimal --csv | cut -d, -f3,7,16 >csv
    is "$(cat csv)" 'strategy,lower_bound_by,search
dataflow,search,
optimal,search,optimal'
    graph g.xml <<<'<pool name="p" rate="1/s"/> <task id="a" cost="5" uses="p"/>'
    has "$(dagrun bench g.xml -j2 --strategies optimal)" '
  optimal (not searched) '
}

@test "--budget limits each search, and Ctrl-C ends it" {
    dagrun generate random --tasks 300 --seed 3 --costs log-normal -o g.xml
    dagrun_exits 0 bench g.xml -j4 --budget 5ms --noise 0 --strategies critical-path,optimal
    has "$output" '
  optimal (not proven) '
    complains 2 'dagrun: --budget takes a duration above 0, not "0s"' bench g.xml --budget 0s
    complains 2 'dagrun: --budget: "long" is not a duration such as 500ms, 30s or 2h' bench g.xml --budget long
    for real in '' --real; do
        start bench g.xml -j4 --budget 1h --strategies optimal ${real:+"$real"}
        wait_until catches "$pid" INT
        kill -INT "$pid"
        ends_with 130
        is "$(cat out)" ''
        is "$(cat err)" 'dagrun: cancelled'
    done
}

@test "progress of a long comparison on a terminal" {
    needs_program script
    dagrun generate random --tasks 300 --seed 3 --costs log-normal -o g.xml
    words='bench g.xml -j 2-9 --budget 200ms --noise 0 --strategies optimal'
    TERM=xterm script -qec "'$DAGRUN' $words >out" /dev/null </dev/null >screen
    matches "$(cat screen)" 'graph 1 of 1: [1-9][0-9]* of about [0-9]+ simulations'
    lacks "$(cat out)" 'of about'
}

@test "samples in which durations vary: a seed gives the same ones" {
    chain_and_others
    dagrun_exits 0 bench g.xml -j2
    has "$output" 'median, p95: of 30 samples in which durations vary by chance (log-normal factor, sigma 0.3).'
    is "$output" "$(dagrun bench g.xml -j2)"
    [[ $output != "$(dagrun bench g.xml -j2 --seed 7)" ]]
    lacks "$(dagrun bench g.xml -j2 --noise 0)" median
    # Without noise, each sample is the simulation.
    dagrun_exits 0 bench g.xml -j2 --noise 0 --samples 3 --fail 1e-9 --json
    is "$(json '[.graphs[].cases[].results[] | select(.median_seconds) | .makespan_seconds == .median_seconds and .p95_seconds == .median_seconds] | all' <<<"$output")" true
    dagrun_exits 0 bench g.xml -j1 --noise 1.5 --json
    is "$(json '.graphs[0].cases[0].results[0] | .median_seconds < .p95_seconds' <<<"$output")" true
    complains 2 'dagrun: --noise takes a number from 0 to 3, not "much"' bench g.xml --noise much
    complains 2 'dagrun: --samples takes a number from 1 to 10000, not "0"' bench g.xml --samples 0
}

@test "samples in which attempts fail" {
    graph g.xml <<<'<task id="a" cost="1"/>'
    dagrun_exits 0 bench g.xml -j1 --fail 1 --json
    is "$(json '.graphs[0].cases[0].results[0] | [.succeeded, .samples_succeeded, .median_seconds]' <<<"$output")" '[true,0,null]'
    dagrun_exits 0 bench g.xml -j1 --fail 0.5 --samples 200 --noise 0
    n=$(sed -n 's/^An attempt fails with probability 0.5, and is repeated as declared: \([0-9]*\) of the samples succeed.$/\1/p' <<<"$output")
    [[ $n -gt 70 && $n -lt 130 ]]
    has "$(dagrun bench g.xml -j1 --fail 0.5 --samples 200 --retries 50)" ': 200 of the samples succeed.'
    complains 2 'dagrun: --fail takes a number from 0 to 1, not "1.5"' bench g.xml --fail 1.5
}

@test "several graphs: tasks follow their graph, a summary follows all" {
    chain_and_others
    graph h.xml <<<'<task id="a" cost="1"/> <task id="b" cost="1"/>'
    dagrun_exits 0 bench g.xml a x h.xml ./g.xml -j2 --strategies phases,critical-path
    is "$(grep ': .*simulated' <<<"$output")" 'g: 2 tasks, simulated with their costs, 3.00 s
h: 2 tasks, simulated with their costs, 2.00 s
g: 7 tasks, simulated with their costs, 16.0 s'
    has "$output" '
3 graphs: geometric mean of makespan / lower bound, over all graphs and numbers of workers
  strategy       makespan / bound  none is faster
  critical-path             1.000          3 of 3
  phases                    1.145          2 of 3'
    dagrun_exits 4 bench g.xml missing.xml
    is "$output" ''
}

@test "real runs: the median of several, without the output of tasks" {
    graph g.xml 'output="made"' <<'END'
      <task id="a"><shell>echo a >>log; echo noise; echo more noise >&amp;2</shell></task> <task id="b" needs="a"><sleep duration="20ms"/></task>
END
    dagrun_exits 0 bench g.xml --real --repeat 2 -j1,2 --strategies phases,dataflow
    is "$stderr" ''
    is "$(wc -l <log)" 9 # four results, and the first run
    lacks "$output" noise
    has "$output" 'g: 2 tasks, run 2 times for each result, in random order'
    matches "$output" '
  strategy +median +gap +speed-up +busy +idle +barriers +least +most
'
    matches "$output" 'Use (phases|dataflow) with [12] workers?: [0-9.]+ ms; '
    dagrun_exits 0 bench g.xml --real --repeat 2 -j1 --strategies dataflow --json
    is "$(json '.graphs[0] | [.repeats, .noise, (.cases[0].results[0] | .samples_succeeded, (.least_seconds > 0.02),
        (.least_seconds <= .makespan_seconds), (.makespan_seconds <= .most_seconds))]' <<<"$output")" '[2,null,2,true,true,true]'
    complains 2 'dagrun: --repeat is for --real' bench g.xml --repeat 2
}

@test "real runs that fail are not compared" {
    graph g.xml <<<'<task id="a"><shell>exit 7</shell></task>'
    complains 1 'dagrun: cannot compare runs that fail: task "a": exit status 7' bench g.xml --real
}

@test "pictures: makespans over workers, and the schedule" {
    needs_program xmllint
    chain_and_others
    dagrun_exits 0 bench g.xml -j1,2,8 --noise 0 --svg lines.svg --gantt gantt.svg
    xmllint --noout lines.svg gantt.svg
    has "$(cat lines.svg)" '>g: makespan over workers, simulated</text>'
    has "$(cat lines.svg)" '>recommended: critical-path with 2 workers, 8.00 s</text>'
    has "$(cat lines.svg)" '@media (prefers-color-scheme:dark)'
    for text in dataflow critical-path 'lower bound' workers 'makespan (s)'; do
        has "$(cat lines.svg)" ">$text</text>"
    done
    has "$(cat gantt.svg)" '>g: critical-path with 2 workers, 8.00 s</text>'
    has "$(cat gantt.svg)" '>lower bound 8.00 s: no schedule is shorter than the critical path</text>'
    for text in a y 'worker 0' 'worker 1' 'time (s)'; do
        has "$(cat gantt.svg)" ">$text</text>"
    done
    is "$(grep -c 'class="box critical"' gantt.svg)" 3
    is "$(grep -c 'class="box task"' gantt.svg)" 4
    dagrun_exits 0 bench g.xml -j1,2 --gantt gantt.svg --strategy phases
    has "$(cat gantt.svg)" ': phases with 2 workers, 12.0 s</text>'
    dagrun_exits 0 bench g.xml -j3 --gantt gantt.svg --strategy phases
    has "$(cat gantt.svg)" ': phases with 3 workers, '
    dagrun_exits 0 bench g.xml g.xml -j2 --strategies dataflow --svg lines.svg
    is "$(grep -c 'makespan over workers, simulated' lines.svg)" 2
}

@test "pictures that cannot be written, or drawn" {
    chain_and_others
    dagrun_exits 4 bench g.xml -j2 --svg missing/x.svg
    has "$stderr" 'dagrun: cannot write "missing/x.svg": No such file or directory'
    has "$output" 'Use critical-path'
    for option in --svg --gantt; do
        dagrun_exits 4 bench g.xml -j2 --noise 0 --strategies dataflow "$option" /dev/full
        is "$stderr" 'dagrun: cannot write "/dev/full": No space left on device'
        complains 2 'dagrun: --svg and --gantt take a file' bench g.xml "$option" -
    done
    complains 2 'dagrun: --gantt takes one graph' bench g.xml g.xml --gantt x.svg
    complains 2 'dagrun: --strategy is for --gantt; --strategies names those that are compared' bench g.xml --strategy phases
    complains 2 'dagrun: --gantt draws a simulated schedule, and cannot be combined with --real' bench g.xml --gantt x --real
    complains 2 'dagrun: there is no strategy "phase"; did you mean "phases"?' bench g.xml --gantt x.svg --strategy phase
    [[ ! -e x.svg ]]
}

@test "CSV has a line for each result" {
    graph 'a,"b.xml' <<<'<task id="a" cost="1"/> <task id="b" cost="0.5" needs="a"/>'
    dagrun_exits 0 bench 'a,"b.xml' -j1,2 --strategies phases,dataflow --csv --noise 0
    is "$output" 'graph,workers,strategy,succeeded,makespan_seconds,lower_bound_seconds,lower_bound_by,gap,speed_up,efficiency,idle_seconds,without_barriers_seconds,samples_succeeded,median_seconds,p95_seconds,search
"a,""b",1,phases,true,1.5,1.5,critical-path,0,1,1,0,1.5,,,,
"a,""b",1,dataflow,true,1.5,1.5,critical-path,0,1,1,0,,,,,
"a,""b",2,phases,true,1.5,1.5,critical-path,0,1,0.5,1.5,1.5,,,,
"a,""b",2,dataflow,true,1.5,1.5,critical-path,0,1,0.5,1.5,,,,,'
    complains 2 'dagrun: only one of --json and --csv can be given' bench g.xml --csv --json
}

@test "a task whose cost exceeds its timeout fails under every strategy" {
    graph g.xml <<<'<task id="a" cost="9" timeout="2s"><exec>true</exec></task>'
    dagrun_exits 0 bench g.xml -j1
    matches "$output" '
  phases +fails +– '
    has "$output" 'There is no strategy to recommend.'
}
