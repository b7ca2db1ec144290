#!/usr/bin/env bats
# A run: dependencies, outputs, conditions, parameters, directories, order.

load helpers

@test "the first example of the documentation" {
    graph g.xml <<'END'
      <task id="words"><exec>printf '%s\n' to be or not to be</exec></task>
      <task id="frequent"><shell stdin="words">sort | uniq -c | sort -rn | head -n 1</shell></task>
      <task id="total"><exec stdin="words">wc -l</exec></task>
      <task id="report"><exec>printf '%s words; the most frequent:\n%s\n' ${total} ${frequent}</exec></task>
END
    dagrun_exits 0 g.xml
    matches "$output" '6 words; the most frequent:
 +2 to$'
}

@test "the command run is implied" {
    graph g.xml <<<'<task id="a"><exec>echo hello</exec></task>'
    is "$(dagrun -q g.xml && dagrun g.xml 2>/dev/null)" hello
    is "$(dagrun run g.xml 2>/dev/null)" hello
}

@test "a substituted output is one argument, without its final line ends" {
    graph g.xml <<'END'
      <task id="a"><exec>printf 'one  two\n*; $(echo x)\n\n\n'</exec></task>
      <task id="b"><exec>printf '[%s]' ${a} x${a}y "${a}"</exec></task>
END
    dagrun_exits 0 g.xml --json
    has "$stderr" '[one  two
*; $(echo x)][xone  two
*; $(echo x)y][one  two
*; $(echo x)]'
}

@test "standard input is an output byte for byte, or empty" {
    graph g.xml <<'END'
      <task id="a"><shell>printf 'a\0b\n\n'</shell></task>
      <task id="b"><shell stdin="a">cat > bytes</shell></task>
      <task id="c"><shell>cat > nothing</shell></task>
END
    dagrun_exits 0 -q g.xml <<<'what dagrun itself is given'
    cmp bytes <(printf 'a\0b\n\n')
    [[ -e nothing && ! -s nothing ]]
}

@test "a large output reaches arguments, files and standard input" {
    graph g.xml <<'END'
      <task id="many"><exec>seq 300000</exec></task>
      <task id="some"><exec>seq 20000</exec></task>
      <task id="stdin"><shell stdin="many">tail -n 1 | grep -x 300000</shell></task>
      <task id="file" needs="many"><shell>tail -n 1 "$many" | grep -x 300000</shell></task>
      <task id="argument"><exec>sh -c 'test $${#1} -eq 108893' sh ${some}</exec></task>
END
    dagrun_exits 0 -q g.xml
}

@test "several tasks read one output, each from its beginning" {
    graph g.xml <<'END'
      <task id="a"><exec>seq 1000</exec></task>
      <task id="b"><shell stdin="a">wc -l > b</shell></task>
      <task id="c"><shell stdin="a">wc -l > c; wc -l &lt; "$a" > d</shell></task>
END
    dagrun_exits 0 -q -j2 g.xml
    for file in b c d; do is "$(tr -d ' ' <$file)" 1000; done
}

@test "a script gets parameters and the names of files with outputs as variables" {
    graph g.xml <<'END'
      <param name="word" default="a &quot;b&quot; $c"/>
      <task id="make-it"><exec>echo made</exec></task>
      <task id="other"><exec>echo other</exec></task>
      <task id="show" needs="make-it">
        <shell>printf '%s\n' "$word" "$(cat "$make_it")" "${other-unset}"</shell>
      </task>
END
    dagrun_exits 0 g.xml
    has "$output" 'a "b" $c
made
unset'
}

@test "the text of a script is not changed" {
    graph g.xml <<'END'
      <param name="word" default="x"/>
      <task id="a"><shell>v=1; echo ${v} ${word} ${nothing:-default} '${word}' $$ > /dev/null; echo ${v}${word}</shell></task>
END
    dagrun_exits 0 g.xml
    is "$output" 1x
}

@test "a script ends at the first command that fails" {
    graph g.xml <<<'<task id="a"><shell>false
      touch marker</shell></task>'
    dagrun_exits 1 -q g.xml
    [[ ! -e marker ]]
}

@test "environment variables of a task may contain references" {
    graph g.xml <<'END'
      <param name="who" default="you"/>
      <task id="a"><exec>echo out</exec></task>
      <task id="b">
        <env name="GREETING" value="hello ${who}, ${a}, $${who}"/>
        <env name="HOME" value=""/>
        <exec>sh -c 'echo "[$GREETING][$HOME][$INHERITED]"'</exec>
      </task>
END
    INHERITED=yes dagrun_exits 0 g.xml
    has "$output" '[hello you, out, ${who}][][yes]'
}

