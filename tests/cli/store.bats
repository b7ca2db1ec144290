#!/usr/bin/env bats
# The store: runs are kept, listed and shown; a store that cannot be used never fails a run.

load helpers

# A graph with a retry, a failure and long texts.
some_graph()
{
    graph g.xml <<'END'
      <task id="a"><exec>echo hello</exec></task>
      <task id="b" needs="a"><shell>seq 1 300; echo problem &gt;&amp;2; seq 1 20000</shell></task>
      <task id="c" needs="b" retries="1" retry-delay="1ms"><shell>echo try; exit 3</shell></task>
      <task id="d" needs="c"/>
END
}

# Runs and tasks are in a store of the test's own.
with_store()
{
    export DAGRUN_STORE=$PWD/store
}

# Execute SQL in a store: sql DIRECTORY STATEMENTS
sql()
{
    python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1] + "/runs.db").executescript(sys.argv[2])' "$@"
}

@test "a run is listed and shown, with its attempts and texts" {
    some_graph
    with_store
    dagrun_exits 1 g.xml
    summary=$(sed -n '/^g: /,$p' <<<"$stderr")
    dagrun_exits 0 history g.xml
    is "$(tr -s ' ' <<<"${lines[1]}" | cut -d ' ' -f 1-2,5-6,10)" ' 1 failed 2/4 c'
    is "$(stat -c %a store store/runs.db)" $'700\n600'
    dagrun_exits 0 show
    has "$output" "$summary"
    dagrun_exits 0 show g.xml c
    is "$(sed 's/took.*;/took;/' <<<"$output")" 'c, attempt 1: failed, exit code 3, took; exit status 3
try
c, last attempt: failed, exit code 3, took; exit status 3
try'
    is "$(dagrun show 1 b --output-only | cksum)" "$( { seq 1 300; seq 1 20000; } | cksum)"
    is "$(dagrun show last b --json | jq -j .text | cksum)" \
        "$( { seq 1 300; echo problem; seq 1 20000; } | cksum)"
    is "$(find store/texts -type f | wc -l)" 2
    DAGRUN_STORE=none complains 2 'dagrun: there is no store: DAGRUN_STORE is "none"; see --store' history
}

@test "runs of one graph and of all; the median of those before; wrong words" {
    graph g.xml <<<'<task id="abc"/>'
    cp g.xml other.xml
    with_store
    for name in g g g other; do dagrun_exits 0 $name.xml; done
    dagrun_exits 0 history --json
    is "$(json 'map([.run, .graph, .state, .median_seconds != null]) | .[] | join(" ")' <<<"$output")" \
        '4 other succeeded false
3 g succeeded true
2 g succeeded true
1 g succeeded false'
    is "$(dagrun history --limit 2 | wc -l)" 3
    is "$(dagrun history ./other.xml --json | json length)" 1
    mkdir moved
    mv other.xml moved
    complains 2 "dagrun: no run of \"moved/other.xml\" is stored; did you mean \"$PWD/other.xml\"?" history moved/other.xml
    complains 2 'dagrun: no run of "zzz.xml" is stored' show zzz.xml
    complains 2 'dagrun: there is no run "zzz": runs have numbers, see dagrun history' show zzz
    complains 2 'dagrun: there is no run 5; the newest is 4' show 5
    complains 2 'dagrun: run 1 has no task "abd"; did you mean "abc"?' show 1 abd
    complains 2 'dagrun: history takes one graph, not also "b"' history a b
    complains 2 'dagrun: show takes a run and a task, not also "x"' show 1 abc x
    complains 2 'dagrun: --output-only is for a task: dagrun show RUN TASK' show 1 --output-only
    complains 2 'dagrun: only one of --output-only and --json can be given' show 1 abc --output-only --json
    complains 2 'dagrun: --limit takes a number of runs from 1, not "0"' history --limit 0
    complains 2 'dagrun: --store names a store, and --no-store wants none' g.xml --store x --no-store
    complains 2 'dagrun: --store takes a directory, not ""' history --store=
    dagrun_exits 0 g.xml --no-store
    dagrun_exits 0 -n g.xml
    is "$(dagrun history --json | json length)" 4
    dagrun_exits 0 history --store none-yet
    is "$stderr" 'dagrun: no run is stored in "none-yet" yet'
}

