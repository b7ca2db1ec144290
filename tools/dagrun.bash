# SPDX-License-Identifier: MIT
# Completion of dagrun's command line for bash, with or without the package bash-completion.
#
# The program that was typed lists task ids, parameters and strategies, so completion matches its
# version and the graph.

# Print a typed word as the shell would expand it: without quotes, with the home directory.
_dagrun_plain()
{
    local typed=$1 word='' c quote='' i

    for ((i = 0; i < ${#typed}; i++)); do
        c=${typed:i:1}
        if [[ $c == \\ && $quote != "'" && (-z $quote || ${typed:i+1:1} == [\\\"\$\`]) ]]; then
            i=$((i + 1))
            word+=${typed:i:1}
        elif [[ $c == "$quote" ]]; then
            quote=
        elif [[ -z $quote && $c == [\'\"] ]]; then
            quote=$c
        else
            word+=$c
        fi
    done

    # shellcheck disable=SC2088 # a typed ~, not expanded yet
    case $word in
    '~') word=$HOME ;;
    '~/'*) word=$HOME/${word#'~/'} ;;
    esac
    printf '%s' "$word"
}

# Set words to the words before the cursor and cur to the word under it.  Join words that readline
# has split at "=".
_dagrun_words()
{
    local i joins=false

    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        if [[ $joins == true || ${COMP_WORDS[i]} == '='* ]] && ((${#words[@]} > 1)); then
            words[${#words[@]} - 1]+=${COMP_WORDS[i]}
        else
            words+=("${COMP_WORDS[i]}")
        fi
        joins=false
        [[ ${COMP_WORDS[i]} == '=' ]] && joins=true
    done
    cur=${words[${#words[@]} - 1]}
    unset 'words[${#words[@]} - 1]'
}

# Return 0 if the value of the option is the next word.
_dagrun_wants_value()
{
    case $1 in
    --directory | --jobs | --connections | --set | --set-env | --set-file | --set-cost | --without | --replay | --after | --phases | --strategy | --strategies | --seed | --budget | --max-cost | --max-tokens | --noise | --fail | --samples | --repeat | --svg | --gantt | --timings | --trace | --junit | --events | --record-requests | --replay-requests | --output | --color | --progress | --show | --stderr | --store | --fail-if-slower | --limit | --keep | --timeout | --retries | --grace | --tasks | --width | --degree | --costs | --mean | --kind | --to | --from | --rerun) return 0 ;;
    --*) return 1 ;;
    esac
    [[ $1 =~ ^-[hknqv]*[Cjo]$ ]]
}

# Scan the words before the cursor.  Set command, given (the operands), directory, and option: the
# option whose value is under the cursor, or "--" after the end of the options.
_dagrun_scan()
{
    local i word value

    command=run given=() directory=. option=
    for ((i = 1; i < ${#words[@]}; i++)); do
        word=${words[i]}
        if [[ $option == -- || $word != -* ]]; then
            given+=("$word")
        elif [[ $word == -- ]]; then
            option=--
        elif _dagrun_wants_value "$word"; then
            ((i + 1 < ${#words[@]})) || option=$word
            value=${words[i + 1]-}
            case $word in --directory | -*C) directory=$(_dagrun_plain "${value:-.}") ;; esac
            ((++i))
        elif [[ $word == --directory=* ]]; then
            directory=$(_dagrun_plain "${word#*=}")
        elif [[ $word == -C?* ]]; then
            directory=$(_dagrun_plain "${word#-C}")
        fi
    done
    case ${words[1]-} in
    run | plan | explain | bench | check | verify | history | show | diff | schema | list | generate | export | import | help)
        command=${words[1]}
        given=("${given[@]:1}")
        ;;
    esac
}

# Enter $directory as dagrun does: for cd alone, CDPATH and "-" have another meaning.
_dagrun_enter()
{
    local path=$directory

    [[ $path == /* ]] || path=./$path
    CDPATH='' cd -- "$path" 2>/dev/null || return
}

# Print the names that the program lists: _dagrun_names SUBJECT [GRAPH]
_dagrun_names()
{
    local program

    program=$(_dagrun_plain "${words[0]}")
    if [[ $program == */* && $program != /* ]]; then
        program=$PWD/$program
    fi
    (
        _dagrun_enter || exit
        if [[ ${2-} ]]; then
            "$program" list "$1" --names -- "$(_dagrun_plain "$2")"
        else
            "$program" list "$1" --names
        fi
    ) 2>/dev/null
}

# Add the words that begin with TYPED to the completions: _dagrun_offer TYPED WORD...
_dagrun_offer()
{
    local typed=$1 word

    shift
    for word; do
        [[ $word == "$typed"* ]] && COMPREPLY+=("$word")
    done
}

# Print the files in $directory that begin with $1; directories end with a slash.
_dagrun_find()
{
    local name

    _dagrun_enter || return 0
    compgen -f -- "$1" | while IFS= read -r name; do
        [[ -d $name ]] && name+=/
        printf '%s\n' "$name"
    done
}

# Offer directories and files with the suffix: _dagrun_files TYPED SUFFIX.  "/" offers directories
# only.
_dagrun_files()
{
    local typed names name

    typed=$(_dagrun_plain "$1")
    compopt -o filenames 2>/dev/null
    mapfile -t names < <(_dagrun_find "$typed")
    for name in "${names[@]}"; do
        [[ $name == *"$2" || $name == */ ]] || continue
        [[ $name == */ ]] && compopt -o nospace 2>/dev/null
        # shellcheck disable=SC2088 # a typed ~
        [[ $1 == '~/'* ]] && name='~'${name#"$HOME"}
        COMPREPLY+=("$name")
    done
}

# Offer NAME= for each parameter, or a value after NAME=.
_dagrun_set()
{
    local name names

    if [[ $1 == *=* ]]; then
        _dagrun_offer "${1#*=}" true false
        _dagrun_files "${1#*=}" ''
        return
    fi
    compopt -o nospace 2>/dev/null
    [[ ${given[0]-} ]] || return 0
    mapfile -t names < <(_dagrun_names params "${given[0]}")
    for name in "${names[@]}"; do
        _dagrun_offer "$1" "$name="
    done
}

# Offer TASK= for each task.
_dagrun_set_cost()
{
    local name names

    compopt -o nospace 2>/dev/null
    [[ $1 != *=* && ${given[0]-} ]] || return 0
    mapfile -t names < <(_dagrun_names tasks "${given[0]}")
    for name in "${names[@]}"; do
        _dagrun_offer "$1" "$name="
    done
}

# Offer tasks after the last comma.
_dagrun_without()
{
    local name names before=

    [[ ${given[0]-} ]] || return 0
    [[ $1 != *,* ]] || before=${1%,*},
    mapfile -t names < <(_dagrun_names tasks "${given[0]}")
    for name in "${names[@]}"; do
        _dagrun_offer "$1" "$before$name"
    done
}

# _dagrun_value OPTION TYPED
_dagrun_value()
{
    local names

    case $1 in
    --strategy)
        mapfile -t names < <(directory=. _dagrun_names strategies)
        _dagrun_offer "$2" "${names[@]}"
        ;;
    --strategies)
        mapfile -t names < <(directory=. _dagrun_names strategies)
        [[ $2 != *,* ]] || names=("${names[@]/#/"${2%,*},"}")
        _dagrun_offer "$2" "${names[@]}"
        ;;
    --phases) _dagrun_offer "$2" just-in-time asap alap compact ;;
    --color) _dagrun_offer "$2" auto always never ;;
    --progress) _dagrun_offer "$2" auto lines ;;
    --show) _dagrun_offer "$2" sections lines ;;
    --stderr) _dagrun_offer "$2" joined separate ;;
    --set) _dagrun_set "$2" ;;
    --set-env | --set-file) ;;
    --set-cost) _dagrun_set_cost "$2" ;;
    --without | --rerun) _dagrun_without "$2" ;;
    --timings | --trace | --junit | --events | --record-requests | --replay-requests | --replay | --after | --svg | --gantt) _dagrun_files "$2" '' ;;
    --costs)
        if [[ $command == generate ]]; then
            _dagrun_offer "$2" constant uniform log-normal
        else
            _dagrun_offer "$2" learned declared
        fi
        ;;
    --to) _dagrun_offer "$2" dot mermaid make ninja stg wfformat ;;
    --from)
        if [[ $command == import ]]; then
            _dagrun_offer "$2" dot make ninja stg wfformat dax
        else
            _dagrun_offer "$2" last
        fi
        ;;
    --kind) _dagrun_offer "$2" noop sleep spin ;;
    --output | --store | -*o)
        local suffix=
        [[ $command == run ]] && suffix=/
        _dagrun_files "$2" "$suffix"
        ;;
    --directory | -*C) directory=. _dagrun_files "$2" / ;;
    esac
}

_dagrun_options()
{
    local graph='-C --directory --set --set-env --set-file --set-cost --without --replay --phases'

    compopt +o nospace 2>/dev/null
    case $command in run | plan | explain | bench) graph+=' --costs --store --no-store' ;; esac
    case $command in
    check) graph=--allow-include ;;
    run) graph+=' --allow-include -j --jobs --connections -k --keep-going -n --dry-run -q --quiet -v --verbose --strategy'
         graph+=' --seed --budget --max-cost --max-tokens --json --log --timings --trace --junit --events --record-requests --replay-requests --output --timeout --retries --grace --color --progress --show --stderr --fail-if-slower --wait --resume --from --rerun --only-failed --force' ;;
    plan) graph+=' --allow-include -j --jobs --json --dot --mermaid --color' ;;
    explain) graph+=' --allow-include --after -j --jobs --connections --strategy --json --color' ;;
    bench) graph+=' --allow-include -j --jobs --connections --strategies --seed --budget --noise --fail --samples --retries --real --repeat --json --csv --svg --gantt --strategy --color' ;;
    verify) graph+=' --allow-include --json' ;;
    history) graph='--json --limit --trend --prune --keep --color --store' ;;
    diff) graph='--allow-include --color --store' ;;
    show) graph='--json --output-only --color --store' ;;
    list) graph='--allow-include --json --names' ;;
    export) graph+=' --allow-include --to -o --output' ;;
    import) graph='--from --kind -o --output' ;;
    generate) graph='--tasks --seed --width --degree --costs --mean --kind -o --output' ;;
    *) graph= ;;
    esac
    # shellcheck disable=SC2086 # one word per option
    _dagrun_offer "$cur" $graph -h --help --version
}

