#!/usr/bin/env bats
# Malicious graphs: a clear error, soon and in bounded memory; no network access, and no access to
# files other than the graph and the files that it may include.

load helpers

xi='xmlns="urn:dagrun:graph:1" xmlns:xi="http://www.w3.org/2001/XInclude"'
head='<graph xmlns="urn:dagrun:graph:1">'

# As dagrun_exits, with limits on time and memory: bounded STATUS WORD...  The time limit catches
# hangs and quadratic algorithms.  A sanitizer reserves the whole address space: no memory limit.
bounded()
{
    local status_wanted=$1 kilobytes=1000000

    shift
    is_sanitized && kilobytes=unlimited
    # for the inner shell
    run --separate-stderr bash -c 'ulimit -v "$1"; shift; exec timeout 60 "$@"' - \
        $kilobytes "$DAGRUN" "$@"
    if [[ $status -ne $status_wanted ]]; then
        printf 'dagrun %s: status %s, not %s\n%s\n' "$*" "$status" "$status_wanted" "${stderr:0:1000}"
        return 1
    fi
}

# The same for a graph that a command prints without end, so that it does not fill a disk:
# bounded_pipe STATUS COMMAND
bounded_pipe()
{
    eval "$2" 2>pipe-errors | { bounded "$1" check /dev/stdin; printf '%s' "$stderr" >said; }
    stderr=$(cat said)
}

# Print a text many times, without line ends: repeat TEXT N
repeat()
{
    yes "$1" | head -n "$2" | tr -d '\n'
}

@test "a document type is rejected: no entity is expanded or fetched" {
    mkfifo marker # opening it blocks
    for subset in "SYSTEM \"$PWD/marker\"" 'SYSTEM "http://127.0.0.1:9/x.dtd"' 'PUBLIC "-//x" "marker"' \
        '[<!ENTITY x SYSTEM "marker">]' '[<!ENTITY % x SYSTEM "marker"> %x;]' \
        '[<!ENTITY a "aaaaaaaaaa"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;">]'; do
        echo "<!DOCTYPE graph $subset>$head<task id='a'><exec>echo &x;</exec></task></graph>" >g.xml
        bounded 3 check g.xml
        is "$stderr" 'g.xml:1:1: error: a document type declaration is not allowed'
    done
    bounded_pipe 3 'echo "<!DOCTYPE graph ["; yes "<!ENTITY a \"b\">"'
    is "$stderr" '/dev/stdin:1:1: error: a document type declaration is not allowed'
}

