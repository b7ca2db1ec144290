#!/usr/bin/env bats
# Usage errors: one line, a hint, the right status.

load helpers

no_need='<task id="build"/> <task id="test" needs="build"/>'

parameters()
{
    graph p.xml <<'END'
      <param name="word"/>
      <param name="count" type="integer" default="1"/>
      <param name="ratio" type="number" default="0.5"/>
      <param name="flag" type="boolean" default="true"/>
      <param name="file" type="path" default="x"/>
      <param name="shade" type="choice" choices="red green" default="red"/>
      <task id="show"><exec>printf '%s,' ${word} ${count} ${ratio} ${flag} ${shade}</exec></task>
END
}

@test "no arguments" {
    complains 2 'dagrun: no graph given; see dagrun --help'
    complains 2 'dagrun: no graph given; see dagrun run --help' run
    complains 2 'dagrun: no graph given; see dagrun plan --help' plan
    complains 2 'dagrun: no graph given; see dagrun check --help' check
    complains 2 'dagrun: no graph given; see dagrun list --help' list tasks
    complains 2 'dagrun: list what? strategies, kinds, tasks or params' list
}

@test "an unknown command" {
    complains 2 'dagrun: there is no command or file "pln"; did you mean "plan"?' pln
    complains 2 'dagrun: there is no command or file "frobnicate"; see dagrun --help' frobnicate
}

@test "an unknown option" {
    graph g.xml <<<"$no_need"
    complains 2 'dagrun: unknown option --jobz; did you mean --jobs?' g.xml --jobz
    complains 2 'dagrun: unknown option --mermiad; did you mean --mermaid?' plan --mermiad g.xml
    complains 2 'dagrun: unknown option --frobnicate; see dagrun plan --help' plan --frobnicate g.xml
    complains 2 'dagrun: unknown option -z; see dagrun schema --help' schema -z
}

@test "with the implied run, help is that of run" {
    graph g.xml <<<"$no_need"
    complains 2 'dagrun: unknown option --frobnicate; see dagrun run --help' g.xml --frobnicate
    complains 2 'dagrun: missing argument for --set; see dagrun run --help' g.xml --set
}

@test "options of another command are unknown" {
    graph g.xml <<<"$no_need"
    for option in --dot --mermaid --names; do
        dagrun_exits 2 run g.xml $option
        has "$stderr" "unknown option $option"
    done
    for option in --log --timings=x --strategy=phases -k -n --connections=2; do
        dagrun_exits 2 plan g.xml $option
        has "$stderr" 'unknown option'
    done
    dagrun_exits 2 check g.xml --set a=b
}

@test "an option without its value" {
    graph g.xml <<<"$no_need"
    for option in -j --jobs -C --directory --set --phases --strategy --seed --timings --color; do
        dagrun_exits 2 run g.xml "$option"
        is "$output" ''
        has "$stderr" "missing argument for $option"
        is "${#stderr_lines[@]}" 1
    done
}

@test "an unknown strategy" {
    graph g.xml <<<"$no_need"
    complains 2 'dagrun: there is no strategy "critical-pth"; did you mean "critical-path"?' \
        g.xml --strategy critical-pth
    dagrun_exits 2 g.xml --strategy zzz
    matches "$stderr" '^dagrun: there is no strategy "zzz"; there are: phases, .*, optimal, .*cpop$'
}

@test "an unknown phase rule" {
    graph g.xml <<<"$no_need"
    complains 2 'dagrun: there is no phase rule "asapp"; did you mean "asap"?' \
        plan g.xml --phases asapp
    complains 2 'dagrun: there is no phase rule "zzz"; there are: just-in-time, asap, alap, compact' \
        g.xml --phases zzz
}

@test "an unknown colour" {
    graph g.xml <<<"$no_need"
    complains 2 'dagrun: --color takes auto, always or never, not "blue"' g.xml --color blue
    complains 2 'dagrun: --color takes auto, always or never, not "blue"' plan g.xml --color=blue
}

@test "invalid numbers" {
    graph g.xml <<<"$no_need"
    for value in 0 -1 x 1x 10001 99999999999999999999 ''; do
        complains 2 "dagrun: -j takes a number of workers from 1 to 10000, not \"$value\"" \
            g.xml -j "$value"
    done
    for value in -1 x 18446744073709551616; do
        complains 2 "dagrun: --seed takes a whole number, not \"$value\"" g.xml --seed "$value"
    done
}

