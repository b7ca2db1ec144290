#!/usr/bin/env bats
# Outputs that scripts read by name: ordinary files in private directories of the run, which are
# removed with it.

load helpers

# Print the directories of runs that exist anywhere.
run_directories()
{
    find /dev/shm /tmp /var/tmp "$PWD/runtime" "$PWD/tmp" -maxdepth 1 -name "dagrun-$1-*" 2>/dev/null
}

@test "an output that a script reads is an ordinary file with the task's name" {
    graph g.xml <<'END'
      <task id="make-data"><exec>printf '3\n1\n2\n'</exec></task>
      <task id="use" needs="make-data">
        <shell>
          test -f "$make_data" &amp;&amp; test ! -L "$make_data"
          basename "$make_data"
          stat -c %s-%a "$make_data" "$(dirname "$make_data")" | sed 's/.*-//'
          test "$(realpath "$make_data")" = "$make_data"
          test "$(readlink -f "$make_data")" = "$make_data"
          mkdir -p out all
          for time in 1 2; do cp "$make_data" out/; cp -a "$make_data" all/; done
          sort "$make_data"
        </shell>
      </task>
END
    dagrun_exits 0 g.xml use
    is "$(grep -v '^[123]$' <<<"$output" | xargs)" 'make-data 600 700'
    is "$(ls out all | xargs)" 'all: make-data out: make-data'
    [[ ! -L out/make-data && ! -L all/make-data ]]
    is "$(xargs <all/make-data)" '3 1 2'
}

@test "empty outputs, and those of excluded tasks, are ordinary files, too" {
    graph g.xml <<'END'
      <param name="no" type="boolean" default="false"/>
      <task id="silent"><exec>true</exec></task>
      <task id="left-out" when="$no"><exec>echo x</exec></task>
      <task id="a" needs="silent left-out"><shell>cp -a "$silent" "$left_out" .</shell></task>
      <task id="b" needs="a silent left-out"><shell>basename -a "$silent" "$left_out"</shell></task>
END
    dagrun_exits 0 g.xml
    is "$output" $'silent\nleft-out'
    is "$(stat -c '%n %s %F' silent left-out)" $'silent 0 regular empty file\nleft-out 0 regular empty file'
}

@test "files are in memory while there is room, else in TMPDIR" {
    mkdir tmp runtime
    graph g.xml <<'END'
      <task id="a"><exec>echo a</exec></task>
      <task id="b" needs="a"><shell>dirname "$(dirname "$a")"</shell></task>
      <task id="big"><exec>seq 1000000</exec></task>
      <task id="c" needs="big"><shell>dirname "$(dirname "$big")"</shell></task>
END
    [[ $(stat -f -c %T /dev/shm) == tmpfs ]] || skip '/dev/shm is not in memory'
    TMPDIR=$PWD/tmp XDG_RUNTIME_DIR='' dagrun_exits 0 g.xml b
    is "$(tail -n 1 <<<"$output")" /dev/shm
    # Not in memory: passed over.
    TMPDIR=$PWD/tmp XDG_RUNTIME_DIR=$PWD/runtime dagrun_exits 0 g.xml b
    is "$(tail -n 1 <<<"$output")" /dev/shm
    memory=$(mktemp -d /dev/shm/dagrun-test-XXXXXX)
    TMPDIR=$PWD/tmp XDG_RUNTIME_DIR=$memory run --separate-stderr "$DAGRUN" g.xml b
    left=$(ls -A "$memory")
    rmdir "$memory"
    is "$status$left" 0
    is "$(tail -n 1 <<<"$output")" "$memory"
    TMPDIR=$PWD/tmp dagrun_exits 0 -q --json g.xml c
    TMPDIR=$PWD/tmp dagrun_exits 0 g.xml c
    is "$(tail -n 1 <<<"$output")" "$PWD/tmp"
    is "$(ls -A tmp runtime | xargs)" 'runtime: tmp:'
}

# Run a command with file systems in memory that are nearly full, and a TMPDIR of 4 MB.
cramped()
{
    mkdir -p tmp runtime
    unshare "${unshare_options[@]}" bash -ec '
        mount -t tmpfs -o size=64k none runtime
        mount -t tmpfs -o size=64k none /dev/shm
        mount -t tmpfs -o size=4m none tmp
        export XDG_RUNTIME_DIR=$PWD/runtime TMPDIR=$PWD/tmp
        exec "$@"' bash "$@"
}

needs_cramped()
{
    for unshare_options in -m -rm; do
        unshare_options=("$unshare_options")
        cramped true 2>/dev/null && return
    done
    skip 'mounting is not permitted'
}

@test "without room in memory files are in TMPDIR" {
    needs_cramped
    graph g.xml <<<'<task id="a"><exec>echo a</exec></task>
        <task id="b" needs="a"><shell>dirname "$(dirname "$a")"; cp "$a" .</shell></task>'
    run --separate-stderr cramped "$DAGRUN" g.xml b
    is "$output" "$PWD/tmp"
    is "$(cat a)" a
}

@test "a large output gets its name without a copy" {
    needs_cramped
    graph g.xml <<'END'
      <task id="big"><exec>head -c 3000000 /dev/zero</exec></task>
      <task id="input"><shell stdin="big">wc -c >input</shell></task>
      <task id="name" needs="big input"><shell>stat -c %s "$big" >name</shell></task>
      <task id="text" needs="name"><shell stdin="big">wc -c >text</shell></task>
END
    cramped "$DAGRUN" -q g.xml
    is "$(cat input name text | xargs)" '3000000 3000000 3000000'
}

