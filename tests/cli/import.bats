#!/usr/bin/env bats
# dagrun import: graphs of other programs, round trips, and malformed files.

load helpers

# Print "TASK COST: NEEDS" for each task of a graph, sorted; costs that are not known are "-".
content_of()
{
    dagrun plan --json "$1" |
        json '.tasks[] | "\(.id) \(.cost // "-"): \(.needs | sort | join(" "))"' | sort
}

# The same without costs.
shape_of()
{
    content_of "$1" | sed 's/ [^ ]*:/:/'
}

# imported FORMAT [WORD...]: import standard input to imported.xml, which is valid; sets stderr
imported()
{
    cat >source
    dagrun_exits 0 import --from "$@" source -o imported.xml
    local warnings=$stderr
    dagrun_exits 0 check imported.xml
    stderr=$warnings
}

# refused FORMAT LINE MESSAGE: standard input is malformed
refused()
{
    cat >bad
    complains 3 "bad:$2: error: $3" import --from "$1" bad
}

@test "tasks, dependencies and costs survive a round trip" {
    dagrun generate layered --tasks 30 --seed 2 --costs log-normal -o layers.xml
    has "$(content_of layers.xml)" 't1 0.'
    graph names.xml 'title="a &lt;b&gt;"' <<'END'
<task id="a.b-c" cost="0.001"/><task id="_é" needs="a.b-c" cost="2.5" title="say &quot;hi&quot; &amp; \n"/>
<task id="t1" needs="_é a.b-c" cost="1000000"/>
END
    for graph in layers names; do
        for format in stg wfformat; do
            dagrun_exits 0 export --to $format $graph.xml -o $graph.$format
            dagrun_exits 0 import --from $format $graph.$format -o back.xml
            is "$(content_of back.xml)" "$(content_of $graph.xml)"
        done
        dagrun export --to dot $graph.xml >$graph.dot
        dagrun import $graph.dot >back.xml
        is "$(shape_of back.xml)" "$(shape_of $graph.xml)"
    done
    is "$(dagrun list tasks back.xml)" "$(dagrun list tasks names.xml)" # with titles
}

@test "tasks and dependencies survive make and ninja, and the commands run" {
    for program in make ninja; do
        dagrun generate layered --tasks 12 --width 3 --seed 7 |
            sed "s|id=\"\([a-z0-9]*\)\"\(.*\)/>|id=\"\1\"\2><shell>echo \1 >> $program.order</shell></task>|" >g.xml
        dagrun export --to $program g.xml -o build.$program
        if [[ $program == make ]]; then
            make -pnf build.make >source
        else
            cp build.ninja source
        fi
        dagrun_exits 0 import --from $program source -o back.xml
        is "$stderr" ''
        is "$(shape_of back.xml)" "$(shape_of g.xml)"
        dagrun_exits 0 back.xml
        is "$(sort $program.order)" "$(dagrun list tasks g.xml --names | sort)"
    done
}

@test "stg: dummies are left out, unless they take time" {
    imported stg <<<$'2\n0 0 0\n1 5 1 0\n2 7 2 0 1\n3 0 1 2\n# comment'
    is "$(content_of imported.xml)" $'t1 5: \nt2 7: t1'
    imported stg --kind sleep <<<$'1\n0 3 0\n1 5 1 0\n2 0 1 1'
    is "$(content_of imported.xml)" $'t0 3: \nt1 5: t0'
    has "$(<imported.xml)" '<task id="t1" needs="t0" cost="5"><sleep duration="5s"/></task>'
}

@test "dax: jobs, runtimes of both versions, declared dependencies" {
    imported dax <<'END'
<adag xmlns="x" name="wf"><!-- c --> <child ref="b"><parent ref="a"/></child>
<job id="a" name="first" runtime="1.5"><uses file="f"/></job>
<job id="b" name="b&amp;b"><profile namespace="pegasus" key="runtime"> 2 </profile></job></adag>
END
    is "$(content_of imported.xml)" $'a 1.5: \nb 2: a'
    is "$(dagrun list tasks imported.xml | xargs -d '\n')" 'b  b&b a  first'
    has "$(<imported.xml)" '<graph xmlns="urn:dagrun:graph:1" name="wf">'
}

