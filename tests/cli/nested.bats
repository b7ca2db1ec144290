#!/usr/bin/env bats
# dagrun within tasks of dagrun: the guard, suspension and interruption work at each level.

load helpers

# Write three graphs, each of which runs the next; the innermost has processes that fork and exit
# all the time, in sessions of their own.  Each process of the test has "$PWD" in its command line.
three_levels()
{
    cat >hop <<'END'
sleep 0.0$(($$ % 5))1
test -e end || setsid sh "$1/hop" "$1" &
END
    # The guard knows an orphan without the run's mark once a task has ended.
    graph 3.xml <<END
      <task id="orphan"><shell>(env -i setsid sh -c 'until test -e end; do sleep 0.01; done' "$PWD" &amp;)</shell></task>
      <task id="hop" needs="orphan">
        <shell>
          for i in 1 2; do setsid sh "$PWD/hop" "$PWD" &amp; done
          env -i setsid sh -c 'until test -e end; do sleep 0.01; done' "$PWD" &amp;
          echo >> ready
          until test -e end; do sh -c "sleep 0.01 &amp; sleep 0.01"; done
        </shell>
      </task>
END
    graph 2.xml <<END
      <task id="inner"><exec>$DAGRUN $PWD/3.xml</exec></task>
      <task id="forked"><shell>setsid $DAGRUN $PWD/3.xml &amp; wait</shell></task>
END
    graph 1.xml <<<"<task id='inner'><exec>$DAGRUN $PWD/2.xml</exec></task>"
    rm -f ready end
}

both_are_ready()
{
    exists ready && (($(wc -l <ready) == 2))
}

# Print the processes of the test: ours [FIELD...]
ours()
{
    pgrep -f -- "$PWD/?" | grep -vx $$ | xargs -r ps -o "${1-pid=}" -p
}

none_is_ours()
{
    is "$(ours pid=,stat=,args= | grep -v ' Z')" ''
}

teardown()
{
    touch end
    ours | xargs -r kill -KILL
}

@test "SIGKILL of the outermost of three runs ends all processes of all three" {
    for delay in 0 0.02 0.05; do
        three_levels
        start "$PWD/1.xml" -q
        wait_until both_are_ready
        sleep "$delay"
        kill -KILL "$pid"
        ends_with 137
        wait_until none_is_ours
    done
}

@test "SIGKILL of any of three runs, or of all at once, ends all processes below it" {
    for levels in 2 13 23 123; do
        three_levels
        start "$PWD/1.xml" -q
        wait_until both_are_ready
        pids=$(ours pid=,comm=,args= |
            awk -v path="/[$levels][.]xml" '$2 == "dagrun" && $0 ~ path { print $1 }')
        # shellcheck disable=SC2086 # words
        kill -KILL $pids
        wait_until is_gone "$pid"
        wait "$pid" || true
        wait_until none_is_ours
    done
}

@test "a second interruption of the outermost run kills the processes of all three at once" {
    three_levels
    sed -i 's/<shell>/<shell>trap "" TERM;/' 3.xml
    start "$PWD/1.xml" --grace 60s
    wait_until both_are_ready
    kill -TERM "$pid"
    sleep 0.4 # an earlier signal would count as the same request
    kill -TERM "$pid"
    ends_with 143
    wait_until none_is_ours
}

@test "SIGTSTP of the outermost run stops the processes of all three; SIGCONT continues them" {
    three_levels
    set -m
    start "$PWD/1.xml" -q
    set +m
    wait_until both_are_ready
    # A shell whose child is stopped between vfork and exec waits in the kernel: D.
    all_are_stopped()
    {
        [[ ! $(ours stat=,comm= | grep -v '^[DTZ]' | grep -v dagrun-guard) ]]
    }
    kill -TSTP "$pid"
    wait_until all_are_stopped
    sleep 0.1
    all_are_stopped
    kill -CONT "$pid"
    touch end
    ends_with 0
    wait_until none_is_ours
}

@test "a suspended run within a run ends, too" {
    three_levels
    set -m
    start "$PWD/1.xml" -q
    set +m
    wait_until both_are_ready
    kill -TSTP "$pid"
    wait_until is_stopped "$pid"
    kill -KILL "$pid"
    wait_until none_is_ours
}

@test "DAGRUN_RUN names the runs from the outermost to the innermost" {
    graph inner.xml <<<'<task id="a"><exec>printenv DAGRUN_RUN</exec></task>'
    graph g.xml <<<"<task id='b'><shell>echo \$DAGRUN_RUN; $DAGRUN inner.xml 2>/dev/null</shell></task>"
    dagrun_exits 0 g.xml
    matches "$output" '^([0-9]+\.[0-9a-f]{16})'$'\n''([0-9]+\.[0-9a-f]{16}/[0-9]+\.[0-9a-f]{16})$'
    has "${lines[1]}" "${lines[0]}/"
    DAGRUN_RUN='no / mark' dagrun_exits 0 inner.xml
    matches "$output" '^[0-9]+\.[0-9a-f]{16}$'
}

@test "a process that takes the name of the guard is ended with the run" {
    cp "$(command -v sleep)" dagrun-guard
    graph g.xml <<END
      <task id="a"><shell>setsid $PWD/dagrun-guard 1000 &amp; echo > ready; sleep 1000</shell></task>
END
    start -q "$PWD/g.xml"
    wait_until exists ready
    kill -KILL "$pid"
    wait_until none_is_ours
    rm ready
    sed -i 's/sleep 1000//' g.xml
    dagrun_exits 0 -q "$PWD/g.xml"
    none_is_ours
}
