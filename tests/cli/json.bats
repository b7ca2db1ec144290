#!/usr/bin/env bats
# docs/json.md has exactly the fields that the documents have.

load helpers

# A run with all that a run can have.
some_graph()
{
    graph g.xml 'output="made"' <<'END'
      <param name="word" default="w"/> <param name="on" type="boolean" default="false"/>
      <param name="n" type="integer" default="3"/> <param name="key" secret="true"/>
      <param name="shade" type="choice" choices="red green" default="red" title="of the door"/>
      <phase title="Begin" of="again"/> <pool name="net" slots="2" tokens="100000/s" rate="1000/s"/>
      <task id="again" title="Try again" retries="2" retry-delay="1ms" retry-on="3" uses="net" timeout="1m" priority="4">
        <shell>test -e tried || { touch tried; exit 3; }</shell>
      </task>
      <task id="may" inputs="g.xml" print="true" allow-failure="true" expect="0 2"><exec>false</exec></task>
      <task id="bad" needs="again may" outputs="never"><exec>env KEY=${key} false</exec></task>
      <task id="late" needs="bad" cache="7d"/> <task id="out" when="$on"/>
      <task id="end" always="true" needs="late"><exec>true</exec></task>
END
}

# Print the path of each field of a document, with the names of parameters and pools replaced.
fields_written()
{
    json '[paths] | .[] | map(if type == "number" then "[]" else "." + . end) | join("")' "$@" |
        sed -E -e 's/^\.//' -e 's/phaseN?[0-9]+$/phaseN/' -e 's/^(word|on|n|key|shade)$/NAME/' \
            -e 's/^parameters\..*/parameters.NAME/' -e 's/uses\..*/uses.POOL/' | sort -u
}

# Print the fields in a section of docs/json.md, with the objects and arrays around them.
fields_documented()
{
    awk -v head="## $1" '/^## / { here = $0 == head } here' "$source_dir/docs/json.md" |
        sed -n 's/^| `\([^`]*\)` |.*/\1/p'
}

# Keep the fields that contain no other one.
leaves()
{
    sort -ur | awk 'index(last, $0 ".") != 1 && index(last, $0 "[") != 1 { print } { last = $0 }' | sort
}

@test "the fields of a run" {
    some_graph
    key=v3ry-secret dagrun_exits 1 g.xml --json --set-env key=key
    is "$(fields_documented 'A run' | grep -vx -e simulated -e critical_path_strategy_seconds -e 'search\..*' -e 'network\..*' -e 'tasks\[\]\.\(kept\|requests\|usage\|reused_from\|not_reused\).*' | leaves)" \
        "$(fields_written <<<"$output" | grep -v '^excluded\[' | sed 's/^stop_reasons\[\]$/stop_reasons/' | leaves)"
    is "$(fields_documented 'A run' | sed -n 's/^counts\.//p')" "$(json '.counts | keys_unsorted[]' <<<"$output")"
}

@test "the fields of a search" {
    graph g.xml <<<'<task id="a"><sleep duration="1ms"/></task>'
    dagrun_exits 0 g.xml --json --strategy optimal
    is "$(json .search <<<"$output")" '{"result":"optimal","lower_bound_seconds":0.001}'
    is "$(fields_documented 'A run' | sed -n 's/^search\.//p' | sort)" "$(json '.search | keys[]' <<<"$output")"
}

@test "the fields of a plan" {
    some_graph
    graph h.xml <<<'<machine><worker name="p"/></machine> <task id="a"/>'
    key=v3ry-secret dagrun_exits 0 plan g.xml --json --set-env key=key
    is "$(fields_documented 'A plan' | leaves)" \
        "$({ echo "$output"; dagrun plan h.xml --json; } | fields_written |
            sed -E 's/^(excluded|critical_path|.*\.(tasks|needs|retry_on|expect))\[\]$/\1/' | leaves)"
}

@test "the fields of a comparison of strategies" {
    some_graph
    # No pool: it has a guarantee.
    graph h.xml <<<'<machine><worker name="p"/></machine> <task id="a"/>'
    key=v3ry-secret dagrun_exits 0 bench g.xml --json --set-env key=key -j2
    is "$(fields_documented 'A comparison of strategies' | leaves)" \
        "$({ echo "$output"; dagrun bench h.xml --json; } | fields_written | sed 's/\.ties\[\]$/.ties/' | leaves)"
}

@test "the fields of explanations" {
    graph g.xml <<'END'
      <task id="a" cost="2"/> <task id="b" needs="a"/> <task id="c" needs="a b"/> <task id="d" needs="c"/>
      <task id="p"/> <task id="q" needs="p"/> <task id="r" needs="q"/>
END
    {
        dagrun explain g.xml --json
        dagrun explain g.xml c --json
    } >explanations
    is "$(fields_documented 'An explanation' | leaves)" \
        "$(fields_written explanations |
            sed -E 's/^(single_phases|.*\.(needs|unlocks))\[\]$/\1/; s/^(serial_chains)\[\]\[\]$/\1[]/' | leaves)"
}

@test "the fields of a verdict" {
    graph g.xml <<<'<task id="a"/>'
    dagrun -q g.xml --timings run.json
    sed 's/"outcome": "succeeded"/"outcome": "blocked"/' run.json >altered.json
    dagrun_exits 1 verify g.xml altered.json --json
    is "$(fields_documented 'A verdict' | leaves)" "$(fields_written <<<"$output" | leaves)"
}

@test "the fields of the causes of waiting" {
    graph g.xml <<<'<task id="a"/> <task id="b" needs="a"/>'
    dagrun_exits 0 g.xml -q --timings run.json
    dagrun_exits 0 explain g.xml --after run.json --json
    is "$(fields_documented 'The causes of waiting' | leaves)" "$(fields_written <<<"$output" | leaves)"
}

@test "the fields of stored runs and tasks" {
    some_graph
    export DAGRUN_STORE=$PWD/store
    key=v3ry-secret dagrun_exits 1 -q g.xml --set-env key=key
    is "$(fields_documented 'Stored runs' | leaves)" "$(dagrun history --json | fields_written | leaves)"
    is "$(fields_documented 'A stored run' | grep -v '\.\(paid\|source\)$' | leaves)" "$(dagrun show --json | fields_written | leaves)"
    {
        dagrun show 1 again --json
        dagrun show 1 may --json
        dagrun show 1 bad --json
    } >tasks
    is "$(fields_documented 'A stored task' | grep -v '^\(paid\|source\)$' | leaves)" "$(fields_written tasks | leaves)"
}

@test "the fields of lists" {
    some_graph
    {
        dagrun list strategies --json
        dagrun list kinds --json
        dagrun list tasks g.xml --json
        dagrun list params g.xml --json
    } >lists
    is "$(fields_documented Lists | leaves)" \
        "$(fields_written lists | sed 's/choices\[\]$/choices/' | leaves)"
}

@test "docs/json.md names every key that a writer has" {
    keys=$(grep -ohE '(json, |^    \{)"[a-z_]+"' "$source_dir"/scheduler/report/*json.c | grep -oE '[a-z_]+"$' | tr -d '"' | sort -u)
    [[ $(wc -l <<<"$keys") -gt 50 ]]
    for key in $keys; do
        grep -qE "[\`.]$key[\`.[]" "$source_dir/docs/json.md" || { echo "not in docs/json.md: $key"; return 1; }
    done
}
