#!/usr/bin/env bats
# dagrun list: strategies, kinds, tasks, parameters.

load helpers

some_graph()
{
    graph g.xml <<'END'
      <param name="needed" title="must be given"/> <param name="on" type="boolean" default="false"/>
      <task id="a-b" title="the first"/> <task id="c.d" when="$on"/> <task id="e"/>
END
}

@test "strategies: the default comes first" {
    dagrun_exits 0 list strategies --names
    is "$output" 'phases
phases-longest
dataflow
depth-first
critical-path
longest-first
shortest-first
most-successors
random'
    dagrun_exits 0 list strategies
    is "$(awk '{ print $1 }' <<<"$output")" "$(dagrun list strategies --names)"
    is "$(dagrun list --json strategies | json '.[].name')" "$(dagrun list strategies --names)"
    is "$(dagrun list --json strategies | json 'all(.summary and .source)')" true
}

@test "kinds of task" {
    dagrun_exits 0 list kinds --names
    is "$output" 'exec
shell
sleep
spin
noop'
    is "$(dagrun list --json kinds | json '.[].name')" "$output"
}

@test "tasks of a graph in order of declaration, regardless of conditions" {
    some_graph
    dagrun_exits 0 list tasks g.xml --names
    is "$output" 'a-b
c.d
e'
    is "$(dagrun list tasks g.xml --json | json '.[0]')" '{"name":"a-b","summary":"the first"}'
    has "$(dagrun list tasks g.xml)" 'a-b  the first'
}

@test "parameters of a graph; none needs a value" {
    some_graph
    dagrun_exits 0 list params g.xml --names
    is "$output" 'needed
on'
    has "$(dagrun list params g.xml)" 'needed  must be given'
}

@test "an invalid graph and a missing file" {
    graph g.xml <<<'<tsk/>'
    dagrun_exits 3 list tasks g.xml
    is "$output" ''
    complains 4 'dagrun: none.xml: No such file or directory' list params none.xml
}
