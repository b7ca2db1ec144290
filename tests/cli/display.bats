#!/usr/bin/env bats
# The progress display of a run, on a real terminal (tmux) and elsewhere.
#
# Tasks end when the test creates a file for which they wait.

load helpers

setup_file()
{
    command -v tmux >/dev/null || skip 'tmux is not installed'
}

teardown()
{
    tmux -S "$BATS_TEST_TMPDIR/socket" kill-server 2>/dev/null || true
}

in_tmux()
{
    tmux -u -f /dev/null -S "$BATS_TEST_TMPDIR/socket" "$@"
}

# Run a shell command line on a terminal of its own; its exit status is printed after it:
# on_screen COLUMNSxROWS COMMAND.  The shell then ignores Ctrl-C.
on_screen()
{
    printf 'trap : INT\n%s\necho "status $?"\ntrap "" INT\nexec cat\n' "$2" >command
    in_tmux new-session -d -x "${1%x*}" -y "${1#*x}" 'exec bash ./command' 3>&-
}

# Print the screen, row by row.
screen()
{
    in_tmux capture-pane -p
}

# Wait until the screen matches; each row ends in a line feed, also the last one.
shows()
{
    is_there()
    {
        [[ $(screen && echo .) =~ $1 ]]
    }
    wait_until is_there "$1" || { screen; return 1; }
}

cursor()
{
    in_tmux display-message -p 'column #{cursor_x}, visible #{cursor_flag}'
}

keys()
{
    in_tmux send-keys "$@"
}

# A task that prints its name and ends once the file NAME.go exists:
# gate NAME [ATTRIBUTE...]
gate()
{
    echo "<task id='$1' ${*:2}><shell>until test -e $1.go; do sleep 0.02; done; echo said $1</shell></task>"
}

three_gates()
{
    {
        echo '<phase title="All of them" of="b"/>'
        gate a 'title="The first of all"'
        gate b
        gate c
        gate d 'needs="a b c"'
    } | graph g.xml
}

@test "the display shows the running tasks, longest first, and the elapsed time" {
    three_gates
    on_screen 80x24 "'$DAGRUN' -j2 g.xml"
    shows '^\[0/4\] phase 1 of 2 · All of them · 0:[0-9]*[1-9] elapsed
  0:[0-9]*[1-9]  a  The first of all
  0:[0-9]*[1-9]  b
'
    touch b.go
    shows '\[1/4\] b  [0-9.]+ s
said b
\[1/4\] phase 1 of 2 · All of them · 0:[0-9]*[1-9] elapsed
  0:[0-9]*[1-9]  a  The first of all
  0:[0-9]+  c
'
    is "$(cursor)" 'column 0, visible 1'
    touch a.go c.go
    shows '\[3/4\] phase 2 of 2 · 0:[0-9]+ elapsed
  0:[0-9]+  d
'
    touch d.go
    shows 'status 0'
    lacks "$(screen)" elapsed
    is "$(cursor)" 'column 0, visible 1'
    in_tmux capture-pane -p -S - >all
    is "$(grep -E '^(\[|said)' all | sed 's/  [0-9.]* m*s$//' | head -n 2)" '[1/4] b
said b'
    is "$(grep -cE '^\[[1-4]/4\] [abcd]  ' all)" 4
    is "$(grep -c '^said' all)" 4
}

@test "the display shows the last line that a task wrote" {
    graph g.xml <<END
      <task id="a" title="Title of a"><shell>echo first; printf '\033[31msecond\033[0m\n'; echo > said
        until test -e a.go; do sleep 0.02; done; printf '10 %%\r20 %%'; until test -e a.end; do sleep 0.02; done</shell></task>
END
    on_screen 80x24 "'$DAGRUN' g.xml"
    shows '
  0:[0-9]+  a  second
'
    touch a.go
    shows '
  0:[0-9]+  a  20 %
'
    touch a.end
    shows 'status 0'
}

