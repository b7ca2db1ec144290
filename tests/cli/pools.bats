#!/usr/bin/env bats
# Pools: tasks never use more slots than a pool has.

load helpers

# A script that records how many slots of the pool NAME are in use while it runs, including its
# own SLOTS, as a line in the file NAME.log: occupies NAME SLOTS.  Each slot is a file in the
# directory NAME; a lock makes creating and counting them atomic.
occupies()
{
    cat <<END
mkdir -p $1
me=\$\$
flock $1.lock sh -ec "for i in \$(seq -s ' ' "$2"); do touch $1/\$me.\\\$i; done; ls $1 | wc -l >> $1.log"
sleep 0.02
flock $1.lock sh -ec "rm $1/\$me.*"
END
}

# Print the largest number ever in use.
most()
{
    sort -n "$1.log" | tail -n 1
}

@test "no more slots are in use than the pool has" {
    needs_program flock
    {
        echo "<pool name='db' slots='3'/>"
        for n in 1 2 3 4 5 6; do
            echo "<task id='one$n' uses='db'><shell>$(occupies db 1 | sed 's/>/\&gt;/g')</shell></task>
                  <task id='two$n' uses='db:2'><shell>$(occupies db 2 | sed 's/>/\&gt;/g')</shell></task>"
        done
    } | graph g.xml
    # One with barriers, and one of each order.
    for strategy in phases dataflow depth-first critical-path optimal; do
        rm -rf db db.log
        dagrun_exits 0 -q -j8 --strategy "$strategy" g.xml
        is "$(wc -l <db.log)" 12
        [[ $(most db) -le 3 ]]
        [[ $(most db) -ge 2 ]]
    done
}

@test "as many tasks run at once as the pool allows" {
    # Each of the two tasks in the pool waits for the other one.
    graph g.xml <<'END'
      <pool name="db" slots="2"/>
      <task id="a" uses="db"><shell>echo a > to-b; read x &lt; to-a</shell></task>
      <task id="b" uses="db"><shell>read x &lt; to-b; echo b > to-a</shell></task>
END
    mkfifo to-a to-b
    timeout 60 "$DAGRUN" -q -j4 g.xml
}

@test "a task that waits for a pool leaves the workers to other tasks" {
    # "holder" ends when "free" has run; "waiting" is before it in every order, but has to wait.
    graph g.xml <<'END'
      <pool name="gpu" slots="1"/>
      <task id="holder" uses="gpu" priority="9"><shell>read x &lt; gate; touch released</shell></task>
      <task id="waiting" uses="gpu" priority="8"><shell>test -e released</shell></task>
      <task id="free"><shell>echo go > gate</shell></task>
END
    mkfifo gate
    timeout 60 "$DAGRUN" -q -j2 g.xml
}

@test "a later task does not overtake one that waits for the same pool" {
    # "large" waits for all of the pool; the small ones after it would always fit.
    graph g.xml <<'END'
      <pool name="db" slots="2"/>
      <task id="first" uses="db" priority="9"><sleep duration="50ms"/></task>
      <task id="large" uses="db:2" priority="8"><noop/></task>
      <task id="s1" uses="db"><noop/></task> <task id="s2" uses="db"><noop/></task>
      <task id="s3" uses="db"><noop/></task> <task id="s4" uses="db"><noop/></task>
END
    for strategy in $(dagrun list strategies --names); do
        dagrun_exits 0 -q -j4 --strategy "$strategy" --json g.xml
        is "$(started <(echo "$output") | cut -d ' ' -f 1-2)" 'first large'
    done
}

@test "two pools requested in both orders do not deadlock" {
    {
        echo '<pool name="a" slots="1"/> <pool name="b" slots="1"/>'
        for n in $(seq 20); do
            echo "<task id='ab$n' uses='a b'><shell>true</shell></task>
                  <task id='ba$n' uses='b a'><shell>true</shell></task>
                  <task id='a$n' uses='a'><shell>true</shell></task>"
        done
    } | graph g.xml
    timeout 60 "$DAGRUN" -q -j8 --strategy random g.xml
}