@test "a run that is killed is unfinished, with the tasks that were shown" {
    graph g.xml <<'END'
      <task id="a"/> <task id="b" needs="a"><shell>until grep -q '1/2. a' err; do sleep 0.01; done; kill -9 $PPID</shell></task>
END
    with_store
    start g.xml
    ends_with 137
    dagrun_exits 0 history --json
    is "$(json '.[] | [.state, .n_succeeded, .duration_seconds] | join(" ")' <<<"$output")" 'unfinished 1 '
    has "$(dagrun show)" ': unfinished'
    mkfifo go
    graph h.xml <<<'<task id="a"><shell>echo >go; read -r x &lt;go</shell></task>'
    start h.xml
    read -r _ <go
    wait_until eval '[[ $(dagrun history --json | json ".[0].state") == running ]]'
    # While a run goes on, the file is not copied.
    dagrun_exits 0 history --prune
    is "$stderr" 'dagrun: a run goes on, so the file of the store did not get smaller; prune again after its end'
    echo >go
    ends_with 0
    is "$(dagrun history --json | json '.[0].state')" succeeded
    dagrun_exits 0 history --prune
    is "$stderr" ''
}

@test "old runs are removed, with the texts that only they have" {
    with_store
    for i in 1 2 3; do
        graph g.xml <<<"<task id=\"a\"><exec>seq $i 20000</exec></task> <task id=\"b\"><exec>seq 1 20000</exec></task>"
        dagrun_exits 0 g.xml
        sha256=$(seq 1 20000 | sha256sum)
        stat -c %i "store/texts/${sha256:0:2}/${sha256:2:62}" >>files # written once
    done
    is "$(find store/texts -type f | wc -l)" 3
    is "$(sort -u files)" "$(head -n 1 files)"
    graph h.xml <<<'<task id="a"/>'
    dagrun_exits 0 h.xml
    dagrun_exits 0 history --prune
    matches "$output" '^0 runs removed; the store takes '
    dagrun_exits 0 history --prune --keep 1 h.xml
    matches "$output" '^0 runs removed'
    dagrun_exits 0 history --prune --keep 1
    matches "$output" '^2 runs removed'
    is "$(dagrun history --json | json 'map(.run) | join(" ")')" '4 3'
    is "$(find store/texts -type f | wc -l)" 2
    is "$(dagrun show 3 b --output-only | cksum)" "$(seq 1 20000 | cksum)"

    # Each run removes what is too much.
    sql store 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
        INSERT INTO run (graph, started_us, strategy, workers, connections, tasks, host, version, process,
            process_start, parameters, duration_ns)
        SELECT graph, started_us, strategy, workers, connections, tasks, host, version, process,
            process_start, parameters, duration_ns FROM run, n WHERE id = 4'
    dagrun_exits 0 h.xml
    is "$(dagrun history h.xml --limit 1000 --json | json length)" 102
    dagrun_exits 0 history --prune
    is "$(dagrun history h.xml --limit 1000 --json | json length)" 100
    complains 2 'dagrun: --keep is for --prune' history --keep 2
    complains 2 'dagrun: --keep takes a number of runs from 1, not "x"' history --prune --keep x
    complains 2 'dagrun: --prune prints no runs; it has no --json and no --limit' history --prune --json
}

@test "durations of earlier successes are costs, and are compared with" {
    graph g.xml <<'END'
      <param name="word" default="x"/>
      <task id="a" cost="9"><sleep duration="0.1s"/></task> <task id="b"/> <task id="c" needs="b"><exec>false</exec></task>
END
    with_store
    costs() { dagrun plan g.xml --json "$@" 2>said | json '[.tasks[].cost | if . then round else . end] | map(tostring) | join(" ")'; }
    is "$(costs)" '9 null null'
    is "$(cat said)" ''
    for _ in 1 2 3; do dagrun_exits 1 -k g.xml; done
    lacks "$stderr" Predicted
    # The median; a failure does not count; a run with the same parameters counts more than others.
    sql store 'UPDATE task SET busy_ns = 1000000000 * run WHERE name <> "c";
        UPDATE task SET busy_ns = 7000000000 WHERE name = "c"'
    is "$(costs)" '2 2 null'
    is "$(cat said)" 'dagrun: 2 of 3 costs are those of earlier runs; --costs=declared ignores these'
    is "$(costs --costs=declared)" '9 null null'
    is "$(costs --no-store)" '9 null null'
    is "$(costs --set-cost a=5s)" '5 2 null'
    sql store "UPDATE run SET parameters = '{\"word\": \"y\"}' WHERE id = 3"
    is "$(costs) $(costs --set word=y) $(costs --set word=z)" '2 2 null 3 3 null 2 2 null'
    sql store 'UPDATE task SET outcome = 1 WHERE name = "c"; UPDATE run SET succeeded = 1, duration_ns = 1000000 * id'
    sed -i 's/false/true/' g.xml
    dagrun_exits 0 g.xml --fail-if-slower=10%
    has "$stderr" $'\n\nPredicted 8.50 s by earlier runs; took '
    matches "$stderr" '
  c took [^ ]* .*s, not 7.00 s
  b took .*s, not 1.50 s
  a took 1.* ms, not 1.50 s
dagrun: --fail-if-slower: 2 earlier successes are too few to compare with'
    has "$(dagrun show)" 'Predicted 8.50 s'
    sql store 'UPDATE run SET duration_ns = 1000000 * id'
    dagrun_exits 1 -q g.xml --fail-if-slower 10
    matches "$stderr" '^dagrun: the run took 1.* ms, and the median of the last 3 successes is 2.00 ms: slower by [0-9]* %$'
    sql store 'UPDATE run SET duration_ns = 1000000000 * id'
    dagrun_exits 0 -q g.xml --fail-if-slower 0%
    is "$stderr" ''
    sql store 'UPDATE task SET busy_ns = 1000000000 * run WHERE name <> "c" OR run < 5'
    sql store 'UPDATE task SET outcome = 2 WHERE name = "c" AND run = 2; UPDATE task SET outcome = 4 WHERE name = "c" AND run = 3;
        UPDATE task SET outcome = 1, busy_ns = 8000000000 WHERE run > 4'
    is "$(dagrun history --trend g.xml --limit 5 | tr -s ' ')" "$(printf '%s\n' ' runs last shortest longest' \
        ' a ▃▄▅██ 8.00 s 2.00 s 8.00 s' ' b ▃▄▅██ 8.00 s 2.00 s 8.00 s' ' c ×·▅██ 8.00 s 4.00 s 8.00 s')"
    complains 2 'dagrun: --trend is for one graph: dagrun history --trend GRAPH.xml' history --trend
    complains 2 'dagrun: --trend is a table of tasks; it has no --json and no --prune' history --trend --json g.xml
    complains 2 'dagrun: --costs takes learned or declared, not "x"' plan g.xml --costs x
    complains 2 'dagrun: --fail-if-slower takes a percentage, such as 10%, not "x"' g.xml --fail-if-slower x
    complains 2 'dagrun: --fail-if-slower compares with earlier runs, and there is no store' \
        g.xml --fail-if-slower 3 --no-store
}