@test "failures are counted; after a failure no further task starts" {
    graph g.xml <<END
      <task id="bad"><shell>read x &lt; a.on; echo no; exit 3</shell></task>
      <task id="a"><shell>echo > a.on; until test -e a.go; do sleep 0.02; done</shell></task>
      <task id="z" needs="bad a"/>
END
    mkfifo a.on
    on_screen 80x24 "'$DAGRUN' -j2 g.xml"
    shows '\[1/3\] bad  failed: exit status 3 after [^
]*
  \$ read x < a.on; echo no; exit 3
no
\[1/3\] phase 1 of 2 · 1 failed · 0:[0-9]+ elapsed · stopping
  0:[0-9]+  a'
    touch a.go
    shows 'status 1'
    lacks "$(screen)" stopping
}

@test "after an allowed failure the run goes on" {
    graph g.xml <<END
      <task id="bad" allow-failure="true"><shell>read x &lt; a.on; exit 3</shell></task>
      <task id="a"><shell>echo > a.on; until test -e a.go; do sleep 0.02; done</shell></task>
END
    mkfifo a.on
    on_screen 80x24 "'$DAGRUN' -j2 g.xml"
    shows '\[1/2\] phase 1 of 1 · 1 failed \(1 allowed to\) · 0:[0-9]+ elapsed
'
    touch a.go
    shows 'status 0'
}

@test "an estimate is shown if costs are known, and only then" {
    graph g.xml <<END
      <task id="a" cost="1"><sleep duration="500ms"/></task> $(gate b 'cost="9" needs="a"')
END
    on_screen 80x24 "'$DAGRUN' g.xml"
    shows 'elapsed · about [0-9]+ s left'
    touch b.go
    shows 'status 0'
    in_tmux kill-server
    rm b.go
    graph g.xml <<END
      <task id="a" cost="1"><sleep duration="500ms"/></task> $(gate b 'needs="a"')
END
    on_screen 80x24 "'$DAGRUN' g.xml"
    shows '0:[0-9]*[2-9] elapsed
'
    lacks "$(screen)" left
}

@test "after Ctrl-C, once and twice, the display is removed and the cursor visible" {
    graph g.xml <<'END'
      <task id="a"><shell>trap 'echo > told' TERM; echo > ready
        while :; do sleep 0.01 || :; done</shell></task>
END
    on_screen 80x24 "env --default-signal=INT '$DAGRUN' g.xml"
    shows '0:[0-9]*[1-9]  a'
    [[ -e ready ]]
    keys C-c
    shows 'elapsed · stopping; \^C again kills'
    wait_until test -e told
    # A second signal within 0.3 seconds counts as the same one.
    ends_when_asked_again()
    {
        keys C-c
        [[ $(screen) == *'status 130'* ]]
    }
    wait_until ends_when_asked_again
    lacks "$(screen)" elapsed
    has "$(screen)" Interrupted
    has "$(cursor)" 'visible 1'
}

@test "after SIGTERM the display is removed and the cursor visible" {
    three_gates
    on_screen 80x24 "'$DAGRUN' -j2 g.xml & echo \$! > pid; wait \$!"
    shows '0:[0-9]+  b'
    kill -TERM "$(cat pid)"
    shows 'status 143'
    lacks "$(screen)" elapsed
    is "$(cursor)" 'column 0, visible 1'
}

@test "after SIGKILL the next output starts at the display" {
    three_gates
    on_screen 80x24 "'$DAGRUN' -j2 g.xml & echo \$! > pid; wait \$! 2>/dev/null"
    shows '0:[0-9]+  b'
    kill -KILL "$(cat pid)"
    shows 'status 137'
    is "$(cursor)" 'column 0, visible 1'
    touch a.go b.go
}

@test "no display in the background; it appears once dagrun is in the foreground" {
    three_gates
    on_screen 80x24 "set -m; '$DAGRUN' -j3 g.xml & until test -e fg.go; do sleep 0.02; done; fg"
    touch a.go
    shows '\[1/4\] a  [^
]*
said a
'
    sleep 0.3 # three times the delay before a display appears
    lacks "$(screen)" elapsed
    touch fg.go
    shows '\[1/4\] phase 1 of 2 · All of them · 0:[0-9]+ elapsed'
    touch b.go c.go d.go
    shows 'status 0'
    lacks "$(screen)" elapsed
}

