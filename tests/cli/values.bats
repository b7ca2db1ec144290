#!/usr/bin/env bats
# Values with a meaning to a shell, a program or dagrun itself: each stays one
# argument, and none is ever executed.

load helpers

# Values contain the command "touch marker"; it must never run.
evil=(
    '$(touch marker)' '`touch marker`' '; touch marker' '| touch marker' '&& touch marker' '& touch marker &'
    "'; touch marker; '" '"; touch marker; "' '> marker' '>marker' '<(touch marker)' $'x\ntouch marker\n#'
    '${evil}' '$${evil}' '$evil' '$HOME' '${HOME}' '$1' '$@' '$$' '*' '?' '[a-z]*' '~' '~root' '{a,b}'
    '-rf' '--' '-' '--version' '-e' '-c touch marker' '-n' '#' '!' '!!' '\' '\\' '\n' 'a\' '%s' '%n' '%'
    "'" '"' "''" '""' "a'b" 'a"b' 'a b' ' a ' '  ' $'\t' $'a\n\nb' $'a\rb' $'\001\033[2J' 'é' $'\u202e' '='
    'a=b' '<x/>' ']]>' '&amp;' '/etc/passwd' '../../etc/passwd' ''
)

# Create a program that writes the number of its arguments and the arguments to the file named by
# its first argument: seen FILE ARGUMENT...
make_seen()
{
    cat >seen <<'END'
#!/bin/sh
out=$1
shift
echo $# >"$out"
for argument; do printf '%s\0' "$argument" >>"$out"; done
END
    chmod +x seen
}

# Check that the program got these arguments and nothing else ran: was_called FILE ARGUMENT...
was_called()
{
    local file=$1

    shift
    { echo $#; printf '%s\0' "$@"; } >wanted
    if ! cmp "$file" wanted || [[ $(find . -name marker) ]]; then
        printf '%s: not called with: %q\n' "$file" "$@"
        return 1
    fi
}

@test "a value is one argument, whatever it contains, and is never executed" {
    make_seen
    graph g.xml <<'END'
<param name="evil"/>
<task id="alone"><exec>./seen 1 ${evil}</exec></task>
<task id="within"><exec>./seen 2 a${evil}z "${evil}" '${evil}' ${evil}${evil}</exec></task>
<task id="env"><env name="v" value="${evil}"/><exec>sh -c './seen 3 "$v"'</exec></task>
<task id="shell"><shell>./seen 4 "$evil"</shell></task>
<task id="shell_env"><env name="v" value="x${evil}"/><shell>./seen 5 "$v"</shell></task>
END
    for value in "${evil[@]}"; do
        rm -f 1 2 3 4 5
        dagrun_exits 0 -q g.xml --set "evil=$value"
        is "$output$stderr" ''
        was_called 1 "$value"
        was_called 2 "a${value}z" "$value" "$value" "$value$value"
        was_called 3 "$value"
        was_called 4 "$value"
        was_called 5 "x$value"
    done
}

@test "an output is one argument, whatever it contains, and is never executed" {
    make_seen
    graph g.xml <<'END'
<param name="evil"/>
<task id="say"><exec>printf %s ${evil}</exec></task>
<task id="alone"><exec>./seen 1 ${say}</exec></task>
<task id="within"><exec>./seen 2 a${say}z</exec></task>
<task id="env"><env name="v" value="${say}"/><shell>./seen 3 "$v"</shell></task>
<task id="file" needs="say"><shell>./seen 4 "$(cat "$say")"</shell></task>
<task id="stdin"><shell stdin="say">cat >5</shell></task>
END
    for value in "${evil[@]}"; do
        rm -f 1 2 3 4 5
        dagrun_exits 0 -q g.xml --set "evil=$value"
        is "$stderr" ''
        was_called 1 "$value"
        was_called 2 "a${value}z"
        was_called 3 "$value"
        was_called 4 "$value"
        printf %s "$value" | cmp - 5
    done
}

@test "a default, a choice and a path are not executed" {
    make_seen
    graph g.xml <<'END'
<param name="text" default="$(touch marker)`touch marker`'; touch marker"/>
<param name="file" type="path" default="$(touch marker); touch marker"/>
<param name="word" type="choice" choices="-rf --" default="-rf"/>
<task id="a"><exec>./seen 1 ${text} ${file} ${word}</exec></task>
<task id="b"><shell>./seen 2 "$text" "$file" "$word"</shell></task>
END
    text='$(touch marker)`touch marker`'"'; touch marker"
    dagrun_exits 0 -q g.xml
    was_called 1 "$text" "$PWD/\$(touch marker); touch marker" -rf
    was_called 2 "$text" "$PWD/\$(touch marker); touch marker" -rf
    dagrun_exits 0 -q g.xml --set word=-- --set 'file=-rf'
    was_called 1 "$text" "$PWD/-rf" --
}

@test "a directory name is not executed" {
    graph g.xml 'output="${evil}/out"' <<'END'
<param name="evil"/>
<task id="a" dir="${evil}"><exec>pwd</exec></task>
<task id="b" dir="${evil}"><shell>pwd</shell></task>
END
    for value in '$(touch marker)' '-rf' '; touch marker' '*' '~'; do
        mkdir -- "$value"
        dagrun_exits 0 g.xml --set "evil=$value"
        is "$output" "$PWD/$value
$PWD/$value"
        [[ -f ./$value/out/timings.json ]]
    done
    is "$(find .. -name marker)" ''
}

@test "references in an output are not substituted" {
    graph g.xml <<'END'
<param name="p" default="secret"/>
<task id="a"><exec>printf %s '$${p} $${b} $(echo x) &lt;b/&gt; $p'</exec></task>
<task id="b"><exec>printf '[%s]' ${a}</exec></task>
<task id="c"><shell stdin="b">cat</shell></task>
END
    dagrun_exits 0 g.xml
    has "$output" '[${p} ${b} $(echo x) <b/> $p]'
    lacks "$output" secret
}

@test "a NUL in an output is an error and does not end an argument" {
    graph g.xml <<'END'
<task id="a"><shell>printf 'x\0; touch marker'</shell></task>
<task id="b"><exec>./marker ${a}</exec></task>
END
    dagrun_exits 1 g.xml
    has "$stderr" NUL
    is "$(ls)" g.xml
}
