#!/usr/bin/env bats
# A place that cannot be found is never replaced by another one: the run is refused, or the task
# fails, and the message says what is missing.

load helpers

# Run a command in a directory that was deleted: deleted WORD...
deleted()
{
    mkdir gone
    (cd gone && rmdir "$PWD" && exec "$@")
}

# As dagrun_exits, in a directory that was deleted.
deleted_exits()
{
    local status_wanted=$1

    shift
    run --separate-stderr deleted "$DAGRUN" "$@"
    [[ $status -eq $status_wanted ]] || { printf 'status %s\n%s\n%s\n' "$status" "$output" "$stderr"; return 1; }
}

@test "in a deleted working directory a graph from a pipe does not run" {
    printf '<graph xmlns="urn:dagrun:graph:1" output="out"><task id="a"><exec>pwd</exec></task></graph>' >g.xml
    for word in '' check plan -n; do
        # shellcheck disable=SC2086 # no word is no argument
        deleted_exits 4 $word /dev/stdin <g.xml
        is "$output" ''
        is "$stderr" 'dagrun: /dev/stdin: "." is relative, and the working directory cannot be found: it was deleted'
    done
    [[ ! -e /out ]]
}

@test "in a deleted working directory a graph with an absolute name runs in its own directory" {
    graph g.xml 'output="out"' <<'END'
      <param name="data" type="path" default="data.txt"/>
      <task id="a"><exec>echo ${data}</exec></task>
      <task id="b"><exec>pwd</exec></task>
END
    deleted_exits 0 "$PWD/g.xml"
    is "$(sort <<<"$output")" "$(printf '%s\n' "$PWD" "$PWD/data.txt" | sort)"
    [[ -e out/timings.json ]]
    deleted_exits 2 "$PWD/g.xml" --set data=other.txt
    is "$output" ''
    is "$stderr" 'dagrun: parameter "data": "other.txt" is relative, and the working directory cannot be found: it was deleted'
    deleted_exits 0 "$PWD/g.xml" --set data=/other.txt
    deleted_exits 4 "$PWD/g.xml" --output logs
    is "$stderr" 'dagrun: cannot make the directory "logs": No such file or directory'
    deleted_exits 4 -q "$PWD/g.xml" --timings t.json
    has "$stderr" 'dagrun: cannot write "t.json": No such file or directory'
    deleted_exits 4 g.xml
    is "$stderr" 'dagrun: g.xml: No such file or directory'
}

@test "an included file is not searched from a deleted working directory" {
    printf '<graph xmlns="urn:dagrun:graph:1" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="%s"/></graph>' \
        "$PWD/more.xml" >g.xml
    printf '<tasks xmlns="urn:dagrun:graph:1"/>' >more.xml
    deleted_exits 4 check /dev/stdin <g.xml
    has "$stderr" 'the working directory cannot be found: it was deleted'
}

@test "the directory of a task is deleted before it runs" {
    graph g.xml <<<'<task id="a"><shell>mkdir d; rmdir d</shell></task>
        <task id="b" needs="a" dir="d"><exec>pwd</exec></task>'
    dagrun_exits 1 g.xml
    has "$stderr" "b  failed: cannot enter the directory \"$PWD/d\": No such file or directory"
}

@test "an empty value is no directory" {
    graph g.xml <<<'<task id="where"><exec>true</exec></task>
        <task id="a" dir="${where}"><exec>touch here</exec></task>'
    dagrun_exits 1 g.xml
    has "$stderr" 'a  failed: the value of its "dir" is empty'
    [[ ! -e here ]]
    graph g.xml 'output="${out}"' <<<'<param name="out"/><task id="a"><exec>touch here</exec></task>'
    dagrun_exits 3 g.xml --set out=
    is "$stderr" 'g.xml:1:43: error: attribute "output" of <graph>: its value is empty'
    [[ ! -e here && ! -e timings.json ]]
    dagrun_exits 0 g.xml --set out=o
    [[ -e o/timings.json ]]
    dagrun_exits 0 list params g.xml
}

@test "without PATH only programs with a slash in their name are found" {
    graph g.xml <<<'<task id="a"><exec>true</exec></task><task id="b"><exec>/bin/true</exec></task>
        <task id="c"><env name="PATH" value="/bin:/usr/bin"/><exec>true</exec></task>'
    run --separate-stderr env -u PATH "$DAGRUN" -k g.xml --timings t.json
    is "$status" 1
    has "$stderr" 'a  failed: cannot run "true": the variable PATH is not set'
    is "$(outcomes t.json)" 'a:failed b:succeeded c:succeeded'
}

@test "neither HOME nor XDG_RUNTIME_DIR is needed" {
    graph g.xml <<<'<task id="a"><exec>echo a</exec></task>
        <task id="b" needs="a"><shell>cat "$a"; echo "${HOME-unset}"</shell></task>'
    for place in '' /nowhere relative; do
        run --separate-stderr env -u HOME XDG_RUNTIME_DIR="$place" "$DAGRUN" g.xml b
        is "$status$output" $'0a\nunset'
        is "$(ls)" g.xml
    done
}

# Run a command without the directories /proc or /dev: without /proc WORD...
without()
{
    unshare "${unshare_options[@]}" bash -ec '
        mount -t tmpfs none "$1"
        shift
        exec "$@"' bash "$@"
}

needs_without()
{
    for unshare_options in -m -rm; do
        unshare_options=("$unshare_options")
        without /proc true 2>/dev/null && return
    done
    skip 'mounting is not permitted'
}

@test "messages name /dev/null and /proc if they are missing" {
    needs_without
    graph g.xml <<<'<task id="a"><exec>echo a</exec></task>
        <task id="b"><exec stdin="a">cat</exec></task>
        <task id="named"><exec>echo named</exec></task>
        <task id="c" needs="named"><shell>cat "$named"</shell></task>'
    run --separate-stderr without /dev "$DAGRUN" g.xml
    is "$status" 1
    has "$stderr" 'a  failed: cannot open "/dev/null": No such file or directory'
    run --separate-stderr without /dev bash -c 'echo "not empty" >/dev/null; exec "$@"' bash "$DAGRUN" g.xml
    is "$status" 1
    has "$stderr" 'a  failed: cannot open "/dev/null": No such device'
    run --separate-stderr without /proc "$DAGRUN" -k g.xml
    is "$status" 1
    has "$stderr" 'b  failed: cannot pass on the output of "a": /proc is not mounted'
    lacks "$stderr" 'c  failed'
}

@test "without /proc large outputs get their names, and reports are written" {
    needs_without
    ! is_sanitized || skip 'sanitizers read /proc'
    graph g.xml <<<'<task id="big"><exec>seq 1000000</exec></task>
        <task id="c" needs="big"><shell>wc -l &lt;"$big" >lines</shell></task>'
    run --separate-stderr without /proc "$DAGRUN" -q g.xml --timings t.json
    is "$status$stderr" 0
    is "$(cat lines)" 1000000
    is "$(outcomes t.json)" 'big:succeeded c:succeeded'
    is "$(ls | xargs)" 'g.xml lines t.json'
}
