#!/usr/bin/env bats
# terminal="true": tasks that talk to a person, and have the terminal for themselves.

load helpers

# Start an interactive shell on a terminal.  Its keys are descriptor 4; the file screen has what it shows.
on_terminal()
{
    needs_program script
    mkfifo keys
    env --default-signal script -qec 'bash --noprofile --norc -i' /dev/null <keys >screen 2>&1 3>&- &
    terminal=$!
    exec 4>keys
    type_line "PS1='\$ '; dagrun() { '$DAGRUN' \"\$@\"; echo \$? > status; }"
}

type_line()
{
    printf '%s\n' "$1" >&4
}

press()
{
    # shellcheck disable=SC2059
    printf "$1" >&4
}

leave_terminal()
{
    type_line exit
    exec 4>&-
    wait "$terminal" || true
}

# Wait until dagrun has ended on the terminal; it must exit with the status.
ends_there_with()
{
    wait_until exists status
    is "$(cat status)" "$1"
    rm status
}

# Print whether the terminal shows what is typed: settings FILE, after the shell has ended dagrun.
asks_settings()
{
    type_line 'stty -a | grep -oE -e "-?(echo|icanon|isig)\b" | xargs > settings'
    wait_until exists settings
    is "$(cat settings)" 'isig icanon echo'
    rm settings
}

@test "a task has the terminal: it asks and gets an answer, and its streams are the terminal" {
    graph g.xml <<'END'
      <task id="ask"><shell terminal="true">
        test -t 0 &amp;&amp; test -t 1 &amp;&amp; test -t 2
        stty -echo; printf 'name? ' > /dev/tty; read -r name &lt; /dev/tty; stty echo
        echo "$name" > answer; read -r more; echo "$more" >> answer; tty > name; echo said</shell></task>
      <task id="run" needs="ask"><exec terminal="1">sh -c 'read x; echo "$x" >> answer'</exec></task>
END
    on_terminal
    type_line 'tty > wanted; dagrun g.xml'
    wait_until grep -q 'name?' screen
    type_line 'the first'
    type_line 'the second'
    wait_until grep -q said screen
    type_line 'the third'
    ends_there_with 0
    is "$(cat answer)" $'the first\nthe second\nthe third'
    is "$(cat name)" "$(cat wanted)"
    asks_settings
    leave_terminal
    lacks "$(cat screen)" 'the first'
    matches "$(tr -d '\r' <screen)" '\[0/2\] ask has the terminal
name\? (the second
)?said
\[1/2\] ask  '
}

@test "tasks with the terminal never overlap, and others run meanwhile; their output comes afterwards, complete" {
    {
        for n in 1 2 3; do
            echo "<task id='t$n'><shell terminal='true'>mkdir lock; echo begin$n; read x; echo end$n; rmdir lock</shell></task>"
        done
        echo "<task id='a'><shell>echo > a; seq 200000 | sed 's/^/a /'; echo > a.end</shell></task>"
        echo "<task id='b' needs='a'><shell>echo line of b; echo > b.end; false</shell></task>"
        echo "<task id='c' needs='b'><shell terminal='true'>true</shell></task>"
    } | graph g.xml 'strategy="dataflow"'
    on_terminal
    type_line 'dagrun -k -j4 g.xml'
    wait_until grep -q 'begin' screen
    wait_until exists b.end # the second of them ran meanwhile, and the third of the tasks is blocked
    [[ -d lock ]]
    lacks "$(cat screen)" 'line of b'
    is "$(grep -c 'begin[123]' screen)" 1
    press '\n'
    wait_until grep -q 'line of b' screen
    press '\n\n'
    ends_there_with 1
    leave_terminal
    tr -d '\r' <screen >text
    is "$(grep -c '^a [0-9]*$' text)" 200000
    is "$(grep -x 'a [0-9]*' text | sha1sum)" "$(seq 200000 | sed 's/^/a /' | sha1sum)"
    # Nothing comes between the begin and the end of one.
    is "$(sed -n '/^begin/,/^end/p' text | grep . | sed 's/[0-9]//' | xargs)" 'begin end begin end begin end'
}

@test "the output of others waits in the order of the two streams" {
    graph g.xml 'strategy="dataflow"' <<'END'
      <task id="ask"><shell terminal="true">read x</shell></task>
      <task id="a"><shell>echo one</shell></task>
      <task id="b" needs="a"><shell>echo two</shell></task>
      <task id="c" needs="b"><shell>echo three; echo > ready</shell></task>
END
    on_terminal
    type_line 'dagrun -j4 g.xml'
    wait_until exists ready
    press '\n'
    ends_there_with 0
    leave_terminal
    matches "$(tr -d '\r' <screen)" '
\[1/4\] a [^
]*
one
\[2/4\] b [^
]*
two
\[3/4\] c [^
]*
three
\[4/4\] ask '
}

