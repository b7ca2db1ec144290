#!/usr/bin/env bats
# The environment variables of scripts, and the checks of their names before a run.

load helpers

# Check a graph of standard input, which must be refused with this message: refuses MESSAGE
refuses()
{
    graph g.xml
    dagrun_exits 3 check g.xml
    is "$stderr" "$1"
    dagrun_exits 3 g.xml
    is "$output$stderr" "$1"
}

# The same, which is valid and gets this warning: warns MESSAGE
warns()
{
    graph g.xml
    dagrun_exits 0 check g.xml
    is "$stderr" "$1"
}

# --- names that a script cannot have ---

@test "a script that uses an output without needing the task is an error" {
    refuses 'g.xml:3:18: error: task "clean" uses $stage, the output of task "stage", and does not need that task; add it: needs="stage"' <<'END'
<task id="stage"><exec>echo dir</exec></task>
<task id="clean"><shell>echo "$(cat $stage)/x"</shell></task>
END
    refuses 'g.xml:3:14: error: task "a" uses $make_list, the output of task "make-list", and does not need that task; add it: needs="make-list"' <<'END'
<task id="make-list"><exec>echo dir</exec></task>
<task id="a"><shell>cat ${make_list%.x}</shell></task>
END
}

@test "a name with a dash is no variable of a script" {
    refuses 'g.xml:3:32: error: task "a" uses "${make-list}", which is no variable of a script; the file with the output of task "make-list" is "$make_list"' <<'END'
<task id="make-list"><exec>echo dir</exec></task>
<task id="a" needs="make-list"><shell>cat ${make-list}</shell></task>
END
    warns 'g.xml:3:32: warning: task "a" uses "$make-list", which is no variable of a script; the file with the output of task "make-list" is "$make_list"' <<'END'
<task id="make-list"><exec>echo dir</exec></task>
<task id="a" needs="make-list"><shell>cat $make-list</shell></task>
END
}

@test "a use that may be meant otherwise is a warning" {
    for script in 'echo ${stage:-none}' 'echo ${stage+set}' '. ./lib; echo $stage' 'eval "x=1"; echo $stage' \
        'echo "$(case x in x) echo $stage;; esac)"' $'cat <<EOF\n$stage\nEOF'; do
        warns 'g.xml:3:14: warning: task "a" uses $stage, the output of task "stage", and does not need that task; add it: needs="stage"' <<END
<task id="stage"/>
<task id="a"><shell><![CDATA[$script]]></shell></task>
END
    done
}

@test "a name that the environment has is a warning" {
    graph g.xml <<<'<task id="stage"/><task id="a"><shell>echo $stage</shell></task>'
    stage=mine dagrun_exits 0 g.xml
    is "$output" mine
    has "$stderr" 'g.xml:2:32: warning: task "a" uses $stage'
}

@test "names that are set, quoted, or a part of something else are no findings" {
    for script in 'stage=1; echo $stage' 'for stage in 1 2; do echo $stage; done' 'read -r a stage; echo $stage' \
        "echo '\$stage' # \$stage" 'echo \$stage $stages $HOME "$(printf "%s" '"'\$stage'"')"' 'export stage=x; echo $stage' \
        $'cat <<"EOF"\n$stage\nEOF' 'echo $# $? $$ $0 ${#}' "it=\"it's\"; echo '\$stage'"; do
        warns '' <<END
<task id="stage"/><task id="USER"/>
<task id="a"><shell><![CDATA[: \$USER
$script]]></shell></task>
END
    done
}

@test "the needs of a script, its parameters and its variables are no findings" {
    warns '' <<'END'
<param name="p" default="1"/>
<task id="a"/><task id="b-c"/><task id="d"/><task id="e"/>
<task id="s" needs="a b-c"><env name="d" value="${e}"/><shell stdin="b-c">echo $p ${a} $b_c "$d" $e</shell></task>
END
}

@test "exec replaces no \$name" {
    warns 'g.xml:3:14: warning: task "a" passes "$n" as it is written, since no shell reads it; the value of the parameter is ${n}
g.xml:4:14: warning: task "b" passes "$a" as it is written, since no shell reads it; the output of the task is ${a}' <<'END'
<param name="n" default="1"/>
<task id="a"><exec>echo $n</exec></task>
<task id="b"><exec>echo $a $x $$ ${n}</exec></task>
<task id="c"><env name="n" value="${n}"/><exec>sh -c 'echo "$n"'</exec></task>
END
}