@test "on a terminal, but in the background: a line from time to time names the running tasks" {
    gate a | graph g.xml
    # timeout(1) puts itself and dagrun into a process group of their own.
    on_screen 80x24 "DAGRUN_STATUS_SECONDS=0.2 timeout 60 '$DAGRUN' g.xml"
    shows '^\[0/1\] still running after [0-9]+ s: a \([0-9]+ s\)
\[0/1\] still running after [0-9]+ s: a \([0-9]+ s\)
'
    lacks "$(screen)" elapsed
    touch a.go
    shows 'status 0'
}

@test "Ctrl-Z removes the display, fg restores it" {
    three_gates
    on_screen 80x24 "set -m; '$DAGRUN' -j3 g.xml; echo \"stopped \$?\"; until test -e fg.go; do sleep 0.02; done; fg"
    touch a.go
    shows 'said a
\[1/4\] phase 1 of 2'
    keys C-z
    shows 'stopped 148'
    lacks "$(screen)" elapsed
    is "$(screen | grep -c '  [bc]')" 0
    touch fg.go
    shows '\[1/4\] phase 1 of 2 · All of them · 0:[0-9]+ elapsed
  0:[0-9]+  b
'
    touch b.go c.go d.go
    shows 'status 0'
    lacks "$(screen)" elapsed
}

# The display is removed for a moment only: output that comes back later does overlap it.
@test "output that comes back through a pipe at once does not overlap the display" {
    three_gates
    on_screen 80x24 "'$DAGRUN' -j3 g.xml | tee out"
    for task in a b c; do
        shows '0:[0-9]+ elapsed'
        touch $task.go
        shows "said $task"
    done
    shows 'phase 2 of 2'
    [[ $(screen | grep -cE '^said [abc]$') -ge 1 ]]
    touch d.go
    shows 'status 0'
}

@test "the time of each attempt is shown; its number from the second on" {
    graph g.xml <<END
      <task id="a" retries="2" retry-delay="10ms"><shell>if ! test -e again; then touch again; exit 7; fi
        until test -e a.go; do sleep 0.02; done</shell></task>
END
    on_screen 80x24 "'$DAGRUN' g.xml"
    shows 'a  attempt 1 failed: exit status 7; the next one in [^
]*
  \$ if [^]]*\[0/1\] phase 1 of 1 · 0:[0-9]+ elapsed
  0:[0-9]+  a \(attempt 2 of 3\)
'
    touch a.go
    shows 'status 0'
}

@test "a narrow and low terminal" {
    three_gates
    on_screen 20x5 "'$DAGRUN' -j3 g.xml"
    shows '^\[0/4\] 0:[0-9]+
  0:[0-9]+  a  The fir…
  and 2 more
'
    is "$(cursor)" 'column 0, visible 1'
}

@test "the terminal changes its size during a run" {
    three_gates
    touch a.go
    on_screen 80x24 "'$DAGRUN' -k -j3 g.xml"
    shows 'said a
\[1/4\] phase 1 of 2 · All of them · 0:[0-9]+ elapsed
'
    for size in 30x10 20x5 100x30 12x4 80x24; do
        in_tmux resize-window -x "${size%x*}" -y "${size#*x}"
        is_redrawn()
        {
            [[ $(screen | grep -c '^\[1/4\] [p0-9]') -eq 1 && $(screen | grep -c ' [0-9]:[0-9][0-9]  b') -eq 1 ]]
        }
        [[ $size == 12x4 ]] || wait_until is_redrawn
    done
    shows '\[1/4\] phase 1 of 2 · All of them · 0:[0-9]+ elapsed
  0:[0-9]+  b
  0:[0-9]+  c
'
    is "$(screen | grep -c elapsed)" 1
    touch b.go c.go d.go
    shows 'status 0'
    lacks "$(screen)" elapsed
}