@test "Ctrl-C at a task with the terminal ends the run, and nothing survives" {
    graph g.xml 'strategy="dataflow"' <<'END'
      <task id="ask"><shell terminal="true">echo $$ > pid; sleep 1000 &amp; echo $! >> pid; read -r x</shell></task>
      <task id="other"><shell>echo $$ > other; exec sleep 1000</shell></task>
      <task id="end" always="true" needs="ask"><shell>echo > cleaned</shell></task>
END
    for key in '\003:130:2' '\034:131:3'; do
        rm -f keys pid other cleaned t.json
        on_terminal
        type_line 'dagrun -j4 g.xml --timings t.json'
        wait_until exists pid
        wait_until exists other
        press "${key%%:*}"
        IFS=: read -r _ wanted number <<<"$key"
        ends_there_with "$wanted"
        is "$(json .signal t.json)" "$number"
        is "$(outcomes t.json)" 'ask:cancelled other:cancelled end:succeeded'
        exists cleaned
        while read -r child; do is_gone "$child"; done < <(cat pid other)
        asks_settings
        leave_terminal
    done
}

@test "a program that Ctrl-C is meant to end: its exit code is expected, and the run goes on" {
    graph g.xml <<'END'
      <task id="watch" expect="0 130"><exec terminal="true">sh -c 'echo > ready; exec sleep 1000'</exec></task>
      <task id="next" needs="watch"><shell>echo > next</shell></task>
END
    on_terminal
    type_line 'dagrun g.xml'
    wait_until exists ready
    press '\003'
    ends_there_with 0
    leave_terminal
    exists next
}

@test "a task that handles Ctrl-C itself goes on, and so does the run" {
    graph g.xml <<'END'
      <task id="ask"><shell terminal="true">trap 'echo caught > caught' INT; echo > ready; read -r x || read -r x; echo "$x" > answer</shell></task>
      <task id="next" needs="ask"><shell>echo > next</shell></task>
END
    on_terminal
    type_line 'dagrun g.xml'
    wait_until exists ready
    press '\003'
    wait_until exists caught
    type_line answer
    ends_there_with 0
    leave_terminal
    is "$(cat answer)" answer
    exists next
}

@test "Ctrl-Z at a task with the terminal stops the whole run; fg gives the terminal back to it" {
    graph g.xml <<'END'
      <task id="ask"><shell terminal="true">stty -echo; echo $$ > pid; read -r x; echo "$x" > answer; stty -a > at-end</shell></task>
      <task id="other"><shell>echo $$ > other; while test ! -e end; do sleep 0.02; done</shell></task>
END
    on_terminal
    type_line 'dagrun -j4 g.xml'
    wait_until exists pid
    wait_until exists other
    for _ in 1 2; do
        press '\032'
        ends_there_with 148 # of the shell: it has stopped
        is_stopped "$(cat pid)"
        type_line 'jobs > jobs'
        wait_until exists jobs
        has "$(cat jobs)" Stopped
        is_stopped "$(cat other)"
        asks_settings # the settings of the task wait, too
        rm jobs
        type_line 'fg; echo $? > status'
        goes_on()
        {
            ! is_stopped "$(cat pid)" && ! is_stopped "$(cat other)"
        }
        wait_until goes_on
    done
    type_line hidden
    wait_until exists at-end
    is "$(cat answer)" hidden
    matches "$(cat at-end)" ' -echo '
    touch end
    ends_there_with 0
    asks_settings
    leave_terminal
    lacks "$(cat screen)" hidden
}

@test "a task that reads from the background stops the run until fg" {
    graph g.xml <<'END'
      <task id="ask"><shell terminal="true">echo $$ > pid; read -r x; echo "$x" > answer</shell></task>
END
    on_terminal
    type_line 'dagrun g.xml'
    wait_until exists pid
    press '\032'
    ends_there_with 148
    is_stopped "$(cat pid)"
    type_line 'bg; echo > prompt'
    wait_until exists prompt
    stops_again()
    {
        rm -f jobs
        type_line 'jobs > jobs.new; mv jobs.new jobs'
        wait_until exists jobs
        grep -q Stopped jobs
    }
    wait_until stops_again
    type_line 'fg; echo $? > status'
    goes_on()
    {
        ! is_stopped "$(cat pid)"
    }
    wait_until goes_on
    type_line answer
    ends_there_with 0
    leave_terminal
    is "$(cat answer)" answer
}

