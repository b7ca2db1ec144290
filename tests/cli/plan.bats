#!/usr/bin/env bats
# dagrun plan: the static analysis of a graph.

load helpers

two_chains()
{
    graph g.xml "$@" <<'END'
      <param name="extra" type="boolean" default="true"/>
      <phase title="Begin" of="a"/> <phase title="Ends &amp; &quot;odds&quot;" of="c"/>
      <task id="a" cost="1"><exec>touch marker</exec></task>
      <task id="b-1" needs="a" cost="3" title="a &lt;b&gt; &quot;title&quot;"/>
      <task id="b.2" needs="a" cost="0.5"/>
      <task id="c" needs="b-1 b.2" cost="2"/>
      <task id="é" needs="c" cost="1" when="$extra"/>
END
}

@test "plan runs and creates nothing" {
    two_chains 'output="made"'
    for form in '' --json --dot --mermaid; do
        # no word, or one
        dagrun_exits 0 plan $form g.xml
        is "$stderr" ''
    done
    [[ ! -e marker && ! -e made ]]
}

@test "-j shows the largest lower bound for so many workers, and its cause" {
    two_chains # 7.5 s of work; the chain takes 7 s
    dagrun_exits 0 plan -j 1 g.xml
    matches "$output" 'lower bound +7.50 s +no schedule with 1 worker is shorter than the work spread over all workers'
    dagrun_exits 0 plan --jobs 2 g.xml
    matches "$output" 'lower bound +7.00 s +no schedule with 2 workers is shorter than the critical path'
    dagrun_exits 0 plan -j 1 --json g.xml
    is "$(json '[.workers, .lower_bound_seconds, .lower_bound_by]' <<<"$output")" '[1,7.5,"workers"]'
    for form in '' --json; do
        # no word, or one
        dagrun_exits 0 plan $form g.xml
        lacks "$output" 'lower'
    done
    sed 's/cost="2"//' g.xml >u.xml
    dagrun_exits 0 plan -j 1 u.xml
    matches "$output" 'lower bound +unknown +no schedule with 1 worker is shorter than .* if each unknown cost is 1 s'
    dagrun_exits 0 plan -j 1 --json u.xml
    is "$(json '[.workers, .lower_bound_seconds, .lower_bound_by]' <<<"$output")" '[1,null,null]'
    complains 2 'dagrun: -j is for the table and for --json: diagrams show no lower bound' plan -j 1 --dot g.xml
    complains 2 'dagrun: -j takes a number of workers from 1 to 10000, not "none"' plan -j none g.xml
}

@test "compact phases: dependencies span the fewest phases, and of equal ones the first" {
    # e, x and y are in phase 5 after the chain.  h is needed twice and needs once, so it is right before
    # them, and takes k along; m is as good anywhere between a and e.
    graph g.xml <<'END'
      <task id="a"/> <task id="b" needs="a"/> <task id="c" needs="b"/> <task id="d" needs="c"/>
      <task id="e" needs="d m"/> <task id="m" needs="a"/> <task id="k"/> <task id="h" needs="k"/>
      <task id="x" needs="h d"/> <task id="y" needs="h d"/>
END
    phases_are()
    {
        is "$(dagrun plan --phases "$1" --json g.xml |
            json '[.tasks[] | "\(.id)\(.phase)"] | join(" ")')" "$2"
    }
    phases_are compact 'a1 b2 c3 d4 e5 m2 k3 h4 x5 y5'
    phases_are asap 'a1 b2 c3 d4 e5 m2 k1 h2 x5 y5'
    phases_are alap 'a1 b2 c3 d4 e5 m4 k3 h4 x5 y5'
}

@test "the table has phases with titles and marks the critical path" {
    two_chains
    dagrun_exits 0 plan g.xml
    matches "$output" 'Phase 1: Begin'
    has "$output" 'Phase 3: Ends & "odds"'
    matches "$output" '
  \*  b-1 [^
]*3.00 s +6.00 s +1.00 s +0 s
     b.2 [^
]*500 ms +3.50 s +1.00 s +2.50 s
'
    has "$output" 'a → b-1 → c → é'
    has "$output" '5 tasks in 4 phases, 5 dependencies'
}

@test "a cost that nobody declared is unknown, and so is what depends on it" {
    graph g.xml <<<'<task id="a"/> <task id="b" needs="a"/> <task id="c"/> <task id="d" cost="3"/>'
    dagrun_exits 0 plan g.xml
    lacks "$output" '1.00 s'
    matches "$output" '     b +noop +1 +unknown +– +– +–
'
    matches "$output" '  critical path  unknown  longest chain \(\*\) if each unknown cost is 1 s'
    matches "$output" '  total cost     unknown  3 tasks declare no cost; declare it in seconds: cost="2.5"'
    dagrun_exits 0 plan --json g.xml
    is "$(json '[.critical_path_seconds, .total_cost_seconds, (.tasks[] | .cost, .rank)]' <<<"$output")" \
        '[null,null,null,null,null,null,null,null,3,3]'
    dagrun_exits 0 -q --json g.xml
    is "$(json '[.tasks[].cost]' <<<"$output")" '[null,null,null,3]'
}

