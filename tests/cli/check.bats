#!/usr/bin/env bats
# dagrun check: silent if a graph is valid; otherwise each error with its location.

load helpers

@test "a valid graph: no output; parameters need no values; no task runs" {
    graph g.xml 'output="made"' <<<'<param name="p"/> <task id="a"><exec>touch ${p} marker</exec></task>'
    dagrun_exits 0 check g.xml
    is "$output$stderr" ''
    is "$(ls)" g.xml
}

@test "all errors are reported at once, sorted by location" {
    cat >g.xml <<'END'
<graph xmlns="urn:dagrun:graph:1">
  <param name="n" type="integer" default="abc"/>
  <task id="b" needs="z"/>
  <task id="y" neds="b"/>
  <tsk id="c"/>
  <task id="b"/>
  <task id="d"><exec>echo ${nn}</exec></task>
</graph>
END
    dagrun_exits 3 check g.xml
    is "$output" ''
    is "$stderr" 'g.xml:2:43: error: parameter "n": "abc" is not an integer
g.xml:3:23: error: task "b" needs "z", which is not declared
g.xml:4:22: error: unknown attribute "neds" on <task>; did you mean "needs"?
g.xml:5:3: error: unknown element "tsk" in <graph>; did you mean "task"?
g.xml:6:13: error: duplicate task "b" (first declared at line 3)
g.xml:7:16: error: task "d" refers to "${nn}", which is neither a task nor a parameter'
    for command in run plan 'list tasks' '-n'; do
        # shellcheck disable=SC2086 # two words
        run --separate-stderr dagrun $command g.xml
        is "$status" 3
        is "$output" ''
    done
}

@test "a cycle is printed in full" {
    cat >g.xml <<'END'
<graph xmlns="urn:dagrun:graph:1">
  <task id="other"/>
  <task id="build" needs="package"/>
  <task id="test" needs="build"/>
  <task id="package" needs="test"/>
</graph>
END
    complains 3 'g.xml:3:3: error: dependency cycle: build (line 3) → test (line 4) → package (line 5) → build' \
        check g.xml
}

@test "at most twenty errors are reported" {
    for i in {1..30}; do echo "<task id='t$i' needs='z$i'/>"; done | graph g.xml
    dagrun_exits 3 check g.xml
    is "${#stderr_lines[@]}" 21
    is "${stderr_lines[20]}" 'more errors are not shown'
}

@test "several graphs: all are checked; the worst result sets the status" {
    graph good.xml <<<'<task id="a"/>'
    graph bad.xml <<<'<task id="a" needs="z"/>'
    graph worse.xml <<<'<tsk/>'
    dagrun_exits 3 check bad.xml good.xml worse.xml
    is "${#stderr_lines[@]}" 2
    dagrun_exits 4 check bad.xml none.xml good.xml
    is "${#stderr_lines[@]}" 2
    dagrun_exits 0 check good.xml good.xml
}

@test "an error in an included file is reported at its location there" {
    mkdir parts
    cat >g.xml <<'END'
<graph xmlns="urn:dagrun:graph:1" xmlns:xi="http://www.w3.org/2001/XInclude">
  <xi:include href="parts/one.xml"/>
  <xi:include href="parts/none.xml"/>
</graph>
END
    printf '<tasks xmlns="urn:dagrun:graph:1">\n  <task id="a" needs="z"/>\n</tasks>\n' >parts/one.xml
    dagrun_exits 3 check g.xml
    has "$stderr" 'parts/one.xml:2:23: error: task "a" needs "z", which is not declared'
    has "$stderr" 'g.xml:3:21: error: cannot include "parts/none.xml": No such file or directory'
}

@test "no network access, no entities, no other files" {
    cat >g.xml <<'END'
<!DOCTYPE graph [<!ENTITY x SYSTEM "/etc/passwd">]>
<graph xmlns="urn:dagrun:graph:1"><task id="a"><exec>echo &x;</exec></task></graph>
END
    dagrun_exits 3 check g.xml
    has "$stderr" 'g.xml:1:1: error: a document type declaration is not allowed'
    cat >g.xml <<'END'
<graph xmlns="urn:dagrun:graph:1" xmlns:xi="http://www.w3.org/2001/XInclude">
  <xi:include href="http://localhost:9/x.xml"/>
</graph>
END
    complains 3 'g.xml:2:21: error: cannot include "http://localhost:9/x.xml": not a local file' check g.xml
}