@test "the settings are restored after a task that leaves others behind, however it ends" {
    graph g.xml <<'END'
      <task id="fails"><shell terminal="true">stty -echo raw; exit 3</shell></task>
      <task id="dies"><shell terminal="true">stty -echo raw; kill -KILL $$</shell></task>
      <task id="slow" timeout="300ms"><shell terminal="true">stty -echo raw; exec sleep 1000</shell></task>
      <task id="absent"><exec terminal="true">./no-such-program</exec></task>
      <task id="good"><shell terminal="true">stty -a > settings-of-task; stty -echo -icanon</shell></task>
END
    on_terminal
    type_line 'dagrun -k -j4 g.xml --timings t.json'
    ends_there_with 1
    is "$(outcomes t.json)" 'fails:failed dies:failed slow:timed-out absent:failed good:succeeded'
    is "$(json '.tasks[1].reason' t.json)" 'killed by SIGKILL (Killed)'
    asks_settings
    leave_terminal
    has "$(cat settings-of-task)" ' echo '
}

@test "a task with the terminal that does not follow SIGTERM is killed when its time is up" {
    graph g.xml <<'END'
      <task id="ask" timeout="300ms"><shell terminal="true">trap '' TERM; echo $$ > pid; (sleep 1000; true) &amp; echo $! >> pid
        while :; do sleep 0.1; done</shell></task>
      <task id="next"><shell terminal="true">read -r x; echo "$x" > answer</shell></task>
END
    on_terminal
    type_line 'dagrun -k g.xml --grace 200ms --timings t.json'
    wait_until grep -q 'next has the terminal' screen
    type_line answer
    ends_there_with 1
    leave_terminal
    is "$(outcomes t.json)" 'ask:timed-out next:succeeded'
    is "$(cat answer)" answer
    while read -r child; do is_gone "$child"; done <pid
}

@test "a run's time limit and SIGTERM reach a task with the terminal" {
    graph g.xml <<'END'
      <task id="ask"><shell terminal="true">echo $$ > pid; read -r x</shell></task>
END
    on_terminal
    type_line 'dagrun g.xml --timeout 300ms'
    ends_there_with 124
    is_gone "$(cat pid)"
    rm pid
    type_line 'dagrun g.xml'
    wait_until exists pid
    kill -TERM "$(ps -o ppid= -p "$(cat pid)" | tr -d ' ')"
    ends_there_with 143
    is_gone "$(cat pid)"
    asks_settings
    leave_terminal
}

@test "the end of the terminal ends the run" {
    graph g.xml 'strategy="dataflow"' <<'END'
      <task id="ask"><shell terminal="true">echo $$ > pid; read -r x</shell></task>
      <task id="other"><shell>echo $$ > other; exec sleep 1000</shell></task>
END
    needs_program script
    mkfifo keys
    # The shell dies, and the kernel tells only the foreground.
    script -qec "'$DAGRUN' -j2 g.xml --timings t.json; :" /dev/null <keys >screen 2>&1 3>&- &
    terminal=$!
    exec 4>keys
    wait_until exists pid
    wait_until exists other
    dagrun=$(ps -o ppid= -p "$(cat pid)" | tr -d ' ')
    kill -KILL "$terminal"
    for gone in "$(cat pid)" "$(cat other)" "$dagrun"; do wait_until is_gone "$gone"; done
    exec 4>&-
    is "$(json .signal t.json)" 1
}

@test "nothing survives SIGKILL of dagrun" {
    graph g.xml <<'END'
      <task id="ask"><shell terminal="true">echo $$ > pid; (sleep 1000; true) &amp; echo $! >> pid; setsid sleep 1000 &amp; echo $! >> pid; read -r x</shell></task>
END
    on_terminal
    type_line 'dagrun g.xml'
    wait_until exists pid
    wait_until test "$(wc -l <pid)" -eq 3
    kill -KILL "$(ps -o ppid= -p "$(head -n 1 pid)" | tr -d ' ')"
    while read -r child; do wait_until is_gone "$child"; done <pid
    ends_there_with 137
    leave_terminal
}

@test "without a terminal, or in its background, such a task runs as any other" {
    graph g.xml <<'END'
      <task id="ask"><shell terminal="true">cat; echo name? > /dev/tty</shell></task>
      <task id="session"><shell terminal="true">test "$(cut -d ' ' -f 6 /proc/$$/stat)" = $$; echo said</shell></task>
END
    run -1 --separate-stderr timeout -s KILL 60 setsid -w "$DAGRUN" -k g.xml --timings t.json 3>&- <<<'never read'
    is "$(outcomes t.json)" 'ask:failed session:succeeded'
    is "$output" said
    has "$stderr" '/dev/tty: No such device or address'
    lacks "$stderr" 'has the terminal'
    rm t.json
    on_terminal
    type_line 'dagrun -k g.xml --timings t.json &'
    ends_there_with 1
    is "$(outcomes t.json)" 'ask:failed session:succeeded'
    leave_terminal
    lacks "$(cat screen)" 'has the terminal'
}

