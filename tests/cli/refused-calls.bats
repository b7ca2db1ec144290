#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The kernel refuses one system call to dagrun, its guard and all programs of tasks, as an old kernel
# (ENOSYS) or the filter of a container (EPERM) does.  Whichever it is: the run is right or says why it
# is not, it ends within seconds, and nothing of it is left.  DAGRUN_REFUSE is the program that installs
# such a filter (tests/support/refuse.c).

load helpers

EPERM=1 ENOSYS=38

setup_file()
{
    [[ -x ${DAGRUN_REFUSE-} ]] || { echo "DAGRUN_REFUSE must be the program: \"${DAGRUN_REFUSE-}\""; return 1; }
    is_sanitized && skip 'the calls of the sanitizer would be refused as well'
    "$DAGRUN_REFUSE" inotify $EPERM true || skip 'the kernel refuses filters'
}

# Two processes are left behind, one of them in a session of its own; an output is read by name and as
# standard input; a time limit ends a task.
small_graph()
{
    graph g.xml <<'END'
      <task id="a"><shell>echo alpha
        setsid sleep 1000 >/dev/null 2>&amp;1 &amp;
        sleep 1000 >/dev/null 2>&amp;1 &amp;</shell></task>
      <task id="late" timeout="100ms" allow-failure="true"><exec>sleep 1000</exec></task>
      <task id="b" needs="a"><shell>cat "$a"; echo beta</shell></task>
      <task id="c" needs="b"><exec stdin="a">cat</exec></task>
END
}

# Print the living processes of the runs of this test: the guard, programs, dagrun itself.
living()
{
    local file

    grep -lzsx "DAGRUN_TEST=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ | while read -r file; do
        is_gone "$(cut -d/ -f3 <<<"$file")" || cut -d/ -f3 <<<"$file"
    done
}

none_lives()
{
    [[ -z $(living) ]]
}

teardown()
{
    # shellcheck disable=SC2046 # numbers
    none_lives || kill -KILL $(living)
}

# Run the graph with a call refused: run_without CALL ERRNO.  Sets status.
run_without()
{
    rm -rf tmp t.json
    mkdir tmp
    status=0
    TMPDIR=$PWD/tmp DAGRUN_TEST=$BATS_TEST_TMPDIR timeout -s KILL 60 \
        "$DAGRUN_REFUSE" "$1" "$2" "$DAGRUN" g.xml -j2 --grace 5s --timings t.json >out 2>err 3>&- || status=$?
}

# Print the message of a run that cannot do without the call; none if it can.
message_without()
{
    case $1:$2 in
    clone:*) echo 'a  failed: cannot run "/bin/sh": ' ;; # starts a program
    clone3:$EPERM) echo 'dagrun: cannot start a thread: ' ;; # with ENOSYS, the C library uses clone
    dup3:* | setsid:*) echo 'a  failed: cannot run "/bin/sh": ' ;;
    eventfd:*) echo 'dagrun: cannot make an event descriptor: ' ;;
    fchmod:*) echo 'b  failed: cannot pass on the output of "a": ' ;;
    esac
}

is_right()
{
    local message

    message=$(message_without "$1" "$2")
    if [[ $message ]]; then
        matches "$status" '^[14]$'
        has "$(cat err)" "$message"
        return
    fi
    is "$status" 0
    is "$(cat out)" $'alpha\nbeta\nalpha'
    is "$(outcomes t.json)" 'a:succeeded late:timed-out b:succeeded c:succeeded'
    lacks "$(cat err)" dagrun:
}

@test "whichever system call is refused, the run is right or says why not, and nothing is left" {
    small_graph
    for call in $("$DAGRUN_REFUSE" --list); do
        for error in $EPERM $ENOSYS; do
            run_without "$call" "$error"
            is_right "$call" "$error" && wait_until none_lives && is "$(ls tmp)" '' || {
                echo "without $call, error $error: status $status"
                cat err
                false
            }
        done
    done
}

@test "killed where a system call is refused, dagrun leaves nothing" {
    graph g.xml <<'END'
      <task id="a"><shell>setsid sleep 1000 >/dev/null 2>&amp;1 &amp;
        sleep 1000 &amp; echo > ready; sleep 1000</shell></task>
END
    for call in close_range memfd_create pidfd_open prctl prlimit sched_getaffinity subreaper; do
        for error in $EPERM $ENOSYS; do
            rm -f ready
            DAGRUN_TEST=$BATS_TEST_TMPDIR "$DAGRUN_REFUSE" "$call" "$error" "$DAGRUN" g.xml >out 2>err 3>&- &
            pid=$!
            wait_until exists ready
            kill -KILL "$pid"
            wait "$pid" || true
            wait_until none_lives || { echo "without $call, error $error"; false; }
        done
    done
}