@test "line numbers above 65535 are correct" {
    {
        echo '<graph xmlns="urn:dagrun:graph:1">'
        yes '' | head -n 69998
        echo '<task id="a" needs="z"/>'
        echo '</graph>'
    } >g.xml
    complains 3 'g.xml:70000:21: error: task "a" needs "z", which is not declared' check g.xml
}

@test "a graph is read from a pipe" {
    graph g.xml <<<'<task id="a"><exec>echo hello</exec></task>'
    dagrun_exits 0 check /dev/stdin <g.xml
    is "$(cat g.xml | "$DAGRUN" plan --json /dev/stdin | json '.tasks | length')" 1
}

@test "the depth and the number of inclusions are limited" {
    xi='xmlns="urn:dagrun:graph:1" xmlns:xi="http://www.w3.org/2001/XInclude"'
    for i in {0..29}; do
        next="<xi:include href=\"x$((i + 1)).xml\"/>"
        echo "<tasks $xi>$next$next</tasks>" >"x$i.xml"
    done
    echo "<tasks $xi/>" >x30.xml
    echo "<graph $xi><xi:include href=\"x0.xml\"/></graph>" >bomb.xml
    dagrun_exits 3 check bomb.xml
    has "$stderr" ': too many inclusions'
    for i in {0..150}; do
        echo "<tasks $xi><xi:include href=\"y$((i + 1)).xml\"/></tasks>" >"y$i.xml"
    done
    echo "<graph $xi><xi:include href=\"y0.xml\"/></graph>" >deep.xml
    dagrun_exits 3 check deep.xml
    has "$stderr" ': too deep'
}

@test "many references and a long condition are parsed in linear time" {
    {
        echo '<graph xmlns="urn:dagrun:graph:1"><param name="p" default="x"/><task id="a"><exec>echo '
        printf '${p}%.0s' {1..100000}
        echo '</exec></task><task id="b" when="'
        printf -- '-%.0s' {1..100000}
        echo '1"/></graph>'
    } >g.xml
    dagrun_exits 0 check g.xml
}

@test "a shell's operators in exec, and a line end in a value, are warnings" {
    cat >g.xml <<'END2'
<graph xmlns="urn:dagrun:graph:1">
  <param name="p" default="one
two"/>
  <task id="a"><env name="v" value="three
four"/><exec>ls | wc -l</exec></task>
  <task id="b" when="true() and
    true()"><exec>sh -c 'ls | wc -l' ${p}</exec></task>
  <task id="c"><exec>make > out.txt</exec></task>
</graph>
END2
    dagrun_exits 0 check g.xml
    is "$output" ''
    is "$stderr" 'g.xml:2:28: warning: a line end in the attribute "default" becomes a space; &#10; is a line end
g.xml:4:37: warning: a line end in the attribute "value" becomes a space; &#10; is a line end
g.xml:5:8: warning: <exec> runs without a shell and passes "|" to the program; <shell> understands it, quotes keep it
g.xml:8:16: warning: <exec> runs without a shell and passes ">" to the program; <shell> understands it, quotes keep it'
}

@test "a secret in a URL is a warning, unless it is the begin of it" {
    graph g.xml <<'END2'
<task id="a"><http url="https://x.test/"><query name="k" value="${key}"/><query name="q" value="${word}"/></http></task>
<task id="b"><http url="https://x.test/a?k=${word}&amp;l=${key}"/></task>
<task id="c"><http url="${key}"/></task>
<task id="d"><http service="s" url="d"><header name="X-Key" value="${key}"/><field name="f" value="${key}"/></http></task>
<task id="e"><http service="s" url="e"><query name="d" value="${d#/key}"/></http></task>
<service name="s" url="https://x.test/${key}/" key="${key}"/>
<param name="key" secret="true"/>
<param name="word" default="w"/>
END2
    dagrun_exits 0 check g.xml
    is "$output" ''
    local why='which is a secret: servers and proxies write URLs to their logs; send it in a <header>, or as the key of a <service>'

    is "$stderr" "g.xml:2:65: warning: attribute \"value\" of <query> refers to \"\${key}\", $why
g.xml:3:25: warning: attribute \"url\" of <http> refers to \"\${key}\", $why
g.xml:7:24: warning: attribute \"url\" of <service> refers to \"\${key}\", $why"
}