@test "a plan has only one format" {
    graph g.xml <<<"$no_need"
    complains 2 'dagrun: only one of --json, --dot and --mermaid can be given' \
        plan --json --dot g.xml
}

@test "too many arguments" {
    complains 2 'dagrun: schema takes no "x"' schema x
    complains 2 'dagrun: list kinds takes no "x"' list kinds x
    complains 2 'dagrun: there is no list of "kind"; did you mean "kinds"?' list kind
}

@test "an unknown task" {
    graph g.xml <<<"$no_need"
    complains 2 'dagrun: the graph has no task "biuld"; did you mean "build"?' g.xml biuld
    complains 2 'dagrun: the graph has no task "zzz"' plan g.xml build zzz
}

@test "a parameter without a value" {
    parameters
    complains 2 'dagrun: parameter "word" has no value; give it one with --set word=VALUE' p.xml
}

# A graph in which each task uses another parameter.
many_uses()
{
    graph g.xml 'output="${out}"' <<'END'
      <param name="level"/> <param name="token" secret="true"/> <param name="key" secret="true"/>
      <param name="root" type="path"/> <param name="out" default="made"/> <param name="free"/>
      <param name="mode" type="choice" choices="fast slow"/>
      <task id="lint"><exec>echo linted</exec></task>
      <task id="build" needs="lint" dir="${root}"><exec>echo ${level}</exec></task>
      <task id="publish" needs="build"><env name="TOKEN" value="${token}"/><exec>true</exec></task>
      <task id="sign" needs="lint"><shell>echo "${#key}"</shell></task>
      <task id="slow" needs="lint" when="$mode = 'slow'"><exec>echo ${level}</exec></task>
END
}

@test "a run demands only parameters that its tasks use" {
    many_uses
    dagrun_exits 0 g.xml lint
    is "$output" linted
    complains 2 'dagrun: parameter "key" has no value; give it one with --set-env key=VARIABLE' g.xml sign
    KEY=sixsix dagrun_exits 0 g.xml sign --set-env key=KEY
    has "$output" 6
    complains 2 'dagrun: parameter "root" has no value; give it one with --set root=VALUE' \
        g.xml build --set level=3
    dagrun_exits 0 g.xml build --set level=3 --set root=.
    complains 2 'dagrun: parameter "mode" has no value; give it one with --set mode=VALUE' g.xml slow
    dagrun_exits 0 g.xml lint --json
    is "$(json '.parameters | .token, .level, .out' <<<"$output" | xargs)" 'null null made'
}

@test "a parameter that no task names is demanded unless tasks are selected" {
    graph g.xml <<<'<param name="key" secret="true"/> <task id="a"><exec>./deploy</exec></task>
        <param name="x"/> <task id="b" when="false()"><exec>echo ${x}</exec></task> <task id="c"/>'
    complains 2 'dagrun: parameter "key" has no value; give it one with --set-env key=VARIABLE' g.xml
    dagrun_exits 0 g.xml c
    KEY=secret dagrun_exits 1 g.xml --set-env key=KEY
}

@test "plan and -n demand only parameters in conditions" {
    many_uses
    for command in plan -n; do
        complains 2 'dagrun: parameter "mode" has no value; give it one with --set mode=VALUE' $command g.xml
        dagrun_exits 0 $command g.xml build
        dagrun_exits 0 $command g.xml --set mode=fast
    done
    has "$output" '# token has no value'
    has "$output" 'cd ${root}'
    has "$output" 'echo ${level}'
    is "$(dagrun plan g.xml lint --json | json '.parameters.token')" null
}

@test "tasks by patterns" {
    graph g.xml <<'END'
      <param name="slow" type="boolean" default="false"/>
      <task id="tools"/> <task id="clang-debug" needs="tools"/> <task id="clang-release"/>
      <task id="gcc-debug"/> <task id="clang-slow" when="$slow" needs="gcc-debug"/>
END
    is "$(dagrun plan g.xml 'clang-*' --json | json '[.tasks[].id] | join(" ")')" \
        'tools clang-debug clang-release'
    is "$(dagrun plan g.xml 'clang-*' --json | json -c .excluded)" '["clang-slow"]'
    is "$(dagrun plan g.xml '*-debug' '[ct]*-r?lease' --json | json '[.tasks[].id] | join(" ")')" \
        'tools clang-debug clang-release gcc-debug'
    complains 2 'dagrun: the graph has no task that matches "msvc-*"' g.xml 'msvc-*'
    complains 2 'dagrun: all tasks that match "*-slow" are excluded: the condition $slow of "clang-slow" is false; --set slow=true' \
        g.xml '*-slow'
}

