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

@test "the command of a process in a message shows no part of a secret" {
    graph g.xml <<'XML'
<param name="token" secret="true"/>
<task id="a"><shell>sh -c 'echo $$ > ready; kill -STOP $$' a-long-name "${token}" "$hostile"; echo > done</shell></task>
XML
    export hostile
    # The message shortens the command in the middle of the secret.
    TOKEN=s3cr3t-word-that-is-longer-than-a-line DAGRUN_STATUS_SECONDS=0.1 start g.xml --set-env token=TOKEN
    wait_until grep -q 'is stopped' err
    kill -CONT "$(cat ready)"
    ends_with 0
    exists done
    matches "$(cat err)" 'process [0-9]+ \(sh -c echo \$\$ > ready; kill -STOP \$\$ a-long-name \*\*\* A.*\) of "a" is stopped'
    lacks "$(cat err)" s3cr
    harmless err
}

@test "only dagrun's own text has colours" {
    foreign_red=$'\e[31m'
    graph g.xml <<'XML'
<param name="v"/><param name="w" default="none"/>
<task id="t" allow-failure="true" title="title"><exec>./no${v} ${v} ${w}</exec></task>
<task id="u" allow-failure="true"><exec>${w}</exec></task>
<task id="x" dir="no${w}" retries="1" allow-failure="true"><env name="X" value="${v}"/><shell>exit 1</shell></task>
XML
    for options in -n plan '' -v --log '--progress lines'; do
        set -- ${options%%-*}
        "$DAGRUN" $* g.xml ${options#"$*"} --color always --set v="$foreign_red" --set "w=${foreign_red}forged" >out 2>err
        [[ $options = plan ]] || grep -q forged out err
        # a foreign red is never before a quote, a line end, or these words.
        run -1 grep -n $'\e\\[31m\\(forged\\|[\'" ]\\|$\\)' out err
    done
    for words in "$foreign_red" "g.xml|$foreign_red" "g.xml|-C|$foreign_red" "g.xml|--timings|$foreign_red/x"; do
        IFS='|' read -r -a list <<<"$words"
        if "$DAGRUN" --color always --set v=1 -q "${list[@]}" >out 2>err; then false; fi
        run -1 grep -nF "$foreign_red" err
    done
}

# Fail if a typescript holds more than text and what dagrun writes to move the cursor and for colour.
harmless_on_terminal()
{
    sed -E $'s/\e\\[(31|1|2|0)m//g; s/\e\\[\\?2026h\r|\e\\[\\?2026l|\r? ?\e\\[J\r|\e\\[(K|[0-9]+A)//g; s/\r+$//' \
        "$1" >plain
    harmless plain
}

@test "the live display shows no control character and no secret" {
    needs_program script
    export hostile
    graph g.xml <<XML
<param name="token" secret="true"/>
<phase title="phase $hostile&#13;&#10;forged phase s3cr3t-word" of="t"/>
<task id="t" title="title $hostile&#13;&#10;forged s3cr3t-word"><shell>
printf 'first\\rlast \\033]0;t\\007\\033[2J\\033[31m%s s3cr3t-' "\$hostile"; sleep 0.1; printf 'word\\n'
until test -e go; do sleep 0.02; done</shell></task>
<task id="u" title="title $hostile&#13;&#10;forged s3cr3t-word"><shell>until test -e go; do sleep 0.02; done</shell></task>
<task id="read"><exec stdin="t">true</exec></task>
XML
    for options in '' '--show lines' -v; do
        rm -f go
        TERM=xterm TOKEN=s3cr3t-word \
            script -qefc "'$DAGRUN' -j2 g.xml --set-env token=TOKEN $options" typescript </dev/null >/dev/null 3>&- &
        pid=$!
        wait_until grep -q '  t .*last' typescript || { kill "$pid"; cat -v typescript; false; }
        touch go
        wait "$pid"
        [[ $options = -v ]] || harmless_on_terminal typescript || { cat -v typescript; false; }
        lacks "$(cat typescript)" s3cr3t-word
        lacks "$(cat typescript)" $'\e[2J'
        lacks "$(cat typescript)" $'\e]0'
    done
}
