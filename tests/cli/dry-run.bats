#!/usr/bin/env bats
# dagrun -n: the tasks that would run, in order, with all known values; no task runs.

load helpers

some_graph()
{
    graph g.xml 'output="made"' <<'END'
      <param name="word" default="two words"/> <param name="on" type="boolean" default="false"/>
      <phase title="Begin" of="a"/>
      <task id="a"><exec>touch marker ${word} "it's"</exec></task>
      <task id="b" dir="${word}">
        <env name="GREETING" value="hello ${word} and ${a}"/>
        <exec stdin="a">echo ${a} x${a}y</exec>
      </task>
      <task id="c" needs="b">
        <shell>
          if true; then
            touch marker
          fi
        </shell>
      </task>
      <task id="d" when="$on"/>
      <task id="e" needs="c"><sleep duration="1.5s"/></task> <task id="f" needs="c"/>
END
}

@test "the dry run prints commands, values, conditions and phases" {
    some_graph
    dagrun_exits 0 -n g.xml
    is "$stderr" ''
    is "$output" '# word=two words
# on=false
# excluded: d
# phase 1: Begin
a
    touch marker '"'two words' 'it'\\''s'"'
# phase 2
b
    cd two words
    GREETING=hello two words and ${a}
    echo ${a} x${a}y < ${a}
# phase 3
c
    if true; then
      touch marker
    fi
# phase 4
e
    sleep 1.50 s
f
    noop'
}

@test "a dry run starts, creates and writes nothing, under any strategy" {
    some_graph
    for strategy in $(dagrun list strategies --names); do
        dagrun_exits 0 -n --strategy "$strategy" --timings t.json g.xml
        is "$(grep -c '^[a-f]$' <<<"$output")" 5
        is "$(ls)" g.xml
    done
    [[ $strategy ]]
}

@test "a dry run with task names, settings and conditions" {
    some_graph
    dagrun_exits 0 --dry-run g.xml a d --set on=true --set word=x
    is "$(grep -v '^ ' <<<"$output" | grep -v '^#' | xargs)" 'a d'
    has "$output" "touch marker x "
    lacks "$output" excluded
}

@test "phases are printed only if the strategy has barriers" {
    some_graph
    dagrun_exits 0 -n --strategy dataflow g.xml
    lacks "$output" '# phase'
    dagrun_exits 0 -n --strategy phases-longest g.xml
    has "$output" '# phase 4'
}

@test "an invalid graph and an invalid value" {
    some_graph
    complains 2 'dagrun: parameter "on": "x" is not a boolean (true or false)' -n g.xml --set on=x
    graph g.xml <<<'<tsk/>'
    dagrun_exits 3 -n g.xml
    is "$output" ''
}

@test "a graph without tasks, and one in which all are excluded" {
    graph g.xml <<<''
    dagrun_exits 0 -n g.xml
    lacks "$stderr" CRITICAL
    graph g.xml <<<'<task id="a" when="false()"/>'
    dagrun_exits 0 -n g.xml
    has "$output" '# excluded: a'
    lacks "$stderr" CRITICAL
}
