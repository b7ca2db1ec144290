#!/usr/bin/env bats
# Processes: those that tasks start, their environment, left-overs, and limits of the system.

load helpers

# Run dagrun in the background in a process group of its own, as a shell with job control does.
start()
{
    set -m
    "$DAGRUN" "$@" >out 2>err 3>&- &
    pid=$!
    set +m
}

teardown()
{
    [[ ! ${open_dir-} ]] || rm -rf "$open_dir"
}

goes_on()
{
    [[ $(state "$1") == [RSD] ]]
}

# all CHECK: true for every process listed in the file "pids".
all()
{
    local child

    while read -r child; do "$1" "$child" || return; done <pids
}

# copies COUNT KIND: COUNT tasks t1, t2 … of the same kind
copies()
{
    local n

    for ((n = 1; n <= $1; n++)); do echo "<task id='t$n'>$2</task>"; done
}

# Run as the user nobody, since process limits do not apply to root: as_nobody LIMIT WORD...
as_nobody()
{
    exec setpriv --reuid=65534 --regid=65534 --clear-groups prlimit "$1" \
        "$DAGRUN" "${@:2}" >out 2>err 3>&-
}

needs_other_user()
{
    [[ $(id -u) -eq 0 ]] || skip 'not root, so nobody else can be'
    needs_program setpriv
    needs_program prlimit
    # The user nobody may not enter the directory where bats keeps its files.
    open_dir=$(mktemp -d "${TMPDIR:-/tmp}/dagrun-test-XXXXXX")
    chmod 777 "$open_dir"
    cd "$open_dir" || return
    (as_nobody --nproc=100 --version) || skip 'the user nobody cannot come here'
    [[ -z $(ps -u 65534 -o pid=) ]] || skip 'the user nobody runs something already'
}

# A task with six child processes, started in all ways; it writes "pids" and "ready".
offspring()
{
    graph g.xml <<'END'
      <task id="before">
        <shell>
          setsid sh -c 'echo $$ >> pids; exec sleep 1000' &amp;
          env -i setsid sh -c 'echo $$ >> pids; exec sleep 1000' &amp;
          until test "$(wc -l &lt; pids)" -eq 2; do sleep 0.01; done
        </shell>
      </task>
      <task id="while" needs="before">
        <shell>
          trap '' TERM TSTP
          echo $$ >> pids
          (setsid sh -c 'sleep 1000 &amp; echo $! >> pids' &amp;)
          env -i sleep 1000 &amp; echo $! >> pids
          env -i setsid sleep 1000 &amp; echo $! >> pids
          until test "$(wc -l &lt; pids)" -eq 6; do sleep 0.01; done
          echo > ready
          until test -e end; do sleep 0.01; done
        </shell>
      </task>
END
    : >pids
}

@test "SIGKILL of dagrun ends all processes of tasks, also those in other sessions" {
    for whom in process group; do
        rm -f ready
        offspring
        start -q g.xml
        wait_until exists ready
        all goes_on
        if [[ $whom == process ]]; then kill -KILL "$pid"; else kill -KILL -- "-$pid"; fi
        wait_until all is_gone
        ends_with 137
    done
}

@test "a crash of dagrun ends them, too" {
    offspring
    start -q g.xml
    wait_until exists ready
    ulimit -c 0
    kill -SEGV "$pid"
    wait_until all is_gone
}

@test "the guard ends with the run" {
    graph g.xml <<<'<task id="a"><exec>printenv DAGRUN_RUN</exec></task>'
    dagrun_exits 0 g.xml
    matches "$output" '^[0-9]+\.[0-9a-f]{16}$'
    run grep -lszx "DAGRUN_RUN=$output" /proc/[0-9]*/environ
    is "$output" ''
    start -q g.xml
    wait "$pid"
    run pgrep -P "$pid"
    is "$output" ''
}

@test "the guard stays as long as any process of a task" {
    graph g.xml <<'END'
      <task id="a">
        <shell>
          env -i setsid sh -c 'trap "" TERM; echo $$ > pids; while test -e pids; do sleep 0.1; done' &amp;
          until test -s pids; do sleep 0.01; done
        </shell>
      </task>
END
    start g.xml --grace 60s
    wait_until grep -q 'succeeded in' err
    all goes_on
    kill -KILL "$pid"
    wait_until all is_gone
    ends_with 137
}