@test "a task runs in the graph's directory, or in its own" {
    mkdir -p sub/deep
    graph sub/g.xml <<'END'
      <param name="which" default="deep"/>
      <task id="a"><exec>pwd</exec></task>
      <task id="b" dir="${which}" needs="a"><exec>pwd</exec></task>
      <task id="c" dir=".." needs="b"><exec>pwd</exec></task>
END
    dagrun_exits 0 sub/g.xml
    is "$output" "$PWD/sub
$PWD/sub/deep
$PWD"
}

@test "a default path is relative to the graph, a given one to the working directory" {
    mkdir sub
    graph sub/g.xml <<'END'
      <param name="a" type="path" default="x/a"/>
      <param name="b" type="path" default="b"/>
      <param name="c" type="path" default="/abs"/>
      <task id="show"><exec>echo ${a} ${b} ${c}</exec></task>
END
    dagrun_exits 0 sub/g.xml --set b=mine
    is "$output" "$PWD/sub/x/a $PWD/mine /abs"
    cd sub
    dagrun_exits 0 g.xml --set b=../mine --set a=/a
    matches "$output" "^/a $PWD/../mine /abs\$|^/a ${PWD%/sub}/mine /abs\$"
}

@test "-C changes the directory before anything else" {
    mkdir sub
    graph sub/g.xml <<'END'
      <param name="file" type="path" default="x"/>
      <task id="show"><exec>echo ${file}</exec></task>
END
    dagrun_exits 0 -C sub g.xml --set file=y --timings t.json
    is "$output" "$PWD/sub/y"
    [[ -e sub/t.json ]]
    dagrun_exits 0 plan --directory=sub g.xml
}

@test "values of every type are converted to canonical form" {
    graph g.xml <<'END'
      <param name="word"/>
      <param name="flag" type="boolean"/>
      <param name="off" type="boolean" default="0"/>
      <param name="count" type="integer"/>
      <param name="shade" type="choice" choices="red green" default="red"/>
      <task id="show"><exec>printf '[%s]' ${word} ${flag} ${off} ${count} ${shade}</exec></task>
END
    dagrun_exits 0 g.xml --set word='a b=c' --set flag=1 --set count=-9223372036854775808 \
        --set shade=green
    is "$output" '[a b=c][true][false][-9223372036854775808][green]'
    dagrun_exits 0 g.xml --set word= --set flag=false --set count=1 --set count=2
    is "$output" '[][false][false][2][red]'
}

@test "parameters keep their type in JSON" {
    graph g.xml <<'END'
      <param name="word" default="1"/> <param name="flag" type="boolean" default="1"/>
      <param name="count" type="integer" default="7"/> <param name="ratio" type="number" default="0.5"/>
      <task id="a"/>
END
    dagrun_exits 0 g.xml --json
    is "$(json .parameters <<<"$output")" '{"word":"1","flag":true,"count":7,"ratio":0.5}'
    is "$(json '[.word,.flag,.count,.ratio]' <<<"$output")" '["1",true,7,0.5]'
}

@test "a condition excludes a task; its successors inherit its dependencies" {
    graph g.xml <<'END'
      <param name="long" type="boolean" default="false"/>
      <param name="top" type="integer" default="10"/>
      <task id="a"><exec>echo a</exec></task>
      <task id="b" needs="a" when="$long and $top > 5"><exec>echo b</exec></task>
      <task id="c"><exec>echo [${b}]</exec></task>
      <task id="d" needs="b"><shell>cat "$b"; echo d</shell></task>
END
    dagrun_exits 0 -j1 g.xml --json
    is "$(json .excluded <<<"$output")" '["b"]'
    is "$(outcomes <(echo "$output"))" 'a:succeeded c:succeeded d:succeeded'
    is "$(started <(echo "$output"))" 'a c d'
    has "$stderr" '[]'
    dagrun_exits 0 -j1 g.xml --json --set long=true
    is "$(started <(echo "$output"))" 'a b c d'
    has "$stderr" '[b]'
    dagrun_exits 0 -j1 g.xml --json --set long=true --set top=5
    is "$(json .excluded <<<"$output")" '["b"]'
}

@test "only the named tasks and their predecessors run" {
    graph g.xml <<'END'
      <task id="a"/> <task id="b" needs="a"/> <task id="c" needs="b"/> <task id="d"/>
      <task id="e"><exec>echo ${d}</exec></task>
END
    dagrun_exits 0 g.xml b --json
    is "$(outcomes <(echo "$output"))" 'a:succeeded b:succeeded'
    dagrun_exits 0 g.xml e a --json
    is "$(outcomes <(echo "$output"))" 'a:succeeded d:succeeded e:succeeded'
    dagrun_exits 0 plan g.xml c --json
    is "$(phases <(echo "$output"))" 'a | b | c'
}

