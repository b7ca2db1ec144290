#!/usr/bin/env bats
# Rates of pools: attempts start no faster, and not much slower.

load helpers

# A graph of 105 tasks, at 100 a second and 5 at once.
saturated()
{
    {
        echo '<pool name="llm" rate="100/s" burst="5"/>'
        for n in $(seq 105); do
            echo "<task id='t$n' uses='llm' cost='0.001'/>"
        done
    } | graph g.xml
}

@test "starts are never above the rate, and hardly below it" {
    saturated
    # The last start may come after 1 s.  The machine may be busy with other tests.
    for try in 1 2 3 4 5; do
        dagrun_exits 0 -q -j2 --strategy dataflow --timings run.json g.xml
        "$DAGRUN" verify g.xml run.json
        # By a window of every length, in integer microseconds.
        is "$(jq '[.tasks[].start_seconds] | sort | . as $s | [range(length) as $j | range($j + 1) as $i
            | select($j - $i + 1 > 5 + 100 * ($s[$j] - $s[$i]) + 1e-6)] | length' run.json)" 0
        jq -e '[.tasks[].start_seconds] | (max - min) <= 1 / 0.98' run.json && return
    done
    echo "the starts took longer than 1.02 s five times"
    return 1
}

@test "the simulator predicts a run with a rate" {
    saturated
    "$DAGRUN" bench --json -j2 --strategies=dataflow --noise=0 g.xml > bench.json
    jq -e '.graphs[0].cases[0].results[0].makespan_seconds | . >= 1 and . <= 1.002' bench.json
    "$DAGRUN" plan g.xml > plan.txt
    grep -E '^ *pool llm +1\.00 s +starts of its 105 tasks at 100/s, burst 5: no run is shorter$' plan.txt
}

@test "plans, dry runs and records tell the limits of a pool" {
    graph g.xml <<'END'
      <pool name="both" slots="8" rate="60/m"/>
      <pool name="slow" rate="50/24h"/>
      <task id="a" uses="both slow"/>
      <task id="b" uses="both"/>
END
    "$DAGRUN" -n g.xml > order.txt
    grep -Fx '# pool both: 8 slots, 60/m, burst 1' order.txt
    grep -Fx '# pool slow: 50/24h, burst 1' order.txt
    "$DAGRUN" plan --json g.xml > plan.json
    is "$(jq -c '.pools' plan.json)" '[{"name":"both","slots":8,"rate_count":60,"rate_seconds":60,"burst":1},{"name":"slow","rate_count":50,"rate_seconds":86400,"burst":1}]'
}

@test "a retry waits for the rate, and explain names it" {
    graph g.xml <<'END'
      <pool name="llm" rate="10/s" burst="1"/>
      <task id="a" uses="llm" retries="1" retry-delay="1ms"><shell>test -e once || { touch once; exit 1; }</shell></task>
      <task id="b" needs="a" uses="llm"><shell>true</shell></task>
END
    dagrun_exits 0 -q --timings run.json g.xml
    "$DAGRUN" verify g.xml run.json
    jq -e '[.tasks[] | select(.id == "a").attempts[].start_seconds] | .[1] - .[0] >= 0.1' run.json
    "$DAGRUN" explain g.xml --after run.json > after.txt
    grep -F 'the rate of the pool llm, since a had started' after.txt
    "$DAGRUN" explain g.xml --after run.json --json > after.json
    jq -e '[.. | objects | select(.cause? == "rate" and .pool == "llm" and .by == "a")] | length == 1' after.json
}

@test "a run cannot be passed off as one with another rate" {
    graph g.xml <<'END'
      <pool name="llm" rate="10/s" burst="2"/>
      <task id="a" uses="llm"/>
      <task id="b" uses="llm"/>
END
    dagrun_exits 0 -q --timings run.json g.xml
    sed 's/burst="2"/burst="1"/' g.xml > other.xml
    dagrun_exits 1 verify other.xml run.json
    has "$output" 'the rate of the pool "llm" is not the one in the graph'
    has "$output" 'sooner than the rate of the pool "llm" allows'
}
