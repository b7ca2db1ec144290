#!/usr/bin/env bats
# Interrupted runs: running tasks end with all their processes; the report is written.

load helpers

# A task with child processes started in all ways; it writes their ids to the file "pids".
family()
{
    graph g.xml 'output="made"' <<'END'
      <task id="family">
        <shell>
          echo $$ >> pids
          sleep 1000 &amp; echo $! >> pids
          (sleep 1000 &amp; echo $! >> pids; sleep 1000; true) &amp; echo $! >> pids
          setsid sh -c 'echo $$ >> pids; sleep 1000 &amp; echo $! >> pids; wait' &amp;
          echo $! >> pids
          until test "$(wc -l &lt; pids)" -eq 7; do sleep 0.01; done
          echo > ready
          sleep 1000
          touch ended
        </shell>
      </task>
      <task id="next" needs="family"><shell>touch next</shell></task>
END
}

@test "SIGINT, SIGTERM and SIGHUP: status, report, and no process survives" {
    for signal in INT:130:2 TERM:143:15 HUP:129:1; do
        IFS=: read -r name wanted number <<<"$signal"
        rm -rf ready pids made t.json
        family
        start g.xml --json --timings t.json
        wait_until exists ready
        kill -s "$name" "$pid"
        ends_with "$wanted"
        is "$(json .signal out)" "$number"
        is "$(outcomes out)" 'family:cancelled next:cancelled'
        is "$(json . out)" "$(json . t.json)"
        is "$(json . out)" "$(json . made/timings.json)"
        has "$(cat err)" 'Interrupted'
        [[ ! -e ended && ! -e next ]]
        is "$(wc -l <pids)" 7
        while read -r child; do is_gone "$child"; done <pids
    done
}

# A task that waits, and a clean-up.
waiting()
{
    rm -f ready cleaned
    graph g.xml <<'END'
      <task id="a"><shell>echo > ready; exec sleep 1000</shell></task>
      <task id="b" needs="a" always="true"><shell>echo > cleaned</shell></task>
END
}

@test "every signal that asks a program to end does what SIGTERM does" {
    waiting
    for name in QUIT USR1 USR2 ALRM VTALRM PROF XCPU IO PWR STKFLT RTMIN RTMIN+5 RTMAX; do
        rm -f ready cleaned t.json
        start g.xml --timings t.json
        wait_until exists ready
        kill -s "$name" "$pid"
        number=$(kill -l "$name")
        ends_with $((128 + number))
        is "$(json .signal t.json)" "$number"
        is "$(outcomes t.json)" 'a:cancelled b:succeeded'
        exists cleaned
        has "$(cat err)" 'Interrupted by '
    done
}

@test "signals that the parent has blocked are unblocked" {
    needs_program python3
    waiting
    for number in 15 2 10; do
        rm -f ready cleaned
        env --default-signal=INT python3 -c '
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
os.execv(sys.argv[1], sys.argv[1:])' "$DAGRUN" g.xml >out 2>err 3>&- &
        pid=$!
        wait_until exists ready
        kill "-$number" "$pid"
        ends_with $((128 + number))
        exists cleaned
    done
}

@test "a signal that was ignored stays ignored: SIGHUP, SIGINT, SIGUSR1" {
    graph g.xml <<'END'
      <task id="a"><shell>echo > ready; read x &lt; gate</shell></task>
END
    mkfifo gate
    env --ignore-signal=HUP,INT,USR1 "$DAGRUN" g.xml >out 2>err 3>&- &
    pid=$!
    wait_until exists ready
    kill -HUP "$pid"
    kill -INT "$pid"
    kill -USR1 "$pid"
    echo >gate
    ends_with 0
}