@test "an excluded task cannot be requested" {
    graph g.xml <<'END'
      <param name="on" type="boolean" default="false"/>
      <task id="a"/> <task id="b" needs="a" when="$on"/>
END
    complains 2 'dagrun: task "b" is excluded: its condition $on is false; --set on=true' g.xml b
    dagrun_exits 0 -q g.xml b --set on=true
}

@test "a graph without tasks" {
    graph g.xml <<<''
    dagrun_exits 0 g.xml --json
    is "$(json .tasks <<<"$output")" '[]'
    dagrun_exits 0 plan g.xml
}

@test "priority comes before the strategy and the order of declaration" {
    graph g.xml <<'END'
      <task id="a" cost="9"/> <task id="b" priority="-1" cost="8"/>
      <task id="c" priority="5"/> <task id="d" cost="2"/>
END
    dagrun_exits 0 -j1 g.xml --json
    is "$(started <(echo "$output"))" 'c a d b'
    dagrun_exits 0 -j1 g.xml --json --strategy shortest-first
    is "$(started <(echo "$output"))" 'c d a b'
}

@test "the summary names the strategy that would have been faster, and the graph can choose it" {
    tasks='<task id="a"/> <task id="b"><sleep duration="400ms"/></task>
      <task id="c" needs="a"><sleep duration="400ms"/></task> <task id="d" needs="c"/>'
    graph g.xml <<<"$tasks"
    dagrun_exits 0 -j2 g.xml
    matches "$stderr" '
  faster +[45][0-9]{2} ms  --strategy dataflow, or <graph strategy="dataflow">: simulated'
    graph g.xml 'strategy="dataflow"' <<<"$tasks"
    dagrun_exits 0 -j2 g.xml --json
    is "$(json .strategy <<<"$output")" dataflow
    lacks "$stderr" faster
    dagrun_exits 0 -n g.xml
    lacks "$output" '# phase'
    dagrun_exits 0 -q -j2 g.xml --json --strategy phases
    is "$(json .strategy <<<"$output")" phases
}

@test "every strategy starts tasks in the order that the dry run prints" {
    graph g.xml <<'END'
      <task id="a" cost="1"><exec>true</exec></task>
      <task id="b" cost="5"><exec>true</exec></task>
      <task id="c" cost="3" needs="a"><exec>true</exec></task>
      <task id="d" cost="9" needs="a"><exec>true</exec></task>
      <task id="e" cost="2" needs="b c"><exec>true</exec></task>
      <task id="f" cost="4"><exec>true</exec></task>
      <task id="g" cost="1" needs="d f"><exec>true</exec></task>
END
    strategies=$(dagrun list strategies --names)
    [[ $(wc -l <<<"$strategies") -ge 9 ]]
    for strategy in $strategies; do
        dagrun_exits 0 -j1 --json --seed 7 --strategy "$strategy" g.xml
        order=$(started <(echo "$output"))
        is "$(json .strategy <<<"$output")" "$strategy"
        is "$order" "$(dagrun -n --seed 7 --strategy "$strategy" g.xml | grep '^[a-z]' | xargs)"
        dagrun_exits 0 -j1 --json --seed 7 --strategy "$strategy" g.xml
        is "$(started <(echo "$output"))" "$order"
    done
}

@test "the orders of some strategies" {
    graph g.xml <<'END'
      <task id="a" cost="1"/> <task id="b" cost="5"/> <task id="c" cost="3"/>
      <task id="d" cost="9" needs="a"/> <task id="e" cost="1" needs="a"/>
END
    order()
    {
        dagrun_exits 0 -j1 --json --phases asap --strategy "$1" g.xml
        is "$(started <(echo "$output"))" "$2"
    }
    order phases 'a b c d e'
    order phases-longest 'b c a d e'
    order dataflow 'a b c d e'
    order critical-path 'a d b c e'
    order longest-first 'b c a d e'
    order shortest-first 'a e c b d'
    order most-successors 'a b c d e'
}

@test "the same seed gives the same order, other seeds other orders" {
    for i in {1..9}; do echo "<task id='t$i'/>"; done | graph g.xml
    order()
    {
        dagrun -n --strategy random --seed "$1" g.xml | grep '^t' | xargs
    }
    is "$(order 5)" "$(order 5)"
    n=$(for seed in {0..9}; do order $seed; done | sort -u | wc -l)
    [[ $n -gt 5 ]]
}