@test "a variable that is not set ends a script, unless it says otherwise" {
    graph g.xml <<'END'
<task id="a"><shell>echo "[$nothing]"</shell></task>
<task id="b"><shell unset="empty">echo "[$nothing]"</shell></task>
<task id="c"><shell unset="error">echo "[$nothing]"</shell></task>
END
    dagrun_exits 1 -k g.xml
    is "$output" '[]'
    matches "$stderr" 'nothing: (parameter not set|unbound variable)'
    refuses 'g.xml:2:28: error: attribute "unset" of <shell>: "no" is not one of: error empty' \
        <<<'<task id="a"><shell unset="no">true</shell></task>'
}

@test "the value of an output is the same in a script and in exec" {
    graph g.xml <<'END'
<task id="total"><exec>printf '12 \n 3\n\n'</exec></task>
<task id="script" needs="total"><shell>printf '[%s]' "$(cat "$total")" >script</shell></task>
<task id="exec"><exec>printf '[%s]' ${total}</exec></task>
<task id="is"><shell stdin="exec">cmp - script</shell></task>
END
    dagrun_exits 0 -j1 g.xml
    is "$(cat script)" $'[12 \n 3]'
}

# --- interpreters ---

@test "a script may have any interpreter" {
    needs_program python3
    graph g.xml <<'END'
<param name="greeting" default="it's"/><param name="python" default="python3"/>
<task id="a"><exec>printf 'x\ny\n'</exec></task>
<task id="b" needs="a"><shell interpreter="${python} -B"><![CDATA[
import os, sys
print(os.environ["greeting"], open(os.environ["a"]).read().split(), os.path.basename(sys.argv[0]))
]]></shell></task>
<task id="c"><shell interpreter="bash -euo pipefail">false | cat; echo on</shell></task>
<task id="d"><shell interpreter="bash">set -o | grep -cE '(errexit|nounset).*on' || true</shell></task>
END
    dagrun_exits 1 -k -j1 g.xml
    has "$output" "it's ['x', 'y'] b.script"
    lacks "$output" on
    has "$output" 0
    has "$stderr" 'c'
    dagrun_exits 0 -n g.xml
    has "$output" '#!python3 -B'
}

@test "an interpreter may not exist, and takes no unset" {
    graph g.xml <<<'<task id="a"><shell interpreter="no-such-program">x</shell></task>'
    dagrun_exits 1 g.xml
    has "$stderr" 'cannot run "no-such-program"'
    refuses 'g.xml:2:14: error: <shell>: attribute "unset" is for /bin/sh; give the interpreter an option instead, as in "bash -u"' \
        <<<'<task id="a"><shell interpreter="bash" unset="empty">x</shell></task>'
    refuses 'g.xml:2:14: error: <shell>: unterminated single quote' \
        <<<"<task id=\"a\"><shell interpreter=\"bash '\">x</shell></task>"
}

@test "pipefail is on where /bin/sh knows it" {
    graph g.xml <<<'<task id="a"><shell>false | cat</shell></task>'
    if /bin/sh -o pipefail -c : 2>/dev/null; then
        dagrun_exits 1 g.xml
    else
        dagrun_exits 0 g.xml
    fi
}

@test "a script may be longer than an argument" {
    { printf '<task id="a"><shell>: "'; head -c 200000 /dev/zero | tr '\0' x; printf '"; echo "done"</shell></task>'; } | graph g.xml
    dagrun_exits 0 g.xml
    is "$output" 'done'
}

# --- lengths ---

@test "a parameter that is too long hits only the tasks that use it, before the run" {
    head -c 200000 /dev/zero | tr '\0' x >long
    graph g.xml <<'END'
<param name="p"/>
<task id="a"><shell>echo ${q-none}</shell></task>
<task id="b"><shell>printf %s "$p"</shell></task>
<task id="c"><env name="v" value="${p}"/><exec>true</exec></task>
END
    dagrun_exits 3 g.xml --set-file p=long
    is "$stderr" 'g.xml:4:14: error: task "b" uses the parameter "p", which has 200000 bytes, and the kernel accepts no variable of more than 128 KiB; pass a file
g.xml:5:1: error: task "c" sets the variable v to 200000 bytes, and the kernel accepts no variable of more than 128 KiB; pass a file'
    dagrun_exits 0 g.xml a --set-file p=long
    is "$output" none
}