@test "without a display, an interruption says at once what happens, and what a second one does" {
    graph g.xml <<'END'
      <task id="a"><shell>trap 'echo > told' TERM; echo > ready; while :; do sleep 0.01 || :; done</shell></task>
      <task id="b"><shell>trap 'echo > told' TERM; echo > ready-b; while :; do sleep 0.01 || :; done</shell></task>
      <task id="c" needs="a"/>
END
    # On a busy machine, one of them may have been killed when the message is printed, or both; then there is none.
    for try in 1 2 3 4 5; do
        rm -f ready ready-b told
        start -j2 --strategy dataflow g.xml --grace 90s
        wait_until exists ready
        wait_until exists ready-b
        kill -INT "$pid"
        wait_until grep -qx '\[0/3\] interrupted by SIGINT: waiting up to 90.0 s for 2 running tasks; a second ^C kills them' err
        wait_until exists told
        sleep 0.3 # until then, a signal counts as the same request
        kill -TERM "$pid"
        ends_with 130
        ! grep -q 'interrupted again' err || break
        echo "try $try: both were killed before the message"
    done
    matches "$(cat err)" '\[[01]/3\] interrupted again: killing (2 running tasks|1 running task)'
    rm ready told
    start g.xml -q
    wait_until exists ready
    kill -USR1 "$pid"
    wait_until exists told
    sleep 0.3
    kill -USR1 "$pid"
    ends_with 138
    is "$(cat err)" ''
    rm ready
    start g.xml --log --grace 50ms
    wait_until exists ready
    kill -USR1 "$pid"
    ends_with 138
    matches "$(cat err)" '\[TASK\] interrupted by SIGUSR1: waiting up to 50.0 ms for [12] running tasks?; a second signal kills (it|them)'
}

@test "SIGXCPU, which the kernel repeats, is one request" {
    graph g.xml <<'END'
      <task id="a"><shell>trap 'echo > told; until test -e end; do sleep 0.01; done; echo > cleaned; exit' TERM
        echo > ready; while :; do sleep 0.01; done</shell></task>
END
    start g.xml --grace 60s
    wait_until exists ready
    kill -XCPU "$pid"
    wait_until exists told
    sleep 0.3
    kill -XCPU "$pid"
    touch end
    ends_with 152
    exists cleaned
}

@test "Ctrl-C on a terminal" {
    needs_program script
    family
    mkfifo keys
    env --default-signal=INT script -qec "'$DAGRUN' g.xml --timings t.json" /dev/null <keys >screen 3>&- &
    pid=$!
    exec 4>keys
    wait_until exists ready
    printf '\003' >&4
    ends_with 130
    exec 4>&-
    is "$(json .signal t.json)" 2
    while read -r child; do is_gone "$child"; done <pids
}

@test "succeeded tasks stay succeeded, other branches are cancelled" {
    graph g.xml <<'END'
      <task id="a"><exec>echo a</exec></task>
      <task id="b" needs="a"><shell>echo > ready; sleep 1000</shell></task>
      <task id="c" needs="a"><sleep duration="1000s"/></task>
      <task id="d" needs="a"><spin duration="1000s"/></task>
      <task id="e" needs="a"><exec>echo e</exec></task> <task id="f" needs="b"/>
END
    start -j3 g.xml --json -k
    wait_until exists ready
    kill -INT "$pid"
    ends_with 130
    is "$(outcomes out)" 'a:succeeded b:cancelled c:cancelled d:cancelled e:cancelled f:cancelled'
}

@test "a task may clean up" {
    graph g.xml <<'END'
      <task id="a"><shell>trap 'touch cleaned; exit 0' TERM; echo > ready
        while :; do sleep 0.01 || :; done</shell></task>
END
    start -q g.xml --json
    wait_until exists ready
    kill -TERM "$pid"
    ends_with 143
    [[ -e cleaned ]]
    is "$(outcomes out)" a:cancelled
}

@test "a task that ignores SIGTERM is killed after five seconds" {
    graph g.xml <<'END'
      <task id="a"><shell>trap '' TERM INT; echo $$ > ready; while :; do sleep 0.1; done</shell></task>
END
    start g.xml --json
    wait_until exists ready
    kill -INT "$pid"
    ends_with 130
    is_gone "$(cat ready)"
    is "$(json '.tasks[0].duration_seconds >= 5' out)" true
}

@test "a second signal kills at once" {
    graph g.xml <<'END'
      <task id="a"><shell>trap 'echo > told' TERM; echo $$ > ready
        while :; do sleep 0.01 || :; done</shell></task>
END
    start g.xml --json
    wait_until exists ready
    kill -INT "$pid"
    wait_until exists told
    kill -INT "$pid"
    ends_with 130
    is_gone "$(cat ready)"
    is "$(outcomes out)" a:cancelled
}