@test "no network access, and no file access except the graph and its inclusions" {
    needs_program strace
    strace -o /dev/null true || skip 'nothing can be traced here'
    mkdir sub
    echo "<graph $xi><xi:include href='sub/in.xml'/><xi:include href='http://127.0.0.1:9/x.xml'/>
      <xi:include href='/etc/passwd'/><xi:include href='../secret'/></graph>" >g.xml
    echo "<task xmlns='urn:dagrun:graph:1' id='a'/>" >sub/in.xml
    : >../secret
    # LeakSanitizer uses ptrace, too, and a process can have one tracer only.
    ASAN_OPTIONS=detect_leaks=0 run -3 strace -f -o trace -e trace=open,openat,openat2,%network "$DAGRUN" check g.xml
    is "$(grep -E 'socket|connect|sendto' trace)" ''
    is "$(grep -E 'passwd|secret' trace)" ''
    # Skip the libraries opened before the graph; then only these two may follow.
    is "$(sed -n '/"g.xml"/,$p' trace | grep -o '"[^"]*"' | xargs)" 'g.xml sub/in.xml'
}

@test "an attribute, a name, a text, a comment or a section without end" {
    for begin in '<task id="a" title="' '<task ' '<' '<!--' '<?p ' '<task id="a"><shell><![CDATA['; do
        bounded_pipe 3 "printf '%s\n\n%s' '$head' '$begin'; tr '\\0' x </dev/zero"
        is "$stderr" '/dev/stdin:3:1: error: a single tag, comment or section has more than 16 MiB'
    done
    for kind in shell exec; do
        bounded_pipe 3 "printf '%s\n%s' '$head' '<task id=\"a\"><$kind>'; yes 'echo \${x}'"
        is "$stderr" "/dev/stdin:2:14: error: the text of <$kind> has more than 16 MiB"
    done
}

@test "more than 512 MiB, in a file or from a pipe" {
    echo "$head</graph>" >g.xml
    truncate -s 1G g.xml # a sparse file
    bounded 4 check g.xml
    is "$stderr" 'dagrun: g.xml: larger than 512 MiB'
    echo "<graph $xi><xi:include href='g.xml'/></graph>" >outer.xml
    bounded 3 check outer.xml
    is "$stderr" 'outer.xml:1:96: error: cannot include "g.xml": larger than 512 MiB'
    bounded_pipe 3 "echo '$head'; yes '                                                               '"
    matches "$stderr" '^/dev/stdin:[0-9]+:[0-9]+: error: the graph has more than 512 MiB$'
}

@test "large but reasonable input is read" {
    local title

    {
        echo "$head"
        # In total more than the limit of each of them.
        title=$(repeat x 100000)
        for i in {1..200}; do printf '<task id="t%s" title="%s"/>' "$i" "$title"; done
        for i in {1..2}; do
            printf '<task id="huge%s" title="' "$i"
            head -c 12M /dev/zero | tr '\0' x
            printf '"/>'
        done
        printf '<task id="u%s"/>' {1..12000}
        printf '<task id="all" needs="'
        printf 'u%s ' {1..12000}
        printf '"/></graph>'
    } >g.xml
    bounded 0 check g.xml
    is "$stderr" ''
}

@test "a million nested elements" {
    for element in '<tasks>' '<x>' '<x xmlns:x="x">' '<task id="a">'; do
        { echo "$head"; repeat "$element" 1000000; } >g.xml
        bounded 3 check g.xml
        has "$stderr" 'error: elements are nested too deeply'
    done
}

@test "a hundred thousand attributes, namespaces, variables, phase titles" {
    for attribute in 'a%s="" ' 'xmlns:a%s="x" '; do
        # a format on purpose
        { echo "$head<task id='a' "; printf "$attribute" {1..100000}; echo '/></graph>'; } >g.xml
        bounded 3 check g.xml
        has "$stderr" "$(case $attribute in
            x*) echo 'an element and those around it declare more than 10000 namespaces' ;;
            *) echo 'an element has more than 1000 attributes' ;;
        esac)"
    done
    {
        echo "$head<task id='a'>"
        printf '<env name="a%s" value=""/>' {1..100000}
        echo '</task>'
        printf '<phase title="x" of="a%s"/>' {1..100000}
        echo '</graph>'
    } >g.xml
    bounded 3 check g.xml
    has "$stderr" 'phase "x" names "a1", which is not declared'
}

@test "a million errors are reported as fast as twenty" {
    for line in '<tsk/>' '<task id="a" needs="z"/>' '<task/>' '<task id="a" cost="x"/>' \
        '<task id="t%s" needs="z%s"/>' '<task id="t%s" when="x"/>' '<task id="t%s"><exec>${x%s}</exec></task>'; do
        { echo "$head"; seq 1000000 | sed "s|.*|${line//%s/&}|"; echo '</graph>'; } >g.xml
        bounded 3 check g.xml
        is "${#stderr_lines[@]}" 21
        is "${stderr_lines[20]}" 'more errors are not shown'
    done
}

