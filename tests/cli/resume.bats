#!/usr/bin/env bats
# Runs that take over results of earlier ones.

load helpers
load servers

# Tasks that note their runs in the file "ran"; b fails until the file "ok" exists.
some_graph()
{
    graph g.xml <<END
      <param name="key" secret="true"/>
      <task id="a"><shell>echo a &gt;&gt;ran; echo hello${1-}</shell></task>
      <task id="b" needs="a"><shell>echo b &gt;&gt;ran; cat "\$a"; test -e ok</shell></task>
      <task id="c"><exec>echo \${b}</exec></task>
      <task id="leak"><shell>echo "\$key"</shell></task>
      <task id="d"><exec stdin="leak">wc -c</exec></task>
      <task id="up" always="true" needs="c"><shell>echo up &gt;&gt;ran</shell></task>
END
    export DAGRUN_STORE=$PWD/store key=none-of-them
}

# Run the graph, which must exit with STATUS: runs STATUS OPTION...
runs()
{
    dagrun_exits "$1" g.xml --set-env key=key "${@:2}"
}

# The outcomes of a run as JSON, with the run of origin or the reason.
outcomes()
{
    json '.tasks[] | "\(.id) \(.outcome) \(.reused_from // .not_reused)"' <<<"$output"
}

@test "a run is resumed after a failure, as often as needed" {
    some_graph
    runs 1 -k --resume
    has "$stderr" 'dagrun: no run of g.xml is stored yet: all tasks run'
    runs 1 -k --resume
    has "$stderr" 'a  reused from run 1' '2 of them reused: the results of earlier runs' \
        '2 not reused: b (failed in run 1), leak (its output in run 1 was not kept)'
    touch ok
    runs 0 --resume --json
    is "$(outcomes)" 'a reused run 1
b succeeded failed in run 2
c succeeded run 2 has no result of it
leak succeeded its output in run 2 was not kept
d reused run 1
up succeeded null'
    is "$(json .counts.reused <<<"$output")" 2
    dagrun_exits 0 show last a
    matches "$output" '^a: reused from run 1.a: succeeded, exit code 0, took .*hello$'
    is "$(dagrun show last a --json | json .source)" 1
    is "$(sort ran | uniq -c | tr -s ' \n' ' ')" ' 1 a 3 b 3 up '
    dagrun_exits 0 history --json
    is "$(json '.[0] | .state' <<<"$output")" succeeded
    run ! grep -aq 'none-of-them' store/runs.db store/runs.db-wal
    dagrun_exits 0 verify g.xml --set-env key=key <(dagrun g.xml --set-env key=key --resume --json 2>/dev/null)
}

@test "a change, chosen tasks, another run" {
    some_graph
    touch ok
    runs 0
    some_graph , world
    runs 0 --only-failed --json
    has "$(outcomes)" 'a reused run 1' 'b reused run 1'
    runs 0 --resume --json
    has "$(outcomes)" 'a succeeded script changed' 'b succeeded output of a changed; task a changed' \
        'c succeeded output of b changed'
    runs 0 --rerun c,leak --json
    has "$(outcomes)" 'b reused run 3' 'c succeeded it was to run again' 'd succeeded it was to run again'
    some_graph
    runs 0 --from 1 --json
    has "$(outcomes)" 'a reused run 1' 'c reused run 1'
}

@test "wrong words" {
    some_graph
    touch ok
    runs 0
    complains 2 'dagrun: run 7 is no run of g.xml; see dagrun history g.xml' g.xml --from 7 --set-env key=key
    complains 2 'dagrun: --from takes the number of a run, as dagrun history prints it, not "x"' g.xml --from x
    complains 2 'dagrun: the graph has no task "lek"; did you mean "leak"?' g.xml --rerun lek --set-env key=key
    complains 2 'dagrun: there is no store, so nothing can be resumed' g.xml --resume --no-store
    complains 2 'dagrun: -n runs nothing, so it cannot tell which results would be taken over' g.xml --resume -n
    chmod 000 store/salt
    if [[ ! -r store/salt ]]; then
        runs 2 --resume
        runs 0
    fi
}

@test "no run is resumed that goes on, or from a store that is damaged" {
    graph g.xml <<<'<task id="a"><shell>test ! -e wait || { echo >go; read -r x &lt;go; }</shell></task>'
    export DAGRUN_STORE=$PWD/store
    dagrun_exits 0 g.xml
    mkfifo go
    touch wait
    start g.xml
    read -r _ <go
    wait_until eval '[[ $(dagrun history --json | json ".[0].state") == running ]]'
    for options in --resume '--from 2'; do
        complains 2 "dagrun: cannot resume run 2 of g.xml, which still goes on (process $pid): wait for its end, or name another run with --from" g.xml $options
    done
    dagrun_exits 0 g.xml --from 1 --json
    is "$(outcomes)" 'a reused run 1'
    echo >go
    ends_with 0
    rm store/runs.db*
    head -c 5000 /dev/urandom >store/runs.db
    complains 2 "dagrun: cannot resume: the store \"$PWD/store\": it is damaged; without --resume, --from, --rerun and --only-failed all tasks run" g.xml --resume
}

