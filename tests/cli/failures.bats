#!/usr/bin/env bats
# Tasks that do not succeed: which tasks still run, the messages, and the exit status.

load helpers

@test "a failed task makes the status 1, whatever its own status was" {
    for own in 1 2 3 4 77 130 255; do
        graph g.xml <<<"<task id='a'><shell>exit $own</shell></task>"
        dagrun_exits 1 -q g.xml
        has "$stderr" "exit status $own"
        dagrun_exits 1 -k -q g.xml
    done
}

@test "a task that was ended by a signal" {
    graph g.xml <<<'<task id="a"><shell>kill -SEGV $$</shell></task>'
    dagrun_exits 1 g.xml --json
    matches "$(json '.tasks[0].reason' <<<"$output")" '^killed by SIGSEGV \(Segmentation fault\)'
    graph g.xml <<<'<task id="a"><shell>kill -TERM $$</shell></task>'
    dagrun_exits 1 g.xml --json
    is "$(outcomes <(echo "$output"))" a:failed
    is "$(json .signal <<<"$output")" null
}

@test "a missing program, and a file that is not a program" {
    graph g.xml <<<'<task id="a"><exec>dagrun-no-such-program</exec></task>
      <task id="b"><exec>./text</exec></task> <task id="c" dir="nowhere"><exec>true</exec></task>
      <task id="d"><exec>./closed</exec></task>'
    echo hello >text
    chmod +x text
    echo hello >closed
    PATH=/usr/bin:/bin dagrun_exits 1 -k g.xml --json
    reasons=$(json '.tasks[].reason' <<<"$output")
    has "$reasons" 'cannot run "dagrun-no-such-program": not found in PATH'
    has "$reasons" 'cannot run "./text": not a program; a script needs a first line such as #!/bin/sh'
    has "$reasons" 'cannot enter the directory "'
    has "$reasons" 'cannot run "./closed": it is not executable (chmod +x makes it so)'
}

@test "a script with line ends of Windows, and a directory, are called so" {
    mkdir here
    printf '#!/bin/sh\r\necho hello\r\n' >script
    chmod +x script
    graph g.xml <<<'<task id="a"><exec>./script</exec></task><task id="b"><exec>./here</exec></task>'
    dagrun_exits 1 -k g.xml --json
    is "$(json -r '.tasks[].reason' <<<"$output")" \
        'cannot run "./script": its first line ends in CR LF; save it with LF alone
cannot run "./here": it is a directory'
}

@test "an empty PATH, or an empty directory in it, means the task's directory" {
    graph g.xml <<<'<task id="a"><exec>here</exec></task><task id="b"><exec>none</exec></task>'
    printf '#!/bin/sh\n' >here
    chmod +x here
    for path in '' : :/nowhere /nowhere: /nowhere::/nowhere; do
        run -1 --separate-stderr env PATH="$path" "$DAGRUN" -k g.xml --json
        is "$(outcomes <(echo "$output"))" 'a:succeeded b:failed'
        has "$output" 'cannot run \"none\": not found in PATH'
    done
}

@test "an output that cannot be an argument" {
    graph g.xml <<'END'
      <task id="nul"><shell>printf 'a\0b'</shell></task>
      <task id="long"><shell>head -c 200000 /dev/zero | tr '\0' x</shell></task>
      <task id="a"><exec>echo ${nul}</exec></task>
      <task id="b"><exec>echo ${long}</exec></task>
END
    dagrun_exits 1 -k g.xml --json
    has "$(json '.tasks[] | select(.id == "a").reason' <<<"$output")" 'NUL byte'
    has "$(json '.tasks[] | select(.id == "b").reason' <<<"$output")" 'the kernel accepts no more than 128 KiB'
}

@test "after a failure no task starts, but running tasks may end" {
    # bad fails only while slow runs; slow ends only after the failure of bad was reported.
    graph g.xml <<'END'
      <task id="slow"><shell>echo > runs; read x &lt; gate; touch ended</shell></task>
      <task id="bad"><shell>read x &lt; runs; exit 3</shell></task>
      <task id="queued"><shell>touch queued</shell></task>
      <task id="after-slow" needs="slow"/> <task id="after-bad" needs="bad"/>
      <task id="last" needs="after-bad"/>
END
    mkfifo runs gate
    "$DAGRUN" -j2 --json g.xml >run.json 2>log &
    wait_until grep -q 'bad.*failed' log
    echo >gate
    wait $! || status=$?
    is "$status" 1
    [[ -e ended && ! -e queued ]]
    is "$(outcomes run.json)" 'slow:succeeded bad:failed queued:cancelled after-slow:cancelled after-bad:blocked last:blocked'
    is "$(json .counts run.json)" '{"succeeded":1,"failed":1,"timed-out":0,"blocked":2,"cancelled":2,"reused":0}'
    is "$(json .succeeded run.json)" false
}

