#!/usr/bin/env bats
# Task output of any size and content is kept; output that cannot be kept is
# reported as lost, and the run goes on.

load helpers

# A task "big" that prints 100 MB, all lines different.
big='<task id="big"><exec>seq -f %015.0f 6250000</exec></task>'
big_size=100000000

# The same with 20 MB: more than fits in memory or in an argument.
large='<task id="large"><exec>seq -f %015.0f 1250000</exec></task>'
large_size=20000000

# Run a command with three file systems: "small" of 256 KiB, "full" of 64 KiB without a free
# byte, and "read-only": mounted COMMAND...
mounted()
{
    unshare "${unshare_options[@]}" bash -ec '
        mount -t tmpfs -o size=256k none small
        mount -t tmpfs -o size=64k none full
        mount -t tmpfs -o size=64k none read-only
        head -c 65536 /dev/zero >full/ballast || :
        for name in a.log t.json; do echo old >read-only/$name; done
        mount -o remount,ro read-only
        exec "$@"' bash "$@"
}

needs_mounts()
{
    mkdir -p small full read-only
    for unshare_options in -m -rm; do
        unshare_options=("$unshare_options")
        mounted true 2>/dev/null && return
    done
    skip 'mounting is not permitted'
}

# As dagrun_exits, with those file systems
mounted_exits()
{
    local status_wanted=$1

    shift
    run --separate-stderr mounted "$DAGRUN" "$@"
    if [[ $status -ne $status_wanted ]]; then
        printf 'dagrun %s: status %s, not %s\n-- stderr\n%s\n' "$*" "$status" "$status_wanted" "$stderr"
        return 1
    fi
}

# Print bytes of every value, more than are kept in memory.
write_binary()
{
    local i

    for ((i = 0; i < 256; i++)); do
        # an escape sequence
        printf "\\x$(printf %x "$i")"
    done >all-bytes
    { cat all-bytes; head -c "$1" /dev/urandom; printf 'no line end\0'; } >binary
}

@test "bytes pass unchanged, few and many, to every reader" {
    graph g.xml <<'END'
      <task id="a"><exec>cat binary</exec></task>
      <task id="b"><exec stdin="a">tee b</exec></task>
      <task id="c" needs="a"><shell>cat "$a" > c</shell></task>
END
    for size in 0 100000 3000000; do
        write_binary $size
        "$DAGRUN" g.xml a >out 2>err --output logs
        cmp out binary
        cmp logs/a.log binary
        "$DAGRUN" g.xml -q --output logs
        cmp b binary
        cmp c binary
        cmp logs/b.log binary
        is "$(ls logs | xargs)" 'a.log b.log'
        rm -r logs
    done
}

# The first 16 programs at a time get pipes of 1 MiB, the others of 64 KiB.
@test "a program that makes its pipe larger loses no output, and the next one gets none of it" {
    printf 'import fcntl, os\nfcntl.fcntl(1, 1031, 1 << 20)\nos.write(1, b"A" * (1 << 20))\nos._exit(0)\n' >large.py
    {
        printf '<task id="wait%d" priority="1"><exec>sleep 0.5</exec></task>\n' {1..16}
        printf '<task id="w%d"><exec>python3 -IS large.py</exec></task>\n' {1..4}
        printf '<task id="c%d"><exec stdin="w%d">wc -c</exec></task>\n' 1 1 2 2 3 3 4 4
    } | graph g.xml
    run --separate-stderr "$DAGRUN" -j20 --strategy dataflow g.xml wait{1..16} c{1..4}
    is "$status" 0
    is "$(tr -d A <<<"$output" | sort | uniq -c | xargs)" '4 1048576'
    [[ $output != *A* ]]
}

@test "100 MB are printed completely, in little memory, and leave no file" {
    mkdir tmp
    graph g.xml <<END
      $big
      <task id="look" needs="big">
        <shell>
          until test "\$(stat -c %s out)" -ge $big_size; do sleep 0.05; done
          grep VmHWM /proc/\$PPID/status > memory
        </shell>
      </task>
END
    TMPDIR=$PWD/tmp "$DAGRUN" g.xml >out 2>err
    seq -f %015.0f 6250000 | cmp - out
    is "$(ls -A tmp)" ''
    is_sanitized || [[ $(grep -o '[0-9]*' memory) -lt 40000 ]]
}