# Offer the ids of the tasks of the graph.
_dagrun_tasks()
{
    local names

    mapfile -t names < <(_dagrun_names tasks "${given[0]}")
    _dagrun_offer "$cur" "${names[@]}"
}

# Offer an operand: a command, a graph, or an operand of the command.
_dagrun_word()
{
    ((${#words[@]} > 1)) || _dagrun_offer "$cur" run plan explain bench check verify history show diff schema list generate export import help
    case $command:${#given[@]} in
    schema:* | history:[1-9]* | show:[1-9]* | help:[1-9]* | generate:[1-9]* | import:[2-9]*) ;;
    import:0) _dagrun_files "$cur" '' ;;
    import:1) [[ ${given[0]} != crewai ]] || _dagrun_files "$cur" '' ;;
    generate:0)
        _dagrun_offer "$cur" chain independent fork-join layered random samepred wavefront tree fft \
            stencil long-tail series-parallel
        ;;
    help:0) _dagrun_offer "$cur" run plan explain bench check verify history show diff schema list generate export import help ;;
    list:0) _dagrun_offer "$cur" strategies kinds tasks params ;;
    list:1) [[ ${given[0]} == @(tasks|params) ]] && _dagrun_files "$cur" .xml ;;
    list:*) ;;
    bench:[1-9]*)
        _dagrun_tasks
        _dagrun_files "$cur" .xml
        ;;
    verify:1) _dagrun_files "$cur" .json ;;
    check:* | diff:* | *:0) _dagrun_files "$cur" .xml ;;
    *) _dagrun_tasks ;;
    esac
    return 0
}

_dagrun()
{
    local words cur command given directory option

    COMPREPLY=()
    _dagrun_words
    _dagrun_scan
    if [[ $option && $option != -- ]]; then
        _dagrun_value "$option" "$cur"
    elif [[ $option != -- && $cur == --*=* ]]; then
        _dagrun_value "${cur%%=*}" "${cur#*=}"
    elif [[ $option != -- && $cur == -* ]]; then
        _dagrun_options
    else
        _dagrun_word
    fi
    # Readline replaces the text after the last "=".  If COMP_WORDBREAKS has no "=", it replaces the
    # whole word, so add the part before the "=".
    if [[ $cur == *=* && $COMP_WORDBREAKS != *=* ]]; then
        COMPREPLY=("${COMPREPLY[@]/#/"${cur%"${cur##*=}"}"}")
    fi
    return 0
}

complete -F _dagrun dagrun
