#!/usr/bin/env bats
# Completion in bash, called as readline calls it.

load helpers

# Print the completions of the last word of a line that readline has split into these words,
# sorted, in one line: offered WORD...
offered()
{
    (
        # shellcheck source=../../tools/dagrun.bash
        source "$source_dir/tools/dagrun.bash"
        COMP_WORDBREAKS=${breaks-$' \t\n"\'><=;|&(:'}
        COMP_WORDS=("$(printf %q "$DAGRUN")" "$@")
        COMP_CWORD=$#
        _dagrun
        echo "${COMPREPLY[*]}"
    )
}

some_files()
{
    mkdir -p parts/deep empty
    graph graph.xml <<'END'
      <param name="enable_ats" type="boolean" default="true"/>
      <param name="enable_pdf" type="boolean" default="false"/>
      <param name="job" type="path"/>
      <task id="build-it"/> <task id="build-that"/> <task id="test.unit" needs="build-it"/>
      <task id="late" when="$enable_pdf"/>
END
    graph parts/other.xml <<<'<task id="other"/>'
    touch notes.txt
}

@test "sourcing the script registers the completion and prints nothing" {
    run bash -c 'source "$1"; complete -p dagrun' - "$source_dir/tools/dagrun.bash"
    is "$status $output" '0 complete -F _dagrun dagrun'
}

@test "the first word: commands, graphs, directories" {
    some_files
    is "$(offered '' | xargs -n 1 | sort | xargs)" \
        'bench check diff empty/ explain export generate graph.xml help history import list parts/ plan run schema show verify'
    is "$(offered pl)" plan
    is "$(offered parts/ | xargs -n 1 | sort | xargs)" 'parts/deep/ parts/other.xml'
    is "$(offered run g)" graph.xml
    is "$(offered check graph.xml parts/o)" parts/other.xml
    is "$(offered schema '')" ''
    touch run.json
    is "$(offered verify graph.xml ru)" run.json
    is "$(offered verify graph.xml run.json build-t)" 'build-that'
    is "$(offered help pl)" plan
    is "$(offered help plan '')" ''
}

@test "task ids in --set-cost and --without" {
    some_files
    is "$(offered plan graph.xml --set-cost te)" 'test.unit='
    is "$(offered plan graph.xml --without build-)" 'build-it build-that'
    is "$(offered plan graph.xml --without late,te)" 'late,test.unit'
    is "$(offered plan --without '')" ''
}

@test "task ids after the graph, also with - and ." {
    some_files
    is "$(offered graph.xml '')" "$(dagrun list tasks graph.xml --names | xargs)"
    is "$(offered graph.xml build-)" 'build-it build-that'
    is "$(offered graph.xml test.)" 'test.unit'
    is "$(offered run graph.xml build-it te)" 'test.unit'
    is "$(offered plan --json graph.xml build-t)" 'build-that'
    is "$(offered list tasks graph.xml b)" ''
}

@test "options and their values before the graph are not taken for it" {
    some_files
    is "$(offered -k -j 4 graph.xml te)" test.unit
    is "$(offered -kj 4 graph.xml te)" test.unit
    is "$(offered -j4 graph.xml te)" test.unit
    is "$(offered --strategy = dataflow graph.xml te)" test.unit
    is "$(offered --set enable_pdf = true graph.xml te)" test.unit
    is "$(offered --timings t.json --seed 3 graph.xml te)" test.unit
    is "$(offered -- graph.xml te)" test.unit
}

@test "names of strategies" {
    is "$(offered --strategy '')" "$(dagrun list strategies --names | xargs)"
    is "$(offered run --strategy phases-)" phases-longest
    is "$(offered --strategy = cr)" critical-path
    is "$(offered --strategy =)" "$(dagrun list strategies --names | xargs)"
    is "$(offered bench --strategies '')" "$(dagrun list strategies --names | xargs)"
    is "$(offered bench --strategies random,phases,cr)" random,phases,critical-path
}

@test "phase rules and colours" {
    is "$(offered plan --phases '')" 'just-in-time asap alap compact'
    is "$(offered run --phases = a)" 'asap alap'
    is "$(offered --color '')" 'auto always never'
}

@test "parameters of the graph on the line" {
    some_files
    is "$(offered graph.xml --set '')" 'enable_ats= enable_pdf= job='
    is "$(offered plan graph.xml --set enable_p)" enable_pdf=
    is "$(offered graph.xml --set = jo)" job=
    is "$(offered --set '')" ''
    is "$(offered graph.xml --set enable_ats = t)" true
    is "$(offered graph.xml --set = enable_ats = f)" false
    is "$(offered graph.xml --set job = no)" notes.txt
}