@test "SIGTSTP stops all processes of tasks, then dagrun; SIGCONT continues all" {
    offspring
    start g.xml --json --grace 500ms
    wait_until exists ready
    kill -TSTP "$pid"
    wait_until is_stopped "$pid"
    wait_until all is_stopped
    kill -CONT "$pid"
    wait_until goes_on "$pid"
    wait_until all goes_on
    touch end
    ends_with 0
    is "$(outcomes out)" 'before:succeeded while:succeeded'
    all is_gone
}

@test "stopped processes can be ended" {
    offspring
    start g.xml --json --grace 500ms
    wait_until exists ready
    kill -TSTP "$pid"
    wait_until is_stopped "$pid"
    kill -TERM "$pid"
    kill -CONT "$pid"
    wait_until grep -q Interrupted err
    ends_with 143
    all is_gone
}

@test "SIGTSTP does not stop a dagrun that no shell could continue" {
    offspring
    setsid --fork sh -c 'echo $$ > session; exec "$0" g.xml --grace 500ms > out 2>&1' "$DAGRUN" 3>&-
    wait_until exists ready
    pid=$(cat session)
    kill -TSTP "$pid"
    touch end
    wait_until is_gone "$pid"
    has "$(cat out)" '2 tasks succeeded'
}

@test "Ctrl-Z and fg on a terminal" {
    needs_program script
    offspring
    mkfifo keys
    script -qec 'bash --noprofile --norc -i' /dev/null <keys >screen 2>&1 3>&- &
    terminal=$!
    exec 4>keys
    printf '%q g.xml --grace 500ms --timings t.json\n' "$DAGRUN" >&4
    wait_until exists ready
    printf '\032' >&4
    wait_until grep -q Stopped screen
    wait_until all is_stopped
    printf 'jobs -p %%1 > dagrun; echo > prompt\n' >&4
    wait_until exists prompt
    is_stopped "$(cat dagrun)"
    printf 'fg; echo $? > status\n' >&4
    wait_until all goes_on
    touch end
    wait_until exists status
    is "$(cat status)" 0
    printf 'exit\n' >&4
    exec 4>&-
    wait "$terminal"
    is "$(json .succeeded t.json)" true
    all is_gone
}

@test "a task inherits no descriptor of dagrun, whatever else runs" {
    ! is_sanitized || skip 'ThreadSanitizer reads /proc/self/maps through a descriptor that tasks inherit'
    copies 400 '<exec>ls /proc/self/fd</exec>' | graph g.xml
    wanted=$(ls /proc/self/fd 3>&-)
    dagrun_exits 0 -q -j8 g.xml --json 3>&-
    run --separate-stderr "$DAGRUN" -j8 g.xml 3>&-
    is "$status" 0
    is "$(grep -v '^$' <<<"$output" | sort | uniq -c | tr -s ' ')" "$(sed 's/^/ 400 /' <<<"$wanted")"
}

@test "the number of descriptors does not grow in a long run" {
    local n_max=0 n

    copies 1000 '<exec>true</exec>' | graph g.xml
    start -q -j8 g.xml
    while ! is_gone "$pid"; do
        n=$(find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l)
        ((n > n_max)) && n_max=$n
    done
    ends_with 0
    ((n_max > 8 && n_max < 8 * 6 + 20))
}

# zombies PID: its ended children that were not waited for
zombies()
{
    ps -o pid= -o stat= --ppid "$1" | awk '$2 ~ /^Z/ { print $1 }'
}

no_zombies()
{
    [[ -z $(zombies "$1") ]]
}

@test "there is no zombie while the run lasts" {
    # One task with a hundred orphans that end while it goes on.
    graph g.xml <<'END'
      <task id="a">
        <shell>
          for i in $(seq 100); do (setsid sh -c 'read word &lt;die' &amp;) ; done
          echo $$ > ready
          until test -e end; do sleep 0.01; done
        </shell>
      </task>
END
    mkfifo die
    start -q g.xml
    wait_until exists ready
    is_parent_of_many() { (($(ps -o pid= --ppid "$pid" | wc -l) > 100)); }
    wait_until is_parent_of_many
    : >die
    only_two() { (($(ps -o pid= --ppid "$pid" | wc -l) == 2)); } # the task and the guard
    wait_until only_two
    no_zombies "$pid"
    goes_on "$(cat ready)"
    touch end
    ends_with 0
}

