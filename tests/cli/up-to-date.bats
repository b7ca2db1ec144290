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
        "ALTER TABLE task DROP COLUMN made_us; ALTER TABLE task DROP COLUMN files;"
        "ALTER TABLE run DROP COLUMN n_reused; PRAGMA user_version = 2")'
    is "$(runs g.xml --set-env key=key | sed -n 3p)" 'later succeeded null'
    is "$(runs g.xml --set-env key=key | sed -n 3p)" 'later reused run 4'
}

# A graph whose tasks read and make files: files_graph [WORD]
files_graph()
{
    graph g.xml <<END
      <param name="dir" default="data"/>
      <task id="report" inputs="made/clean.csv" outputs="report.txt">
        <shell>echo report &gt;&gt;ran; wc -l &lt;made/clean.csv &gt;report.txt</shell>
      </task>
      <task id="clean" inputs="\${dir}/*.csv ./lib.h" outputs="made/clean.csv">
        <shell>echo clean$1 &gt;&gt;ran; mkdir -p made; grep -d skip -v '^#' data/*.csv &gt;made/clean.csv</shell>
      </task>
      <task id="say" inputs="lib.h" needs="clean report"><shell>echo say &gt;&gt;ran</shell></task>
END
    export DAGRUN_STORE=$PWD/store
}

@test "a task with outputs runs if an input, its command or an output has changed" {
    mkdir data data/sub.csv
    printf '#x\n1\n' >data/b.csv
    printf '2\n' | tee data/a.csv data/.hidden.csv >lib.h
    files_graph
    : >ran
    is "$(runs g.xml | cut -d' ' -f1,2 | xargs)" 'report succeeded clean succeeded say succeeded'
    is "$(ran)" 'clean report say'
    is "$(cat report.txt)" 2
    is "$(runs g.xml | xargs)" 'report reused run 1 clean reused run 1 say succeeded null'
    touch data/a.csv report.txt
    is "$(runs g.xml | head -2 | xargs)" 'report reused run 1 clean reused run 1'
    ran

    # The task that reads the same file as before does not run again.
    echo '#more' >>data/b.csv
    is "$(runs g.xml | head -2 | cut -d' ' -f1,2 | xargs)" 'report reused clean succeeded'
    files_graph ' it'
    is "$(runs g.xml | head -2 | cut -d' ' -f1,2 | xargs)" 'report reused clean succeeded'
    is "$(ran)" 'clean say clean it say'
    echo 3 >data/c.csv
    is "$(runs g.xml | head -2 | cut -d' ' -f1,2 | xargs)" 'report succeeded clean succeeded'
    rm report.txt
    is "$(runs g.xml | head -1)" 'report succeeded its output report.txt is gone'
    echo more >>made/clean.csv
    is "$(runs g.xml | sed -n 2p)" 'clean succeeded its output made/clean.csv changed'
    is "$(runs g.xml --resume | xargs)" 'report reused run 7 clean reused run 8 say reused run 8'
    sed -i 's/2/4/' report.txt data/b.csv
    echo 5 >data/b.csv
    is "$(runs g.xml --resume | sed -n 2p)" 'clean succeeded input data/b.csv changed'
    is "$(runs g.xml --force | cut -d' ' -f2 | xargs)" 'succeeded succeeded succeeded'

    dagrun_exits 0 plan --json g.xml
    is "$(json -c '.tasks[] | [.needs, .inputs, .outputs]' <<<"$output")" \
        '[["clean"],["made/clean.csv"],["report.txt"]]
[[],["data/*.csv","./lib.h"],["made/clean.csv"]]
[["clean","report"],["lib.h"],null]'
    dagrun_exits 0 -n g.xml
    has "$output" '# inputs made/clean.csv, outputs report.txt'
    dagrun_exits 0 export --to make g.xml -o g.mk
    has "$stderr" 'task "clean" has declared files, which are not exported to make'
    sed 's/lib.h" needs/ran" needs/' g.xml >other.xml
    dagrun_exits 1 diff g.xml other.xml
    has "$output" 'other files'
    rm lib.h
    complains 4 'dagrun: task "clean": its input "./lib.h" does not exist, and no task makes it' g.xml
}

@test "outputs that were not made, and those of a task that failed" {
    graph g.xml <<'END'
      <task id="half" outputs="half none" retries="1" retry-delay="0s"><shell>echo 1 >>half; test -e ok</shell></task>
      <task id="lazy" outputs="a b/c made"><shell>echo x >made</shell></task>
END
    dagrun_exits 1 -k --no-store g.xml --json
    is "$(json '.tasks[].reason' <<<"$output")" 'exit status 1
it did not make a, b/c'
    is "$(cat half.failed made.failed)" '1
x'
    [ ! -e half ] && [ ! -e made ]
    touch ok
    dagrun_exits 1 --no-store g.xml half
    has "$stderr" 'it did not make none'
    export DAGRUN_STORE=$PWD/store
    sed -i 's/half none/half/' g.xml
    is "$(runs g.xml half | cut -d' ' -f2)" succeeded
    is "$(runs g.xml half)" 'half reused run 1'
}
