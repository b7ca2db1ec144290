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
# its first argument, in the directory got: seen FILE ARGUMENT...
make_seen()
{
    cat >seen <<'END'
#!/bin/sh
out=got/$1
shift
echo $# >"$out"
for argument; do printf '%s\0' "$argument" >>"$out"; done
END
    chmod +x seen
    mkdir got wanted
}

# Note what the program should have got: should_be FILE ARGUMENT...
should_be()
{
    local file=$1

    shift
    { echo $#; printf '%s\0' "$@"; } >"wanted/$file"
}

# Check that each program got its arguments and nothing else ran.
all_as_wanted()
{
    diff -r wanted got
    is "$(find . -name marker)" ''
}

# Print the elements for each value of `evil`, with N replaced by its number: for_each_value <ELEMENTS
for_each_value()
{
    local elements i

    elements=$(cat)
    for i in "${!evil[@]}"; do printf '%s\n' "${elements//N/$i}"; done
}

@test "a value is one argument, whatever it contains, and is never executed" {
    local settings=()

    make_seen
    for_each_value <<'END' | graph g.xml
<param name="evilN"/>
<task id="aloneN"><exec>./seen N.1 ${evilN}</exec></task>
<task id="withinN"><exec>./seen N.2 a${evilN}z "${evilN}" '${evilN}' ${evilN}${evilN}</exec></task>
<task id="envN"><env name="v" value="${evilN}"/><exec>sh -c './seen N.3 "$v"'</exec></task>
<task id="shellN"><shell>./seen N.4 "$evilN"</shell></task>
<task id="shell_envN"><env name="v" value="x${evilN}"/><shell>./seen N.5 "$v"</shell></task>
END
    for i in "${!evil[@]}"; do settings+=(--set "evil$i=${evil[i]}"); done
    dagrun_exits 0 -q g.xml "${settings[@]}"
    is "$output$stderr" ''
    for i in "${!evil[@]}"; do
        value=${evil[i]}
        should_be "$i.1" "$value"
        should_be "$i.2" "a${value}z" "$value" "$value" "$value$value"
        should_be "$i.3" "$value"
        should_be "$i.4" "$value"
        should_be "$i.5" "x$value"
    done
    all_as_wanted
}

@test "an output is one argument, whatever it contains, and is never executed" {
    local settings=()

    make_seen
    for_each_value <<'END' | graph g.xml
<param name="evilN"/>
<task id="sayN"><exec>printf %s ${evilN}</exec></task>
<task id="aloneN"><exec>./seen N.1 ${sayN}</exec></task>
<task id="withinN"><exec>./seen N.2 a${sayN}z</exec></task>
<task id="envN"><env name="v" value="${sayN}"/><shell>./seen N.3 "$v"</shell></task>
<task id="fileN" needs="sayN"><shell>./seen N.4 "$(cat "$sayN")"</shell></task>
<task id="stdinN"><shell stdin="sayN">cat >got/N.5</shell></task>
END
    for i in "${!evil[@]}"; do settings+=(--set "evil$i=${evil[i]}"); done
    dagrun_exits 0 -q g.xml "${settings[@]}"
    is "$stderr" ''
    for i in "${!evil[@]}"; do
        value=${evil[i]}
        should_be "$i.1" "$value"
        should_be "$i.2" "a${value}z"
        should_be "$i.3" "$value"
        should_be "$i.4" "$value"
        printf %s "$value" >"wanted/$i.5"
    done
    all_as_wanted
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
    should_be 1 "$text" "$PWD/\$(touch marker); touch marker" -rf
    should_be 2 "$text" "$PWD/\$(touch marker); touch marker" -rf
    all_as_wanted
    dagrun_exits 0 -q g.xml --set word=-- --set 'file=-rf'
    should_be 1 "$text" "$PWD/-rf" --
    should_be 2 "$text" "$PWD/-rf" --
    all_as_wanted
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
