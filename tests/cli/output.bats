#!/usr/bin/env bats
# Standard output, standard error, colours, and the output of tasks.

load helpers

two_tasks()
{
    graph g.xml <<'END'
      <task id="a"><shell>echo out of a; echo err of a >&amp;2</shell></task>
      <task id="b" needs="a"><exec>echo out of b</exec></task>
END
}

@test "task output goes to standard output, everything else to standard error" {
    two_tasks
    dagrun_exits 0 g.xml
    is "$output" 'out of a
err of a
out of b'
    matches "$stderr" '^\[1/2\] a  [0-9.]+ (s|ms|µs)
\[2/2\] b  [0-9.]+ (s|ms|µs)
g: 2 tasks succeeded in '
    lacks "$stderr" 'out of'
}

@test "the counter is as wide as the number of tasks" {
    for i in {1..10}; do echo "<task id='t$i'/>"; done | graph g.xml
    dagrun_exits 0 -j1 g.xml
    matches "${stderr_lines[0]}" '^\[ 1/10\] t1  '
    matches "${stderr_lines[9]}" '^\[10/10\] t10  '
}

@test "-q prints nothing about tasks that succeed" {
    two_tasks
    dagrun_exits 0 -q g.xml
    is "$output$stderr" ''
}

@test "-v prints a line when a task starts" {
    two_tasks
    dagrun_exits 0 -v g.xml
    has "$stderr" 'a starts: echo out of a; echo err of a >&2'
    has "$stderr" 'b starts: echo out of b'
}

@test "--json is alone on standard output" {
    two_tasks
    for option in '' -q -v --log; do
        # no word, or one
        dagrun_exits 0 --json $option g.xml
        is "$(json '[.graph,.succeeded,.format_version]' <<<"$output")" '["g",true,1]'
    done
    dagrun_exits 0 --json g.xml
    has "$stderr" 'out of a'
    has "$stderr" 'g: 2 tasks succeeded'
    dagrun_exits 0 --json -q g.xml
    is "$stderr" ''
}

@test "the run as JSON: keys, sums, times" {
    two_tasks
    dagrun_exits 0 --json -j2 --strategy dataflow --seed 9 g.xml
    is "$(json '[.strategy,.workers,.seed,.signal,.excluded,.parameters]' <<<"$output")" \
        '["dataflow",2,9,null,[],{}]'
    is "$(json '(.counts | add) == (.tasks | length)' <<<"$output")" true
    is "$(json '.overall_duration_minutes * 60 - .overall_duration_seconds | fabs < 0.001' <<<"$output")" true
    is "$(json '.lower_bound_seconds <= .makespan_seconds + 0.000001 and
        .makespan_seconds <= .overall_duration_seconds' <<<"$output")" true
    is "$(json '.phase_timings | keys' <<<"$output")" '["phase1","phase2"]'
    is "$(json '.tasks | map(.end_seconds - .start_seconds - .duration_seconds | fabs) | max < 0.000001' <<<"$output")" true
    matches "$(json .timestamp <<<"$output")" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$'
}

@test "the output of a task is printed in one piece, even if tasks write at the same time" {
    for t in a b c d; do
        echo "<task id='$t'><shell>for i in 1 2 3 4 5 6 7 8 9; do
          echo $t \$i; seq 500 | sed 's/^/$t /'; done</shell></task>"
    done | graph g.xml
    "$DAGRUN" -j4 g.xml 2>/dev/null >all
    is "$(wc -l <all)" $((4 * 9 * 501))
    is "$(cut -d ' ' -f 1 all | uniq | sort | xargs)" 'a b c d'
}

@test "on a terminal the output of a task follows its progress line" {
    two_tasks
    "$DAGRUN" g.xml >all 2>&1
    matches "$(head -n 5 all)" '^\[1/2\] a [^
]*
out of a
err of a
\[2/2\] b [^
]*
out of b$'
}

@test "bytes that are not UTF-8 pass through unchanged" {
    graph g.xml <<<'<task id="a"><exec>printf '"'\\000\\377\\n'"'</exec></task>'
    "$DAGRUN" g.xml 2>/dev/null >all
    cmp all <(printf '\000\377\n')
}