@test "wide characters take two columns" {
    {
        gate a 'title="技能と経験を選択する"'
        gate b 'title="技能と経験を選択する"'
    } | graph g.xml
    on_screen 30x10 "'$DAGRUN' -j2 g.xml"
    shows '^\[0/2\] phase 1 of 1 · 0:[0-9]+
  0:[0-9]+  a  技能と経験を選択…
  0:[0-9]+  b  技能と経験を選択…
'
}

@test "more tasks than the display has rows" {
    for n in {1..30}; do gate "t$n"; done | graph g.xml
    touch t7.go
    on_screen 80x24 "'$DAGRUN' -j20 g.xml"
    shows '\[ 1/30\] t7  [0-9.]+ [^
 ]*
said t7
\[1/30\] phase 1 of 1 · 0:[0-9]+ elapsed
(  0:[0-9]+  t[0-9]+
){9}  and 11 more
'
}

@test "the display is put away while a task has the terminal, and comes back" {
    {
        echo '<task id="ask"><shell terminal="true">stty -echo; printf "name? "; read -r x; echo "$x" > answer</shell></task>'
        gate a
        gate b
    } | graph g.xml 'strategy="dataflow"'
    touch a.go
    on_screen 80x24 "DAGRUN_STATUS_SECONDS=0.1 '$DAGRUN' -j3 g.xml"
    shows '^\[0/3\] ask has the terminal
name\?
+\.$'
    sleep 0.5 # several updates, and several status lines, if there were any
    shows '^\[0/3\] ask has the terminal
name\?
+\.$'
    is "$(cursor)" 'column 6, visible 1'
    keys hidden Enter
    shows '^\[0/3\] ask has the terminal
name\?
\[1/3\] a [^
]*
said a
\[2/3\] ask [^
]*
\[2/3\] phase 1 of 1 [^
]*
  0:[0-9]+  b
'
    is "$(cat answer)" hidden
    touch b.go
    shows 'status 0'
    lacks "$(screen)" hidden
}

@test "an unfinished line of output does not overlap the display" {
    graph g.xml <<<"<task id='a'><exec>printf 'no end'</exec></task> $(gate b)"
    on_screen 80x24 "'$DAGRUN' -j2 g.xml"
    shows 'no end
\[1/2\] phase 1 of 1'
}

@test "a display on standard error while standard output is a file or a pipe" {
    three_gates
    touch a.go b.go c.go
    on_screen 80x24 "'$DAGRUN' -j3 g.xml | cat >out"
    shows '0:[0-9]+  d'
    lacks "$(screen)" said
    is "$(sort out | xargs)" 'said a said b said c'
    touch d.go
    shows 'status 0'
    is "$(tail -n 1 out)" 'said d'
}

@test "no display with -q, --log, --progress lines or a dumb terminal; but with NO_COLOR" {
    needs_program script
    three_gates
    : >ask
    for word in -q --log '--progress lines'; do
        echo "'$DAGRUN' -j3 g.xml $word"
    done >>ask
    echo "TERM=dumb '$DAGRUN' -j3 g.xml; TERM= '$DAGRUN' -j3 g.xml" >>ask
    touch d.go
    while read -r line; do
        rm -f [abc].go
        script -qec "$line" typescript </dev/null >/dev/null 3>&- &
        pid=$!
        sleep 0.3 # three times the delay before a display appears
        touch a.go b.go c.go
        wait $pid
        run -1 grep -q $'\033\\[[JKA?0-9]*[JKAhl]' typescript
    done <ask
    rm a.go
    on_screen 80x24 "NO_COLOR=1 '$DAGRUN' -j3 g.xml"
    shows '0:[0-9]+  a'
    is "$(in_tmux capture-pane -p -e | grep -c $'\033')" 0
}

