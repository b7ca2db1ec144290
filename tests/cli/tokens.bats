#!/usr/bin/env bats
# Tokens of pools and budgets, against the chat service of the tests.

load helpers

setup()
{
    [[ -e ${DAGRUN_CHAT_SERVER-} ]] || { echo "DAGRUN_CHAT_SERVER must be the server: \"${DAGRUN_CHAT_SERVER-}\""; return 1; }
    mkdir "$BATS_TEST_TMPDIR/work"
    cd -- "$BATS_TEST_TMPDIR/work" || return 1
    export TERM=dumb
    coproc SERVER { exec "$DAGRUN_CHAT_SERVER" --tokens tokens 3>&-; }
    read -r base <&"${SERVER[0]}"
}

teardown()
{
    local input=${SERVER[1]}

    exec {input}>&-
    wait "$SERVER_PID" || true
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
