#!/usr/bin/env bats
# Facts that stand in several places agree: help, manual, completion, documentation.

load helpers

commands='run plan check schema list'

# Options of a command according to its help, one per line: options_in_help COMMAND
options_in_help()
{
    dagrun "$1" --help | grep -o '^  -[^ =]*\(, --[a-z-]*\)\{0,1\}' | tr ', ' '\n\n' | grep . | sort -u
}

options_in_completion()
{
    (
        # shellcheck source=../../tools/dagrun.bash
        source "$source_dir/tools/dagrun.bash"
        COMP_WORDS=("$DAGRUN" "$1" -) COMP_CWORD=2
        _dagrun
        printf '%s\n' "${COMPREPLY[@]}" | sort -u
    )
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
                sub(/^Fl /, "", heads[i])
                sub(/ .*/, "", heads[i])
                print "-" heads[i]
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

@test "help and manual contain the same options of each command" {
    for command in $commands; do
        is "$(options_in_manual "$command")" "$(options_in_help "$command")"
    done
}

@test "the synopsis in the manual has the options of run and plan" {
    for command in run plan; do
        synopsis=$(manual SYNOPSIS | awk -v command="$command" '
            /^\.Nm/ { here = 0 } $0 ~ "Cm " command { here = 1 } here')
        for option in $(options_in_help $command | grep -vx -e -h -e --help -e --version); do
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

@test "the manual has no formatting errors" {
    needs_program mandoc
    run mandoc -T lint -W warning "$source_dir/docs/dagrun.1"
    is "$(grep -v 'lacks .* entry' <<<"$output")" ''
}

@test "the manual has every exit status that help has" {
    for status in $(dagrun --help | sed -n '/^Exit status/,$p' | grep -o '[0-9][0-9]*'); do
        matches "$(manual 'EXIT STATUS')" "
\.It ([0-9]+ , )*$status( , [0-9]+)*
"
    done
}

@test "docs/strategies.md describes exactly the strategies that exist, in the same order" {
    is "$(sed -n 's/^| `\([a-z-]*\)`.*/\1/p' "$source_dir/docs/strategies.md")" \
        "$(dagrun list strategies --names)"
    for strategy in $(dagrun list strategies --names); do
        has "$(cat "$source_dir/docs/strategies.md")" "**$strategy.**"
    done
    dagrun list strategies --json |
        json '.[] | "\(.name)\t\(.source)"' |
        while IFS=$'\t' read -r name source; do
            matches "$(grep -F "| \`$name\`" "$source_dir/docs/strategies.md")" "\\| ${source//[()]/.} \\|\$"
        done
}

@test "docs/format.md and the schema contain exactly the kinds that exist" {
    is "$(sed -n '/^### Kinds/,/^### /s/^| `\([a-z]*\)`.*/\1/p' "$source_dir/docs/format.md")" \
        "$(dagrun list kinds --names)"
    is "$(dagrun schema | grep 'substitutionGroup=' | grep -o ' name="[a-z]*"' | cut -d '"' -f 2 | sort)" \
        "$(dagrun list kinds --names | sort)"
    for kind in $(dagrun list kinds --names); do
        has "$(manual GRAPHS)" "Cm $kind"
    done
}

@test "docs/format.md contains every element and attribute of the schema" {
    for name in $(dagrun schema | grep -o '<xs:attribute name="[a-z-]*"' | cut -d '"' -f 2 | sort -u); do
        has "$(cat "$source_dir/docs/format.md")" "| \`$name\` |" || has "$(cat "$source_dir/docs/format.md")" "\`$name\`"
    done
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
