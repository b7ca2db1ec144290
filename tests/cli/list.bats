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
cp-misf
slack
longest-first
shortest-first
most-successors
random
optimal
heft
cpop'
    dagrun_exits 0 list strategies
    is "$(awk '{ print $1 }' <<<"$output")" "$(dagrun list strategies --names)"
    is "$(dagrun list --json strategies | json '.[].name')" "$(dagrun list strategies --names)"
    is "$(dagrun list --json strategies | json 'all(.summary and .source)')" true
}

@test "kinds of task" {
    dagrun_exits 0 list kinds --names
    is "$output" 'exec
shell
http
chat
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
    is "$(dagrun list params g.xml)" 'needed  string   required         must be given
on      boolean  default "false"'
}

@test "parameters have their type, default and choices; secrets are marked" {
    graph g.xml <<'END'
      <param name="shade" type="choice" choices="red  green" default="red" title="of the door"/>
      <param name="token" secret="true"/> <param name="empty" default="" title="may be empty"/>
      <param name="from" type="path" default="in/data.txt"/>
END
    dagrun_exits 0 list params g.xml
    is "$output" 'shade  choice: red green  default "red"          of the door
token  string             secret, required
empty  string             default ""             may be empty
from   path               default "in/data.txt"'
    dagrun_exits 0 list params g.xml --json
    is "$(json '.[0], .[1]' <<<"$output")" '{"name":"shade","summary":"of the door","type":"choice","choices":["red","green"],"default":"red","secret":false}
{"name":"token","summary":"","type":"string","default":null,"secret":true}'
}

@test "titles of a foreign graph cannot disturb the terminal" {
    graph g.xml <<<'<param name="a" title="x&#x202e;y&#x9b;z"/> <task id="t" title="one&#10;two &#x85;"/>'
    lacks "$(dagrun list params g.xml)" $'\u202e'
    lacks "$(dagrun list params g.xml)" $'\u9b'
    is "$(dagrun list tasks g.xml | wc -l)" 1
}

@test "an invalid graph and a missing file" {
    graph g.xml <<<'<tsk/>'
    dagrun_exits 3 list tasks g.xml
    is "$output" ''
    complains 4 'dagrun: none.xml: No such file or directory' list params none.xml
}