@test "100 MB reach the tasks that need them" {
    graph g.xml <<END
      $big
      <task id="file" needs="big"><shell>cksum &lt; "\$big" > file</shell></task>
      <task id="input"><shell stdin="big">cksum > input</shell></task>
      <task id="both" needs="file input">
        <shell stdin="big">cmp - "\$big"; grep VmHWM /proc/\$PPID/status > memory</shell>
      </task>
END
    dagrun_exits 0 -q -j2 g.xml
    is "$(cat file)" "$(seq -f %015.0f 6250000 | cksum)"
    is "$(cat input)" "$(cat file)"
    is_sanitized || [[ $(grep -o '[0-9]*' memory) -lt 40000 ]]
}

@test "an output that is too long for an argument is reported, not loaded" {
    graph g.xml <<END
      $large
      <task id="b"><exec>echo \${large}</exec></task>
      <task id="c" needs="large"><shell>test "\$(stat -L -c %s "\$large")" -eq $large_size</shell></task>
END
    dagrun_exits 1 -q -k g.xml --timings t.json
    is "$(outcomes t.json)" 'large:succeeded b:failed c:succeeded'
    is "$(json '.tasks[1].reason' t.json)" \
        "the output of \"large\" has $large_size bytes, so it cannot be an argument; read it with stdin=\"large\""
}

@test "a TMPDIR that is no directory is named, and /tmp is used" {
    graph g.xml <<<"$large<task id='b'><exec stdin='large'>wc -c</exec></task>"
    echo >file
    ln -s /nowhere link
    for place in "$PWD/nowhere" "$PWD/file" "$PWD/file/x" "$PWD/link" relative; do
        reason='No such file or directory'
        [[ $place != */file* ]] || reason='Not a directory'
        [[ $place != relative ]] || reason='not an absolute path'
        TMPDIR=$place dagrun_exits 0 g.xml b
        is "$(tail -n 1 <<<"$output")" $large_size
        is "$(grep '^dagrun:' <<<"$stderr")" "dagrun: warning: TMPDIR is \"$place\": $reason; temporary files go to /tmp"
    done
    TMPDIR=$PWD dagrun_exits 0 g.xml b
    lacks "$stderr" TMPDIR
    TMPDIR='' dagrun_exits 0 g.xml b
    lacks "$stderr" TMPDIR
    TMPDIR=/nowhere dagrun_exits 0 -n g.xml
    is "$stderr" ''
}

