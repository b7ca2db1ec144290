#!/usr/bin/env bats
# --replay: plans and simulations with the durations of a run that has ended.

load helpers

# A graph and the record of a run in which the tasks took other times than their costs: 1, 5, 5 and 1 s.
recorded()
{
    graph g.xml <<'END'
      <task id="a" cost="2"/> <task id="b"/> <task id="c" needs="a"/> <task id="d" needs="b"/>
END
    dagrun -q g.xml -j 2 --timings real.json
    jq 'def at($i; $from; $to):
            .tasks[$i].start_seconds = $from | .tasks[$i].end_seconds = $to |
            .tasks[$i].duration_seconds = $to - $from;
        at(0; 0; 1) | at(1; 0; 5) | at(2; 5; 10) | at(3; 5; 6)' real.json >run.json
}

# Print the makespan of the simulated run of "explain": makespan ARGUMENT…
makespan()
{
    dagrun explain --json "$@" | json .makespan_seconds
}

@test "costs are the durations of the run" {
    recorded
    dagrun_exits 0 plan g.xml --replay run.json --json
    is "$(json '[.tasks[].cost], .critical_path, .total_cost_seconds' <<<"$output" | xargs)" '[1,5,5,1] [a,c] 12'
    dagrun_exits 0 -n g.xml --replay run.json --strategy longest-first -j 1
    is "$(grep -x '[a-z]' <<<"$output" | xargs)" 'b a c d'
    dagrun_exits 0 plan g.xml --replay run.json --set-cost b=7s --json
    is "$(json '[.tasks[].cost]' <<<"$output")" '[1,7,5,1]'
    mkdir sub
    dagrun_exits 0 plan -C sub ../g.xml --replay ../run.json
    dagrun_exits 0 plan g.xml --replay /dev/stdin <run.json
    # A real run takes them for its order, too.
    dagrun_exits 0 g.xml --replay run.json --json
    is "$(json '[.tasks[].cost]' <<<"$output")" '[1,5,5,1]'
}

@test "a parameter that the graph has no more is named with the record" {
    graph old.xml <<<'<param name="pages" default="1"/> <task id="a"/>'
    dagrun -q old.xml --timings run.json
    graph g.xml <<<'<param name="page" default="1"/> <task id="a"/>'
    message='dagrun: run.json: the graph has no parameter "pages"; did you mean "page"?'
    complains 2 "$message" plan g.xml --replay run.json
    complains 2 "$message" explain g.xml --after run.json
    complains 2 "$message" verify g.xml run.json
}

@test "another strategy, another number of workers" {
    recorded
    is "$(makespan g.xml --replay run.json)" 10
    is "$(makespan g.xml --replay run.json --strategy dataflow)" 6
    is "$(makespan g.xml --replay run.json --strategy dataflow -j 1)" 12
    is "$(makespan g.xml --replay run.json --set-cost c=500ms)" 6
    dagrun_exits 0 bench g.xml --replay run.json -j 1,2 --strategies phases,critical-path --noise 0 --json
    is "$(json '[.graphs[0].cases[].results[].makespan_seconds]' <<<"$output")" '[12,12,10,6]'
}

@test "attempts and failures are those of the run" {
    graph r.xml <<'END'
      <task id="again" retries="1" retry-delay="1ms"><shell>test -e tried || { touch tried; exit 3; }</shell></task>
      <task id="may" allow-failure="true"><exec>false</exec></task>
      <task id="bad" needs="again"><exec>false</exec></task> <task id="late" needs="bad" cost="3"><exec>true</exec></task>
END
    dagrun -q -k r.xml -j 1 --timings real.json 2>/dev/null || true
    jq '.tasks[0].attempts[0] += {start_seconds: 0, end_seconds: 4} | .tasks[0].attempts[1] += {start_seconds: 5, end_seconds: 6}' \
        real.json >run.json
    dagrun_exits 0 plan r.xml --replay run.json --json
    is "$(json '.tasks[0].cost, .tasks[3].cost' <<<"$output" | xargs)" '5 3'
    is "$stderr" 'dagrun: warning: run.json: 1 task did not run to the end (late), and takes the cost of the graph'
    # One pause of at most a millisecond, and no "late", which is blocked.
    is "$(makespan r.xml --replay run.json 2>/dev/null | jq '. > 5 and . < 5.5')" true
    dagrun_exits 0 bench r.xml --replay run.json -j 1 --json
    is "$(json '[.graphs[0].cases[].results[].succeeded] | unique' <<<"$output")" '[false]'
}