@test "a process that a signal has stopped is named, once" {
    graph g.xml <<'END'
      <task id="a"><shell>sh -c 'echo $$ > ready; kill -STOP $$; echo went on'; echo > done</shell></task>
END
    DAGRUN_STATUS_SECONDS=0.1 start g.xml
    wait_until exists ready
    wait_until grep -q 'is stopped' err
    matches "$(cat err)" '\[0/1\] process ([0-9]+) \(sh -c .*\) of "a" is stopped; kill -CONT '"$(cat ready)"' continues it'
    wait_until grep -q 'still running' err
    is "$(grep -c 'is stopped' err)" 1
    kill -CONT "$(cat ready)"
    ends_with 0
    exists done
}

@test "a stopped task ends, too" {
    graph g.xml <<'END'
      <task id="a"><shell>echo $$ > ready; kill -STOP $$; touch went-on</shell></task>
END
    start g.xml --json
    wait_until exists ready
    wait_until is_stopped "$(cat ready)"
    kill -TERM "$pid"
    ends_with 143
    is_gone "$(cat ready)"
    [[ ! -e went-on ]]
}

@test "a server that a task left running ends with the run, also if the run is interrupted" {
    graph g.xml <<'END'
      <task id="serve"><shell>setsid sleep 1000 > /dev/null 2>&amp;1 &amp; echo $! > server</shell></task>
      <task id="use" needs="serve"><shell>kill -0 "$(cat server)"; echo > ready; sleep 1000</shell></task>
END
    start g.xml --json
    wait_until exists ready
    kill -INT "$pid"
    ends_with 130
    is "$(outcomes out)" 'serve:succeeded use:cancelled'
    is_gone "$(cat server)"
}

@test "signals that dagrun inherited as ignored stay ignored" {
    graph g.xml <<'END'
      <task id="a"><shell>echo > ready; read x &lt; gate; touch ended</shell></task>
END
    mkfifo gate
    env --ignore-signal=HUP "$DAGRUN" g.xml >out 2>err 3>&- &
    pid=$!
    wait_until exists ready
    kill -HUP "$pid"
    echo >gate
    ends_with 0
    [[ -e ended ]]
}

@test "tasks start with no signal blocked or ignored, except those that dagrun inherited" {
    graph g.xml <<'END'
      <task id="a"><exec>grep -E '^Sig(Blk|Ign)' /proc/self/status</exec></task>
END
    run env --default-signal "$DAGRUN" g.xml 2>/dev/null
    is "$status" 0
    # The C library reserves 32 and 33; they cannot be reset.
    matches "$output" 'SigBlk:.0000000000000000
SigIgn:.[0-9a-f]{8}[08]0000000'
}

@test "an interruption with --log" {
    family
    start --log g.xml
    wait_until exists ready
    kill -INT "$pid"
    ends_with 130
    has "$(cat err)" '[PHASE 1] Sequential: family (1 task)'
    has "$(cat err)" '[TIMING]   Phase 2: not run'
}

@test "SIGHUP right after SIGTERM, as at the end of a session, counts as one request" {
    graph g.xml <<'END'
      <task id="a"><shell>echo > ready; exec sleep 1000</shell></task>
      <task id="b" needs="a" always="true"><shell>echo > cleaned</shell></task>
END
    start g.xml
    wait_until exists ready
    kill -TERM "$pid"
    kill -HUP "$pid" || true
    ends_with '143|129' # the system may deliver the second first
    exists cleaned
}

@test "the same signal twice at once, as timeout(1) sends it, counts as one request" {
    graph g.xml <<'END'
      <task id="a">
        <shell>
          trap 'echo > cleaned; exit 0' TERM
          echo > ready
          while :; do sleep 0.01; done
        </shell>
      </task>
END
    start g.xml
    wait_until exists ready
    kill -TERM "$pid"
    kill -TERM "$pid" || true
    ends_with 143
    [[ -e cleaned ]]
}

@test "a reader that does not read does not delay the end of a run" {
    graph g.xml <<'END'
      <task id="a"><shell>head -c 300000 /dev/zero | tr '\0' x; echo > ready</shell></task>
      <task id="b" needs="a"><sleep duration="1000s"/></task>
END
    mkfifo pipe
    exec 4<>pipe # a reader that exists but never reads
    env --default-signal=INT "$DAGRUN" g.xml >pipe 2>err 3>&- 4>&- &
    pid=$!
    wait_until exists ready
    kill -INT "$pid"
    ends_with 130
    exec 4>&-
}