@test "directories are made for scripts that need them only, and removed at the end" {
    mkdir tmp
    # shellcheck disable=SC2016 # for the script
    look='for d in /dev/shm /tmp /var/tmp "$TMPDIR"; do ls -d "$d"/dagrun-"$PPID"-* || :; done 2>/dev/null'
    graph g.xml <<END
      <task id="a"><exec>echo a</exec></task>
      <task id="b"><shell stdin="a"><![CDATA[cat; $look]]></shell></task>
END
    TMPDIR=$PWD/tmp dagrun_exits 0 g.xml
    is "$output" a
    graph g.xml <<END
      <task id="a"><exec>echo a</exec></task>
      <task id="b" needs="a"><shell><![CDATA[
        cd "\$(dirname "\$a")"; mkdir -p x/y; touch x/y/z; mkfifo p; ln -s / x/root; echo "\$PPID"
      ]]></shell></task>
END
    TMPDIR=$PWD/tmp dagrun_exits 0 g.xml b
    is "$(run_directories "$(tail -n 1 <<<"$output")")" ''
    is "$(ls -A tmp)" ''
}

@test "the guard removes the directories of a run that was killed" {
    mkdir tmp
    graph g.xml <<'END'
      <task id="a"><exec>echo a</exec></task>
      <task id="big"><exec>seq 1000000</exec></task>
      <task id="b" needs="a big"><shell>cat "$a" >ready; sleep 1000</shell></task>
END
    TMPDIR=$PWD/tmp XDG_RUNTIME_DIR='' start g.xml
    wait_until test -s ready
    is "$(run_directories $pid | wc -l)" 2
    kill -KILL $pid
    wait $pid || :
    no_directories() { [[ ! $(run_directories $pid) ]]; }
    wait_until no_directories
    is "$(ls -A tmp)" ''
}

@test "a server that was left running can read its file again, and never another one" {
    graph g.xml <<'END'
      <task id="config"><exec>seq 10</exec></task>
      <task id="server" needs="config">
        <shell>
          exec >/dev/null 2>&amp;1
          (until test -e reload; do sleep 0.02; done; wc -l &lt;"$config" >count; touch done) &amp;
        </shell>
      </task>
      <task id="lines" needs="server"><exec>seq 100</exec></task>
      <task id="other"><shell stdin="lines">cat >/dev/null; touch reload; until test -e done; do sleep 0.02; done</shell></task>
END
    dagrun_exits 0 -q g.xml
    is "$(cat count)" 10
}

# Run a script as another user.
as_nobody='setpriv --reuid 65534 --regid 65534 --clear-groups'

@test "another user reads an output with output-readers, or as standard input" {
    [[ $(id -u) -eq 0 ]] || skip 'only the superuser can change the user'
    needs_program setpriv
    cat >tasks <<END
      <task id="data"><exec>echo data</exec></task>
      <task id="name" needs="data"><shell>$as_nobody cat "\$data"</shell></task>
      <task id="input"><shell stdin="data">$as_nobody cat</shell></task>
END
    graph private.xml <tasks
    graph shared.xml 'output-readers="all"' <tasks
    graph group.xml 'output-readers="group"' <tasks
    chmod 755 .
    export XDG_RUNTIME_DIR=
    dagrun_exits 1 private.xml name
    has "$stderr" 'Permission denied'
    dagrun_exits 0 private.xml input
    is "$output" data
    dagrun_exits 1 group.xml name
    dagrun_exits 0 shared.xml name
    is "$output" data
    umask 077
    dagrun_exits 0 shared.xml name
    as_nobody="setpriv --reuid 65534 --clear-groups --regid $(id -g)"
    sed -i "s/setpriv [^<]* cat/$as_nobody cat/" group.xml
    dagrun_exits 0 group.xml name
}

@test "output-readers passes over a private XDG_RUNTIME_DIR" {
    graph g.xml 'output-readers="all"' <<<'<task id="a"><exec>echo a</exec></task>
        <task id="b" needs="a"><shell>dirname "$a"; stat -c %a "$a" "$(dirname "$a")"</shell></task>'
    memory=$(mktemp -d /dev/shm/dagrun-test-XXXXXX)
    XDG_RUNTIME_DIR=$memory run --separate-stderr "$DAGRUN" g.xml b
    rmdir "$memory"
    lacks "$output" "$memory"
    is "$(tail -n 2 <<<"$output" | xargs)" '644 755'
}

@test "in another root directory a script reads standard input" {
    unshare -r chroot / true 2>/dev/null || skip 'chroot is not permitted'
    graph g.xml <<'END'
      <task id="data"><exec>echo data</exec></task>
      <task id="inside"><shell stdin="data">unshare -rm chroot / sed s/d/D/</shell></task>
END
    dagrun_exits 0 g.xml
    is "$output" Data
}

@test "there is no place for a file" {
    needs_cramped
    graph g.xml <<<'<task id="a"><exec>echo a</exec></task>
        <task id="b" needs="a"><shell>cat "$a"</shell></task>'
    run --separate-stderr cramped bash -c 'mount -o remount,ro tmp; exec "$@"' bash "$DAGRUN" -k g.xml
    is "$status" 1
    matches "$stderr" 'b  failed: cannot pass on the output of "a": cannot make a file in "[^"]*/tmp/dagrun-[^"]*": Read-only file system'
}
