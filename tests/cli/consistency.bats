#!/usr/bin/env bats
# Facts that stand in several places agree: help, manual, completion, documentation.

load helpers

commands='run plan explain bench check verify history show diff schema list generate export import help'

# Options of a command according to its help, one per line, with "=" after those that take a value:
# options_in_help COMMAND
options_in_help()
{
    dagrun "$1" --help | awk '
        /^  -/ {
            value = /^[^=]*--[a-z-]+=/ ? "=" : ""
            for (i = 1; $i ~ /^-/; i++) {
                sub(/[,=].*/, "", $i)
                print $i value
            }
        }' | sort -u
}

options_in_completion()
{
    (
        # shellcheck source=../../tools/dagrun.bash
        source "$source_dir/tools/dagrun.bash"
        COMP_WORDS=("$(printf %q "$DAGRUN")" "$1" -) COMP_CWORD=2
        _dagrun
        for option in "${COMPREPLY[@]}"; do
            printf '%s%s\n' "$option" "$(_dagrun_wants_value "$option" && echo '=')"
        done | sort -u
    )
}

# Values of an option, or operands of a command, that bash offers: offered WORD...
offered()
{
    (
        # shellcheck source=../../tools/dagrun.bash
        source "$source_dir/tools/dagrun.bash"
        COMP_WORDS=("$(printf %q "$DAGRUN")" "$@" '') COMP_CWORD=$(($# + 1))
        _dagrun
        echo "${COMPREPLY[*]}"
    )
}

# Print the words that the message of a wrong word names as right.
right_words()
{
    sed 's/.* there are: //; s/.* takes \(.*\), not .*/\1/; s/ or / /; s/,//g' <<<"$1"
}

# The same according to the manual, where several commands may share a list of options.
options_in_manual()
{
    awk -v command="$1" '
        /^\.S[hs] / { here = /^\.Ss Options of/ && ($0 " ") ~ "( " command " | every command )" }
        here && /^\.It Fl/ {
            sub(/^\.It /, "")
            n = split($0, heads, / , /)
            for (i = 1; i <= n; i++) {
                value = heads[i] ~ / Ar / ? "=" : ""
                sub(/^Fl /, "", heads[i])
                sub(/ .*/, "", heads[i])
                print "-" heads[i] value
            }
        }' "$source_dir/docs/dagrun.1" | sort -u
}

# Print a section of the manual, with markup.
manual()
{
    awk -v head=".Sh $1" '/^\.Sh / { here = $0 == head } here' "$source_dir/docs/dagrun.1"
}

@test "help, manual and completion contain every command" {
    is "$(dagrun --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | xargs)" "$commands"
    for command in $commands; do
        has "$(manual SYNOPSIS)" "Cm $command"
        matches "$(manual DESCRIPTION)" "
\.It Cm $command
"
    done
}

@test "help and completion contain the same options of each command" {
    for command in $commands; do
        is "$(options_in_completion "$command")" "$(options_in_help "$command")"
    done
    [[ $(options_in_help run | wc -l) -gt 20 ]]
}

@test "the help that is printed first has lines of the help of run" {
    lines=$(dagrun --help | sed -n '/^Options /,/^$/p' | grep '^  -' | tr -s ' ')
    [[ $(wc -l <<<"$lines") -ge 6 ]]
    while IFS= read -r line; do
        has "$(dagrun run --help | tr -s ' ')" "$line"
    done <<<"$lines"
}

@test "help and manual contain the same options of each command" {
    for command in $commands; do
        is "$(options_in_manual "$command")" "$(options_in_help "$command")"
    done
}

@test "the synopsis in the manual has the options of run, plan and explain" {
    for command in run plan explain; do
        synopsis=$(manual SYNOPSIS | awk -v command="$command" '
            /^\.Nm/ { here = 0 } $0 ~ "Cm " command { here = 1 } here')
        for option in $(options_in_help $command | tr -d = | grep -vx -e -h -e --help -e --version); do
            case $option in
            --directory | --jobs | --keep-going | --dry-run | --quiet | --verbose) ;; # listed by their letters
            --*) matches "$synopsis" "(Fl|\\|) $option( |
)" || matches "$synopsis" "(Fl|\\|) ${option#-}( |
)" ;;
            *) matches "$synopsis" "Fl [a-zA-Z]*${option#-}" ;;
            esac
        done
    done
}

@test "program, help, manual and completion have the same values of each option" {
    graph g.xml <<<'<task id="a"/>'
    for option in --phases --costs --color --progress --show --stderr; do
        dagrun_exits 2 run "$option=-" g.xml
        words=$(right_words "$stderr")
        is "$(offered run "$option")" "$words"
        is "$(dagrun run --help | grep -e "^  $option=" | grep -owE "${words// /|}" | xargs)" "$words"
        is "$(manual DESCRIPTION | awk -v head="Fl $option " '
            { sub(/Fl -/, "Fl --") }
            /^\.(It Fl|El|S[hs])/ && depth == 0 { here = index($0, head) }
            /^\.Bl/ && here { depth++ }
            /^\.El/ && depth { depth-- }
            here && /^\.?(It )?Cm / { print }' |
            grep -owE "${words// /|}" | awk '!seen[$0]++' | xargs)" "$words"
    done
    dagrun_exits 2 run --strategy=- g.xml
    is "$(offered run --strategy)" "$(right_words "$stderr")"
    is "$(right_words "$stderr")" "$(dagrun list strategies --names | xargs)"
}