@test "--log prints phases instead of tasks" {
    graph g.xml <<'END'
      <phase title="Fetch &amp; look" of="a"/>
      <task id="a"/> <task id="b" needs="a"/> <task id="c" needs="a"/>
      <task id="d" needs="b c" title="The end"/>
END
    dagrun_exits 0 --log g.xml
    is "$output" ''
    is "$(sed -E 's/[0-9]+\.[0-9]+/N/g; /^g: /,$d' <<<"$stderr")" '[PHASE 1] Sequential: Fetch & look (1 task)
[PHASE 1] Complete: Ns
[PHASE 2] Parallel: Phase 2 (2 tasks)
[PHASE 2] Complete: Ns
[PHASE 3] Sequential: The end (1 task)
[PHASE 3] Complete: Ns
[TIMING] Summary
[TIMING]   Phase 1: Ns  Fetch & look
[TIMING]   Phase 2: Ns  Phase 2
[TIMING]   Phase 3: Ns  The end
[TIMING]   Overall: Ns'
}

@test "--log reports failures and phases that did not begin" {
    graph g.xml <<<'<task id="a"><exec>false</exec></task> <task id="b" needs="a"/>'
    dagrun_exits 1 --log g.xml
    has "$stderr" '[TASK] a  failed: exit status 1'
    has "$stderr" '[TIMING]   Phase 2: not run'
}

@test "colour: the option, then NO_COLOR, then FORCE_COLOR, then the terminal" {
    two_tasks
    escape=$'\033['
    dagrun_exits 0 g.xml
    lacks "$stderr" "$escape"
    dagrun_exits 0 g.xml --color always
    has "$stderr" "$escape"
    FORCE_COLOR=1 dagrun_exits 0 g.xml
    has "$stderr" "$escape"
    FORCE_COLOR='' dagrun_exits 0 g.xml
    lacks "$stderr" "$escape"
    FORCE_COLOR=0 dagrun_exits 0 g.xml
    lacks "$stderr" "$escape"
    FORCE_COLOR=1 NO_COLOR=1 dagrun_exits 0 g.xml
    lacks "$stderr" "$escape"
    FORCE_COLOR=1 NO_COLOR='' dagrun_exits 0 g.xml
    has "$stderr" "$escape"
    NO_COLOR=1 dagrun_exits 0 g.xml --color=always
    has "$stderr" "$escape"
    FORCE_COLOR=1 dagrun_exits 0 g.xml --color never
    lacks "$stderr" "$escape"
    FORCE_COLOR=1 dagrun_exits 0 plan g.xml
    has "$output" "$escape"
    FORCE_COLOR=1 dagrun_exits 0 plan g.xml --color auto --json
    lacks "$output" "$escape"
}

# Without --progress lines, a run of more than 100 ms moves the cursor even if it uses no colour.
@test "a terminal gets colour unless it is dumb" {
    needs_program script
    two_tasks
    export TERM=xterm
    script -qec "'$DAGRUN' g.xml" /dev/null </dev/null >typescript
    grep -q $'\033\\[[0-9;]*m' typescript
    TERM=dumb script -qec "'$DAGRUN' g.xml" /dev/null </dev/null >typescript
    run -1 grep $'\033\\[' typescript
    NO_COLOR=1 script -qec "'$DAGRUN' g.xml --progress lines" /dev/null </dev/null >typescript
    run -1 grep $'\033\\[' typescript
}

@test "a full disk is an error with status 4" {
    [[ -c /dev/full ]] || skip 'no /dev/full'
    two_tasks
    full()
    {
        local status=0

        "$DAGRUN" "$@" >/dev/full 2>err || status=$?
        is "$status" 4
        has "$(tail -n 1 err)" 'dagrun: cannot write to standard output: No space left on device'
    }
    full g.xml
    full g.xml --json
    full -n g.xml
    full plan g.xml
    full plan --dot g.xml
    full schema
    full list strategies
    full --help
    full --version
    full run --help
}