@test "dot: chains, subgraphs, attributes, all kinds of ids" {
    imported dot <<'END'
/* c */ strict digraph "a b" { node [shape=box]; rankdir=LR // c
# c
  a:p:n -> {b; c -> d} -> "e\"f" + "g" [x=1]; subgraph s { label=x; 1.5; <b<i>x</i>> }
  a [label="x\ny &amp; z", cost=1.5] "b"[cost="0"; style=bold] "with space" }
END
    is "$(content_of imported.xml)" 'a 1.5: 
b 0: a
b_i_x__i_ -: 
c -: a
d -: a c
e_fg -: b c d
t1.5 -: 
with_space -: '
    has "$(<imported.xml)" '<task id="e_fg" needs="b c d" title="e&quot;fg"/>'
    needs_program dot
    dot -Tcanon source >/dev/null # Graphviz reads it, too
}

@test "ninja: variables, implicit inputs, response files, defaults, durations" {
    cat >build.ninja <<'END'
flags = -O2 $
  -Wall
rule cc
  command = echo gcc $flags '$in' $extra > $out
rule ld
  command = cat $out.rsp $in > $out
  rspfile = $out.rsp
  rspfile_content = linked $in
include more.ninja
build prog: ld out/a.o |@ check
build check: phony prog
build clean: cc x
default check
END
    cat >more.ninja <<'END'
build out/a.o | out/a.d: cc a$ b.c | gen.h || dirs
  extra = $$HOME
build gen.h: cc gen
build dirs: phony
END
    printf '# ninja log v5\n0\t10\t1\tgen.h\tab\n5\t1505\t1\tout/a.o\tab\n7\t9\t1\tout/a.o\tab\n' >.ninja_log
    dagrun_exits 0 import build.ninja -o imported.xml
    is "$(content_of imported.xml)" 'gen.h 0.01: 
out_a.o 0.002: gen.h
prog -: out_a.o'
    dagrun_exits 0 imported.xml
    is "$(<prog)" "linked out/a.ogcc -O2 -Wall a b.c $HOME"
    needs_program ninja
    rm -r out prog
    touch 'a b.c' gen
    ninja -f build.ninja
    is "$(<prog)" "linked out/a.ogcc -O2 -Wall a b.c $HOME"
}

@test "make: variables, several lines, canned recipes, what the goal needs" {
    cat >Makefile <<'END'
CC = echo $(NAME)
NAME := cc $$x
all: prog | dir/sub
.PHONY: all clean
prog: a.o b.o ; @echo link $(NAME) $^ >> log; x=1; echo $(@F) "$$x" >> log
prog: private NAME = local
%.o: %.c
	@ $(CC) -c $< -o $@ | \
	  tr c C >> log
	-false
	+@echo "$(@D) $*" >> log
dir/sub:
	mkdir -p $@
clean:
	rm -f log
END
    touch a.c b.c
    make -pn >db
    rm log # a line with "+" runs in spite of -n
    dagrun_exits 0 import db -o imported.xml
    is "$stderr" ''
    is "$(shape_of imported.xml)" $'a.o: \nb.o: \ndir_sub: \nprog: a.o b.o'
    x=set dagrun_exits 0 -j 1 imported.xml
    sort log >by-dagrun
    [[ -d dir/sub ]]
    rm -rf log dir
    x=set make
    is "$(<by-dagrun)" "$(sort log)"
    is "$(wc -l <log)" 6
}

@test "make: a function stays as it is, with a warning" {
    printf 'all:\n\techo $(patsubst a,b,a)\n' >Makefile
    make -pn >db
    dagrun_exits 0 import db
    matches "$stderr" '^db:[0-9]+: warning: the recipe of "all" has a function of make, which stays as it is$'
}

@test "names become ids that are valid and unique; no command sees an output as its variable" {
    imported dot <<<'digraph { "a b" -> "a_b" -> "a/b"; "" ; "1"; "é-ü"; "-x"; "🙂" }'
    is "$(dagrun list tasks imported.xml --names | LC_ALL=C sort | xargs)" \
        '_ _-x a_b a_b.task1 a_b.task2 t1 task é-ü'
    printf 'rule r\n command = test "$$PATH$$out" && touch $out\nbuild PATH: r\nbuild out: r | PATH\nbuild o-t: r\nbuild o.t: r | o-t\n' >b.ninja
    dagrun_exits 0 import b.ninja -o imported.xml
    dagrun_exits 0 imported.xml
    is "$(dagrun list tasks imported.xml --names | xargs)" 'PATH.task out.task o-t o.t.task'
}

