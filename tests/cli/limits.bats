#!/usr/bin/env bats
# Limits and policies: timeout, retries, expect, allow-failure, clean-ups, the run's time limit.

load helpers

# A script that fails until its CALLS-th call, and counts its calls in the file NAME:
# fails_until NAME CALLS [STATUS]
fails_until()
{
    printf 'echo >> %s; test "$(wc -l &lt; %s)" -ge %s || exit %s' "$1" "$1" "$2" "${3-1}"
}

calls()
{
    wc -l <"$1"
}

# Query one task in a run's JSON: of TASK FILTER [FILE]
of()
{
    json ".tasks[] | select(.id == \"$1\") | $2" "${3-run.json}"
}

# Run dagrun with --json into run.json: run_exits STATUS WORD...
run_exits()
{
    dagrun_exits "$@" --json
    printf '%s\n' "$output" >run.json
}

@test "a timeout ends a task with all its processes, even those that ignore SIGTERM" {
    graph g.xml <<'END'
      <task id="a" timeout="1s">
        <shell>
          trap '' TERM
          sleep 1000 &amp; echo $! > child
          echo $$ > shell
          while :; do sleep 1000; done
        </shell>
      </task>
      <task id="next" needs="a"><shell>touch next</shell></task>
END
    run_exits 1 --grace 200ms g.xml
    is "$(outcomes run.json)" 'a:timed-out next:blocked'
    is "$(of a .reason)" 'its timeout is 1.00 s'
    is "$(of a .exit_code)" null
    is "$(of a '.duration_seconds >= 1.2')" true # SIGTERM, then SIGKILL after the grace period
    is_gone "$(cat child)"
    is_gone "$(cat shell)"
    [[ ! -e next ]]
    has "$stderr" 'a  timed-out: its timeout is 1.00 s after'
}

@test "a timeout sends SIGTERM first; output written until the end is reported" {
    graph g.xml <<'END'
      <task id="a" timeout="1s">
        <shell>trap 'echo cleaning up; exit 0' TERM; while :; do sleep 0.05; done</shell>
      </task>
END
    run_exits 1 --grace 1h g.xml
    is "$(outcomes run.json)" a:timed-out # regardless of the task's own exit code
    has "$stderr" 'cleaning up'
}

@test "every kind can time out" {
    graph g.xml <<'END'
      <task id="sleep" timeout="20ms"><sleep duration="1h"/></task>
      <task id="spin" timeout="20ms"><spin duration="1h"/></task>
      <task id="exec" timeout="20ms"><exec>sleep 1000</exec></task>
      <task id="in-time" timeout="1h"><exec>true</exec></task>
      <task id="noop" timeout="1us"/>
END
    run_exits 1 -k g.xml
    is "$(outcomes run.json)" \
        'sleep:timed-out spin:timed-out exec:timed-out in-time:succeeded noop:succeeded'
    is "$(json .counts run.json)" \
        '{"succeeded":2,"failed":0,"timed-out":3,"blocked":0,"cancelled":0,"reused":0}'
}

@test "a task is retried until it succeeds" {
    graph g.xml <<END
      <task id="a" retries="5" retry-delay="1ms"><shell>echo call; $(fails_until n 3 7)</shell></task>
      <task id="b" needs="a"><shell>touch b</shell></task>
END
    run_exits 0 g.xml
    is "$(outcomes run.json)" 'a:succeeded b:succeeded'
    is "$(calls n)" 3
    is "$(of a '[.attempts[] | .outcome, .exit_code, .reason]')" \
        '["failed",7,"exit status 7","failed",7,"exit status 7","succeeded",0,null]'
    is "$(of a '[.attempts[] | .start_seconds, .end_seconds] | . == sort')" true
    is "$(of a '.busy_seconds < .duration_seconds and .reason == null')" true
    is "$(of a '.start_seconds == .attempts[0].start_seconds and
                .end_seconds == .attempts[-1].end_seconds')" true
    matches "$stderr" 'a  attempt 1 failed: exit status 7; the next one in [0-9.]+ (µs|ms) at the earliest'
    has "$stderr" 'attempt 2 failed'
}