@test "hundreds of tasks leave no zombie" {
    local before='' now

    copies 600 '<exec>sleep 0.05</exec>' | graph g.xml
    start -q -j8 g.xml
    while ! is_gone "$pid"; do
        now=$(zombies "$pid" | sort)
        is "$(comm -12 <(echo "$before") <(echo "$now") | tr -d '\n')" ''
        before=$now
        sleep 0.3
    done
    ends_with 0
}

@test "many processes that ignore SIGTERM, in the group and outside, do not delay the end" {
    graph g.xml <<'END'
      <task id="a">
        <shell>
          trap '' TERM HUP INT
          for i in $(seq 25); do
            sh -c 'echo $$ >> pids; while :; do sleep 1000; done' &amp;
            setsid sh -c 'echo $$ >> pids; while :; do sleep 1000; done' &amp;
          done
          until test "$(wc -l &lt; pids)" -eq 50; do sleep 0.01; done
        </shell>
      </task>
      <task id="b" needs="a"><exec>echo b</exec></task>
END
    start g.xml --grace 1s
    ends_with 0
    has "$(cat out)" b
    is "$(wc -l <pids)" 50
    all is_gone
}

@test "64 descriptors are enough for 100 workers" {
    needs_program prlimit
    {
        copies 200 '<exec>sleep 0.02</exec>'
        echo '<task id="a"><exec>echo said</exec></task>'
        for ((n = 1; n <= 40; n++)); do echo "<task id='r$n'><exec stdin='a'>cat</exec></task>"; done
    } | graph g.xml
    prlimit --nofile=64:64 "$DAGRUN" -j100 --strategy dataflow --json g.xml >out 2>err 3>&-
    is "$(json '.counts.succeeded' out)" 241
    is "$(grep -c said err)" 40 # the output of a, which others read, is not printed
}

@test "50 workers that share descriptors for one program wait for each other" {
    needs_program prlimit
    copies 300 '<exec>true</exec>' | graph g.xml
    prlimit --nofile=24:24 "$DAGRUN" -k -j50 --json g.xml >out 2>err 3>&-
    is "$(json .counts.succeeded out)" 300
}

@test "tasks get the limit of descriptors that dagrun was started with" {
    needs_program prlimit
    graph g.xml <<<'<task id="a"><shell>ulimit -Sn; ulimit -Hn</shell></task>'
    for limits in 100:400 256:512 512:512; do
        run --separate-stderr prlimit "--nofile=$limits" "$DAGRUN" g.xml 3>&-
        is "$output" "${limits/:/$'\n'}"
    done
}

@test "a task has no terminal: a program that asks on /dev/tty fails at once with its own message" {
    needs_program script
    graph g.xml <<'END'
      <task id="ask"><shell>echo name? > /dev/tty; read name &lt; /dev/tty</shell></task>
      <task id="session"><shell>test "$(cut -d ' ' -f 6 /proc/$$/stat)" = $$</shell></task>
END
    timeout -s KILL 60 script -qec "'$DAGRUN' -k g.xml --timings t.json" /dev/null >screen 2>&1 3>&- </dev/null || true
    is "$(outcomes t.json)" 'ask:failed session:succeeded'
    has "$(cat screen)" '/dev/tty: No such device or address'
}

@test "a lack of descriptors is reported and does not hang" {
    local n

    needs_program prlimit
    graph g.xml <<<'<task id="a"><exec>true</exec></task> <task id="b"><exec>true</exec></task>'
    # With a few, dagrun cannot even begin (status 4); with a few more it begins but no task starts.
    for ((n = 6; n < 20; n++)); do
        run --separate-stderr prlimit --nofile=$n:$n "$DAGRUN" -k -j1 --json g.xml 3>&-
        [[ $status -ne 4 ]] && break
    done
    is "$status" 1
    matches "$(json '.tasks[0].reason' <<<"$output")" ': Too many open files$'
}