@test "output that another task reads is kept, and an input is read; error messages are on the terminal" {
    graph g.xml <<'END'
      <task id="list"><exec>echo one two</exec></task>
      <task id="choose"><shell terminal="true" stdin="list">
        cat; echo 'which?' >&amp;2; read -r x &lt; /dev/tty; echo "chosen $x"</shell></task>
      <task id="use"><shell stdin="choose">cat > used</shell></task>
END
    on_terminal
    type_line 'dagrun g.xml 2>&1 | cat > log'
    wait_until grep -q 'which?' screen
    type_line three
    wait_until exists used
    leave_terminal
    is "$(cat used)" $'one two\nchosen three'
    lacks "$(cat screen)" chosen
    has "$(cat log)" '[2/3] choose '
}

@test "the output of others waits even if it goes to the terminal through pipes" {
    graph g.xml 'strategy="dataflow"' <<'END'
      <task id="ask"><shell terminal="true">echo prompt; read x</shell></task>
      <task id="a"><shell>echo of-a; echo > ready</shell></task>
END
    on_terminal
    type_line '{ dagrun -j2 g.xml | cat; } 2>&1 | cat'
    wait_until exists ready
    wait_until grep -q '^prompt' screen
    lacks "$(cat screen)" of-a
    press '\n'
    ends_there_with 0
    leave_terminal
    has "$(cat screen)" of-a
}

@test "an attempt that failed gives the terminal back, and the next one gets it again" {
    graph g.xml <<'END'
      <task id="ask" retries="2" retry-delay="1ms"><shell terminal="true">read -r x; echo "$x" >> answers; test "$x" = right</shell></task>
END
    on_terminal
    type_line 'dagrun g.xml'
    wait_until grep -q 'has the terminal' screen
    type_line wrong
    wait_until grep -q 'attempt 1 failed' screen
    type_line right
    ends_there_with 0
    leave_terminal
    is "$(xargs <answers)" 'wrong right'
    is "$(grep -c 'ask has the terminal' screen)" 2
}

# A graph whose task with the terminal runs another one.
nested()
{
    graph inner.xml <<'END'
      <task id="inner"><shell terminal="true">stty -echo; echo $$ > pid; read -r x; echo "$x" > answer</shell></task>
      <task id="beside"><shell>echo $$ > beside; while test ! -e end; do sleep 0.02; done</shell></task>
END
    graph g.xml <<END
      <task id="outer"><exec terminal="true">'$DAGRUN' -j2 inner.xml --timings inner.json</exec></task>
END
}

@test "dagrun in a task with the terminal: the inner task has it, with Ctrl-Z" {
    nested
    on_terminal
    type_line 'dagrun g.xml'
    wait_until exists pid
    wait_until exists beside
    press '\032'
    ends_there_with 148
    is_stopped "$(cat pid)"
    type_line 'jobs > jobs'
    wait_until exists jobs
    has "$(cat jobs)" Stopped
    is_stopped "$(cat beside)"
    asks_settings
    type_line 'fg; echo $? > status'
    goes_on()
    {
        ! is_stopped "$(cat pid)" && ! is_stopped "$(cat beside)"
    }
    wait_until goes_on
    type_line hidden
    wait_until exists answer
    touch end
    ends_there_with 0
    asks_settings
    leave_terminal
    is "$(cat answer)" hidden
    lacks "$(cat screen)" hidden
}

@test "dagrun in a task with the terminal: Ctrl-C ends both runs" {
    nested
    on_terminal
    type_line 'dagrun g.xml --timings t.json'
    wait_until exists pid
    wait_until exists beside
    press '\003'
    wait_until exists inner.json
    ends_there_with 130
    is "$(json .signal inner.json)" 2
    while read -r child; do is_gone "$child"; done < <(cat pid beside)
    asks_settings
    leave_terminal
}

@test "the plan knows that one such task runs at a time; no pool has the name" {
    graph g.xml <<'END'
      <pool name="tty" slots="1"/>
      <task id="a" cost="2"><exec terminal="true">true</exec></task>
      <task id="b" cost="3" uses="tty"><shell terminal="true">true</shell></task>
      <task id="c" cost="9"><shell terminal="false">true</shell></task>
END
    dagrun_exits 0 plan --json g.xml
    is "$(json '.pools' <<<"$output")" '[{"name":"tty","slots":1},{"name":"/dev/tty","slots":1}]'
    is "$(json '[.tasks[].uses]' <<<"$output")" '[{"/dev/tty":1},{"tty":1,"/dev/tty":1},null]'
    dagrun_exits 0 plan g.xml
    has "$output" 'uses tty /dev/tty'
    graph bad.xml <<<'<task id="a" uses="/dev/tty"><exec terminal="true">true</exec></task>'
    complains 3 'bad.xml:2:20: error: attribute "uses" of <task>: "/dev/tty" is not a pool, or a pool with a number of slots such as db:2' check bad.xml
}
