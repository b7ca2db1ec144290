#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Secret parameters: their values are shown nowhere, and never read from the command line.

load helpers

secret='./s3cr3t//..//s3cr3t "quoted" $(id)'

secret_graph()
{
    graph g.xml <<'XML'
<param name="token" secret="true" title="for the service"/>
<task id="say" allow-failure="true"><exec>printf '%s|' ${token} "and ${token}"</exec></task>
<task id="env"><env name="T" value="${token}"/><shell>printf 'env %s\n' "$T"; echo "$token" >&amp;2</shell></task>
<task id="quote" needs="env" allow-failure="true"><exec>./no-such-${token}</exec></task>
<task id="dir" dir="x/${token}" allow-failure="true"><exec>true</exec></task>
<task id="read"><exec stdin="say">tee copy</exec></task>
XML
    printf '%s\n' "$secret" >token.txt
}

@test "a secret is not shown in any output, report or dry run" {
    secret_graph
    export TOKEN=$secret
    dagrun_exits 0 g.xml --set-env token=TOKEN --timings t.json -v
    lacks "$output$stderr$(cat t.json)" s3cr3t
    has "$output" '***|and ***|'
    has "$output" 'env ***'
    has "$stderr" 'no-such-***'
    has "$stderr" '/x/***'
    has "$(cat t.json)" '"token": "***"'
    dagrun_exits 0 g.xml --set-env token=TOKEN --json
    lacks "$output$stderr" s3cr3t
    dagrun_exits 0 g.xml --set-env token=TOKEN --log
    lacks "$output$stderr" s3cr3t
    dagrun_exits 0 g.xml --set-env token=TOKEN -n
    lacks "$output$stderr" s3cr3t
    has "$output" '# token=***'
    has "$output" "T=***"
    for format in '' --json --dot --mermaid; do
        dagrun_exits 0 plan g.xml --set-env token=TOKEN $format
        lacks "$output$stderr" s3cr3t
    done
}

@test "tasks get the value of the secret" {
    secret_graph
    dagrun_exits 0 g.xml --set-file token=token.txt
    is "$(cat copy)" "$secret|and $secret|"
}

@test "a secret comes from the environment or a file, not from the command line" {
    secret_graph
    complains 2 'dagrun: parameter "token" is secret, and a command line can be seen by others; use --set-env or --set-file' \
        g.xml --set "token=$secret"
    complains 2 'dagrun: parameter "token" (for the service) has no value; give it one with --set-env token=VARIABLE' g.xml
    complains 2 'dagrun: parameter "token": the environment has no variable "NONE"' g.xml --set-env token=NONE
    complains 2 'dagrun: parameter "token": cannot read "none.txt": No such file or directory' \
        g.xml --set-file token=none.txt
    printf 'a\0b' >nul.txt
    complains 2 'dagrun: parameter "token": "nul.txt" holds a NUL byte' g.xml --set-file token=nul.txt
    printf '\377' >latin.txt
    complains 2 'dagrun: the value of "token" is not UTF-8' g.xml --set-file token=latin.txt
    complains 2 'dagrun: parameter "token": cannot read "/dev/zero": File too large' \
        g.xml --set-file token=/dev/zero
    complains 2 'dagrun: --set-env takes NAME=VARIABLE, not "token"' g.xml --set-env token
    complains 2 'dagrun: --set-file takes NAME=FILE, not "token"' g.xml --set-file token
}

@test "a secret of the wrong type is not shown in the message" {
    graph g.xml <<<'<param name="pin" type="integer" secret="true"/>'
    PIN=12x4 complains 2 'dagrun: parameter "pin": the secret value is not of its type' g.xml --set-env pin=PIN
}

@test "any parameter can be given by a variable or a file" {
    graph g.xml <<<'<param name="a"/><param name="b"/><task id="t"><exec>echo ${a} ${b}</exec></task>'
    printf 'two\nlines\n' >b.txt
    A=one dagrun_exits 0 g.xml --set-env a=A --set-file b=b.txt
    is "$output" $'one two\nlines'
}

@test "each line of a secret is masked, even if output arrives in pieces" {
    graph g.xml <<'XML'
<param name="key" secret="true"/>
<task id="lines"><shell>printf '%s\n' "$key" | sed 's/^/line: /'; i=0
while [ $i -lt 3000 ]; do printf '%s-' "$key"; i=$((i + 1)); done</shell></task>
XML
    printf 'BEGIN\nabcdef\nLAST\n' >key.txt
    dagrun_exits 0 g.xml --set-file key=key.txt
    has "$output" $'line: ***\nline: ***\nline: ***'
    lacks "$output" abcdef
    lacks "$output" BEGIN
}

@test "overlapping secrets are hidden together, even if output arrives in pieces" {
    graph g.xml <<'XML'
<param name="a" secret="true"/><param name="b" secret="true"/>
<task id="t"><shell>printf 'x%sghi %s%s\n' "$a" "$a" "$b"; printf abc; sleep .1; printf defg; sleep .1; echo hi!</shell></task>
XML
    A=abcdef B=defghi dagrun_exits 0 g.xml --set-env a=A --set-env b=B
    is "$output" $'x*** ******\n***!'
}

@test "a secret of fewer than four characters is not masked, and a warning says so" {
    graph g.xml <<'XML'
<param name="pin" secret="true"/>
<task id="t"><exec>echo built 10 of 100 files ${pin}</exec></task>
XML
    printf '0\n' >pin.txt
    dagrun_exits 0 g.xml --set-file pin=pin.txt
    is "$output" 'built 10 of 100 files 0'
    has "$stderr" 'g.xml:2:14: warning: parameter "pin": the secret value has fewer than 4 characters, so it is not masked'
    PIN=1234 dagrun_exits 0 g.xml --set-env pin=PIN
    is "$output" 'built 10 of 100 files ***'
    lacks "$stderr" warning
}

@test "a secret of thousands of lines hardly slows the output" {
    graph g.xml <<'XML'
<param name="key" secret="true"/>
<task id="t"><shell>head -c 8000000 /dev/zero | tr '\0' k | fold -w 79; echo; tail -n 1 key.txt</shell></task>
XML
    seq -f 'kkkkkkkkkkkk%06.0f' 1900 >key.txt
    # Comparing each line at each byte takes minutes.
    dagrun_exits 0 g.xml --set-file key=key.txt --timeout 20s
    is "${output: -4}" $'\n***'
}