@test "a task that waited for another attempt goes before the tasks that are ready" {
    for strategy in phases critical-path; do
        graph g.xml <<END
          <task id="a" retries="1" retry-delay="20ms"><shell>$(fails_until "$strategy" 2)</shell></task>
          $(printf '<task id="t%s"><sleep duration="20ms"/></task>' {1..20})
END
        run_exits 0 -j1 g.xml --strategy "$strategy"
        is "$(json '[.tasks[] | select(.id == "a")][0].attempts[1].start_seconds as $again |
            [.tasks[] | select(.start_seconds > $again)] | length > 10' run.json)" true
    done
}

@test "the summary reports the time lost in failed attempts" {
    graph g.xml <<END
      <task id="a" retries="1" retry-delay="20ms"><shell>$(fails_until n 2)</shell></task>
END
    dagrun_exits 0 g.xml
    matches "$stderr" '
Attempts \(lost: what passed before the last one began\)
 +attempts +lost
  a +2 +[0-9.]+ ms  succeeded'
}

@test "the last attempt decides the outcome" {
    graph g.xml <<END
      <task id="a" retries="2" retry-delay="0s">
        <shell>echo >> n; exit "\$(wc -l &lt; n)"</shell>
      </task>
END
    run_exits 1 g.xml
    is "$(calls n)" 3
    is "$(of a '[.outcome, .reason, .exit_code]')" '["failed","exit status 3",3]'
    is "$(of a '[.attempts[].exit_code]')" '[1,2,3]'
}

@test "an output is that of the attempt that succeeded" {
    graph g.xml <<END
      <task id="a" retries="1" retry-delay="0s"><shell>echo call; $(fails_until n 2)</shell></task>
      <task id="b"><exec stdin="a">tee b</exec></task>
END
    dagrun_exits 0 -q g.xml
    is "$(cat b)" call
}

@test "retry-on lists the exit codes that allow a retry" {
    graph g.xml <<'END'
      <task id="listed" retries="1" retry-delay="0s" retry-on="7 75"><shell>echo >> n1; exit 75</shell></task>
      <task id="other" retries="1" retry-delay="0s" retry-on="7 75"><shell>echo >> n2; exit 76</shell></task>
      <task id="time" retries="1" retry-delay="0s" retry-on="124" timeout="700ms"><shell>echo >> n3; sleep 1000</shell></task>
      <task id="time-not-listed" retries="1" retry-delay="0s" retry-on="7" timeout="700ms"><shell>echo >> n4; sleep 1000</shell></task>
      <task id="signal" retries="1" retry-delay="0s" retry-on="137"><shell>echo >> n5; kill -KILL $$</shell></task>
      <task id="no-program" retries="1" retry-delay="0s" retry-on="0 1 126 127"><exec>./none</exec></task>
END
    run_exits 1 -k g.xml
    is "$(cat n1 | wc -l) $(cat n2 | wc -l) $(cat n3 | wc -l) $(cat n4 | wc -l) $(cat n5 | wc -l)" '2 1 2 1 2'
    is "$(outcomes run.json)" \
        'listed:failed other:failed time:timed-out time-not-listed:timed-out signal:failed no-program:failed'
    is "$(of signal .exit_code)" 137
    is "$(of no-program '[.attempts, .exit_code]')" '[null,null]' # there is no exit code
}

@test "--retries applies to tasks that declare no retries" {
    graph g.xml <<'END'
      <task id="silent" retry-delay="0s"><shell>echo >> silent; exit 1</shell></task>
      <task id="never" retries="0"><shell>echo >> never; exit 1</shell></task>
      <task id="once" retries="1" retry-delay="0s"><shell>echo >> once; exit 1</shell></task>
END
    dagrun_exits 1 -k -q --retries 3 g.xml
    is "$(calls silent) $(calls never) $(calls once)" '4 1 2'
    rm silent never once
    dagrun_exits 1 -k -q g.xml
    is "$(calls silent) $(calls never) $(calls once)" '1 1 2'
}