@test "a full disk ends the printing, not the run" {
    [[ -c /dev/full ]] || skip 'no /dev/full'
    graph g.xml <<<'<task id="a"><exec>seq 100000</exec></task>
      <task id="b" needs="a"><shell>seq 100000; touch b</shell></task>'
    "$DAGRUN" g.xml --timings t.json >/dev/full 2>/dev/null || status=$?
    is "$status" 4
    [[ -e b ]]
    is "$(outcomes t.json)" 'a:succeeded b:succeeded'
}

@test "a closed pipe ends the printing, not the run" {
    graph g.xml <<<'<task id="a"><exec>seq 100000</exec></task>
      <task id="b" needs="a"><shell>seq 100000; touch b</shell></task>'
    { "$DAGRUN" g.xml --timings t.json 2>/dev/null || echo $? >status; } | true
    [[ -e b && ! -e status ]]
    is "$(outcomes t.json)" 'a:succeeded b:succeeded'
    { "$DAGRUN" schema || echo $? >status; } | true
    { "$DAGRUN" schema || echo $? >status; } | head -n 1
    [[ ! -e status ]]
}

@test "closed standard streams neither stop a run nor get into its data" {
    graph g.xml <<'END'
      <task id="a"><shell>echo payload; touch a</shell></task>
      <task id="b"><shell stdin="a">cat > b; cat "$a" > b2; echo more</shell></task>
      <task id="c"><exec>echo ${b}</exec></task>
      <task id="d"><shell stdin="c">cat > d</shell></task>
END
    check()
    {
        [[ $1 -eq 0 || $1 -eq 4 ]]
        is "$(cat b b2 d | xargs)" 'payload payload more'
        is "$(outcomes t.json)" 'a:succeeded b:succeeded c:succeeded d:succeeded'
        rm a b b2 d t.json
    }
    for option in -j1 -q --log -v --json; do
        status=0
        "$DAGRUN" g.xml --timings t.json $option >&- 2>log || status=$?
        check $status
        "$DAGRUN" g.xml --timings t.json $option >out 2>&- || status=$?
        check $status
        "$DAGRUN" g.xml --timings t.json $option <&- >out 2>log || status=$?
        check $status
        "$DAGRUN" g.xml --timings t.json $option <&- >&- 2>log || status=$?
        check $status
        "$DAGRUN" g.xml --timings t.json $option <&- >&- 2>&- || status=$?
        check $status
    done
}

@test "output to a closed standard output is lost, and that is an error" {
    two_tasks
    "$DAGRUN" plan g.xml >&- 2>err || status=$?
    is "$status" 4
    is "$(cat err)" 'dagrun: cannot write to standard output: Bad file descriptor'
}

@test "output of a left-over daemon does not get into the output of later tasks" {
    graph g.xml <<'END'
      <task id="a">
        <shell>
          setsid sh -c 'until test -e go; do sleep 0.01; done; echo daemon; echo daemon >&amp;2; : > said' &amp;
        </shell>
      </task>
      <task id="b" needs="a"><shell>: > go; until test -e said; do sleep 0.01; done; echo b</shell></task>
      <task id="c"><exec>echo got ${b}</exec></task>
END
    dagrun_exits 0 -j1 g.xml
    is "$output" 'got b'
}

@test "ended orphans do not stay zombies while the run lasts" {
    graph g.xml <<'END'
      <task id="a">
        <shell>
          for i in 1 2 3 4 5 6 7 8 9; do (sh -c 'echo $$ >> pids' &amp;); done
          until test "$(wc -l &lt; pids)" -eq 9; do sleep 0.01; done
        </shell>
      </task>
      <task id="b" needs="a"><shell>sleep 0.1</shell></task>
      <task id="c" needs="b">
        <shell>for pid in $(cat pids); do if test -e /proc/$pid; then echo zombie; fi; done</shell>
      </task>
END
    dagrun_exits 0 g.xml
    is "$output" ''
}

# A script that writes the lines "out N" and "err N" in turn.
in_turn()
{
    # shellcheck disable=SC2016
    echo 'i=0; while [ $i -lt 200 ]; do echo out $i; echo err $i >&amp;2; i=$((i + 1)); done'
}