@test "without a directory to spill to, begin and end are kept, and the loss is reported" {
    graph g.xml <<<'<task id="a"><shell>seq 1000000; echo the end</shell></task>
        <task id="b" needs="a"><exec>touch b</exec></task>'
    TMPDIR=/proc dagrun_exits 4 g.xml
    is "$(head -n 3 <<<"$output" | xargs)" '1 2 3'
    is "$(tail -n 2 <<<"$output" | xargs)" '1000000 the end'
    lost=$(sed -n 's/^\[\([0-9]*\) bytes are lost here: No such file or directory\]$/\1/p' <<<"$output")
    is "$(grep '^dagrun:' <<<"$stderr")" "dagrun: $lost bytes of the output of \"a\" are lost: No such file or directory
dagrun: the output of 1 task is incomplete"
    # The kept and the lost bytes add up to all; the line about the loss begins with a line end.
    mark=$(printf '\n[%s bytes are lost here: No such file or directory]\nx' "$lost")
    is $((${#output} + 1 + lost - ${#mark} + 1)) "$( (seq 1000000; echo the end) | wc -c)"
    [[ -e b ]]
    TMPDIR=/proc dagrun_exits 4 -q g.xml
    is "$output" ''
    has "$stderr" 'of the output of "a" are lost'
}

@test "a loss does not hide that a task failed" {
    graph g.xml <<<'<task id="a"><shell>seq 1000000; echo the end; exit 7</shell></task>'
    TMPDIR=/proc dagrun_exits 1 g.xml
    has "$stderr" 'failed: exit status 7'
    has "$stderr" $'1000000\nthe end\n'
    has "$stderr" 'of the output of "a" are lost'
    TMPDIR=/proc dagrun_exits 1 -v g.xml
    has "$stderr" $'1\n2\n3\n'
    has "$stderr" 'bytes are lost here'
    has "$stderr" $'1000000\nthe end\n'
}

@test "an incomplete output is not passed on" {
    graph g.xml <<<'<task id="a"><exec>seq 1000000</exec></task>
        <task id="b"><exec stdin="a">touch b</exec></task>'
    TMPDIR=/proc dagrun_exits 1 -k g.xml --timings t.json
    is "$(outcomes t.json)" 'a:failed b:blocked'
    is "$(json '.tasks[0].reason' t.json)" 'cannot keep its output: No such file or directory'
    [[ ! -e b ]]
}

@test "spilling fails because the disk is full" {
    needs_mounts
    graph g.xml <<<'<task id="a"><exec>seq 1000000</exec></task>
        <task id="b" needs="a"><exec>touch b</exec></task>
        <task id="c"><exec>seq 1000000</exec></task> <task id="d"><exec stdin="c">wc</exec></task>'
    for place in small full read-only; do
        reason='No space left on device'
        [[ $place != read-only ]] || reason='Read-only file system'
        TMPDIR=$PWD/$place mounted_exits 4 g.xml b
        has "$stderr" "of the output of \"a\" are lost: $reason"
        [[ -e b ]]
        rm b
        TMPDIR=$PWD/$place mounted_exits 1 g.xml d
        has "$stderr" "c  failed: cannot keep its output: $reason"
    done
}

@test "--output writes the output of each task as it arrives, and prints it as usual" {
    graph g.xml <<'END'
      <task id="a">
        <shell>echo one; echo two >&amp;2; until test -e go; do sleep 0.01; done; echo three</shell>
      </task>
      <task id="b">
        <shell>until grep -qs two logs/a.log; do sleep 0.01; done; echo b; touch go</shell>
      </task>
      <task id="silent"><exec>true</exec></task>
      <task id="bad" needs="a b silent"><shell>echo oh; exit 1</shell></task>
      <task id="never" needs="bad"><exec>echo never</exec></task>
END
    mkdir logs
    echo old | tee logs/silent.log logs/never.log logs/a.log logs/else.log
    dagrun_exits 1 -j2 g.xml --output logs
    is "$(head logs/*.log)" '==> logs/a.log <==
one
two
three

==> logs/b.log <==
b

==> logs/bad.log <==
oh

==> logs/else.log <==
old'
    is "$(sort <<<"$output" | xargs)" 'b one three two'
    dagrun_exits 1 -q g.xml --output a/new/place
    is "$output" ''
    is "$(ls a/new/place | xargs)" 'a.log b.log bad.log'
}

@test "--output keeps everything where nothing can be spilled" {
    graph g.xml <<<"$large"
    TMPDIR=/proc "$DAGRUN" g.xml --output logs >out 2>err
    seq -f %015.0f 1250000 | cmp - out
    cmp out logs/large.log
}

@test "--output to a path that cannot be a directory, and in a dry run" {
    graph g.xml <<<'<task id="a"><exec>touch marker</exec></task>'
    echo >file
    complains 4 'dagrun: cannot make the directory "file/logs": Not a directory' -q g.xml --output file/logs
    complains 4 'dagrun: cannot make the directory "file": Not a directory' -q g.xml --output file
    dagrun_exits 0 -n g.xml --output logs
    [[ ! -e marker && ! -e logs ]]
}

@test "--output on a full disk: the loss is reported once per file, and the run goes on" {
    needs_mounts
    graph g.xml <<<'<task id="a"><exec>seq 100000</exec></task>
        <task id="b" needs="a"><shell>echo b; touch ran</shell></task>
        <task id="big"><exec>seq 300000</exec></task>'
    mounted_exits 4 g.xml b --output full
    is "$output" "$(seq 100000; echo b)"
    is "$(grep '^dagrun:' <<<"$stderr")" 'dagrun: cannot write "full/a.log": No space left on device
dagrun: cannot write "full/b.log": No space left on device
dagrun: the output of 2 tasks is incomplete'
    [[ -e ran ]]
    # In memory or spilled: the printed output is complete.
    mounted_exits 4 g.xml big --output small
    is "$output" "$(seq 300000)"
    is "$(grep '^dagrun: cannot' <<<"$stderr")" \
        'dagrun: cannot write "small/big.log": No space left on device'
}

@test "--output on a read-only file system" {
    needs_mounts
    graph g.xml <<<'<task id="a"><exec>echo a</exec></task>
        <task id="b" needs="a"><shell>echo b; touch ran; exit $((status))</shell></task>
        <param name="status" default="0"/>'
    mounted_exits 4 g.xml --output read-only
    is "$output" $'a\nb'
    is "$(grep '^dagrun: cannot' <<<"$stderr")" 'dagrun: cannot write "read-only/a.log": Read-only file system
dagrun: cannot write "read-only/b.log": Read-only file system'
    [[ -e ran ]]
    mounted_exits 1 -q g.xml --output read-only --set status=1
    has "$stderr" 'cannot write "read-only/b.log": Read-only file system'
}

@test "reports on a full or read-only file system: the run goes on" {
    needs_mounts
    {
        printf '<task id="t%s"/>\n' {1..3000}
        echo '<task id="a"><shell>echo said; touch ran; exit $((status))</shell></task>'
        echo '<param name="status" default="0"/>'
    } >tasks
    graph g.xml <tasks
    for place in small full read-only; do
        reason='No space left on device'
        [[ $place != read-only ]] || reason='Read-only file system'
        graph o.xml "output='$place'" <tasks
        # The file is larger than each of these limits.
        for arguments in "g.xml --timings $place/t.json" "o.xml"; do
            for status_wanted in 4 1; do
                # shellcheck disable=SC2086 # words
                mounted_exits $status_wanted -q $arguments --set status=$((status_wanted % 4))
                matches "$stderr" "dagrun: cannot write \"[^ ]*$place/(t|timings).json\": $reason"
                [[ -e ran ]]
                rm ran
            done
        done
    done
}

@test "several losses are all reported" {
    needs_mounts
    graph g.xml 'output="read-only"' <<<'<task id="a"><exec>seq 1000000</exec></task>'
    TMPDIR=$PWD/full mounted_exits 4 g.xml --timings full/t.json --output full
    has "$stderr" 'dagrun: cannot write "full/a.log": No space left on device'
    matches "$stderr" 'dagrun: [0-9]+ bytes of the output of "a" are lost: No space left on device'
    has "$stderr" 'dagrun: cannot write "full/t.json": No space left on device'
    matches "$stderr" 'dagrun: cannot write "[^ ]*read-only/timings.json": Read-only file system'
    has "$stderr" 'dagrun: the output of 1 task is incomplete'
}

is_cut()
{
    [[ $(stat -c %s logs/large.log 2>/dev/null) -eq 5 ]]
}

@test "a log that is truncated before it is printed" {
    graph g.xml <<END
      $large
      <task id="b" needs="large"><exec>truncate -s 5 logs/large.log</exec></task>
END
    mkfifo out
    { "$DAGRUN" g.xml --output logs >out 2>err || echo $? >status; } &
    exec 4<out # without reading from it yet
    wait_until is_cut
    cat <&4 >/dev/null
    wait $!
    is "$(cat status)" 4
    has "$(cat err)" 'dagrun: cannot read the stored output of "large": Stale file handle'
}

@test "printing a large output ends when the run is stopped" {
    graph g.xml <<<"$large"
    mkfifo out
    "$DAGRUN" g.xml >out 2>err &
    exec 4<out
    is "$(head -c 16 <&4)" 000000000000001 # the printing has begun
    kill -TERM $!
    cat <&4 >rest
    wait $! || status=$?
    is "$status" 143
    [[ $(stat -c %s rest) -lt 19000000 ]]
    has "$(cat err)" '(the rest of the output of large is left out)'
}

# A bug must not fill the disk: no file may have more than 50 MB.
exec_bounded()
{
    exec timeout 60 bash -c 'ulimit -f 50000; exec "$@"' bash "$@"
}

bounded()
{
    (exec_bounded "$@")
}

@test "a task that prints for ever can be stopped" {
    graph g.xml <<<'<task id="a"><exec>yes</exec></task>'
    # exec, so that the signal reaches it
    exec_bounded "$DAGRUN" g.xml --output logs >out 2>err 3>&- &
    wait_until test -s logs/a.log
    kill -TERM $!
    wait $! || status=$?
    is "$status" 143
}

@test "a left-over process that prints for ever" {
    graph g.xml <<<'<task id="a"><shell>yes &amp;</shell></task> <task id="b" needs="a"><exec>echo b</exec></task>'
    bounded "$DAGRUN" g.xml >out 2>err
    is "$(tail -n 1 out)" b
}