@test "program, help, manual and completion have the same lists" {
    dagrun_exits 2 list -
    words=$(right_words "$stderr")
    is "$(offered list)" "$words"
    is "$(dagrun list --help | grep '^  dagrun list ' | grep -owE "${words// /|}" | xargs)" "$words"
    is "$(manual SYNOPSIS | sed -n 's/^\.Cm \([a-z]* | [a-z]*\)$/\1/p' | tr -d '|' | xargs)" "$words"
}

@test "program, help, manual and completion have the same shapes of graphs" {
    dagrun_exits 2 generate -- -
    words=$(right_words "$stderr")
    is "$(offered generate)" "$words"
    is "$(dagrun generate --help | sed -n '/^Shapes:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | xargs)" "$words"
    is "$(manual DESCRIPTION | sed -n '/^The shapes are/,/^\.El/s/^\.It Cm //p' | xargs)" "$words"
    is "$(sed -n '/^## Generated/,/^## /s/^| `\([a-z-]*\)`.*/\1/p' "$source_dir/docs/formats.md" | xargs)" "$words"
}

@test "program, help, manual and completion have the same formats" {
    dagrun_exits 2 export --to - g.xml
    words=$(right_words "$stderr")
    is "$(offered export --to)" "$words"
    is "$(dagrun export --help | sed -n '/^Formats:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | xargs)" "$words"
    is "$(manual DESCRIPTION | sed -n '/^\.It Fl -to /,/^\.El/s/^\.It Cm //p' | xargs)" "$words"
    is "$(sed -n '/^## Export/,/^## /s/^| | //p' "$source_dir/docs/formats.md" | tr -d '\140|' | xargs -n 1 | sort)" \
        "$(xargs -n 1 <<<"$words" | sort)"
    dagrun_exits 2 import --from - g.xml
    words=$(right_words "$stderr")
    is "$(offered import --from)" "$words"
    is "$(dagrun import --help | sed -n '/^Formats:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | xargs)" "$words"
    is "$(manual DESCRIPTION | sed -n '/^\.It Fl -from /,/^\.El/s/^\.It Cm //p' | xargs)" "$words"
    is "$(sed -n '/^## Import/,/^## /s/^| `\([a-z]*\)`.*/\1/p' "$source_dir/docs/formats.md" | xargs)" "$words"
}

@test "the manual names every environment variable that dagrun reads" {
    is "$(manual ENVIRONMENT | sed -n 's/^\.It Ev //p' | sort)" \
        "$(grep -rohE '(getenv|is_set)\(([a-z_>(* )-]*, )?"[A-Z_]+"' --include='*.c' \
            "$source_dir"/{scheduler,tasks,tools} | grep -o '[A-Z_]*"$' | tr -d '"' | sort -u)"
}

@test "the manual has no formatting errors" {
    needs_program mandoc
    run mandoc -T lint -W warning "$source_dir/docs/dagrun.1"
    is "$(grep -v 'lacks .* entry' <<<"$output")" ''
}

@test "the manual has the exit statuses that help has" {
    is "$(manual 'EXIT STATUS' | grep '^\.It' | grep -o '[0-9][0-9]*' | xargs)" \
        "$(dagrun --help | sed -n '/^Exit status/,$p' | grep -o '[0-9][0-9]*' | xargs)"
}

@test "docs/strategies.md describes exactly the strategies that exist, in the same order" {
    is "$(sed -n 's/^| `\([a-z-]*\)`.*/\1/p' "$source_dir/docs/strategies.md")" \
        "$(dagrun list strategies --names)"
    for strategy in $(dagrun list strategies --names); do
        has "$(cat "$source_dir/docs/strategies.md")" "**$strategy.**"
    done
    default=$(dagrun list strategies --names | head -n 1)
    is "$(grep -o '`[a-z-]*` (default)' "$source_dir/docs/strategies.md")" "\`$default\` (default)"
    has "$(manual DESCRIPTION)" "prints the names; the default is the one that the graph declares, else
.Cm $default ."
    numbers=(Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen)
    has "$(cat "$source_dir/README.md")" "${numbers[$(dagrun list strategies --names | wc -l)]} strategies"
    dagrun list strategies --json |
        json '.[] | "\(.name)\t\(.source)"' |
        while IFS=$'\t' read -r name source; do
            matches "$(grep -F "| \`$name\`" "$source_dir/docs/strategies.md")" "\\| ${source//[()]/.} \\|\$"
        done
}

@test "docs/network.md names every failure of a request" {
    words=$(sed -n '/failure_names\[\] = {/,/};/s/.*= "\(..*\)",$/\1/p' "$source_dir/tasks/network/statuses.c")
    (($(wc -w <<<"$words") > 20))
    for word in $words; do
        grep -qF "\`$word\`" "$source_dir/docs/network.md" "$source_dir/docs/reliability.md" || { echo "no $word"; return 1; }
    done
}

@test "docs/format.md and the schema contain exactly the kinds that exist" {
    is "$(sed -n '/^### Kinds/,/^### /s/^| `\([a-z]*\)`.*/\1/p' "$source_dir/docs/format.md")" \
        "$(dagrun list kinds --names)"
    is "$(dagrun schema | grep 'substitutionGroup=' | grep -o ' name="[a-z]*"' | cut -d '"' -f 2 | sort)" \
        "$(dagrun list kinds --names | sort)"
    is "$(manual GRAPHS | sed -n '/^The kinds of task are/,/^\.Pp/s/^\.Cm \([a-z]*\).*/\1/p')" \
        "$(dagrun list kinds --names)"
    words=$(dagrun list kinds --names | sed 's/.*/`&`/' | sed '$!{$!s/$/,/}' | xargs -d '\n')
    has "$(xargs -d '\n' <"$source_dir/docs/format.md")" "at most one kind: ${words/%, \`noop\`/ or \`noop\`}."
}

# Print "ELEMENT ATTRIBUTE: DEFAULT" for each attribute in the schema, and "ELEMENT" for each element.
# A type has the name of its element, or belongs to several kinds.
attributes_in_schema()
{
    dagrun schema | awk '
        /<xs:element name=/ && !/abstract=/ {
            split($0, quoted, "\"")
            type = quoted[4]
            sub(/^d:/, "", type)
            elements[type] = elements[type] " " quoted[2]
        }
        /<xs:complexType name=/ { split($0, quoted, "\""); type = quoted[2] }
        /<xs:attribute name=/ {
            split($0, quoted, "\"")
            name[++n] = quoted[2]
            owner[n] = type
            preset[n] = /use="required"/ ? "required" : "none"
        }
        n && preset[n] == "none" && sub(/.*Default: /, "") {
            sub(/[;.] .*/, "")
            preset[n] = $0
        }
        END {
            for (type in elements) {
                gsub(/ /, "\n", elements[type])
                print substr(elements[type], 2)
            }
            for (i = 1; i <= n; i++) {
                count = split(elements[owner[i]], own, "\n")
                for (k = 2; k <= count; k++)
                    print own[k] " " name[i] ": " preset[i]
            }
        }' | sort
}

# The same according to docs/format.md: a section per element, and a table of kinds, which states
# defaults in parentheses.
attributes_in_format()
{
    awk -F ' *[|] *' '
        /^##/ { element = "" }
        /^### `</ { element = $0; gsub(/[^a-z]/, "", element); print element }
        /^### Kinds/ { element = "kinds" }
        /^[|] `/ && element == "kinds" {
            gsub(/`/, "")
            print $2
            count = $4 == "–" ? 0 : split($4, parts, ", ")
            for (i = 1; i <= count; i++) {
                preset = "standard input is empty"
                if (split(parts[i], words, / [(]|[)]/) > 1)
                    preset = words[2]
                print $2 " " words[1] ": " preset
            }
        }
        /^[|] `/ && element && element != "kinds" {
            gsub(/`/, "")
            print element " " $2 ": " ($4 == "–" ? "none" : $4)
        }' "$source_dir/docs/format.md" | sort
}