@test "with -k all tasks run that do not depend on a failure" {
    graph g.xml <<'END'
      <task id="bad"><shell>exit 3</shell></task>
      <task id="good"><shell>touch good</shell></task>
      <task id="b1" needs="bad good"><shell>touch b1</shell></task>
      <task id="b2" needs="b1"><shell>touch b2</shell></task>
      <task id="g1" needs="good"><shell>touch g1</shell></task>
      <task id="bad2" needs="g1"><shell>exit 4</shell></task>
      <task id="g2" needs="g1"><shell>touch g2</shell></task>
END
    for strategy in $(dagrun list strategies --names); do
        rm -f good g1 g2
        dagrun_exits 1 -k --json --strategy "$strategy" g.xml
        is "$(outcomes <(echo "$output"))" \
            'bad:failed good:succeeded b1:blocked b2:blocked g1:succeeded bad2:failed g2:succeeded'
        [[ -e good && -e g1 && -e g2 && ! -e b1 && ! -e b2 ]]
    done
    [[ $strategy ]]
}

@test "after a failure in a phase the next phase does not begin" {
    graph g.xml <<'END'
      <task id="a"/> <task id="bad"><shell>exit 1</shell></task>
      <task id="b" needs="a"><shell>touch b</shell></task> <task id="c" needs="bad"/>
END
    dagrun_exits 1 -q -j1 g.xml
    [[ ! -e b ]]
    dagrun_exits 1 -q -j1 -k g.xml
    [[ -e b ]]
}

@test "a failure is reported on standard error with command, status and output" {
    graph g.xml <<<'<param name="p" default="a b"/>
      <task id="a"><exec>sh -c "echo out; echo err >&amp;2; exit 3" sh ${p}</exec></task>'
    dagrun_exits 1 -q g.xml
    is "$output" ''
    matches "$stderr" '^\[1/1\] a  failed: exit status 3 after [0-9.]+ (s|ms|µs)
  \$ sh -c .*
out
err$'
    has "$stderr" "'a b'"
}

# Run dagrun on a terminal, which must exit with 1: on_terminal WORD...
# Its output goes to the file out, with line feeds only.
on_terminal()
{
    local status=0

    script -qec "'$DAGRUN' $*" /dev/null </dev/null >typescript || status=$?
    tr -d '\r' <typescript >out
    is "$status" 1
}

@test "on a terminal, the head and the tail of a failed task are shown, and all of it is kept" {
    needs_program script
    graph g.xml <<<'<task id="a"><shell>echo first error; seq 1000; exit 1</shell></task>'
    export XDG_STATE_HOME=$PWD/state
    on_terminal -q g.xml
    is "$(grep -cx '[0-9][0-9]*' out)" 59
    has "$(cat out)" $'first error\n1\n'
    is "$(tail -n 1 out)" 1000
    file=$(sed -n 's/^  (941 lines are left out here; the whole output is in \(.*\))$/\1/p' out)
    is "$(cat "$file")" "$(echo first error; seq 1000)"
    is "$(stat -c %a state/dagrun "${file%/*}" "$file" | xargs)" '700 700 600'
    is "${file%/*/*}" "$PWD/state/dagrun/failures"
    on_terminal -v g.xml
    is "$(grep -cx '[0-9][0-9]*' out)" 1000
    lacks "$(cat out)" 'left out'
    is "$(find state -name '*.log' | wc -l)" 1
}

@test "without a terminal, all that a failed task wrote is shown" {
    graph g.xml <<<'<task id="a"><shell>seq 1000; exit 1</shell></task>'
    export XDG_STATE_HOME=$PWD/state
    dagrun_exits 1 -q g.xml
    is "$(grep -cx '[0-9][0-9]*' <<<"$stderr")" 1000
    [[ ! -e state ]]
}

@test "a progress bar is one line of a failed task" {
    needs_program script
    graph g.xml <<'END'
      <task id="a"><shell>echo first error; i=0
        while [ $i -lt 3000 ]; do printf '%s of 3000\r' $i; i=$((i + 1)); done
        echo; echo last error; exit 1</shell></task>
END
    on_terminal -q g.xml
    has "$(cat out)" $'\nfirst error\n2999 of 3000\nlast error'
}

