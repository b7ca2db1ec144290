#!/usr/bin/env bats
# Tokens of pools and budgets, against the chat service of the tests.

load helpers
load servers

setup()
{
    chat_setup --tokens tokens --log requests
}

# Write a graph of questions of 20 words, with answers of 20: questions N ATTRIBUTES SERVICE CHAT
# By the estimate, each has 44 tokens; the service counts 40.
questions()
{
    {
        echo "<param name='base'/> <pool name='llm' $2/>"
        # shellcheck disable=SC2016 # a parameter of the graph
        echo '<service name="ai" url="${base}" '"$3/>"
        for n in $(seq "$1"); do
            echo "<task id='t$n' uses='llm'><chat service='ai' model='echo' $4><user>$(printf 'abc %.0s' {1..20})</user></chat></task>"
        done
    } | graph g.xml
}

@test "a pool never uses tokens faster than it has them, as the server counts" {
    questions 56 'tokens="1000/s"' '' 'max-tokens="20"'
    "$DAGRUN" bench --json -j1 --strategies=dataflow --noise=0 g.xml --set base=x > bench.json
    dagrun_exits 0 -q --timings run.json --strategy dataflow g.xml --set base="$base"
    is "$(awk '{n += $2} END {print NR, n}' tokens)" '56 2240'
    # Within windows of every length; requests may come up to 250 ms later than they were sent.
    awk '{t[NR] = $1; n[NR] = $2}
        END { for (i = 1; i <= NR; i++) { sum = 0
            for (j = i; j <= NR; j++) { sum += n[j]; if (sum > 1000 + 1000 * (t[j] - t[i] + 0.25)) exit 1 } }
            if (t[NR] - t[1] < 0.9) exit 1 }' tokens
    # The simulator knows: 56 x 44 - 1000 are not there at once, and a question of unknown cost takes 1 s.
    jq -e '.graphs[0].cases[0].results[0].makespan_seconds | . >= 2.463 and . <= 2.465' bench.json
}

@test "a run asks nothing that may cost more than it was allowed" {
    local service='price-input="1000000" price-output="1000000"' # 1 for each token

    questions 5 'slots="1"' "$service" 'max-tokens="20"'
    for limit in '--max-cost 100' '--max-cost 100.5' '--max-tokens 100'; do
        : >tokens
        # shellcheck disable=SC2086 # two words
        dagrun_exits 1 -q --timings run.json --strategy dataflow $limit g.xml --set base="$base"
        is "$(awk '{n += $2} END {print NR, n}' tokens)" '2 80' # the third may need 44
        is "$(json '[.tasks[].outcome] | join(" ")' run.json)" 'succeeded succeeded failed cancelled cancelled'
        matches "$(json '.tasks[2].reason' run.json)" 'the budget of [0-9.]*( tokens)? is used up: 80 (is|are) spent, 0 reserved .*, and this one may (cost|use) 44'
    done
    dagrun_exits 0 -q --max-cost 204 --max-tokens 204 g.xml --set base="$base"
    questions 1 'slots="1"' '' ''
    dagrun_exits 1 -q --max-cost 5 g.xml --set base="$base"
    has "$stderr" price
    complains 2 'dagrun: --max-cost takes an amount above 0, such as 0.50, not "free"' --max-cost free g.xml
    complains 2 'dagrun: --max-tokens takes a number of tokens from 1, not "0"' --max-tokens 0 g.xml
}

# Write a graph with a question of 10 words whose answer must be repaired; tokens for that come after 10 s:
# unrepaired MODEL ATTRIBUTES-OF-THE-TASK ELEMENTS
unrepaired()
{
    echo '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}' >s.json
    graph g.xml <<END
      $3 <service name="ai" url="$base"/>
      <task id="a" retries="0" $2><chat service="ai" model="r,invalid$1" max-tokens="20">
        <user>$(printf 'abc %.0s' {1..10})</user><result type="json" schema="s.json" repair="1"/></chat></task>
END
    : >tokens >requests
}

# Check that one question was asked, and its tokens are counted once.
counted_once()
{
    is "$(awk '{n += $2} END {print NR, n}' tokens)" "$(json '.tasks[0] | "\(.requests | length) \(.usage.input_tokens + .usage.output_tokens)"' r.json)"
    is "$(wc -l <requests)" 1
}

@test "a repair that waits for tokens ends at once, and its question is counted once" {
    unrepaired '' 'uses="llm" timeout="300ms"' '<pool name="llm" tokens="40/10s"/>'
    dagrun_exits 1 -q --timings r.json g.xml
    is "$(outcomes r.json)" 'a:timed-out'
    counted_once
    unrepaired '' 'uses="llm"' '<pool name="llm" tokens="40/10s"/>'
    start g.xml --grace 30s --timings r.json
    wait_until test -s tokens
    sleep 0.1 # for the answer
    kill -TERM "$pid"
    ends_with 143
    counted_once
    # The answer that is under way is waited for, and no other is asked for.
    unrepaired ',delay=300' '' ''
    start g.xml --grace 30s --timings r.json
    wait_until test -s requests
    kill -TERM "$pid"
    ends_with 143
    counted_once
}

@test "plans and the check of a run know the tokens of a pool" {
    {
        echo '<pool name="p" tokens="10240/s"/>'
        for n in {1..13}; do echo "<task id='t$n' uses='p' cost='0.001'/>"; done
    } | graph g.xml
    dagrun_exits 0 plan g.xml
    matches "$output" '  pool p +301 ms  starts of its 13 tasks at 10240 tokens/s: no run is shorter'
    dagrun_exits 0 -q --strategy dataflow --timings run.json g.xml
    is "$(json '.pools[0] | .lower_bound_seconds >= 0.3' run.json)" true
    dagrun_exits 0 verify g.xml run.json
    # Thirteen at once.
    json '.tasks[].start_seconds = 0.001 | .tasks[].end_seconds = 0.002' run.json >forged.json
    dagrun_exits 1 verify g.xml forged.json
    has "$output$stderr" 'sooner than the tokens of the pool "p" allow'
    json '.pools[0].tokens_count = 9' run.json >forged.json
    dagrun_exits 1 verify g.xml forged.json
    has "$output$stderr" 'the tokens of the pool "p" are not those in the graph'
}