@test "malformed files: the line and the problem" {
    refused stg 1 'the file ends where the number of tasks should be' </dev/null
    refused stg 3 'the row of task 1 should be here, not that of 2' <<<$'1\n0 0 0\n2 0 0'
    refused stg 3 'a predecessor should be here, a whole number up to 2, not "9"' <<<$'1\n0 0 0\n1 1 1 9\n2 0 1 1'
    refused stg 3 '"-1" is not a number of seconds from 0 to 1000000000' <<<$'1\n0 0 0\n1 -1 1 0\n2 0 1 1'
    refused stg 1 'the file is too short for 999999 tasks' <<<999999
    refused stg 3 'the dependencies form a cycle: "t1" needs "t1"' <<<$'1\n0 0 0\n1 1 1 1\n2 0 1 1'
    refused dax 2 'job "a" is declared in line 1 already' <<<$'<adag><job id="a"/>\n<job id="a"/></adag>'
    refused dax 2 'job "b" is named by a dependency and not declared' <<<$'<adag><job id="a"/>\n<child ref="a"><parent ref="b"/></child></adag>'
    refused dax 1 'the root of a DAX is <adag>, not <dag>' <<<'<dag/>'
    refused dax 1 'Element “adag” was closed, but the currently open element is “job”' <<<'<adag><job id="a"></adag>'
    refused wfformat 2 '"x" is not the id of a task' <<<$'{"workflow": {"tasks": [{"id": "a",\n"parents": ["x"]}]}}'
    refused wfformat 1 '"a" is the id of two tasks' <<<'{"workflow": {"tasks": [{"id": "a"}, {"id": "a"}]}}'
    refused wfformat 1 '"a" has a runtime that is no number of seconds from 0 to 1000000000' \
        <<<'{"workflow": {"tasks": [{"id": "a", "runtime": 1e99}]}}'
    refused dot 2 'there should be "}", not the end of the file' <<<'digraph { a -> b'
    refused dot 1 'the graph is not directed; dependencies are "->" in a "digraph"' <<<'graph { a -- b }'
    refused dot 2 'the dependencies form a cycle: "a" needs "c" needs "b" needs "a"' <<<$'digraph {\na -> b -> c -> a }'
    refused ninja 1 'there is no rule "r"' <<<'build a: r'
    refused ninja 3 '"a" is built by another statement, too' <<<$'build x: phony y\nbuild a: phony y\nbuild a: phony x'
    refused ninja 1 'there should be ":" after the outputs' <<<'build a'
    refused ninja 1 'a "$" is wrong here, or a variable contains itself or is too long' <<<'x = ${a'
    refused ninja 1 'cannot read "./none.ninja"' <<<'include none.ninja'
    refused make 1 'this is not what `make -pn` prints: there is no line "# Files"' <<<'all:'
}

@test "deep nesting and NUL bytes are refused" {
    { printf 'digraph '; printf '{%.0s' {1..5000}; } >deep.dot
    complains 3 'deep.dot:1: error: subgraphs are nested too deeply' import deep.dot
    printf '[%.0s' {1..5000} >deep.json
    dagrun_exits 3 import --from wfformat deep.json
    matches "$stderr" '^deep.json:1: error: this is not JSON: .*depth'
    printf '<a>%.0s' {1..5000} >deep.xml
    dagrun_exits 3 import --from dax deep.xml
    for format in stg dax wfformat dot ninja make; do
        printf 'x\0y' >nul
        dagrun_exits 3 import --from $format nul
        matches "$stderr" '^nul:1: error: .'
    done
}

@test "the format is told by the name or the content of the file" {
    dagrun generate chain --tasks 3 -o g.xml
    for format in stg dot ninja wfformat; do
        dagrun export --to $format g.xml -o "g.$format"
        dagrun_exits 0 import "g.$format"
    done
    complains 2 'dagrun: cannot tell the format of "g.xml"; --from takes one of: dot, make, ninja, stg, wfformat, dax' import g.xml
    complains 2 'dagrun: there is no format "stgg"; did you mean "stg"?' import --from stgg g.xml
    complains 2 'dagrun: there is no format "mermaid"; there are: dot, make, ninja, stg, wfformat, dax' import --from mermaid g.xml
    complains 2 'dagrun: no file given; see dagrun import --help' import
    complains 2 'dagrun: import takes one file; "b" is another word' import a b
    complains 2 'dagrun: --kind takes noop, sleep, spin, not "exec"' import g.dot --kind exec
    dagrun_exits 4 import none.stg
    has "$stderr" 'No such file or directory'
}