@test "at most ten updates a second, each written with one write" {
    needs_program script
    for n in {1..300}; do echo "<task id='t$n'><exec>true</exec></task>"; done | graph g.xml
    gate a >>g.xml
    sed -i '/<\/graph>/d; $a </graph>' g.xml
    began=$(date +%s%N)
    TERM=xterm NO_COLOR=1 script -qefc "'$DAGRUN' -j3 g.xml" typescript </dev/null >/dev/null 3>&- &
    pid=$!
    all_but_one()
    {
        grep -q '\[300/301\]' typescript
    }
    wait_until all_but_one
    touch a.go
    wait $pid
    n=$(grep -o $'\033\\[?2026h' typescript | wc -l)
    [[ $n -ge 1 && $n -le $((1 + ($(date +%s%N) - began) / 100000000)) ]]
    is "$(grep -o $'\033\\[?2026l' typescript | wc -l)" "$n"
    is "$(grep -c '^.*\[[ 0-9]*/301\] t[0-9]*  ' typescript)" 300
    # No text is hidden, and no attribute is left set.
    run -1 grep -o $'\033\\[?[013-9][0-9]*[hl]' typescript
}

@test "a terminal that accepts no more output does not delay the end of a run" {
    needs_program script
    graph g.xml <<'END'
      <task id="a"><shell>seq 100000; echo > ready</shell></task>
      <task id="b" needs="a"><sleep duration="1000s"/></task>
END
    mkfifo pipe
    exec 4<>pipe # a reader that exists but never reads
    TERM=xterm script -qec "echo \$\$ > pid; exec env --default-signal=INT '$DAGRUN' g.xml --timings t.json" /dev/null \
        </dev/null >pipe 3>&- 4>&- &
    script=$!
    wait_until test -s ready
    kill -INT "$(cat pid)"
    wait_until is_gone "$(cat pid)"
    exec 4>&-
    wait $script || true
    is "$(outcomes t.json)" 'a:succeeded b:cancelled'
}

@test "not on a terminal: a line from time to time names the running tasks" {
    {
        gate quick
        for n in {1..5}; do gate "t$n" 'needs="quick"'; done
    } | graph g.xml
    touch quick.go
    DAGRUN_STATUS_SECONDS=0.2 "$DAGRUN" -j5 g.xml >out 2>err 3>&- &
    pid=$!
    thrice()
    {
        [[ $(grep -c 'still running' err) -ge 3 ]]
    }
    wait_until thrice
    touch t{1..5}.go
    wait $pid
    # Tasks that started at the same time may come in any order.
    matches "$(grep -m 1 'still running.*: t' err)" '^\[1/6\] still running after [0-9]+ s: t[1-5] \([0-9]+ s\), t[1-5] \([0-9]+ s\), t[1-5] \([0-9]+ s\), and 2 more$'
    lacks "$(cat out)" still
    lacks "$(cat err)" $'\033'
}

@test "this line appears also with --log, but not with -q or an interval of 0" {
    gate a | graph g.xml
    DAGRUN_STATUS_SECONDS=0.1 "$DAGRUN" -q g.xml >out 2>quiet 3>&- &
    DAGRUN_STATUS_SECONDS=0 "$DAGRUN" g.xml >out 2>never 3>&- &
    DAGRUN_STATUS_SECONDS=0.1 "$DAGRUN" --log g.xml >out 2>log 3>&- &
    twice()
    {
        [[ $(grep -cE '^\[TASK\] still running after [0-9]+ s: a \([0-9]+ s\)$' log) -ge 2 ]]
    }
    wait_until twice
    touch a.go
    wait
    is "$(cat quiet)" ''
    lacks "$(cat never)" still
}

@test "invalid values of the progress options are usage errors" {
    gate a | graph g.xml
    complains 2 'dagrun: --progress takes auto or lines, not "none"' g.xml --progress none
    for word in x 1x -1 nan inf 1000001; do
        DAGRUN_STATUS_SECONDS=$word complains 2 \
            "dagrun: DAGRUN_STATUS_SECONDS is a number of seconds from 0 to 1000000, not \"$word\"" g.xml
    done
    for word in 1e-9 0.05; do
        DAGRUN_STATUS_SECONDS=$word complains 2 \
            "dagrun: DAGRUN_STATUS_SECONDS is 0 (never) or at least 0.1 seconds, not \"$word\"" g.xml
    done
    touch a.go
    DAGRUN_STATUS_SECONDS='' dagrun_exits 0 g.xml
}