@test "docs/format.md and the schema have the same elements, attributes and defaults" {
    is "$(attributes_in_format)" "$(attributes_in_schema)"
    has "$(attributes_in_schema)" 'task retry-delay: 1s'
}

@test "docs/format.md and the schema have the same types of parameters" {
    types=$(dagrun schema | awk '/<xs:simpleType/ { here = /"parameterType"/ } here' |
        sed -n 's/.*<xs:enumeration value="\(.*\)">/\1/p' | xargs)
    is "$(awk '/^#/ { here = /^## Parameters/ } here' "$source_dir/docs/format.md" |
        sed -n 's/^| `\([a-z]*\)` |.*/\1/p' | xargs)" "$types"
    is "$(awk '/^###/ { here = /<param>/ } here' "$source_dir/docs/format.md" |
        sed -n 's/^| `type` | \([^|]*\) |.*/\1/p' | tr -d '`')" "$types"
}

@test "every graph in docs/format.md is valid" {
    awk -v RS='```' '/^xml/ { sub(/^xml/, ""); n++; print > ("doc" n ".xml") }' "$source_dir/docs/format.md"
    mkdir -p common
    for file in doc*.xml; do
        grep -q '<graph' "$file" || continue
        grep -q 'xi:include' "$file" && cp "doc$((${file//[!0-9]/} + 1)).xml" common/lint.xml
        dagrun_exits 0 check "$file"
        n=$((${n-0} + 1))
    done
    [[ $n -ge 5 ]]
}

@test "CTest runs every .bats file" {
    for file in "$BATS_TEST_DIRNAME"/*.bats; do
        name=$(basename "$file" .bats)
        matches "$(cat "$BATS_TEST_DIRNAME/CMakeLists.txt")" "[( ]$name[ )
]"
    done
}