@test "the two streams of a task stay in order, also if another task reads the output" {
    graph g.xml <<END
      <task id="alone"><shell>$(in_turn)</shell></task>
      <task id="read"><shell>$(in_turn)</shell></task>
      <task id="reader"><shell stdin="read">cat > read.txt</shell></task>
END
    dagrun_exits 0 g.xml --output logs
    for ((i = 0; i < 200; i++)); do printf 'out %s\nerr %s\n' $i $i; done >wanted
    cmp logs/alone.log wanted
    cmp logs/read.log wanted
    cmp read.txt <(grep out wanted)
}

@test "a line of one stream is never put into a line of the other" {
    graph g.xml <<'END'
      <task id="a"><shell>printf 'begin, '; echo warning >&amp;2; sleep 0.05; echo end</shell></task>
      <task id="b" needs="a"><shell>printf 'open'; printf 'error' >&amp;2; sleep 0.05</shell></task>
END
    dagrun_exits 0 g.xml --output logs
    is "$(cat logs/a.log)" $'begin, end\nwarning'
    is "$(cat logs/b.log)" $'open\nerror'
}

@test "a program that makes its output non-blocking does not do so for the next task" {
    needs_program python3
    graph g.xml <<'END'
      <task id="a"><exec>python3 -c "import os; os.set_blocking(1, False)"</exec></task>
      <task id="b" needs="a"><exec>python3 -c "import os; print(os.get_blocking(1))"</exec></task>
END
    dagrun_exits 0 -j1 g.xml
    is "$output" True
}

# Two graphs of which the first waits until the file "end" exists.
two_graphs()
{
    graph first.xml "$@" <<<'<task id="a"><shell>echo first; touch begun; until test -e end; do sleep 0.02; done</shell></task>'
    graph second.xml "$@" <<<'<task id="a"><shell>echo second; touch ran</shell></task>'
    mkdir logs
    ln -s logs link
}

@test "a second run with the same --output is refused, and names the first" {
    two_graphs
    start first.xml --output logs
    wait_until test -e begun
    for name in logs ./logs/ link "$PWD/logs"; do
        complains 4 "dagrun: the directory \"$name\" is in use by another run (process $pid)" second.xml --output "$name"
    done
    dagrun_exits 0 -n second.xml --output logs
    dagrun_exits 0 second.xml --output other
    rm ran
    touch end
    ends_with 0
    is "$(cat logs/a.log)" first
    [[ ! -e ran ]]
    dagrun_exits 0 second.xml --output logs
    is "$(cat logs/a.log)" second
}

@test "with --wait, a second run starts when the first has ended" {
    two_graphs
    start first.xml --output logs
    wait_until test -e begun
    "$DAGRUN" second.xml --output logs --wait >second.out 2>second.err 3>&- &
    second=$!
    wait_until grep -qx "dagrun: waiting for another run, which uses the directory \"logs\" (process $pid)" second.err
    [[ ! -e ran ]]
    touch end
    ends_with 0
    wait $second
    is "$(cat logs/a.log)" second
}

@test "the directory of a run that was killed is free again" {
    two_graphs
    start first.xml --output logs
    wait_until test -e begun
    kill -KILL $pid
    ends_with 137
    dagrun_exits 0 second.xml --output logs
    is "$(ls logs)" a.log
}

@test "the output directory of a graph belongs to one run, and may be that of --output" {
    two_graphs 'output="logs"'
    start first.xml --output link
    wait_until test -e begun
    complains 4 "dagrun: the directory \"$PWD/logs\" is in use by another run (process $pid)" second.xml
    dagrun_exits 4 second.xml --output logs
    graph third.xml <<<'<task id="a"><shell>echo third; touch ran</shell></task>'
    complains 4 "dagrun: the directory \"logs\" is in use by another run (process $pid)" third.xml --output logs
    touch end
    ends_with 0
    is "$(ls logs | xargs)" 'a.log timings.json'
    is "$(json .graph logs/timings.json)" first
    [[ ! -e ran ]]
}