@test "each attempt of a failed task is kept; with --output, the log is named" {
    needs_program script
    graph g.xml <<<'<task id="a" retries="1" retry-delay="1ms"><shell>seq 100; exit 1</shell></task>'
    export XDG_STATE_HOME=$PWD/state
    on_terminal g.xml
    is "$(cat state/dagrun/failures/*/a.log)" "$(seq 100; echo '--- attempt 2 ---'; seq 100)"
    on_terminal g.xml --output logs
    has "$(cat out)" 'the whole output is in logs/a.log)'
    is "$(find state -name '*.log' | wc -l)" 1
}

@test "the texts of old runs are removed; without a place for them, that is said" {
    needs_program script
    graph g.xml <<<'<task id="a"><shell>seq 100; exit 1</shell></task>'
    export XDG_STATE_HOME=$PWD/state
    mkdir -p state/dagrun/failures/{my,2000010{1..3}-00000{0..9}-1}
    for run in state/dagrun/failures/2*; do
        echo old >"$run/x.log"
        touch -d 2000-01-01 "$run"
    done
    touch -d 2020-01-01 state/dagrun/failures/20000101-000005-1
    on_terminal g.xml
    is "$(find state/dagrun/failures -mindepth 1 -maxdepth 1 | wc -l)" 21 # 20 runs, and "my"
    [[ -e state/dagrun/failures/20000101-000005-1/x.log && -e state/dagrun/failures/my ]]
    for place in /dev/null/x relative; do
        XDG_STATE_HOME=$place HOME='' on_terminal g.xml
        has "$(cat out)" 'dagrun: cannot keep the output of "a": '
        has "$(cat out)" '(40 lines are left out here; -v shows them)'
    done
    [[ ! -e relative ]]
}

@test "a failed task without output" {
    graph g.xml <<<'<task id="a"><exec>false</exec></task>'
    dagrun_exits 1 -q g.xml
    is "${#stderr_lines[@]}" 2
    is "${stderr_lines[1]}" '  $ false'
}

@test "the summary names failed and blocked tasks" {
    graph g.xml <<<'<task id="a"><exec>false</exec></task> <task id="b" needs="a"/> <task id="c"/>'
    dagrun_exits 1 -k g.xml
    matches "$stderr" 'Failures
  a  exit status 1'
    has "$stderr" '1 of 3 tasks succeeded'
    has "$stderr" '  1 failed'
    has "$stderr" '  1 blocked'
    has "$stderr" 'b  blocked'
}

@test "an error of the output files does not hide that a task failed" {
    graph g.xml <<<'<task id="a"><exec>false</exec></task>'
    dagrun_exits 1 -q g.xml --timings nowhere/t.json
    has "$stderr" 'cannot write "nowhere/t.json"'
}

@test "the reason why a program did not start is reported" {
    printf '#!/no/such/interpreter\n' >script
    chmod +x script
    graph g.xml <<'END'
      <task id="script"><exec>./script</exec></task>
      <task id="missing" dir="nowhere"><exec>true</exec></task>
      <task id="file" dir="script"><exec>true</exec></task>
      <task id="signal"><shell>kill -35 $$</shell></task>
END
    dagrun_exits 1 -k -q g.xml --json
    reason() { json -r ".tasks[] | select(.id == \"$1\").reason" <<<"$output"; }
    is "$(reason script)" \
        'cannot run "./script": its interpreter "/no/such/interpreter" does not exist; see its first line'
    is "$(reason missing)" "cannot enter the directory \"$PWD/nowhere\": No such file or directory"
    is "$(reason file)" "cannot enter the directory \"$PWD/script\": Not a directory"
    is "$(reason signal)" 'killed by signal 35'
}

@test "the program of a task is found in the task's own PATH" {
    mkdir bin
    printf '#!/bin/sh\necho mine\n' >bin/my-program
    chmod +x bin/my-program
    echo "<task id='a'><env name='PATH' value='$PWD/bin:/usr/bin:/bin'/><exec>my-program</exec></task>" |
        graph g.xml
    dagrun_exits 0 g.xml
    is "$output" mine
    echo "<task id='a'><env name='PATH' value='$PWD/bin'/><exec>true</exec></task>" | graph g.xml
    dagrun_exits 1 -q g.xml
    has "$stderr" 'cannot run "true": not found in PATH'
}
