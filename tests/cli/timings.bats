#!/usr/bin/env bats
# The files that a run writes: complete or not at all.

load helpers

@test "--timings writes the same as --json prints" {
    graph g.xml <<<'<param name="fast" type="boolean" default="true"/> <task id="a"/>'
    dagrun_exits 0 -q g.xml --json --timings t.json
    is "$(json . <<<"$output")" "$(json . t.json)"
    is "$(json .fast t.json)" true
    is "$(ls | xargs)" 'g.xml t.json'
}

@test "a graph's output directory is created and gets timings.json on every run" {
    mkdir sub
    graph sub/g.xml 'output="out/${name}"' <<'END'
      <param name="name" default="first"/>
      <task id="a"><exec>test -d out/${name}</exec></task>
      <task id="b" needs="a"><shell>test "$name" != second</shell></task>
END
    dagrun_exits 0 -q sub/g.xml
    is "$(outcomes sub/out/first/timings.json)" 'a:succeeded b:succeeded'
    dagrun_exits 1 -q sub/g.xml --set name=second
    is "$(outcomes sub/out/second/timings.json)" 'a:succeeded b:failed'
    dagrun_exits 0 -q sub/g.xml --timings t.json
    cmp t.json sub/out/first/timings.json
    is "$(ls sub/out/first)" timings.json
}

@test "an output directory that cannot be created: no task runs" {
    echo >file
    graph g.xml 'output="file/out"' <<<'<task id="a"><exec>touch marker</exec></task>'
    dagrun_exits 4 g.xml
    matches "$stderr" '^dagrun: cannot make the directory ".*file/out": Not a directory$'
    [[ ! -e marker ]]
}

@test "a path that cannot be written to" {
    graph g.xml <<<'<task id="a"><exec>true</exec></task>'
    dagrun_exits 4 -q g.xml --timings nowhere/t.json
    is "$output" ''
    is "$stderr" 'dagrun: cannot write "nowhere/t.json": No such file or directory'
    is "$(ls)" g.xml
}

@test "a directory instead of the file" {
    graph g.xml <<<'<task id="a"/>'
    mkdir t.json
    dagrun_exits 4 -q g.xml --timings t.json
    matches "$stderr" '^dagrun: cannot write "t.json": [^
]*$'
    is "$(ls -A . t.json | xargs)" '.: g.xml t.json t.json:'
}

@test "a file is replaced, not rewritten, and no other file is left" {
    graph g.xml <<<'<task id="a"/>'
    echo old >t.json
    ln t.json old.json
    dagrun_exits 0 -q g.xml --timings t.json
    is "$(cat old.json)" old
    is "$(json .graph t.json)" g
    is "$(ls -A | xargs)" 'g.xml old.json t.json'
}

@test "a file in a read-only directory survives" {
    [[ $(id -u) -ne 0 ]] || skip 'root may write everywhere'
    graph g.xml <<<'<task id="a"/>'
    mkdir d
    echo old >d/t.json
    chmod 555 d
    dagrun_exits 4 -q g.xml --timings d/t.json
    chmod 755 d
    is "$(cat d/t.json)" old
    is "$(ls -A d)" t.json
}

@test "a file survives a full disk" {
    graph g.xml <<<'<task id="a"/>'
    echo old >t.json
    # The limit of a file's size is one block, which is 1 KiB in this shell; the JSON is larger.
    for i in {1..100}; do echo "<task id='t$i'/>"; done | graph g.xml
    run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@"' bash \
        "$DAGRUN" -q g.xml --timings t.json
    is "$status" 4
    matches "$stderr" '^dagrun: cannot write "t.json": [^
]*$'
    is "$(cat t.json)" old
    is "$(ls -A | xargs)" 'g.xml t.json'
}

@test "a device or a pipe is written to" {
    graph g.xml <<<'<task id="a"/>'
    mkfifo pipe
    cat pipe >read &
    dagrun_exits 0 -q g.xml --timings pipe
    wait $!
    is "$(json .graph read)" g
    [[ -p pipe ]]
    dagrun_exits 0 -q g.xml --timings /dev/null
    [[ -c /dev/null ]]
}

@test "a new file has the permissions of the umask" {
    graph g.xml <<<'<task id="a"/>'
    umask 027
    dagrun_exits 0 -q g.xml --timings t.json
    is "$(stat -c %a t.json)" 640
}