@test "a pool is free during the pause between attempts" {
    # "b" ends the failures of "a"; it can run only if it gets the pool during the pause.
    graph g.xml <<'END'
      <pool name="db" slots="1"/>
      <task id="a" uses="db" retries="1000" retry-delay="10ms" priority="9"><shell>test -e done</shell></task>
      <task id="b" uses="db"><shell>touch done</shell></task>
END
    dagrun_exits 0 -j1 --json g.xml
    is "$(json '.tasks[0].attempts | length >= 2' <<<"$output")" true
}

@test "a failed task gives back its slots" {
    graph g.xml <<'END'
      <pool name="db" slots="2"/>
      <task id="a" uses="db:2"><shell>exit 1</shell></task>
      <task id="b" uses="db:2" timeout="20ms"><sleep duration="1h"/></task>
      <task id="c" uses="db:2"><shell>touch c</shell></task>
END
    dagrun_exits 1 -k -q -j1 g.xml
    [[ -e c ]]
}

@test "a clean-up waits for its pools, too" {
    graph g.xml <<'END'
      <pool name="db" slots="1"/>
      <task id="bad"><shell>read x &lt; gate; exit 1</shell></task>
      <task id="long" uses="db"><shell>echo > gate; until grep -q bad log; do sleep 0.01; done; touch ended</shell></task>
      <task id="sweep" needs="bad" always="true" uses="db"><shell>test -e ended &amp;&amp; touch swept</shell></task>
END
    mkfifo gate
    timeout 60 "$DAGRUN" -j4 --strategy dataflow g.xml 2>log || status=$?
    is "$status" 1
    [[ -e swept ]]
}

@test "the plan, the dry run and the report print pools" {
    graph g.xml <<'END'
      <pool name="db" slots="2"/> <pool name="spare" slots="1"/>
      <task id="a" uses="db:2 spare"><sleep duration="40ms"/></task>
      <task id="b" uses="db:2"><sleep duration="40ms"/></task>
      <task id="c" uses="db"><sleep duration="40ms"/></task>
      <task id="d" uses="db"><sleep duration="40ms"/></task>
END
    dagrun_exits 0 plan g.xml
    matches "$output" '
  pool db +120 ms  cost of its 4 tasks spread over its 2 slots: no run is shorter
  pool spare +40.0 ms  cost of its 1 task spread over its 1 slot: no run is shorter$'
    matches "$output" '  a +sleep .*  uses db:2 spare
'
    is "$(dagrun plan --json g.xml | json -c '.pools, .tasks[0].uses, .tasks[2].uses')" \
        '[{"name":"db","slots":2},{"name":"spare","slots":1}]
{"db":2,"spare":1}
{"db":1}'
    dagrun_exits 0 -n g.xml
    matches "$output" '^# pool db: 2 slots
# pool spare: 1 slot
'
    matches "$output" 'a
    # uses db:2 spare
    sleep 40.0 ms'
    dagrun_exits 0 -j4 --json g.xml
    is "$(json '.lower_bound_seconds == .pools[0].lower_bound_seconds and
                .lower_bound_seconds >= 0.12 and .lower_bound_seconds <= .makespan_seconds' <<<"$output")" true
    has "$stderr" 'no schedule is shorter than the pool db allows; '
}

@test "an unused pool changes nothing" {
    graph g.xml <<<'<pool name="db" slots="1"/> <task id="a"/> <task id="b"/>'
    dagrun_exits 0 --json g.xml
    is "$(json '.pools' <<<"$output")" '[{"name":"db","slots":1,"lower_bound_seconds":0}]'
    dagrun_exits 0 plan g.xml
    has "$output" 'no task uses it'
}