@test "if readline does not split at =, the completion contains the whole word" {
    some_files
    breaks=$' \t\n'
    is "$(offered --strategy=cr)" --strategy=critical-path
    is "$(offered graph.xml --set enable_ats=t)" enable_ats=true
    is "$(offered graph.xml --set=enable_a)" --set=enable_ats=
    is "$(offered graph.xml --set=enable_ats=t)" --set=enable_ats=true
}

@test "directories; files relative to the directory of -C" {
    some_files
    is "$(offered -C p)" parts/
    is "$(offered -C parts '' | xargs -n 1 | grep -v '^[a-z]*$' | sort | xargs)" 'deep/ other.xml'
    is "$(offered -C parts other.xml '')" other
    is "$(offered --directory = parts run oth)" ''
    is "$(offered run --directory = parts oth)" other.xml
}

@test "arguments of list" {
    some_files
    is "$(offered list '')" 'strategies kinds tasks params'
    is "$(offered list tasks gr)" graph.xml
    is "$(offered list kinds '')" ''
    is "$(offered list --n)" --names
}

@test "file names with spaces and quotes" {
    some_files
    cp graph.xml 'my graph.xml'
    is "$(offered 'my\ gr')" 'my graph.xml'
    is "$(offered '"my gr')" 'my graph.xml'
    is "$(offered 'my\ graph.xml' te)" test.unit
    is "$(offered "'my graph.xml'" te)" test.unit
    cp graph.xml "it's \$1 \"x\".xml"
    is "$(offered "it\\'s\\ \\\$1\\ \\\"x\\\".xml" te)" test.unit
    is "$(offered '"it'"'"'s \$1 \"x\".xml"' te)" test.unit
}

@test "an invalid graph: no completions and no message" {
    graph g.xml <<<'<tsk/>'
    is "$(offered g.xml '' 2>&1)" ''
    is "$(offered none.xml '' 2>&1)" ''
    is "$(offered g.xml --set '' 2>&1)" ''
}

@test "completion works in an interactive bash" {
    needs_program script
    some_files
    {
        printf 'source %q; PS1=; PATH=%q:$PATH\n' "$source_dir/tools/dagrun.bash" "$(dirname "$DAGRUN")"
        # Tab completes the command, the graph, then the task; Enter runs it.
        printf 'dagrun pla\tgra\ttest.\t --set jo\tx --json >plan.json\n'
        echo exit
    } >keys
    script -qec 'bash --norc --noprofile -i' /dev/null <keys >screen
    is "$(phases plan.json)" 'build-it | test.unit'
}

@test "names of files are never executed, and a completion is one word" {
    needs_program script
    some_files
    touch -- '$(touch executed).xml' '`touch executed`.xml' $'a\e[2Jb.xml' '-C.xml' 'x;touch executed;.xml'
    mkdir '$(touch executed)'
    mv graph.xml '$(touch executed)/$(touch executed).xml'
    is "$(offered '\$(t' | xargs -n 2 | LC_ALL=C sort | paste -sd '|')" '$(touch executed).xml|$(touch executed)/'
    is "$(offered '\`t')" '`touch executed`.xml'
    is "$(offered 'x\;')" 'x;touch executed;.xml'
    is "$(offered '$(touch executed)/$(touch executed).xml' build-)" 'build-it build-that'
    is "$(offered "'\$(touch executed)/\$(touch executed).xml'" --set jo)" 'job='
    is "$(offered -C '$(touch executed)' '$(touch executed).xml' te)" test.unit
    {
        printf 'source %q; PS1=; PATH=%q:$PATH\n' "$source_dir/tools/dagrun.bash" "$(dirname "$DAGRUN")"
        printf '%s\t/\t te\t --json >plan.json\n' "dagrun plan '\$(t"
        echo exit
    } >keys
    script -qec 'bash --norc --noprofile -i' /dev/null <keys >screen
    is "$(phases plan.json)" 'build-it | test.unit'
    [[ ! -e executed ]]
    [[ ! -e '$(touch executed)/executed' ]]
}

@test "CDPATH does not lead completion elsewhere" {
    some_files
    mkdir -p elsewhere/parts
    touch elsewhere/parts/wrong.xml
    export CDPATH=elsewhere
    is "$(offered -C parts o)" other.xml
    is "$(offered -C parts other.xml '')" other
}
