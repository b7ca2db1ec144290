#!/usr/bin/env bats
# Tasks that need not run: an earlier run has their results.

load helpers

# A graph whose tasks note their runs in the file "ran": some_graph FILE AGE [WORD]
some_graph()
{
    graph "$1" <<END
      <task id="a" cache="$2"><shell>echo a &gt;&gt;ran; echo hello${3-}</shell></task>
      <task id="b" cache="$2"><exec>sh -c 'echo b \$1 >>ran' - \${a}</exec></task>
      <task id="c" needs="b"><shell>echo c &gt;&gt;ran</shell></task>
END
    export DAGRUN_STORE=$PWD/store
}

# Run, and print the outcomes as JSON, with the run of origin or the reason: runs GRAPH OPTION...
runs()
{
    dagrun_exits 0 "$@" --json
    json '.tasks[] | "\(.id) \(.outcome) \(.reused_from // .not_reused)"' <<<"$output"
}

# Print the tasks that have run since the last call.
ran()
{
    xargs <ran
    : >ran
}

@test "a cached result of any graph is taken over in every run" {
    some_graph g.xml forever
    : >ran
    runs g.xml
    is "$(ran)" 'a b hello c'
    is "$(runs g.xml)" 'a reused run 1
b reused run 1
c succeeded null'
    is "$(ran)" c
    some_graph other.xml 7d
    is "$(runs other.xml | head -1)" 'a reused run 1'
    dagrun_exits 0 show --output-only 3 a
    is "$output" hello
    # A result is kept as long as a run that took it over.
    dagrun_exits 0 history --prune --keep 1 g.xml
    dagrun_exits 0 g.xml
    has "$stderr" 'a  reused from run 1' '2 of them reused: the results of earlier runs'
    is "$(ran)" 'c c'
    dagrun_exits 0 verify g.xml <(dagrun g.xml --json 2>/dev/null)
    is "$(ran)" c

    # A changed task runs, and so does one that reads another output now; the older result is still there.
    some_graph g.xml forever ', world'
    is "$(runs g.xml | xargs)" 'a succeeded null b succeeded null c succeeded null'
    is "$(ran)" 'a b hello, world c'
    some_graph g.xml forever
    is "$(runs g.xml | head -2 | xargs)" 'a reused run 1 b reused run 1'
    is "$(runs g.xml --no-store | xargs)" 'a succeeded null b succeeded null c succeeded null'
}

@test "age, --force and --rerun" {
    some_graph g.xml 1us
    : >ran
    runs g.xml
    is "$(runs g.xml | head -1)" 'a succeeded its result of run 1 is older than 1.00 µs'
    some_graph g.xml 1h
    is "$(runs g.xml | head -2 | xargs)" 'a reused run 2 b reused run 2'
    ran
    is "$(runs g.xml --force | xargs)" 'a succeeded null b succeeded null c succeeded null'
    is "$(ran)" 'a b hello c'
    is "$(runs g.xml | head -1)" 'a reused run 4'
    is "$(runs g.xml --rerun b | head -2 | xargs)" 'a reused run 4 b succeeded it was to run again'
    complains 2 'dagrun: --force runs all tasks, so no run can be resumed with it' g.xml --force --resume
    dagrun_exits 0 -n g.xml
    has "$output" '# cache 1 h 00 min'
    dagrun_exits 0 export --to ninja g.xml -o g.ninja
    has "$stderr" 'task "b" has a cache, which ninja does not have'
    dagrun_exits 0 plan --json g.xml
    is "$(json '[.tasks[].cache] | map(tostring) | join(" ")' <<<"$output")" '3600 3600 null'
}

@test "without a result: a failure, a secret, a task without a cache, a store of an older version" {
    graph g.xml <<'END'
      <param name="key" secret="true"/>
      <task id="bad" cache="forever" allow-failure="true"><exec>false</exec></task>
      <task id="leak" cache="forever"><shell>echo "$key"</shell></task>
      <task id="later"><shell>echo once</shell></task>
      <task id="read" cache="forever"><exec stdin="leak">wc -c</exec></task>
END
    export DAGRUN_STORE=$PWD/store key=none-of-them
    runs g.xml --set-env key=key
    sed -i 's/id="later"/id="later" cache="1h"/' g.xml
    is "$(runs g.xml --set-env key=key)" 'bad failed null
leak succeeded its output in run 1 was not kept
later succeeded null
read reused run 1'
    is "$(runs g.xml --set-env key=key | sed -n 3p)" 'later reused run 2'
    python3 -c 'import sqlite3; sqlite3.connect("store/runs.db").executescript("DROP INDEX cached_result;"
        "ALTER TABLE task DROP COLUMN made_us; PRAGMA user_version = 2")'
    is "$(runs g.xml --set-env key=key | sed -n 3p)" 'later succeeded null'
    is "$(runs g.xml --set-env key=key | sed -n 3p)" 'later reused run 4'
}
