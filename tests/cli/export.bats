#!/usr/bin/env bats
# dagrun export: makefiles and ninja files have the effects of the graph; other formats hold its tasks.

load helpers

# A graph whose tasks write to the files result and order.  Each task of a pair in the order must be
# before the other.
rich_graph()
{
    mkdir -p sub
    graph rich.xml name=\"rich\" output=\"made\" <<'END'
      <param name="greeting" default="it's &quot;$HOME&quot;&#10;two lines"/>
      <param name="on" type="boolean" default="false"/>
      <task id="words"><exec>printf '%s\n' 'b "q" $x' "a 'p' \\y" #c</exec></task>
      <task id="sorted"><exec stdin="words">sort</exec></task>
      <task id="script" needs="words sorted" dir="sub">
        <env name="PLACE" value="${greeting}, ${sorted}"/>
        <shell unset="empty">
          # A script of several lines, with $ and "quotes" | pipes.
          printf '%s\n' "$greeting" "$PLACE" "$unset_one" &gt; file
          while read -r line; do
            printf -- '- %s\n' "$line"
          done &lt; "$sorted" | cat &gt;&gt; file
          pwd | sed 's|.*/||' &gt;&gt; file
        </shell>
      </task>
      <task id="python" needs="script"><shell interpreter="awk -f">
        BEGIN {
            print "awk" &gt; "awk-file"
        }
      </shell></task>
      <task id="excluded" when="$on"><exec>false</exec></task>
      <task id="expected" expect="0 3" needs="excluded"><shell>exit 3</shell></task>
      <task id="allowed" allow-failure="true" needs="expected"><exec>false</exec></task>
      <task id="after" needs="allowed script python excluded">
        <shell>ls made &gt; made/list; echo "$excluded" > excluded-name; cat "$excluded" > excluded</shell>
      </task>
      <task id="status" needs="after"><exec>sh -c 'echo "$1" > status' - ${allowed.outcome}</exec></task>
      <task id="wait" needs="after"><sleep duration="1ms"/></task>
      <task id="burn" needs="wait"><spin duration="1ms"/></task>
      <task id="end" needs="burn" print="true"><exec>echo ${words}</exec></task>
      <task id="last"><shell stdin="end">cat &gt; last</shell></task>
END
}

# Print what the tasks have written.
effects()
{
    head -n 99 sub/file awk-file made/list excluded last
}

@test "make and ninja run the tasks of an exported graph with the same effects" {
    rich_graph
    dagrun_exits 0 rich.xml
    matches "$output" "b \"q\" \\\$x
a 'p' \\\\y"
    effects >wanted
    for program in make ninja; do
        rm -rf sub/file awk-file made excluded last
        dagrun_exits 0 export --to $program rich.xml -o file.$program
        is "$stderr" ''
        run -0 --separate-stderr $program -f file.$program -j2
        has "$output" "b \"q\" \$x
a 'p' \\y"
        is "$(effects)" "$(<wanted)"
        is "$(<status)" succeeded # of a task that was allowed to fail, which make does not tell
    done
    [[ $(wc -l <wanted) -gt 15 ]]
}

# Check that each line stands in the file `order` after those of the tasks that its task needs.
is_ordered()
{
    dagrun plan --json "$1" | json '.tasks[] | .id as $id | .needs[]? | . + " " + $id' >pairs
    [[ -s pairs ]]
    awk 'NR == FNR { at[$1] = FNR; next } !($1 in at) || !($2 in at) || at[$1] > at[$2] { print; bad = 1 }
         END { exit bad }' order pairs
}

@test "make and ninja run every task once, after those that it needs" {
    dagrun generate layered --tasks 20 --seed 5 |
        sed 's|id="\([a-z0-9]*\)"\(.*\)/>|id="\1"\2><shell>echo \1 >> order</shell></task>|' >layers.xml
    for program in make ninja; do
        dagrun export --to $program layers.xml >file.$program
        mkdir -p t1 # ninja looks for a file, make does not
        rm -f order
        run -0 $program -f file.$program -j2
        is "$(sort order)" "$(dagrun list tasks layers.xml --names | sort)"
        is_ordered layers.xml
        # A second run runs all again, as dagrun does; a task can be asked for.
        run -0 $program -f file.$program -j2 t1
        is "$(tail -n 1 order) $(wc -l <order)" 't1 21'
    done
}

@test "a failure stops make and ninja" {
    graph g.xml <<<'<task id="a"><shell>exit 3</shell></task><task id="b" needs="a"><exec>touch b</exec></task>'
    for program in make ninja; do
        dagrun export --to $program g.xml >file.$program
        run $program -f file.$program
        [[ $status -ne 0 && ! -e b ]]
    done
}