@test "the JSON contains every number of the table" {
    two_chains
    dagrun_exits 0 plan --json g.xml --set extra=false
    is "$(phases <(echo "$output"))" 'a | b-1 b.2 | c'
    is "$(json '[.graph,.dependencies,.critical_path,.critical_path_seconds,.total_cost_seconds,.excluded]' <<<"$output")" \
        '["g",4,["a","b-1","c"],6,6.5,["é"]]'
    is "$(json '.tasks[2] | [.id,.phase,.kind,.needs,.critical,.cost,.rank,.earliest_start,.latest_start,.slack]' <<<"$output")" \
        '["b.2",2,"noop",["a"],false,0.5,2.5,1,3.5,2.5]'
    is "$(json '[.phases[].title]' <<<"$output")" '["Begin",null,"Ends & \"odds\""]'
    is "$(json '.parameters' <<<"$output")" '{"extra":false}'
}

@test "the name of a graph is declared, or that of its file" {
    two_chains
    is "$(dagrun plan --json g.xml | json .graph)" g
    two_chains 'name="own"'
    is "$(dagrun plan --json g.xml | json .graph)" own
}

@test "Graphviz reads the picture and finds all tasks and dependencies" {
    needs_program dot
    two_chains
    dagrun plan --dot g.xml >g.dot
    dot -Tsvg g.dot >g.svg
    dot -Tjson g.dot >g.json
    is "$(json '[.objects[] | select(.nodes == null) | .name] | sort | join(" ")' g.json)" 'a b-1 b.2 c é'
    is "$(json '[.objects[] | select(.name | startswith("cluster"))] | length' g.json)" 4
    is "$(json '.edges | length' g.json)" 5
    is "$(json '[.edges[] | select(.color == "#c62828")] | length' g.json)" 3
    has "$(cat g.svg)" 'Ends &amp; &quot;odds&quot;'
}

@test "Graphviz reads the plans of all examples" {
    needs_program dot
    for file in "$source_dir"/examples/*.xml "$source_dir"/examples/*/*.xml; do
        grep -q urn:dagrun:graph:1 "$file" || continue
        dagrun plan --dot "$file" >g.dot
        dot -Tsvg g.dot >g.svg
        xmllint --nonet --noout g.svg 2>/dev/null
        n=$((${n-0} + 1))
    done
    [[ $n -ge 5 ]]
}

@test "the picture for Mermaid has a subgraph per phase and a line per dependency" {
    two_chains
    dagrun_exits 0 plan --mermaid g.xml
    is "${lines[0]}" 'flowchart LR'
    is "$(grep -c '^  subgraph p[0-9]*\["' <<<"$output")" 4
    is "$(grep -c '^  end$' <<<"$output")" 4
    is "$(grep -c '^    n[0-9]*\["' <<<"$output")" 5
    is "$(grep -c '^  n[0-9]* --> n[0-9]*$' <<<"$output")" 5
    # Quotes and angle brackets would end a label or begin a tag.
    run -1 grep -E '\["[^"]*["<>][^"]*"\]' <<<"$output"
}

@test "a machine of unlike workers: where and when each task runs" {
    graph g.xml <<'END'
      <machine bandwidth="2" latency="500ms">
        <worker name="slow"/> <worker name="fast" speed="4"/>
        <costs of="b" seconds="1 9"/> <data from="a" to="b" size="3"/>
      </machine>
      <task id="a" cost="8"/> <task id="b" needs="a"/>
END
    dagrun_exits 0 plan g.xml
    has "$output" '
the machine of the graph, 2 workers: no schedule is shorter than 5.00 s
  optimal  5.00 s  no schedule is shorter
  heft     5.00 s  no schedule is shorter
  cpop     9.00 s  80.0 % above the lower bound
its workers with optimal
  slow  b (4.00 s to 5.00 s)
  fast  a (0 s to 2.00 s)'
    dagrun_exits 0 plan g.xml --json
    is "$(json '.machine.workers' <<<"$output")" '[{"name":"slow","speed":1},{"name":"fast","speed":4}]'
    is "$(json '.machine.schedules[1].tasks[1]' <<<"$output")" \
        '{"id":"b","worker":"slow","start_seconds":4,"end_seconds":5}'
    is "$(json '.tasks[1].cost' <<<"$output")" 5
    # Another cost changes those on the workers in proportion.
    is "$(dagrun plan g.xml --set-cost b=500ms --json | json .machine.lower_bound_seconds)" 2.9
}

@test "in a run the workers are alike, and it says so" {
    graph g.xml <<<'<machine><worker name="p"/></machine> <task id="a"/>'
    dagrun_exits 0 g.xml --strategy heft
    has "$stderr" 'dagrun: the <machine> of the graph is for plan and bench: here all workers are alike'
    dagrun_exits 0 g.xml --strategy cpop -q
    is "$stderr" ''
}

@test "an invalid graph" {
    graph g.xml <<<'<task id="a" needs="b"/> <task id="b" needs="a"/>'
    complains 3 'g.xml:2:1: error: dependency cycle: a (line 2) → b (line 2) → a' plan g.xml
}