@test "a task that waits for its retry occupies no worker" {
    graph g.xml <<END
      <task id="a" retries="1" retry-delay="1s"><shell>$(fails_until n 2)</shell></task>
      <task id="b"><shell>true</shell></task>
END
    run_exits 0 -j1 g.xml
    is "$(json '(.tasks[0].attempts | map(.start_seconds)) as [$first, $second] |
                .tasks[1].start_seconds as $b | $first < $b and $b < $second' run.json)" true
    # The pause is random: between half of the delay and the delay.
    is "$(of a '.attempts[1].start_seconds - .attempts[0].end_seconds >= 0.5')" true
}

@test "an interruption ends a pause at once" {
    graph g.xml <<'END'
      <task id="a" retries="3" retry-delay="1h"><shell>exit 7</shell></task>
      <task id="b" needs="a"/>
END
    start --json g.xml
    wait_until grep -q 'attempt 1 failed' err
    kill -INT "$pid"
    ends_with 130
    is "$(outcomes out)" 'a:failed b:blocked'
    is "$(json '[.stopped_by, .tasks[0].exit_code]' out)" '["cancel",7]'
}

@test "expect lists the exit codes that are a success" {
    graph g.xml <<'END'
      <task id="one" expect="0 1"><shell>exit 1</shell></task>
      <task id="zero" expect="0 1"><shell>exit 0</shell></task>
      <task id="two" expect="0 1"><shell>exit 2</shell></task>
      <task id="must-fail" expect="1"><shell>exit 0</shell></task>
      <task id="signal" expect="143"><shell>kill -TERM $$</shell></task>
      <task id="after" needs="one zero signal"><shell>touch after</shell></task>
END
    run_exits 1 -k g.xml
    is "$(outcomes run.json)" \
        'one:succeeded zero:succeeded two:failed must-fail:failed signal:succeeded after:succeeded'
    is "$(of must-fail .reason)" 'exit status 0, which is not expected'
    is "$(json '[.tasks[].exit_code]' run.json)" '[1,0,2,0,143,0]'
    [[ -e after ]]
}

@test "an expected exit code is not retried, an unexpected one is" {
    graph g.xml <<'END'
      <task id="a" expect="3" retries="2" retry-delay="0s"><shell>echo >> a; exit 3</shell></task>
      <task id="b" expect="3" retries="2" retry-delay="0s"><shell>echo >> b; exit 0</shell></task>
END
    dagrun_exits 1 -k -q g.xml
    is "$(calls a) $(calls b)" '1 3'
}

@test "allow-failure: successors run, and the run succeeds" {
    graph g.xml <<'END'
      <task id="lint" allow-failure="true"><shell>echo some; exit 9</shell></task>
      <task id="slow" allow-failure="true" timeout="20ms"><sleep duration="1h"/></task>
      <task id="next" needs="slow"><exec stdin="lint">tee next</exec></task>
END
    for strategy in $(dagrun list strategies --names); do
        rm -f next
        run_exits 0 --strategy "$strategy" g.xml
        is "$(outcomes run.json)" 'lint:failed slow:timed-out next:succeeded'
        is "$(json '[.succeeded, .allowed_failures, .stopped_by, .tasks[0].allowed]' run.json)" \
            '[true,2,null,true]'
        [[ -e next ]]
    done
    has "$stderr" '  1 failed, and allowed to
  1 timed-out, and allowed to'
    has "$stderr" 'allowed: exit status 9'
}

@test "allow-failure of a task does not apply to its predecessors" {
    graph g.xml <<'END'
      <task id="bad"><shell>exit 1</shell></task>
      <task id="may" needs="bad" allow-failure="true"><shell>touch may</shell></task>
      <task id="next" needs="may"><shell>touch next</shell></task>
END
    run_exits 1 -k g.xml
    is "$(outcomes run.json)" 'bad:failed may:blocked next:blocked'
    [[ ! -e may && ! -e next ]]
}