@test "runs that took over results are no measure for others" {
    graph g.xml <<<'<task id="a"><exec>true</exec></task> <task id="b"><exec>false</exec></task> <task id="m" needs="a"/>'
    with_store
    for _ in 1 2 3 4 5 6 7; do dagrun_exits 1 -k g.xml --resume; done
    sql store 'UPDATE task SET busy_ns = 1000000000 * run'
    is "$(dagrun plan g.xml --json 2>/dev/null | json '[.tasks[].cost] | map(tostring) | join(" ")')" '1 null 5'
    sed -i s/false/true/ g.xml
    for _ in 1 2 3; do dagrun_exits 0 g.xml; done
    for _ in 1 2 3 4; do dagrun_exits 0 g.xml --resume; done
    sql store 'UPDATE run SET duration_ns = CASE WHEN id > 10 THEN 1000 ELSE 1000000000 * id END'
    is "$(dagrun history --json | json '.[0].median_seconds')" 9
    dagrun_exits 0 -q g.xml --fail-if-slower 10%
    is "$stderr" ''
}

@test "two graphs and two runs are compared" {
    graph a.xml <<'END'
      <task id="a" cost="1"/> <task id="b" needs="a"><exec>echo 1</exec></task> <task id="c" needs="b"/> <task id="gone"/>
END
    graph b.xml <<'END'
      <task id="a" cost="2"/> <task id="b"><exec>echo 2</exec></task> <task id="c" needs="b" retries="1"/> <task id="new"/>
END
    dagrun_exits 0 diff a.xml a.xml
    is "$output$stderr" ''
    dagrun_exits 1 diff a.xml b.xml
    is "$output" '  a  cost 1.00 s → 2.00 s (+100 %); phase 1 → 2
  b  does something else; needs "", not "a"; phase 2 → 1
  c  other limits; phase 3 → 2
  new  added
  gone  removed

a: 4 tasks; b: 4 tasks
  phases         3 → 2
  total cost     4.00 s → 5.00 s (+25 %)
  critical path  3.00 s  a → b → c
             now 2.00 s  a'
    with_store
    dagrun_exits 0 a.xml
    dagrun_exits 0 a.xml
    sed -i 's/echo 2/false/' b.xml
    dagrun_exits 1 -k b.xml
    dagrun_exits 0 diff 1 2
    matches "$output" '^run 1 → run 2
took '
    sql store 'UPDATE task SET busy_ns = 1000000000 * run WHERE name = "b"; UPDATE run SET duration_ns = 1000000000 * id'
    dagrun_exits 1 diff 1 last
    is "$output" "run 1 → run 3
  graph  $PWD/a.xml → $PWD/b.xml
  outcome  succeeded → failed
  a  phase 1 → 2
  b  succeeded → failed; phase 2 → 1
  c  succeeded → blocked; phase 3 → 2
  new  added
  gone  removed
took 1.00 s → 3.00 s (+200 %)
  b  1.00 s → 3.00 s (+200 %)"
    complains 2 'dagrun: diff takes two graphs, or two runs; see dagrun diff --help' diff a.xml
    complains 2 'dagrun: diff compares two graphs, or two runs, but not one with the other' diff a.xml 1
    complains 2 'dagrun: there is no run 9; the newest is 3' diff 1 9
}