@test "variables and commands of a shell at the begin of exec are warnings" {
    cat >g.xml <<'END2'
<graph xmlns="urn:dagrun:graph:1">
  <task id="a"><exec>CC=clang make CFLAGS=-O2</exec></task>
  <task id="b"><exec>cd src</exec></task>
  <task id="c"><exec>export X=1</exec></task>
  <task id="d"><exec>env CC=clang make</exec></task>
</graph>
END2
    dagrun_exits 0 check g.xml
    is "$stderr" 'g.xml:2:16: warning: <exec> takes "CC=clang" for the program; a variable is <env name="CC" value="…"/>
g.xml:3:16: warning: <exec> runs without a shell, and "cd" is a command of the shell; the directory of a task is its attribute "dir"
g.xml:4:16: warning: <exec> runs without a shell, and "export" is a command of the shell; write it in <shell>'
}

@test "a default that looks like a reference, and is none, is a warning" {
    cat >g.xml <<'END2'
<graph xmlns="urn:dagrun:graph:1">
  <param name="root" default="/srv"/>
  <param name="data" default="$root/data"/>
  <param name="home" default="${HOME}/x"/>
  <param name="price" default="5$ or $1, $HOME ${not a name}"/>
  <task id="a"/>
</graph>
END2
    dagrun_exits 0 check g.xml
    is "$stderr" 'g.xml:3:31: warning: parameter "data": a default is used as it is written, $root is not replaced
g.xml:4:31: warning: parameter "home": a default is used as it is written, ${HOME} is not replaced'
}

@test "an element of ours in another namespace is ignored, with a warning" {
    cat >g.xml <<'END2'
<graph xmlns="urn:dagrun:graph:1" xmlns:x="urn:x">
  <x:task id="a"/>
  <x:note/>
  <task id="b"/>
</graph>
END2
    dagrun_exits 0 check g.xml
    is "$stderr" 'g.xml:2:3: warning: <task> is ignored: it is not in the namespace "urn:dagrun:graph:1"'
}

@test "mistakes of XML are all reported when the graph comes from a pipe, too" {
    graph g.xml <<<'<task id="a"><shell>a && b</shell></task> <task id="b" need="a"><shell>c < d</shell></task>'
    run --separate-stderr bash -c 'cat g.xml | "$DAGRUN" check /dev/stdin'
    is "$status" 3
    is "$(cut -d: -f3- <<<"$stderr")" '23: error: "&" is written &amp; in XML (&& is &amp;&amp;), or wrap the script in <![CDATA[ … ]]>
62: error: unknown attribute "need" on <task>; did you mean "needs"?
74: error: "<" is written &lt; in XML (<< is &lt;&lt;), or wrap the script in <![CDATA[ … ]]>'
}

@test "encodings that cannot be read are named, and libxml2 prints nothing by itself" {
    local text='<graph xmlns="urn:dagrun:graph:1"><task id="a"/></graph>'

    { printf '\xff\xfe\0\0'; iconv -t UTF-32LE <<<"$text"; } >g.xml
    complains 3 'g.xml:1:1: error: the file is in UTF-32; save it as UTF-8' check g.xml
    { printf '\0\0\xfe\xff'; iconv -t UTF-32BE <<<"$text"; } >g.xml
    complains 3 'g.xml:1:1: error: the file is in UTF-32; save it as UTF-8' check g.xml
    # A lone half of a surrogate pair.
    { printf '\xff\xfe'; iconv -t UTF-16LE <<<"${text%a*}"; printf '\0\xd8'; iconv -t UTF-16LE <<<"$text"; } >g.xml
    complains 3 'g.xml:1:1: error: the bytes are not valid in the encoding of the file' check g.xml
    { printf '\xff\xfe'; iconv -t UTF-16LE <<<"$text"; } >g.xml
    dagrun_exits 0 check g.xml
}

@test "too many namespaces are not called attributes" {
    awk 'BEGIN { print "<graph xmlns=\"urn:dagrun:graph:1\">"
                 for (d = 0; d < 200; d++) {
                     printf "<tasks"
                     for (i = 0; i < 100; i++) printf " xmlns:n%dx%d=\"u:%d\"", d, i, i
                     print ">"
                 }
                 for (d = 0; d < 200; d++) print "</tasks>"
                 print "</graph>" }' >g.xml
    dagrun_exits 3 check g.xml
    is "$(cut -d: -f4- <<<"$stderr")" ' error: an element and those around it declare more than 10000 namespaces'
}