@test "phase rules" {
    graph g.xml <<'END'
      <task id="a"/> <task id="b" needs="a"/> <task id="c" needs="b"/>
      <task id="late"/> <task id="x"/> <task id="y" needs="x"/> <task id="z" needs="y c"/>
END
    dagrun_exits 0 plan g.xml --json
    is "$(phases <(echo "$output"))" 'a x | b y | c | late z'
    dagrun_exits 0 plan g.xml --json --phases asap
    is "$(phases <(echo "$output"))" 'a late x | b y | c | z'
    is "$(json .phase_rule <<<"$output")" asap
    dagrun_exits 0 plan g.xml --json --phases alap
    is "$(phases <(echo "$output"))" 'a | b x | c y | late z'
    dagrun_exits 0 g.xml --json --phases alap
    is "$(json '[.tasks[].phase]' <<<"$output")" '[1,2,3,4,2,3,4]'
}

@test "a phase begins when the phase before has ended" {
    graph g.xml <<'END'
      <task id="a"><shell>echo a >> order</shell></task>
      <task id="slow"><sleep duration="150ms"/></task>
      <task id="b" needs="a"/> <task id="c" needs="slow"/>
END
    dagrun_exits 0 -j4 g.xml --json
    is "$(json '([.tasks[] | select(.phase == 1) | .end_seconds] | max) <=
               ([.tasks[] | select(.phase == 2) | .start_seconds] | min)' <<<"$output")" true
}

@test "two tasks run at the same time, with phases and without" {
    graph g.xml <<'END'
      <task id="a"><shell>echo > ab; read x &lt; ba</shell></task>
      <task id="b"><shell>read x &lt; ab; echo > ba</shell></task>
END
    mkfifo ab ba
    dagrun_exits 0 -j2 -q g.xml
    dagrun_exits 0 -j2 -q --strategy dataflow g.xml
}

@test "without a barrier a task does not wait for the rest of the phase before" {
    # b, in phase 2, opens the gate for slow, in phase 1.
    graph g.xml <<'END'
      <task id="a"/>
      <task id="slow"><shell>read x &lt; gate</shell></task>
      <task id="b" needs="a"><shell>echo > gate</shell></task>
      <task id="end" needs="slow b"/>
END
    mkfifo gate
    dagrun_exits 0 -j2 -q --phases asap --strategy dataflow g.xml
}

@test "sleep and spin take at least their time" {
    graph g.xml <<'END'
      <task id="a"><sleep duration="120ms"/></task> <task id="b"><spin duration="50ms"/></task>
END
    dagrun_exits 0 --json g.xml
    is "$(json '[.tasks[].duration_seconds] | .[0] >= 0.12 and .[1] >= 0.05' <<<"$output")" true
}

@test "a process that a task leaves running lives until the end of the run, and no longer" {
    graph g.xml <<'END'
      <task id="serve"><shell>sleep 1000 > /dev/null 2>&amp;1 &amp; echo $! > pid</shell></task>
      <task id="use" needs="serve"><shell>kill -0 "$(cat pid)" &amp;&amp; touch alive</shell></task>
END
    dagrun_exits 0 -q g.xml
    [[ -e alive ]]
    is_gone "$(cat pid)"
}

@test "graphs in several files" {
    mkdir parts
    cat >g.xml <<'END'
<graph xmlns="urn:dagrun:graph:1" xmlns:xi="http://www.w3.org/2001/XInclude">
  <xi:include href="parts/lint.xml"/>
  <task id="build" needs="lint"><exec>pwd</exec></task>
</graph>
END
    cat >parts/lint.xml <<'END'
<tasks xmlns="urn:dagrun:graph:1">
  <param name="strict" type="boolean" default="false"/>
  <task id="lint"><exec>echo ${strict}</exec></task>
</tasks>
END
    dagrun_exits 0 g.xml --set strict=1
    is "$output" "true
$PWD"
}

# These tasks start no process, so a million takes seconds.
@test "a million tasks, all independent and in one chain" {
    local n=1000000 needs

    ! is_sanitized || n=50000
    for needs in '' ' needs=\"t%d\"'; do
        {
            echo '<task id="t0"/>'
            awk -v n=$n 'BEGIN { for (i = 1; i < n; i++)
                                     printf "<task id=\"t%d\"'"$needs"'/>\n", i, i - 1 }'
        } | graph g.xml
        dagrun_exits 0 -q --strategy "$([[ $needs ]] && echo phases || echo dataflow)" g.xml
    done
}

@test "more than a thousand successors of one task" {
    local n=1500

    ! is_sanitized || n=500
    {
        echo '<task id="one"><exec>echo 1</exec></task>'
        awk -v n=$n 'BEGIN { for (i = 0; i < n; i++)
                                 printf "<task id=\"t%d\"><exec>echo ${one}</exec></task>\n", i }'
    } | graph g.xml
    dagrun_exits 0 --progress lines g.xml
    is "$(grep -c '^1$' <<<"$output")" "$n"
}