@test "a task that left a process running runs again" {
    graph g.xml <<<'<task id="server"><shell>sleep 60 &gt;/dev/null 2&gt;&amp;1 &amp;</shell></task> <task id="b"><exec>true</exec></task>
      <task id="client" needs="server"><exec>true</exec></task>'
    export DAGRUN_STORE=$PWD/store
    dagrun_exits 0 g.xml
    dagrun_exits 0 g.xml --resume --json
    is "$(outcomes)" 'server succeeded run 1 kept no result of it
b reused run 1
client succeeded task server changed'
}

@test "nothing that was shown as done runs again after a kill" {
    run python3 "$source_dir/tests/soak/kill.py" "$DAGRUN" 2 "$((RANDOM + 1))"
    is "$status" 0
}

@test "a task that failed is not taken over from one that does the same" {
    graph g.xml <<'END'
      <task id="a"><shell>echo x &gt;&gt;log; test "$(wc -l &lt;log)" -ne 2</shell></task>
      <task id="b"><shell>echo x &gt;&gt;log; test "$(wc -l &lt;log)" -ne 2</shell></task>
END
    export DAGRUN_STORE=$PWD/store
    dagrun_exits 1 -q -k -j1 g.xml
    dagrun_exits 0 run --resume g.xml
    has "$stderr" 'a  reused from run 1' '1 not reused: b (failed in run 1)'
    is "$(wc -l <log)" 3
}

@test "tasks behind a result follow from what was taken over, not from what the task would do now" {
    write_graph()
    {
        graph g.xml <<END
          <task id="a"><shell>echo $1 &gt;f</shell></task>
          <task id="b" needs="a"><shell>cp f g; test -e ok</shell></task>
END
    }
    export DAGRUN_STORE=$PWD/store
    write_graph v1
    dagrun_exits 1 -q g.xml
    touch ok
    write_graph v2
    dagrun_exits 0 run -q --only-failed g.xml
    is "$(<g)" v1
    dagrun_exits 0 run -q --resume g.xml
    is "$(<f) $(<g)" 'v2 v2'
}

@test "a task that ran again when dagrun was killed has no result any more" {
    graph g.xml <<'END'
      <task id="a"><shell>echo begin &gt;f; test ! -e killer || { sleep 0.2; kill -9 $PPID; sleep 10; }; echo end &gt;&gt;f</shell></task>
      <task id="b" needs="a"><shell>test -e ok</shell></task>
END
    export DAGRUN_STORE=$PWD/store
    dagrun_exits 1 -q g.xml
    touch killer
    dagrun_exits 137 run -q --rerun a g.xml
    rm killer
    touch ok
    dagrun_exits 0 run --resume g.xml
    has "$stderr" 'a (run 2 was ended while it ran)'
    is "$(xargs <f)" 'begin end'
    dagrun_exits 0 show 2 a
    is "$output" 'a: pending'
}

@test "tasks behind a failure that is allowed run again" {
    graph g.xml <<'END'
      <task id="a" allow-failure="true"><shell>echo a &gt;&gt;ran; exit 1</shell></task>
      <task id="b" needs="a"><shell>echo b &gt;&gt;ran</shell></task>
END
    export DAGRUN_STORE=$PWD/store
    dagrun_exits 0 -q g.xml
    dagrun_exits 0 run -q --resume g.xml
    is "$(xargs <ran)" 'a b a b'
}

@test "a result that is taken over takes nothing of a rate" {
    graph g.xml <<'END'
      <pool name="p" rate="2/s" burst="1"/>
      <task id="a" uses="p"><exec>true</exec></task>
      <task id="b" uses="p"><exec>true</exec></task>
END
    export DAGRUN_STORE=$PWD/store
    dagrun_exits 0 -q g.xml
    dagrun_exits 0 run --resume g.xml --json
    is "$(json '.counts.reused, .overall_duration_seconds < 0.4' <<<"$output" | xargs)" '2 true'
}

@test "a secret in the name of a file is not stored" {
    graph g.xml <<'END'
      <param name="name" secret="true"/>
      <param name="pages"/>
      <task id="a"><http url="${pages}/echo"><body file="${name}.txt"/></http></task>
END
    serve_pages
    echo text >s3cret-name.txt
    export DAGRUN_STORE=$PWD/store NAME=s3cret-name
    dagrun_exits 0 -q g.xml --set-env name=NAME --set pages="$pages"
    end_servers
    is "$(grep -rl s3cret-name store)" ''
}