@test "a message does not repeat a long name or text in full" {
    { printf '%s<task id="b" needs="' "$head"; head -c 5M /dev/zero | tr '\0' x; echo '"/></graph>'; } >g.xml
    bounded 3 check g.xml
    [[ ${#stderr} -gt 1000 && ${#stderr} -lt 10000 ]]
}

@test "references that expand to gigabytes" {
    {
        printf '%s<param name="p" default="%s"/>' "$head" "$(repeat x 100000)"
        printf '<task id="a"><exec>echo '
        repeat '${p}' 100000
        echo '</exec></task></graph>'
    } >g.xml
    bounded 3 check g.xml
    has "$stderr" 'all references to parameters stand for more than 256 MiB'
}

@test "conditions that take very long to compute" {
    repeat x 1000000 >long
    for when in 'contains(concat($s,$s),concat($s,$s,"z"))' 'translate($s,$s,$s)=1' \
        "string-length($(repeat 'concat($s,' 200)\$s$(repeat ')' 200))=2" \
        "string-length($(repeat 'translate(' 400)\$s$(repeat ',"x","y")' 400))=2"; do
        # A sanitizer scans the whole text for each of its characters.
        ! is_sanitized || [[ $when != *translate\(translate* ]] || continue
        { printf '%s' "$head<param name='s' default='"; cat long
          printf '%s' "'/><task id='a' when='$when'/></graph>"; } >g.xml
        bounded 3 check g.xml
        has "$stderr" '" takes too long to decide'
    done
    echo "$head<task id='a' when='$(repeat '(' 20000)1$(repeat ')' 20000)'/></graph>" >g.xml
    bounded 3 check g.xml
    has "$stderr" '…" is nested too deeply'
}

@test "bytes that are not UTF-8" {
    # NUL, overlong, surrogate, too large, stray continuation, truncated
    for bytes in '\0' '&#0;' '&#xD800;' '\xff\xfe' '\xc0\xaf' '\xed\xa0\x80' '\xf4\x90\x80\x80' '\x80' '\xe2\x82'; do
        # shellcheck disable=SC2059 # a format on purpose
        printf "$head\n<task id='a' title='x${bytes}y'/></graph>" >g.xml
        bounded 3 check g.xml
        matches "$stderr" '^g.xml:2:[0-9]+: error: '
    done
    head -c 100000 /dev/urandom >g.xml
    bounded 3 check g.xml
    echo "$head</graph>" | iconv -t UTF-16 | head -c 41 >g.xml
    bounded 3 check g.xml
    matches "$stderr" '^g.xml:1:[0-9]+: error: '
}

@test "a graph in an encoding that iconv knows, and in an unknown one" {
    for encoding in KOI8-R EUC-JP ISO-8859-5; do
        iconv -t "$encoding" >g.xml <<END
<?xml version="1.0" encoding="$encoding"?>
<graph xmlns="urn:dagrun:graph:1"><task id="работа"><exec>echo Привет</exec></task></graph>
END
        bounded 0 g.xml
        is "$output" Привет
        matches "$stderr" ' работа '
    done
    sed -i s/ISO-8859-5/ISO-8859-99/ g.xml
    bounded 3 check g.xml
    matches "$stderr" '^g.xml:1:[0-9]+: error: the encoding ISO-8859-99 is not known; save the file as UTF-8'
}

@test "circular inclusions are rejected, also through links" {
    echo "<graph $xi><xi:include href='x.xml'/></graph>" >g.xml
    echo "<tasks $xi><xi:include href='y.xml'/></tasks>" >x.xml
    for link in -s -f; do
        ln $link x.xml y.xml
        bounded 3 check g.xml
        is "$stderr" 'x.xml:1:96: error: cannot include "y.xml": it includes itself'
    done
    rm x.xml y.xml
    ln -s y.xml x.xml
    ln -s x.xml y.xml
    bounded 3 check g.xml
    is "$stderr" 'g.xml:1:96: error: cannot include "x.xml": Too many levels of symbolic links'
}

# Create a graph's directory, in, and files outside it that the graph must not include.
surroundings()
{
    mkdir -p in/sub out
    echo "<task xmlns='urn:dagrun:graph:1' id='secret'/>" | tee out/t.xml >in/sub/t.xml
    ln -s ../out/t.xml in/link.xml
    ln -s ../out in/linked
    ln -s sub/t.xml in/inner.xml
    ln -s "$PWD/in" again
    mkfifo in/fifo
}

@test "a file outside the graph's directory is not included, unless allowed" {
    surroundings
    for href in ../out/t.xml sub/../../out/t.xml %2e%2e/out/t.xml link.xml linked/t.xml ./linked/../out/t.xml \
        "$PWD/out/t.xml"; do
        echo "<graph $xi><xi:include href='$href'/></graph>" >in/g.xml
        for graph in in/g.xml "$PWD/in/g.xml" again/g.xml; do
            bounded 3 check "$graph"
            is "$stderr" "$graph:1:96: error: cannot include \"$href\": outside of the graph's directory, which needs --allow-include"
            bounded 0 check --allow-include "$graph"
        done
    done
    for command in run plan 'list tasks'; do
        # shellcheck disable=SC2086 # two words
        bounded 3 $command in/g.xml
        # shellcheck disable=SC2086
        bounded 0 $command --allow-include in/g.xml
    done
    is "$output" secret
    cd in
    bounded 3 check g.xml
}

@test "a file inside the directory is included, whatever its name" {
    surroundings
    for href in sub/t.xml inner.xml sub/../inner.xml ../in/sub/t.xml linked/../in/inner.xml \
        "$PWD/in/sub/t.xml" "$PWD/again/inner.xml"; do
        echo "<graph $xi><xi:include href='$href'/></graph>" >in/g.xml
        bounded 0 check in/g.xml
        bounded 0 check again/g.xml
    done
    # Inclusions of an included file are also checked against the graph's directory, not its own.
    echo "<graph $xi><xi:include href='sub/up.xml'/></graph>" >in/g.xml
    echo "<tasks $xi><xi:include href='../inner.xml'/></tasks>" >in/sub/up.xml
    bounded 0 check in/g.xml
    echo "<tasks $xi><xi:include href='../../out/t.xml'/></tasks>" >in/sub/up.xml
    bounded 3 check in/g.xml
    has "$stderr" 'in/sub/up.xml:1:96: error: cannot include "../../out/t.xml": outside of the'
    # A directory whose name has the same beginning is a different one.
    mkdir inside
    cp in/sub/t.xml inside
    echo "<graph $xi><xi:include href='../inside/t.xml'/></graph>" >in/g.xml
    bounded 3 check in/g.xml
    has "$stderr" 'cannot include "../inside/t.xml": outside of the'
}

@test "only regular files are included, allowed or not" {
    surroundings
    for href in fifo sub . .. /dev/zero /dev/null /dev/stdin; do
        echo "<graph $xi><xi:include href='$href'/></graph>" >in/g.xml
        bounded 3 check --allow-include in/g.xml </dev/null
        matches "$stderr" '^in/g.xml:1:96: error: cannot include ".*": (not a regular file|Is a directory)$'
        bounded 3 check in/g.xml </dev/null
    done
}

@test "a device is not a graph" {
    for device in /dev/zero /dev/null /dev/full /dev/random /dev/tty; do
        complains 4 "dagrun: $device: not a regular file" check "$device"
    done
    bounded 4 check /dev/stdin </dev/zero
    is "$stderr" 'dagrun: /dev/stdin: not a regular file'
}

@test "a graph from a pipe runs in the working directory and includes from there" {
    echo "<graph $xi><xi:include href='in.xml'/><task id='a'><exec>pwd</exec></task></graph>" >g.xml
    echo "<task xmlns='urn:dagrun:graph:1' id='b'/>" >in.xml
    mkdir elsewhere
    mkfifo fifo elsewhere/fifo
    dagrun_exits 0 <(cat g.xml)
    is "$output" "$PWD"
    dagrun_exits 0 /dev/stdin <g.xml
    is "$output" "$PWD"
    is "$(cat g.xml | "$DAGRUN" /dev/stdin 2>said)" "$PWD"
    cat g.xml >fifo &
    dagrun_exits 0 fifo
    is "$output" "$PWD"
    # A named pipe has a directory of its own.
    sed 's/<xi[^>]*>//' g.xml >elsewhere/fifo &
    dagrun_exits 0 elsewhere/fifo
    is "$output" "$PWD/elsewhere"
}

is_asleep()
{
    grep -q '^State:[[:space:]]*[SD]' "/proc/$1/status"
}

@test "dagrun waits for a pipe without a writer until a signal ends it" {
    mkfifo fifo
    for signal in INT TERM; do
        # A background process of a script ignores SIGINT.
        env --default-signal=INT "$DAGRUN" check fifo 3>&- &
        pid=$!
        wait_until is_asleep "$pid"
        kill -"$signal" "$pid"
        wait_until is_gone "$pid"
    done
}
