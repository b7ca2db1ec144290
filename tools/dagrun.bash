# SPDX-License-Identifier: MIT
# Completion of dagrun's command line for bash, with or without the package bash-completion.
#
# Whatever depends on a graph (task ids, parameters) or on the program (strategies) is asked of
# the program itself, as it was typed, so that it fits.

# What is typed, as the shell would see it: without the usual quotes, with the home directory.
_dagrun_plain()
{
    local word=${1//[\\\'\"]/}

    # shellcheck disable=SC2088 # the ~ that was typed, which nobody has expanded
    case $word in
    '~') word=$HOME ;;
    '~/'*) word=$HOME/${word#'~/'} ;;
    esac
    printf '%s' "$word"
}

# The words before the cursor and the one under it, put together where readline has split at "=".
# Sets words and cur.
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

# Whether the option takes its value from the next word.
_dagrun_wants_value()
{
    case $1 in
    --directory | --jobs | --set | --set-env | --set-file | --phases | --strategy | --seed | --timings | --output | --color | --progress | --timeout | --retries | --grace) return 0 ;;
    --*) return 1 ;;
    esac
    [[ $1 =~ ^-[hknqv]*[Cj]$ ]]
}

# What stands before the cursor.  Sets command, given (words that are no options), directory, and
# option: the one whose value is under the cursor, or "--" once options are over.
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
    run | plan | check | schema | list)
        command=${words[1]}
        given=("${given[@]:1}")
        ;;
    esac
}

# Asks the program for a list of names: _dagrun_names SUBJECT [GRAPH]
_dagrun_names()
{
    local program

    program=$(_dagrun_plain "${words[0]}")
    if [[ $program == */* && $program != /* ]]; then
        program=$PWD/$program
    fi
    (
        cd -- "$directory" 2>/dev/null || exit
        if [[ ${2-} ]]; then
            "$program" list "$1" --names -- "$(_dagrun_plain "$2")"
        else
            "$program" list "$1" --names
        fi
    ) 2>/dev/null
}

# Offers words that begin with what was typed, which may be a part of the word under the cursor:
# _dagrun_offer TYPED WORD...
_dagrun_offer()
{
    local typed=$1 word

    shift
    for word; do
        [[ $word == "$typed"* ]] && COMPREPLY+=("$word")
    done
}

# Files in the directory that begin with $1; directories end with a slash.
_dagrun_find()
{
    local name

    cd -- "$directory" 2>/dev/null || return 0
    compgen -f -- "$1" | while IFS= read -r name; do
        [[ -d $name ]] && name+=/
        printf '%s\n' "$name"
    done
}

# Offers directories, and files that end as given: _dagrun_files TYPED SUFFIX; "/" is for
# directories alone
_dagrun_files()
{
    local typed names name

    typed=$(_dagrun_plain "$1")
    compopt -o filenames 2>/dev/null
    mapfile -t names < <(_dagrun_find "$typed")
    for name in "${names[@]}"; do
        [[ $name == *"$2" || $name == */ ]] || continue
        [[ $name == */ ]] && compopt -o nospace 2>/dev/null
        # shellcheck disable=SC2088 # as it was typed
        [[ $1 == '~/'* ]] && name='~'${name#"$HOME"}
        COMPREPLY+=("$name")
    done
}

# Offers NAME= of parameters, or after that a value.
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

# _dagrun_value OPTION TYPED
_dagrun_value()
{
    local names

    case $1 in
    --strategy)
        mapfile -t names < <(directory=. _dagrun_names strategies)
        _dagrun_offer "$2" "${names[@]}"
        ;;
    --phases) _dagrun_offer "$2" just-in-time asap alap ;;
    --color) _dagrun_offer "$2" auto always never ;;
    --progress) _dagrun_offer "$2" auto lines ;;
    --set) _dagrun_set "$2" ;;
    --set-env | --set-file) ;;
    --timings) _dagrun_files "$2" '' ;;
    --output) _dagrun_files "$2" / ;;
    --directory | -*C) directory=. _dagrun_files "$2" / ;;
    esac
}

_dagrun_options()
{
    local graph='-C --directory --set --set-env --set-file --phases'

    compopt +o nospace 2>/dev/null
    case $command in
    check) graph=--allow-include ;;
    run) graph+=' --allow-include -j --jobs -k --keep-going -n --dry-run -q --quiet -v --verbose --strategy'
         graph+=' --seed --json --log --timings --output --timeout --retries --grace --color --progress' ;;
    plan) graph+=' --allow-include --json --dot --mermaid --color' ;;
    list) graph='--allow-include --json --names' ;;
    *) graph= ;;
    esac
    # shellcheck disable=SC2086 # one word per option
    _dagrun_offer "$cur" $graph -h --help --version
}

# Offers the ids of the graph's tasks.
_dagrun_tasks()
{
    local names

    mapfile -t names < <(_dagrun_names tasks "${given[0]}")
    _dagrun_offer "$cur" "${names[@]}"
}

# Offers what stands after the options: a graph, then what the command takes.
_dagrun_word()
{
    ((${#words[@]} > 1)) || _dagrun_offer "$cur" run plan check schema list
    case $command:${#given[@]} in
    schema:*) ;;
    list:0) _dagrun_offer "$cur" strategies kinds tasks params ;;
    list:1) [[ ${given[0]} == @(tasks|params) ]] && _dagrun_files "$cur" .xml ;;
    list:*) ;;
    check:* | *:0) _dagrun_files "$cur" .xml ;;
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
    # What is replaced begins behind the last "=", unless readline was told not to split there.
    if [[ $cur == *=* && $COMP_WORDBREAKS != *=* ]]; then
        COMPREPLY=("${COMPREPLY[@]/#/"${cur%"${cur##*=}"}"}")
    fi
    return 0
}

complete -F _dagrun dagrun