@test "limits that make and ninja do not have are named with their location" {
    graph g.xml <<'END'
<pool name="p" slots="2"/><pool name="q" slots="3"/>
<task id="a" timeout="3s" retries="2" uses="p"><exec>true</exec></task>
<task id="b" always="true" needs="a" uses="p q:2"><exec>true</exec></task>
<task id="c"><exec terminal="true">true</exec></task>
END
    dagrun_exits 0 export --to make g.xml
    is "$stderr" 'g.xml:3:1: warning: task "a" has a time limit, which make does not have
g.xml:3:1: warning: task "a" has retries, which make does not have
g.xml:3:1: warning: task "a" uses the pool "p", and make has no pools
g.xml:4:1: warning: task "b" is a clean-up; make runs it only if all tasks that it needs have succeeded
g.xml:4:1: warning: task "b" uses the pool "p", and make has no pools
g.xml:4:1: warning: task "b" uses the pool "q", and make has no pools
g.xml:5:1: warning: task "c" has the terminal, which make gives to one task of several'
    dagrun_exits 0 export --to ninja g.xml
    is "$(grep -v 'time limit\|retries\|clean-up' <<<"$stderr")" \
        'g.xml:4:1: warning: task "b" uses several pools, and in ninja only the first'
    is "$(grep -A 1 -e '^pool' -e '^  pool' <<<"$output" | grep -v -e -- -e text)" 'pool pool1
  depth = 2
pool pool2
  depth = 3
  pool = pool1
  pool = pool1
  pool = console'
}

@test "a secret is not written to a file, and a command that is too long is refused" {
    graph g.xml <<<'<param name="key" secret="true"/><task id="a"><exec>true ${key}</exec></task>'
    KEY=hidden complains 2 'dagrun: the parameter "key" is secret, and the file would show its value; read the secret in the tasks instead' \
        export --to make g.xml --set-env key=KEY
    graph long.xml <<<"<task id='a'><shell>: $(printf '%0140000d' 0)</shell></task>"
    dagrun_exits 3 export --to ninja long.xml
    matches "$stderr" '^long.xml:2:1: error: task "a" has a command of 14.... bytes, more than a program can be given as one argument$'
    graph g.xml <<<'<task id="Makefile"/>'
    complains 3 'g.xml:2:1: error: task "Makefile" has the name of a makefile' export --to make g.xml
}

@test "stg: the largest unit in which the costs are whole" {
    graph g.xml <<<'<task id="b" cost="0.25" needs="a c"/><task id="a" cost="2"/><task id="c" cost="1.5"/>'
    dagrun_exits 0 export --to stg g.xml
    is "$(tr -s ' ' <<<"$output")" ' 3
 0 0 0
 1 2000 1 0
 2 1500 1 0
 3 250 2 1 2
 4 0 1 3
# g, written by dagrun export --to stg
# Unit of time : 0.001 s
# Task 1 : a
# Task 2 : c
# Task 3 : b'
    is "$stderr" ''
    graph g.xml <<<'<task id="a" cost="0.0000001"/><task id="b"/><task id="c"/>'
    dagrun_exits 0 export --to stg g.xml
    is "$stderr" 'g.xml:2:32: warning: task "b" and 1 others declare no cost; in the file it is 0
g.xml:2:1: warning: task "a" and 0 others have a cost that is rounded to 1 µs'
}

@test "wfformat: an independent reader finds tasks, dependencies and costs" {
    graph g.xml 'title="A &quot;title&quot;"' \
        <<<'<task id="a" cost="0.1" title="first"/><task id="b" needs="a"/><task id="c" needs="a b" cost="3"/>'
    dagrun export --to wfformat g.xml >g.json
    is "$(json '.schemaVersion, .description, .workflow.execution.makespanInSeconds' g.json | xargs -d '\n')" \
        '1.5 A "title" 4.1'
    is "$(json '.workflow.specification.tasks[] | [.name, .id] + .parents + ["<"] + .children | join(" ")' g.json)" \
        'first a < b c
b b a < c
c c a b <'
    is "$(json '.workflow.execution.tasks[] | "\(.id) \(.runtimeInSeconds)"' g.json)" 'a 0.1
c 3'
}

@test "dot and mermaid are those of plan" {
    rich_graph
    is "$(dagrun export --to dot rich.xml)" "$(dagrun plan --dot rich.xml)"
    is "$(dagrun export rich.xml last --to mermaid)" "$(dagrun plan --mermaid rich.xml last)"
}

@test "wrong words" {
    complains 2 'dagrun: no format given; --to takes one of: dot, mermaid, make, ninja, stg, wfformat' export g.xml
    complains 2 'dagrun: there is no format "maek"; did you mean "make"?' export --to maek g.xml
    complains 2 'dagrun: no graph given; see dagrun export --help' export --to dot
}