# A clean-up after all other tasks, and a task that needs the clean-up.
with_clean_up()
{
    {
        cat
        printf '%s\n' '<task id="sweep" needs="last" always="true"><shell>touch swept</shell></task>'
    } | graph g.xml
}

@test "a clean-up runs after a failure, under every strategy, with -k and without" {
    with_clean_up <<'END'
      <task id="bad"><shell>exit 3</shell></task>
      <task id="last" needs="bad"><shell>touch last</shell></task>
END
    for strategy in $(dagrun list strategies --names); do
        for keep_going in '' -k; do
            rm -f swept
            # no word, or one
            run_exits 1 $keep_going --strategy "$strategy" g.xml
            is "$(outcomes run.json)" 'bad:failed last:blocked sweep:succeeded'
            [[ -e swept && ! -e last ]]
        done
    done
}

@test "a task that needs a clean-up is an ordinary task" {
    graph g.xml <<'END'
      <task id="bad"><shell>exit 3</shell></task>
      <task id="sweep" needs="bad" always="true"><shell>touch swept</shell></task>
      <task id="next" needs="sweep"><shell>touch next</shell></task>
END
    run_exits 1 g.xml
    is "$(outcomes run.json)" 'bad:failed sweep:succeeded next:cancelled'
    run_exits 1 -k g.xml
    is "$(outcomes run.json)" 'bad:failed sweep:succeeded next:succeeded'
}

@test "a clean-up runs after Ctrl-C, and Ctrl-C does not end it" {
    graph g.xml <<'END'
      <task id="a"><shell>echo > ready; sleep 1000</shell></task>
      <task id="last" needs="a"/>
      <task id="sweep" needs="last" always="true">
        <shell>trap 'touch asked' TERM; echo > sweeping; read x &lt; gate; touch swept</shell>
      </task>
      <task id="late" needs="sweep"><shell>touch late</shell></task>
END
    mkfifo gate
    start --json g.xml
    wait_until exists ready
    kill -INT "$pid"
    wait_until exists sweeping
    echo go >gate
    ends_with 130
    is "$(outcomes out)" 'a:cancelled last:cancelled sweep:succeeded late:cancelled'
    is "$(json '[.signal, .stopped_by]' out)" '[2,"cancel"]'
    [[ -e swept && ! -e asked && ! -e late ]]
}

@test "the second Ctrl-C kills a clean-up, too, and starts no other" {
    graph g.xml <<'END'
      <task id="a"><shell>echo > ready; sleep 1000</shell></task>
      <task id="sweep" needs="a" always="true">
        <shell>trap '' TERM; echo $$ > sweeping; sleep 1000; touch swept</shell>
      </task>
      <task id="sweep-again" needs="sweep" always="true"><shell>touch swept-again</shell></task>
END
    start --json --grace 1h g.xml
    wait_until exists ready
    kill -INT "$pid"
    wait_until exists sweeping
    sleep 0.4 # the same signal within 0.3 seconds counts as the first
    kill -INT "$pid"
    ends_with 130
    is "$(outcomes out)" 'a:cancelled sweep:cancelled sweep-again:cancelled'
    is_gone "$(cat sweeping)"
    [[ ! -e swept && ! -e swept-again ]]
}

@test "--timeout stops the run with the status 124" {
    graph g.xml <<'END'
      <task id="a"><shell>echo $$ > shell; sleep 1000</shell></task>
      <task id="b" needs="a"><shell>touch b</shell></task>
      <task id="sweep" needs="b" always="true"><shell>touch swept</shell></task>
END
    run_exits 124 --timeout 1s g.xml
    is "$(outcomes run.json)" 'a:cancelled b:cancelled sweep:succeeded'
    is "$(json '[.stopped_by, .timeout_seconds, .signal, .succeeded]' run.json)" \
        '["timeout",1,null,false]'
    is "$(json '.overall_duration_seconds >= 1' run.json)" true
    is_gone "$(cat shell)"
    [[ -e swept && ! -e b ]]
    is "$(grep -A1 '^Out of time' <<<"$stderr" | sed 's/ in .*//')" \
        'Out of time: --timeout was 1.00 s
g: 1 of 3 tasks succeeded'
}