@test "under its own strategy and workers, a run takes what it took" {
    graph s.xml <<'END'
      <task id="a"><sleep duration="90ms"/></task> <task id="b"><sleep duration="140ms"/></task>
      <task id="c" needs="a"><sleep duration="130ms"/></task> <task id="d" needs="a"><sleep duration="70ms"/></task>
      <task id="e" needs="b c"><sleep duration="80ms"/></task> <task id="f" needs="d"><sleep duration="60ms"/></task>
END
    for strategy in phases critical-path; do
        # A busy machine may delay a start, which is no duration of a task.
        for _ in 1 2 3 4; do
            dagrun -q s.xml -j 2 --strategy $strategy --timings run.json
            makespan s.xml --replay run.json >simulated
            close=$(jq -n --slurpfile s simulated --slurpfile r run.json \
                '($s[0] / $r[0].makespan_seconds - 1) | . > -0.02 and . <= 0.000001')
            [[ $close != true ]] || break
        done
        is "$strategy $close" "$strategy true"
    done
}

@test "a run with barriers tells what critical-path would have taken" {
    graph b.xml <<'END'
      <task id="a"><sleep duration="1ms"/></task> <task id="b"><sleep duration="60ms"/></task>
      <task id="c" needs="a"><sleep duration="60ms"/></task> <task id="d" needs="b"><sleep duration="1ms"/></task>
END
    dagrun_exits 0 b.xml -j 2 --json
    is "$(json '.makespan_seconds - .critical_path_strategy_seconds | . > 0.03 and . < 0.09' <<<"$output")" true
    matches "$stderr" 'faster +[0-9.]+ ms  --strategy [a-z-]+, or'
    dagrun_exits 0 b.xml -j 2 --json --strategy dataflow
    is "$(json .critical_path_strategy_seconds <<<"$output")" null
}

@test "parameters are those of the run" {
    graph p.xml <<'END'
      <param name="big" type="boolean" default="false"/>
      <task id="a"/> <task id="b" when="$big"/>
END
    dagrun -q p.xml --set big=true --timings run.json
    dagrun_exits 0 plan p.xml --replay run.json --json
    is "$(json '[.tasks[].id]' <<<"$output")" '["a","b"]'
    dagrun_exits 0 plan p.xml --replay run.json --set big=false --json
    is "$(json '[.tasks[].id]' <<<"$output")" '["a"]'
}

@test "a run of another graph" {
    recorded
    graph less.xml <<<'<task id="a"/> <task id="b"/> <task id="d" needs="b"/>'
    dagrun_exits 2 plan less.xml --replay run.json
    line=$(grep -n '"id": "c"' run.json | cut -d: -f1)
    is "$stderr" "run.json:$((line - 1)): the graph has no task \"c\""
    graph more.xml <<<'<task id="a"/> <task id="b"/> <task id="c" needs="a"/> <task id="d" needs="b"/> <task id="new"/>'
    complains 2 'run.json: "tasks" has no task "new"; give it a cost with --set-cost new=DURATION, or take it out with --without new' \
        explain more.xml --replay run.json
    dagrun_exits 0 plan more.xml --replay run.json --without new
    dagrun_exits 0 plan more.xml --replay run.json --set-cost new=3s --json
    is "$(json '[.tasks[].cost]' <<<"$output")" '[1,5,5,1,3]'
    # Selected tasks and tasks taken out may be in the record.
    dagrun_exits 0 plan g.xml c --replay run.json --json
    is "$(json '[.tasks[].cost]' <<<"$output")" '[1,5]'
    dagrun_exits 0 bench g.xml c --replay run.json -j 1 --json
    is "$(json '.graphs[0].total_cost_seconds' <<<"$output")" 6
    dagrun_exits 0 plan g.xml --without c --replay run.json
    jq '.tasks += [.tasks[0]]' run.json >twice.json
    dagrun_exits 2 plan g.xml --replay twice.json
    matches "$stderr" '^twice.json:[0-9]+: task "a" is there twice$'
}

@test "mistakes" {
    recorded
    complains 4 'dagrun: cannot read "none.json": No such file or directory' plan g.xml --replay none.json
    complains 2 'dagrun: --replay takes the run of one graph, and there are several' bench g.xml ./g.xml --replay run.json
    complains 2 'dagrun: export writes the costs of the graph; it has no --set-cost and no --replay' \
        export --to make g.xml --replay run.json
    complains 2 'dagrun: --after explains a run as it was; it takes no -j, --connections, --strategy, --set-cost and --replay' \
        explain g.xml --after run.json --replay run.json
    echo '{' >bad.json
    dagrun_exits 4 plan g.xml --replay bad.json
    matches "$stderr" '^bad.json:[12]: '
    # A record that was altered breaks nothing.
    jq '.tasks[0] += {start_seconds: 5, end_seconds: 1} | .tasks[1] += {attempts: [{outcome: "blocked", start_seconds: 0,
        end_seconds: 1}]} | .tasks[2].attempts = []' run.json >odd.json
    dagrun_exits 0 explain g.xml --replay odd.json
}