@test "an argument that is too long is named" {
    graph g.xml <<'END'
<task id="a"><shell>head -c 200000 /dev/zero | tr '\0' x</shell></task>
<task id="b"><exec>echo y ${a}</exec></task>
<task id="c"><env name="v" value="${a}"/><exec>echo y</exec></task>
END
    dagrun_exits 1 -k g.xml
    has "$stderr" 'cannot run "echo": its argument 2 has 200000 bytes, and the kernel accepts no more than 128 KiB; pass it with stdin or as a file'
    has "$stderr" 'cannot run "echo": the variable v has 200000 bytes, and the kernel accepts no more than 128 KiB; pass it with stdin or as a file'
}

@test "a file with CRLF gives a value without its line end" {
    printf 'word\r\n' >crlf
    graph g.xml <<<'<param name="p"/><task id="a"><exec>printf "[%s]" ${p}</exec></task>'
    dagrun_exits 0 g.xml --set-file p=crlf
    is "$output" '[word]'
}

# --- names that mean something ---

@test "a parameter that would hide a variable that programs read is an error" {
    for name in PATH HOME IFS TMPDIR LD_PRELOAD LD_LIBRARY_PATH http_proxy NO_PROXY CC MAKEFLAGS BASH_ENV ENV PYTHONPATH \
        LANG LC_ALL GIT_DIR CFLAGS TERM PWD PERL5LIB NODE_OPTIONS CLASSPATH TZ; do
        graph g.xml <<END
<param name="$name" default="x"/>
<task id="a"><shell>true</shell></task>
END
        dagrun_exits 3 check g.xml
        matches "$stderr" "^g.xml:2:14: error: parameter \"$name\" would hide the variable $name, which is read by [a-zA-Z ,.]+, in every script; rename it \\(<env> sets the variable for a task\\)\$"
    done
}

@test "an output that would hide a variable that programs read is an error" {
    refuses 'g.xml:3:1: error: task "a" needs "http-proxy", whose output would be the variable http_proxy, which is read by programs that use the network; rename the task "http-proxy"
g.xml:4:1: error: task "b" needs "CC", whose output would be the variable CC, which is read by make, compilers and build systems; rename the task "CC"' <<'END'
<task id="http-proxy"/><task id="CC"/>
<task id="a" needs="http-proxy"><shell>true</shell></task>
<task id="b"><shell stdin="CC">true</shell></task>
<task id="c" needs="CC http-proxy"><exec>true</exec></task>
END
}

@test "env sets such variables on purpose" {
    graph g.xml <<'END'
<param name="compiler" default="tcc"/>
<task id="a"><env name="CC" value="${compiler}"/><shell>echo "$CC"</shell></task>
END
    dagrun_exits 0 g.xml
    is "$output" tcc
}

@test "without scripts, a parameter may have any name" {
    graph g.xml <<<'<param name="CC" default="tcc"/><task id="a"><exec>echo ${CC}</exec></task>'
    dagrun_exits 0 g.xml
    is "$output" tcc
}

@test "a run warns of a variable of the environment that a parameter or an output hides" {
    graph g.xml <<'END'
<param name="token" default="mine"/><param name="same" default="x"/>
<task id="stage"/>
<task id="a" needs="stage"><shell>echo "$token"</shell></task>
<task id="b" needs="stage"><shell>true</shell></task>
END
    token=yours same=x stage=s dagrun_exits 0 g.xml
    is "$output" mine
    has "$stderr" 'g.xml:2:14: warning: parameter "token" hides the variable token of your environment in every script
g.xml:4:1: warning: the output of task "stage" hides the variable stage of your environment in task "a"'
    lacks "$stderr" same
    lacks "$stderr" 'task "b"'
    token=yours stage=s dagrun_exits 0 check g.xml
    is "$stderr" ''
    token=yours stage=s dagrun_exits 0 -q g.xml
    lacks "$stderr" warning
}