@test "no secret is in the store" {
    graph g.xml <<'END'
      <param name="key" secret="true"/> <param name="url" default="http://x/"/>
      <task id="a"><shell>echo "$key"; printf %s "$key" | base64; seq 1 1000; echo "$key" &gt;&amp;2; exit 1</shell></task>
      <task id="b"><exec>/none/${key}</exec></task>
END
    with_store
    KEY=v3ry-secret dagrun_exits 1 -k g.xml --set-env key=KEY
    run -1 grep -raE "v3ry-secret|$(printf v3ry-secret | base64)" store
    has "$(dagrun show 1 a)" '***'
}

# Run a graph, which must succeed with one warning that begins so: warns_of WARNING
warns_of()
{
    dagrun_exits 0 g.xml
    is "$(grep -v '^\[\|^g: ' <<<"$stderr")" "dagrun: warning: $1"
}

@test "a store that cannot be used is a warning, and the run goes on" {
    graph g.xml <<<'<task id="a"/>'
    with_store
    mkdir full
    echo >not-a-directory
    DAGRUN_STORE=not-a-directory/store warns_of 'the store "not-a-directory/store": Not a directory'
    dagrun_exits 0 -q g.xml --store not-a-directory/store
    is "$stderr" ''

    # A newer version, another program.
    dagrun_exits 0 g.xml
    cp -r store newer
    cp -r store foreign
    sql newer 'PRAGMA user_version = 999'
    DAGRUN_STORE=newer warns_of 'the store "newer": it was written by a newer version of dagrun'
    complains 4 'dagrun: the store "newer": it was written by a newer version of dagrun' history --store newer
    sql foreign 'PRAGMA application_id = 1'
    DAGRUN_STORE=foreign warns_of 'the store "foreign": runs.db belongs to another program'

    # Damage: it is moved aside once.
    sql store 'PRAGMA wal_checkpoint(TRUNCATE)'
    head -c 5000 /dev/urandom >store/runs.db
    complains 4 "dagrun: the store \"$PWD/store\": it is damaged" history
    warns_of "the store \"$PWD/store\" was damaged; it is now \"$PWD/store/runs.db.damaged\", and a new one was begun"
    dagrun_exits 0 g.xml
    is "$(dagrun history --json | json length)" 2

    # The same in a directory that the run has locked for its outputs.
    sql store 'PRAGMA wal_checkpoint(TRUNCATE)'
    head -c 5000 /dev/urandom >store/runs.db
    dagrun_exits 0 g.xml --output store
    has "$stderr" 'and a new one was begun'

    # A named pipe is read once.
    mkfifo pipe.xml
    cat g.xml >pipe.xml 3>&- &
    dagrun_exits 0 pipe.xml
    lacks "$stderr" warning
    is "$(dagrun history --json | json '.[0].path')" "$PWD/pipe.xml"
}

# Damage the file of a store: damage DIRECTORY cut|flip PAGE
damage()
{
    python3 - "$@" <<'END'
import sys
path, how, page = sys.argv[1] + "/runs.db", sys.argv[2], int(sys.argv[3])
data = bytearray(open(path, "rb").read())
if how == "cut":
    data = data[:4096 * page + 1000]
else:
    for i in range(0, 4096, 97):
        data[(4096 * page + i * (page + 3) % 4096) % len(data)] ^= 1 << i % 8
open(path, "wb").write(data)
END
}

@test "with a store that is damaged anywhere, a run succeeds, and nothing wrong is shown" {
    graph g.xml <<<'<task id="a"><exec>seq 1 500</exec></task> <task id="b" needs="a"><shell>seq 1 20000</shell></task>'
    with_store
    for _ in 1 2 3; do dagrun_exits 0 -q g.xml; done
    sql store 'PRAGMA wal_checkpoint(TRUNCATE)'
    rm -f store/runs.db-*
    mv store good
    pages=$(($(stat -c %s good/runs.db) / 4096))
    [[ $pages -gt 8 ]]
    for ((page = 0; page < pages; page++)); do
        for how in cut flip; do
            rm -rf store
            cp -r good store
            damage store $how $page
            echo "page $page $how"
            status=0
            "$DAGRUN" show last a --output-only >out 2>err 3>&- || status=$?
            [[ $status -le 4 ]]
            [[ $status -ne 0 || ! -s out ]] || cmp out <(seq 1 500)
            dagrun_exits 0 g.xml
            "$DAGRUN" history >out 2>err 3>&- || [[ $? -eq 4 ]]
        done
    done
}