@test "an excluded task names the setting that includes it" {
    graph g.xml <<'END'
      <param name="x" type="boolean" default="false"/> <param name="y" type="boolean" default="true"/>
      <param name="mode" type="choice" choices="fast slow" default="fast"/> <param name="os" default="linux"/>
      <param name="n" type="integer" default="1"/> <param name="key" secret="true"/>
      <task id="a" when="$x"/> <task id="b" when="$y and not($y) or $x"/> <task id="c" when="not($y)"/>
      <task id="d" when="$mode != 'fast'"/> <task id="e" when="$os = 'bsd'"/> <task id="f" when="$n = 7"/>
      <task id="g" when="$key = 'abc'"/> <task id="h" when="false()"/> <task id="i" when="$x and not($y)"/>
END
    export KEY=other
    while read -r task setting; do
        dagrun_exits 2 g.xml "$task" --set-env key=KEY
        if [[ $setting ]]; then
            has "$stderr" " is false; --set $setting"
            dagrun_exits 0 -q g.xml "$task" --set-env key=KEY --set "$setting"
        else
            matches "$stderr" ' is false$'
        fi
    done <<'END'
a x=true
b x=true
c y=false
d mode=slow
e os=bsd
f n=7
g
h
i
END
}

@test "suggestions for commands, files and short words" {
    graph hello.xml <<<'<param name="who" default="world"/> <task id="a"/>'
    complains 2 'dagrun: there is no command or file "rn"; did you mean "run"?' rn hello.xml
    complains 2 'dagrun: there is no command or file "hello"; did you mean "hello.xml"?' hello
    complains 2 'dagrun: there is no command or file "hllo"; did you mean "hello.xml"?' hllo
    complains 4 'dagrun: helo.xml: No such file or directory; did you mean "hello.xml"?' helo.xml
    complains 4 'dagrun: hello: No such file or directory; did you mean "hello.xml"?' run hello
    complains 4 'dagrun: hello.xm: No such file or directory; did you mean "hello.xml"?' check hello.xm
    complains 4 'dagrun: ./hllo.xml: No such file or directory; did you mean "./hello.xml"?' plan ./hllo.xml
    complains 2 'dagrun: the graph has no parameter "wh"; did you mean "who"?' hello.xml --set wh=x
    complains 4 'dagrun: zzzzz.xml: No such file or directory' zzzzz.xml
}

@test "help of commands" {
    is "$(dagrun help plan)" "$(dagrun plan --help)"
    is "$(dagrun help)" "$(dagrun --help)"
    is "$(dagrun plan --help-all)" "$(dagrun plan --help)"
    has "$(dagrun --help)" '--set=NAME=VALUE'
    lacks "$(dagrun --help)" '--seed'
    [[ $(dagrun --help | wc -l) -le 40 ]]
    for command in run plan explain bench check verify history show diff schema list generate export import help; do
        has "$(dagrun --help-all)" "$(dagrun help $command)"
    done
    complains 2 'dagrun: there is no command "pln"; did you mean "plan"?' help pln
    complains 2 'dagrun: help takes one command; "run" is another word' help plan run
}

@test "an unknown parameter" {
    parameters
    complains 2 'dagrun: the graph has no parameter "worrd"; did you mean "word"?' \
        p.xml --set worrd=x
    complains 2 'dagrun: the graph has no parameter "zzz"' p.xml --set word=x --set zzz=1
}

@test "a setting that is not NAME=VALUE" {
    parameters
    complains 2 'dagrun: --set takes NAME=VALUE, not "word"' p.xml --set word
    complains 2 'dagrun: --set takes NAME=VALUE, not "=x"' p.xml --set =x
    complains 2 'dagrun: the value of "word" is not UTF-8' p.xml --set $'word=\xff'
}

@test "values that do not have the parameter's type" {
    parameters
    bad()
    {
        complains 2 "dagrun: parameter \"$1\": $3" p.xml --set word=x --set "$1=$2"
    }
    bad count x '"x" is not an integer'
    bad count 1.5 '"1.5" is not an integer'
    bad count '' '"" is not an integer'
    bad count 9223372036854775808 '"9223372036854775808" is out of range'
    bad ratio x '"x" is not a number'
    bad ratio inf '"inf" is not a number'
    bad ratio nan '"nan" is not a number'
    bad ratio 1e999 '"1e999" is out of range'
    bad flag yes '"yes" is not a boolean (true or false)'
    bad file '' '"" is not a path'
    bad shade blue '"blue" is not one of: red green'
}