@test "a task cannot write into the directory of the run around it" {
    graph inner.xml <<<'<task id="b"><exec>echo inner</exec></task>'
    graph g.xml <<<"<task id='a'><exec>$DAGRUN inner.xml --output logs</exec></task>"
    dagrun_exits 1 g.xml --output logs
    matches "$(cat logs/a.log)" 'dagrun: the directory "logs" is in use by another run \(process [0-9]+\)'
    sed -i 's/ logs</ logs --wait</' g.xml
    dagrun_exits 1 g.xml --output logs
    matches "$(cat logs/a.log)" 'dagrun: the directory "logs" is in use by another run \(process [0-9]+\)'
}

@test "output that another task reads is not printed, but its error messages are" {
    graph g.xml <<'END'
      <task id="list"><shell>seq 3; echo warning >&amp;2</shell></task>
      <task id="name"><exec>echo world</exec></task>
      <task id="sum"><shell stdin="list">wc -l</shell></task>
      <task id="greet"><exec>echo hello ${name}</exec></task>
      <task id="after" needs="greet"><exec>echo after</exec></task>
      <task id="un-named"><exec>echo unread</exec></task> <task id="a-b"><exec>echo hidden</exec></task>
      <task id="script" needs="a-b un-named"><shell>cp "$a_b" copy</shell></task>
END
    dagrun_exits 0 -j1 g.xml
    is "$(sort <<<"$output")" $'3\nafter\nhello world\nunread\nwarning'
    dagrun_exits 0 -j1 -v g.xml
    is "$(sort <<<"$output")" $'1\n2\n3\n3\nafter\nhello world\nhidden\nunread\nwarning\nworld'
}

@test "output is printed if its readers are not part of the run" {
    graph g.xml <<'END'
      <task id="a"><exec>echo out</exec></task>
      <task id="b" needs="a"><shell>cat "$a"</shell></task>
      <task id="c"><exec stdin="a">cat</exec></task>
END
    dagrun_exits 0 g.xml a
    is "$output" out
}

@test "print decides whether output is printed" {
    graph g.xml <<'END'
      <task id="list" print="true"><shell>seq 3</shell></task>
      <task id="sum" print="false"><shell stdin="list">wc -l; echo warning >&amp;2</shell></task>
END
    dagrun_exits 0 -j1 g.xml
    is "$output" $'1\n2\n3\nwarning'
    dagrun_exits 0 plan --json g.xml
    is "$(json '[.tasks[].print]' <<<"$output")" '[true,false]'
}

@test "the output of a failed task is shown although another task reads it" {
    graph g.xml <<'END'
      <task id="list"><shell>echo partial; exit 3</shell></task>
      <task id="sum"><shell stdin="list">wc -l</shell></task>
END
    dagrun_exits 1 g.xml
    has "$stderr" partial
}

@test "--stderr separate: error messages of tasks go to standard error" {
    two_tasks
    dagrun_exits 0 --stderr separate g.xml
    is "$output" $'out of a\nout of b'
    has "$stderr" 'err of a'
    dagrun_exits 0 --stderr joined g.xml
    is "$output" $'out of a\nerr of a\nout of b'
    complains 2 'dagrun: --stderr takes joined or separate, not "x"' g.xml --stderr x
}

@test "text that is printed of a task ends with a newline, binary data as they are" {
    graph g.xml <<'END'
      <task id="a"><shell>printf a; printf e >&amp;2</shell></task>
      <task id="b" needs="a"><exec>printf b</exec></task>
END
    "$DAGRUN" g.xml >out 2>err
    cmp out <(printf 'a\ne\nb\n')
    "$DAGRUN" --stderr separate g.xml >out 2>err
    cmp out <(printf 'a\nb\n')
    grep -qx e err
    graph g.xml <<<'<task id="a"><exec>printf '"'a\\0b'"'</exec></task>
      <task id="b" needs="a"><exec>printf '"'\\0'"'</exec></task>'
    "$DAGRUN" g.xml >out 2>err
    cmp out <(printf 'a\0b\n\0')
}