@test "--timeout: the status does not depend on which thread notices first" {
    graph g.xml <<<'<task id="a"><sleep duration="1h"/></task> <task id="b"><sleep duration="1h"/></task>'
    for n in 1 2 3 4 5 6 7 8 9 10; do
        run_exits 124 --timeout "${n}ms" g.xml
        is "$(json .stopped_by run.json)" timeout
    done
}

@test "--timeout after a first failure: the status is 124, and JSON has both reasons" {
    graph g.xml <<'END'
      <task id="a"><shell>until test -e ready; do sleep 0.01; done; exit 1</shell></task>
      <task id="b"><shell>trap 'exit 0' TERM; echo > ready; sleep 1000 &amp; wait</shell></task>
END
    run_exits 124 -j2 --timeout 1s g.xml
    is "$(outcomes run.json)" 'a:failed b:cancelled'
    is "$(json '[.stopped_by, .stop_reasons, .succeeded]' run.json)" '["timeout",["failure","timeout"],false]'
    has "$stderr" 'Out of time: --timeout was 1.00 s'
}

@test "--timeout during a clean-up after a failure: the status is 124" {
    graph g.xml <<'END'
      <task id="a"><shell>exit 1</shell></task>
      <task id="sweep" needs="a" always="true"><sleep duration="0.5s"/></task>
END
    run_exits 124 --timeout 100ms g.xml
    is "$(outcomes run.json)" 'a:failed sweep:succeeded'
    is "$(json .stop_reasons run.json)" '["failure","timeout"]'
    run_exits 1 --timeout 1h g.xml
    is "$(json '[.stopped_by, .stop_reasons]' run.json)" '["failure",["failure"]]'
}

@test "a run whose clean-up succeeds after the time limit, or after Ctrl-C, has not succeeded" {
    graph g.xml <<'END'
      <task id="sweep" always="true"><shell>echo > ready; sleep 0.5</shell></task>
END
    run_exits 124 --timeout 100ms g.xml
    is "$(outcomes run.json)" 'sweep:succeeded'
    is "$(json '[.succeeded, .stop_reasons]' run.json)" '[false,["timeout"]]'
    rm ready
    start --json g.xml
    wait_until exists ready
    kill -INT "$pid"
    ends_with 130
    is "$(outcomes out)" 'sweep:succeeded'
    is "$(json '[.succeeded, .stop_reasons, .signal]' out)" '[false,["cancel"],2]'
}

@test "a failure after Ctrl-C is no reason of its own, --timeout is" {
    graph g.xml <<'END'
      <task id="a"><shell>trap 'exit 3' TERM; echo > ready; sleep 1000 &amp; wait</shell></task>
      <task id="sweep" needs="a" always="true"><sleep duration="1s"/></task>
END
    start --json --timeout 1h g.xml
    wait_until exists ready
    kill -INT "$pid"
    ends_with 130
    is "$(json .stop_reasons out)" '["cancel"]'
    rm ready
    start --json --timeout 500ms g.xml
    wait_until exists ready
    kill -INT "$pid"
    ends_with 124
    is "$(json '[.stopped_by, .stop_reasons, .signal]' out)" '["timeout",["cancel","timeout"],2]'
}

@test "--timeout: tasks get the grace period and are then killed" {
    graph g.xml <<'END'
      <task id="a"><shell>trap '' TERM; echo $$ > shell; while :; do sleep 1000; done</shell></task>
END
    run_exits 124 --timeout 1s --grace 200ms g.xml
    is "$(json '.overall_duration_seconds >= 1.2' run.json)" true
    is_gone "$(cat shell)"
}