@test "a missing file" {
    graph g.xml <<<"$no_need"
    for command in run plan explain bench check 'list tasks'; do
        # shellcheck disable=SC2086 # two words
        complains 4 'dagrun: none.xml: No such file or directory' $command none.xml
    done
    complains 4 'dagrun: none.xml: No such file or directory' none.xml
    complains 4 'dagrun: cannot change to "none": No such file or directory' g.xml -C none
}

@test "a directory instead of a graph" {
    mkdir d
    complains 4 'dagrun: d: Is a directory' d
    complains 4 'dagrun: d: Is a directory' check d
}

@test "a file without read permission" {
    [[ $(id -u) -ne 0 ]] || skip 'root may read everything'
    graph g.xml <<<"$no_need"
    chmod 0 g.xml
    complains 4 'dagrun: g.xml: Permission denied' g.xml
}

@test "an empty file, and one that is not XML" {
    : >empty.xml
    dagrun_exits 3 empty.xml
    is "$output" ''
    matches "$stderr" '^empty.xml:1:1: error: [^
]*$'
    echo hello >text.xml
    dagrun_exits 3 plan text.xml
    is "$output" ''
    matches "$stderr" '^text.xml:1:1: error: [^
]*$'
}

@test "help of the program and of each command goes to standard output" {
    dagrun_exits 0 --help
    is "$stderr" ''
    for command in run plan explain bench check verify history show diff schema list generate export import; do
        has "$output" "  $command "
    done
    is "$output" "$(dagrun -h)"
    for command in run plan explain bench check verify history show diff schema list generate export import; do
        dagrun_exits 0 $command --help
        is "$stderr" ''
        has "$output" "dagrun $command [OPTION"
        is "$output" "$(dagrun $command -h)"
    done
}

@test "help comes before other errors" {
    dagrun_exits 0 run none.xml --help
    dagrun_exits 0 plan --phases=zzz --help
}

@test "the version" {
    dagrun_exits 0 --version
    matches "$output" '^dagrun [0-9]+\.[0-9]+\.[0-9]+$'
    is "$stderr" ''
}

@test "a misspelt option of the program itself" {
    dagrun_exits 2 --verson
    is "$output" ''
    has "$stderr" 'did you mean --version?'
}

@test "options may stand anywhere; values directly follow them" {
    for i in {1..9}; do echo "<task id='t$i'/>"; done | graph g.xml
    dagrun_exits 0 -j3 g.xml --json -q
    is "$(json .workers <<<"$output")" 3
    dagrun_exits 0 g.xml t1 t2 t3 t4 t5 -j 4 --json
    is "$(json .workers <<<"$output")" 4
    is "$(json '.tasks | length' <<<"$output")" 5
    dagrun_exits 0 run --jobs=5 -qk g.xml --json
    is "$(json .workers <<<"$output")" 5
    dagrun_exits 0 -q -j20 g.xml --json # no more workers than tasks
    is "$(json .workers <<<"$output")" 9
}

@test "two dashes end the options" {
    graph g.xml <<<"$no_need"
    dagrun_exits 0 -q -- g.xml build
    dagrun_exits 0 plan -- g.xml
}

@test "after two dashes a name may begin with a dash" {
    graph ./-g.xml <<<"$no_need"
    dagrun_exits 0 -q -- -g.xml
    dagrun_exits 0 run -q -- -g.xml
    dagrun_exits 0 check -- -g.xml
    dagrun_exits 0 ./-g.xml
}

@test "a dry run cannot be combined with JSON" {
    graph g.xml <<<"$no_need"
    run --separate-stderr dagrun -n --json g.xml
    [[ $status -eq 2 ]] || json . <<<"$output" >/dev/null
}

@test "a value may follow several letters" {
    for i in {1..9}; do echo "<task id='t$i'/>"; done | graph g.xml
    dagrun_exits 0 -qkj3 g.xml --json
    is "$(json .workers <<<"$output")" 3
    complains 2 'dagrun: -j takes a number of workers from 1 to 10000, not "k"' -qjk g.xml
}

@test "a misspelt command, whatever follows" {
    complains 2 'dagrun: there is no command or file "chekc"; did you mean "check"?' chekc g.xml
}

@test "timings go to a file" {
    echo '<task id="a"/>' | graph g.xml
    complains 2 'dagrun: --timings takes a file; --json prints the same on standard output' \
        g.xml --timings -
}