@test "a symbolic link stays, and the file it points to keeps its permissions" {
    echo '<task id="a"/>' | graph g.xml
    echo old >target.json
    chmod 600 target.json
    ln -s target.json link.json
    dagrun_exits 0 -q g.xml --timings link.json
    is "$(readlink link.json)" target.json
    is "$(stat -c %a target.json)" 600
    json . <target.json
    ln -s later.json dangling.json
    dagrun_exits 0 -q g.xml --timings dangling.json
    is "$(readlink dangling.json)" later.json
    json . <later.json
}

@test "a file that is not a regular file is written to, not replaced" {
    echo '<task id="a"/>' | graph g.xml
    mkfifo fifo
    cat fifo >got &
    dagrun_exits 0 -q g.xml --timings fifo
    wait $!
    [[ -p fifo ]]
    json . <got
    ln -s /proc/self/fd/1 out # like /dev/stdout
    dagrun_exits 0 -q g.xml --timings out
    [[ -L out ]]
    json . <<<"$output"
}

# The limit is 1 MiB, since ThreadSanitizer itself writes half of that.
@test "a limit on the size of files does not kill a run" {
    {
        echo '<task id="a"><shell>touch ran</shell></task>'
        printf '<task id="t%s"/>\n' {1..9000}
    } | graph g.xml
    run --separate-stderr bash -c 'ulimit -f 1024; exec "$DAGRUN" -q g.xml --timings t.json'
    is "$status" 4
    has "$stderr" 'dagrun: cannot write "t.json": File too large'
    [[ -e ran && ! -e t.json ]]
}

@test "a run that is killed while it writes its report leaves no part of it" {
    needs_program strace
    strace -o /dev/null true || skip 'nothing can be traced here'
    mkdir d
    {
        printf '<task id="t%s"/>\n' {1..3000}
    } | graph g.xml 'output="d"'
    for before in '' old; do
        rm -f d/*
        [[ -z $before ]] || echo old >d/timings.json
        # Before the file has a name (the first linkat() is a trial), and with half of it written.
        for call in linkat:signal=KILL:when=2 write:signal=KILL:when=6; do
            killed=''
            strace -f -o /dev/null -e "inject=$call" "$DAGRUN" -q g.xml || killed=yes
            is "$killed" yes
            is "$(cat d/* 2>/dev/null)" "$before"
            [[ -e d/timings.json || -z $before ]]
        done
    done
}

@test "killed between the two calls that replace a file, dagrun leaves the old file and a whole one" {
    needs_program strace
    strace -o /dev/null true || skip 'nothing can be traced here'
    graph g.xml <<<'<task id="a"/>'
    echo old >t.json
    strace -f -o /dev/null -e inject=rename:error=EINTR:signal=KILL "$DAGRUN" -q g.xml --timings t.json || true
    is "$(cat t.json)" old
    is "$(ls -A | wc -l)" 3
    is "$(json .graph t.json.*)" g
}

is_being_written()
{
    [[ ! -e /proc/$pid || $(readlink "/proc/$pid/fd"/* 2>/dev/null) == *"$PWD/#"*deleted* ]]
}

# The number of tries; DAGRUN_KILL_CASES is for a long search.
@test "killed at any moment of writing a report, dagrun leaves the old file, the new one or none" {
    printf '<task id="t%s" title="A title that makes the report longer, and longer still"/>\n' {1..60000} | graph g.xml
    echo old >t.json
    "$DAGRUN" -q g.xml --timings t.json &
    pid=$!
    wait_until is_being_written
    [[ -z $(ls t.json.* 2>/dev/null) ]] || { wait "$pid"; skip 'this file system has no files without names'; }
    wait "$pid"
    n_cut=0
    for ((n = 0; n < ${DAGRUN_KILL_CASES:-8} && (n < 5 || SECONDS < 60 || ${DAGRUN_KILL_CASES:-0} > 0); n++)); do
        rm -f t.json*
        ((n % 2)) || echo old >t.json
        "$DAGRUN" -q g.xml --timings t.json 2>/dev/null 3>&- &
        pid=$!
        until is_being_written; do :; done # sooner than wait_until sees it
        sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" || n_cut=$((n_cut + 1))
        if [[ ! -e t.json ]]; then
            ((n % 2))
        elif [[ $(head -c 3 t.json) != old ]]; then
            is "$(json '.tasks | length' t.json)" 60000
        else
            ((n % 2 == 0))
        fi
        # The test above shows the only moment at which another file is left, a whole one.
        for file in t.json.*; do
            [[ ! -e $file ]] || is "$(json '.tasks | length' "$file") $(cat t.json)" '60000 old'
        done
    done
    ((n_cut > 0))
}