@test "a run that ends in time is not affected by --timeout" {
    graph g.xml <<<'<task id="a"/>'
    run_exits 0 --timeout 1h g.xml
    is "$(json '[.stopped_by, .timeout_seconds]' run.json)" '[null,3600]'
    lacks "$stderr" 'Out of time'
}

@test "the timeout of a clean-up is reported, whatever stopped the run" {
    graph g.xml <<'END'
      <task id="a"><sleep duration="1h"/></task>
      <task id="sweep" needs="a" always="true" timeout="100ms"><shell>sleep 1000</shell></task>
END
    run_exits 124 --timeout 50ms g.xml
    is "$(outcomes run.json)" 'a:cancelled sweep:timed-out'
}

@test "a failed clean-up makes the run fail, but does not hide why it stopped" {
    graph g.xml <<'END'
      <task id="a"><shell>exit 3</shell></task>
      <task id="sweep" needs="a" always="true"><shell>exit 4</shell></task>
END
    dagrun_exits 1 g.xml
    has "$stderr" 'Failures
  a      exit status 3
  sweep  exit status 4'
    graph g.xml <<'END'
      <task id="a"/> <task id="sweep" needs="a" always="true"><shell>exit 4</shell></task>
END
    dagrun_exits 1 -q g.xml
    graph g.xml <<'END'
      <task id="a"><sleep duration="1h"/></task>
      <task id="sweep" needs="a" always="true"><shell>exit 4</shell></task>
END
    dagrun_exits 124 -q --timeout 50ms g.xml
    graph g.xml <<'END'
      <task id="a"><shell>echo > ready; sleep 1000</shell></task>
      <task id="sweep" needs="a" always="true"><shell>exit 4</shell></task>
END
    start -q g.xml
    wait_until exists ready
    kill -TERM "$pid"
    ends_with 143
}

@test "failures are reported in order of time, not of declaration" {
    graph g.xml <<'END'
      <task id="second" needs="first" always="true"><shell>exit 2</shell></task>
      <task id="first"><shell>exit 1</shell></task>
END
    dagrun_exits 1 g.xml
    has "$stderr" 'Failures
  first   exit status 1
  second  exit status 2'
}

@test "invalid values of --timeout, --retries and --grace" {
    graph g.xml <<<'<task id="a"><shell>touch marker</shell></task>'
    complains 2 'dagrun: --timeout takes a duration above 0, not "0s"' g.xml --timeout 0s
    complains 2 'dagrun: --timeout: "30" is not a duration such as 500ms, 30s or 2h' g.xml --timeout 30
    complains 2 'dagrun: --grace: "soon" is not a duration such as 500ms, 30s or 2h' g.xml --grace soon
    for retries in -1 1001 x 1.5 ''; do
        complains 2 "dagrun: --retries takes a number from 0 to 1000, not \"$retries\"" g.xml "--retries=$retries"
    done
    [[ ! -e marker ]]
}

@test "the dry run and the plan print limits" {
    graph g.xml <<'END'
      <task id="a" timeout="90s" retries="2" retry-delay="500ms" retry-on="7 124"><exec>curl x</exec></task>
      <task id="b" expect="0 1" allow-failure="1" dir="sub"><exec>diff x y</exec></task>
      <task id="c" needs="a" always="true" retries="0"/>
      <task id="d"/>
END
    dagrun_exits 0 -n g.xml --strategy dataflow
    is "$output" 'a
    # timeout 90.0 s, retries 2, retry-delay 500 ms, retry-on 7 124
    curl x
b
    # expect 0 1, allow-failure
    cd sub
    diff x y
d
    noop
c
    # retries 0, always
    noop'
    dagrun_exits 0 plan g.xml
    matches "$output" ' slack  limits
'
    matches "$output" '  a +exec .*  timeout 90.0 s, retries 2, retry-delay 500 ms, retry-on 7 124
'
    is "$(dagrun plan --json g.xml | json '.tasks[2] | [.always, .retries, .timeout]')" '[true,0,null]'
    graph g.xml <<<'<task id="a"/>'
    dagrun_exits 0 plan g.xml
    lacks "$output" limits
}