@test "an excluded task sets a variable only where it is needed" {
    graph g.xml <<'END'
<param name="no" type="boolean" default="false"/>
<task id="http-proxy" when="$no"/><task id="out" when="$no"/>
<task id="a" needs="out"><shell>wc -c &lt;"$out"; env | grep -c http_proxy || true</shell></task>
<task id="b"><shell>echo "${out-unset}"</shell></task>
END
    dagrun_exits 0 -j1 g.xml
    is "$output" '0
0
unset'
}

@test "the tasks before an excluded task set no variable in place of it" {
    graph g.xml <<'END'
<param name="no" type="boolean" default="false"/>
<task id="first"><exec>echo first</exec></task>
<task id="out" needs="first" when="$no"/>
<task id="a" needs="out"><shell>echo "${first-unset}"</shell></task>
END
    dagrun_exits 0 g.xml
    has "$output" unset
}

# --- ids that become one variable ---

@test "two names that become one variable are an error before the run, if a script uses it" {
    refuses 'g.xml:3:1: error: task "c" uses $a_b, which is both the output of task "a.b" and that of task "a-b"; rename one of them
g.xml:4:1: error: task "d" uses $a_b, which is both the output of task "a-b" and that of task "a_b"; rename one of them' <<'END'
<task id="a-b"><exec>touch ran</exec></task><task id="a.b"/><task id="a_b"/>
<task id="c" needs="a-b a.b"><shell>cat "$a_b"</shell></task>
<task id="d" needs="a-b a_b"><shell>cat "$a_b"</shell></task>
END
    [[ ! -e ran ]]
    refuses 'g.xml:3:1: error: task "d" uses $a_b, which is both the output of task "a-b" and the parameter "a_b"; rename one of them' <<'END'
<param name="a_b" default="1"/><task id="a-b"/>
<task id="d" needs="a-b"><shell>cat "$a_b"</shell></task>
END
}

@test "a script that uses neither, and scripts that use one each, run" {
    graph g.xml <<'END'
<task id="a-b"><exec>echo dash</exec></task><task id="a.b"><exec>echo dot</exec></task>
<task id="c" needs="a-b a.b"><shell>echo ${x-none}</shell></task>
<task id="d" needs="a-b"><shell>cat "$a_b"</shell></task>
<task id="e" needs="a.b"><shell>cat "$a_b"</shell></task>
END
    dagrun_exits 0 -j1 g.xml
    has "$output" 'none
dash
dot'
}

@test "ids in other scripts stay apart" {
    graph g.xml <<'END'
<task id="構築"><exec>echo build</exec></task><task id="試験"><exec>echo test</exec></task>
<task id="é"><exec>echo e</exec></task><task id="ä"><exec>echo a</exec></task>
<task id="z" needs="構築 試験 é ä"><shell>cat "$_69cb_7bc9" "$_8a66_9a13" "$_e9" "$_e4"</shell></task>
END
    dagrun_exits 0 -j1 g.xml
    has "$output" 'build
test
e
a'
    warns 'g.xml:3:14: warning: task "a" uses "$構築", which is no variable of a script; the file with the output of task "構築" is "$_69cb_7bc9"' <<'END'
<task id="構築"/>
<task id="a"><shell>cat "$構築"</shell></task>
END
}

# --- names of dagrun itself ---

@test "DAGRUN_* is reserved" {
    refuses 'g.xml:2:14: error: parameter "DAGRUN_RUN": DAGRUN_* are variables of dagrun itself' \
        <<<'<param name="DAGRUN_RUN" default="1"/><task id="a"/>'
    refuses 'g.xml:2:25: error: variable "DAGRUN_X": DAGRUN_* are variables of dagrun itself' \
        <<<'<task id="a"><env name="DAGRUN_X" value="1"/><exec>true</exec></task>'
    refuses 'g.xml:3:1: error: task "a" needs "DAGRUN-RUN", whose output would be the variable DAGRUN_RUN, and DAGRUN_* are variables of dagrun itself; rename the task "DAGRUN-RUN"' <<'END'
<task id="DAGRUN-RUN"/>
<task id="a" needs="DAGRUN-RUN"><shell>true</shell></task>
END
    graph g.xml <<<'<task id="a"/>'
    complains 2 'dagrun: parameter "DAGRUN_RUN": DAGRUN_* are variables of dagrun itself' g.xml --set DAGRUN_RUN=1
    complains 2 'dagrun: parameter "DAGRUN_RUN": DAGRUN_* are variables of dagrun itself' g.xml --set-env DAGRUN_RUN=HOME
}