# Sets taken: the number of processes that dagrun itself uses with this many workers.
taken_with()
{
    copies "$1" '<shell>echo >> ready; until test -e end; do sleep 0.01; done</shell>' | graph t.xml
    as_nobody --nproc=500 "-j$1" t.xml &
    all_run() { exists ready && (($(wc -l <ready) == $1)); }
    wait_until all_run "$1"
    taken=$(($(ps -u 65534 -o comm= -o nlwp= | awk '/^dagrun/ { n += $2 } END { print n }')))
    touch end
    wait
    rm -f end ready
}

@test "dagrun waits if there are too few processes" {
    needs_other_user
    taken_with 4
    ((taken >= 4))
    copies 30 '<exec>sleep 0.02</exec>' | graph g.xml
    (as_nobody "--nproc=$((taken + 2))" -j4 --strategy dataflow --json g.xml)
    is "$(json '.counts.succeeded' out)" 30
}

@test "waiting for processes can be interrupted" {
    needs_other_user
    taken_with 1
    copies 4 '<exec>true</exec>' | graph g.xml
    as_nobody "--nproc=$taken" -v -j1 --json g.xml & # none is left for tasks
    pid=$!
    wait_until grep -q true err # it has started, as far as can be seen from outside
    kill -TERM "$pid"
    ends_with 143
    is "$(json '.counts.cancelled' out)" 4
}

@test "a process that cannot be ended is named and does not delay the end of a run" {
    needs_other_user
    install -m 4755 "$(command -v setpriv)" become-root
    graph g.xml <<'END'
      <task id="a"><exec>./become-root --reuid=0 --clear-groups sleep 1000</exec></task>
      <task id="b"><shell>echo > ready; sleep 1000</shell></task>
END
    as_nobody --nproc=100 -j2 --json g.xml &
    pid=$!
    wait_until exists ready
    root_sleep() { child=$(pgrep -u 0 -P "$pid" -x sleep); }
    if [[ $(findmnt -no OPTIONS -T .) == *nosuid* ]]; then
        kill -KILL "$pid"
        skip 'no program changes its user here'
    fi
    wait_until root_sleep
    kill -TERM "$pid"
    ends_with 143
    goes_on "$child"
    kill -KILL "$child"
    is "$(outcomes out)" 'a:cancelled b:cancelled'
    has "$(cat err)" "dagrun: cannot end process $child (sleep 1000): Operation not permitted"
}

@test "started with SIGCHLD ignored, dagrun gets the exit status of its tasks" {
    graph g.xml <<<'<task id="a"><exec>false</exec></task><task id="b"><exec>true</exec></task>'
    run -1 --separate-stderr env --ignore-signal=CHLD "$DAGRUN" -k g.xml --json
    is "$(outcomes <(echo "$output"))" 'a:failed b:succeeded'
    has "$output" '"exit status 1"'
}

@test "a closed standard output ends the printing, not the run" {
    copies 200 '<exec>echo hello</exec>' | graph g.xml
    status=0
    "$DAGRUN" -j2 g.xml --timings t.json 2>err 3>&- | head -n 1 >first || status=$?
    is "${PIPESTATUS[0]} $(cat first)" '0 hello'
    is "$(json .counts.succeeded t.json)" 200
}

@test "a jump of the wall clock changes no duration" {
    [[ ${DAGRUN_CLOCK_JUMPS-} ]] || skip 'the library that makes it jump is not built here'
    copies 5 '<exec>sleep 0.1</exec>' | graph g.xml
    echo '<task id="s"><sleep duration="200ms"/></task>' |
        cat <(grep -v '</graph>' g.xml) - <(echo '</graph>') >h.xml
    LD_PRELOAD=$DAGRUN_CLOCK_JUMPS date +%s >first
    LD_PRELOAD=$DAGRUN_CLOCK_JUMPS date +%s >second
    run env LD_PRELOAD="$DAGRUN_CLOCK_JUMPS" bash -c 'printf "%(%s)T %(%s)T\n" -1 -1'
    read -r first second <<<"$output"
    ((first - second > 80000 || second - first > 80000))
    LD_PRELOAD=$DAGRUN_CLOCK_JUMPS "$DAGRUN" -j2 --json h.xml >out 2>err 3>&-
    is "$(json '[.tasks[].duration_seconds | . >= 0.1 and . < 60] | all' out)" true
    is "$(json '.makespan_seconds >= 0.2 and .makespan_seconds < 60' out)" true
}