@test "colours of a task end with its section; other control sequences are removed" {
    needs_program script
    graph g.xml <<'END'
      <task id="a"><shell>printf '\033[31mred\n\033[?1049h\033[?25lalt\n\033]0;title\007'</shell></task>
      <task id="b" needs="a"><shell>printf '\033[32mgreen\n' >&amp;2; exit 1</shell></task>
END
    script -qec "'$DAGRUN' g.xml --color always" /dev/null </dev/null >typescript || true
    grep -q $'^\033\\[31mred' typescript
    # The reset comes after the section, before the next text.
    has "$(tr -d '\r' <typescript)" $'alt\n\033[0m'
    has "$(tr -d '\r' <typescript)" $'green\n\033[0m'
    for sequence in $'\033\\[?1049h' $'\033\\[?25l' $'\033]'; do
        run -1 grep -q "$sequence" typescript
    done
    "$DAGRUN" g.xml --color never >out 2>err || true
    is "$(cat out)" $'red\nalt'
    run -1 grep -q $'\033' err
    # To a program, the output goes as it is; a diagnostic does not.
    "$DAGRUN" g.xml >out 2>err || true
    is "$(head -n 1 out)" $'\033[31mred'
    run -1 grep -q $'\033' err
}

@test "--show lines prints lines as they come, after the name of the task" {
    graph g.xml <<'END'
      <task id="a"><shell>echo one; until test -e go; do sleep 0.02; done; echo two >&amp;2; printf three</shell></task>
      <task id="list"><shell>echo hidden; echo shown >&amp;2</shell></task>
      <task id="sum"><shell stdin="list">wc -l</shell></task>
END
    "$DAGRUN" -j2 --show lines g.xml >out 2>err 3>&- &
    pid=$!
    wait_until grep -qx 'a | one' out
    touch go
    wait $pid
    is "$(sort out)" $'a | one\na | three\na | two\nlist | shown\nsum | 1'
    is "$(grep -n three out | cut -d : -f 1)" "$(($(grep -n two out | cut -d : -f 1) + 1))"
    "$DAGRUN" --show lines --stderr separate g.xml >out 2>err
    is "$(sort out)" $'a | one\na | three\nsum | 1'
    has "$(cat err)" 'a | two'
    dagrun_exits 0 -q --show lines g.xml
    is "$output" ''
    complains 2 'dagrun: --show takes sections or lines, not "x"' g.xml --show x
}

@test "--show lines: a failed task is not printed again, but hidden output is" {
    graph g.xml <<'END'
      <task id="a"><shell>echo once; exit 1</shell></task>
      <task id="list"><shell>echo hidden; exit 1</shell></task>
      <task id="sum"><shell stdin="list">wc -l</shell></task>
END
    run -1 --separate-stderr "$DAGRUN" -k --show lines g.xml
    is "$output" 'a | once'
    run -1 grep -x once <<<"$stderr"
    dagrun_exits 1 -k --show lines g.xml
    grep -x hidden <<<"$stderr"
}

@test "--show lines: many lines, of which none is lost or cut" {
    graph g.xml <<'END'
      <task id="a"><shell>seq 200000</shell></task>
      <task id="b"><shell>seq 200000 >&amp;2</shell></task>
END
    "$DAGRUN" -j2 --show lines g.xml >out 2>err
    cmp <(sed -n 's/^a | //p' out) <(seq 200000)
    cmp <(sed -n 's/^b | //p' out) <(seq 200000)
}

# A task that leaves a server behind, which writes until the file "end" exists.
server()
{
    echo "<task id='server'><shell>echo starting; { echo listening; until test -e ask; do sleep 0.02; done
        echo request; echo broken >&amp;2; touch said; until test -e end; do sleep 0.02; done; } &amp;
        until test -e ask.me; do sleep 0.01; done</shell></task>"
}

@test "the output of a server goes on into the log of its task; its end is shown if the run fails" {
    {
        server
        echo '<task id="test" needs="server"><shell>touch ask; until test -e said; do sleep 0.02; done; sleep 0.1; false</shell></task>'
    } | graph g.xml
    touch ask.me
    dagrun_exits 1 g.xml --output logs
    matches "$(cat logs/server.log)" 'starting.*request.*broken|starting.*broken.*request'
    matches "$stderr" 'processes of server wrote last, after it had ended:.*broken'
    rm -r logs ask said
    sed -i 's/false</true</' g.xml
    dagrun_exits 0 g.xml --output logs
    has "$(cat logs/server.log)" broken
    lacks "$stderr" broken
}
