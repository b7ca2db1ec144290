#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Titles, values, names of files and reasons that hold control characters or secrets: no command passes
# them on to people.

load helpers

csi=$'\xc2\x9b'
bidi=$'\xe2\x80\xae'
isolate=$'\xe2\x81\xa6'
zero=$'\xe2\x80\x8b'
hostile="A${csi}31mB${bidi}C${isolate}D${zero}E"$'\x7f'"F"

hostile_graph()
{
    graph g.xml <<XML
<param name="v" default="none" title="param $hostile"/><param name="token" secret="true"/>
<phase title="phase $hostile&#10;forged phase" of="t"/>
<task id="t" title="title $hostile&#13;&#10;forged title" allow-failure="true"><exec>false $hostile \${v} \${token}</exec></task>
<task id="u" needs="t"><env name="X" value="\${v}"/><shell>: $hostile</shell></task>
<task id="w" dir="no-\${v}" allow-failure="true"><exec>true</exec></task>
XML
}

# Fail if a file holds a control character, an invisible one, or the secret.
harmless()
{
    if LC_ALL=C grep -naP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|s3cr3t' "$@" ||
        grep -n '^forged' "$@"; then
        return 1
    fi
}

@test "no command shows a control character or a secret" {
    hostile_graph
    export TOKEN=s3cr3t-word
    value=$'1\e[31m2\r3\n'"forged value $hostile s3cr3t-word"
    for command in 'list tasks' 'list params'; do
        "$DAGRUN" $command g.xml >out 2>err
        harmless out err
        "$DAGRUN" $command --json g.xml >out 2>err
        harmless out err
    done
    for options in plan 'plan --json' 'plan --dot' 'plan --mermaid' -n '' -v --log --json '-q' '--timings t.json'; do
        rm -f t.json
        set -- ${options%%-*}
        "$DAGRUN" $* g.xml --set v="$value" --set-env token=TOKEN ${options#"$*"} >out 2>err || true
        [[ -s out || -s err || $options = -q ]]
        harmless out err $(ls t.json 2>/dev/null) || { echo "with: $options"; false; }
    done
}

@test "no complaint shows a control character or begins a forged line" {
    hostile_graph
    bad=$'x\e[2J\r\n'"forged line $hostile"
    for words in "$bad" "$bad.xml" "g.xml|$bad" "g.xml|--set|$bad" "g.xml|--set|$bad=1" "g.xml|--strategy|$bad" "g.xml|--timeout|$bad" \
        "g.xml|-j|$bad" "g.xml|--set-file|v=$bad" "g.xml|--set-env|v=$bad" "g.xml|--color|$bad" "g.xml|-C|$bad" "list|$bad" "check|$bad" "g.xml|--$bad" "g.xml|--output|/dev/null/$bad|--set-env|token=HOME"; do
        IFS='|' read -r -d '' -a list <<<"$words|" || true
        unset 'list[-1]'
        if "$DAGRUN" "${list[@]}" >out 2>err; then false; fi
        [[ -s err ]]
        harmless out err || { echo "with: ${list[*]@Q}"; false; }
    done
}

@test "a secret that comes back from another source is masked" {
    graph g.xml <<'XML'
<param name="token" secret="true"/>
<task id="t" title="about s3cr3t-word" allow-failure="true"><exec>./no-such-s3cr3t-word</exec></task>
XML
    for options in plan -n -v --log --json; do
        TOKEN=s3cr3t-word "$DAGRUN" ${options%%-*} g.xml --set-env token=TOKEN ${options#plan} >out 2>err
        harmless out err
    done
}

@test "the output of a task is data and passes as it is" {
    graph g.xml <<'XML'
<task id="t"><exec>printf '\033[31mred\033[0m\r\n\302\233\n'</exec></task>
XML
    "$DAGRUN" g.xml >out 2>err
    cmp out <(printf '\033[31mred\033[0m\r\n\302\233\n')
}
