# Common functions of the command-line tests.  Each test runs in a new, empty directory.  DAGRUN is
# the program.
#
# Tests never sleep for a fixed time: wait_until polls for a condition and gives up after a time
# far longer than it should take.

bats_require_minimum_version 1.5.0

source_dir=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)

setup()
{
    [[ -x ${DAGRUN-} ]] || { echo "DAGRUN must be the program: \"${DAGRUN-}\""; return 1; }
    unset NO_COLOR FORCE_COLOR
    export TERM=dumb DAGRUN_STORE=none
    mkdir "$BATS_TEST_TMPDIR/work" # bats keeps files of its own beside it
    cd -- "$BATS_TEST_TMPDIR/work" || return 1
}

# A function of this name, so that a test can read `run -2 dagrun --frob`.
dagrun()
{
    "$DAGRUN" "$@"
}

# Run dagrun, which must exit with STATUS; sets output and stderr.
dagrun_exits()
{
    local status_wanted=$1

    shift
    run --separate-stderr "$DAGRUN" "$@"
    if [[ $status -ne $status_wanted ]]; then
        printf 'dagrun %s: status %s, not %s\n' "$*" "$status" "$status_wanted"
        printf -- '-- stdout\n%s\n-- stderr\n%s\n' "$output" "$stderr"
        return 1
    fi
}

# The same, and dagrun only prints one line of error: complains STATUS MESSAGE WORD...
complains()
{
    local wanted=$2 status_wanted=$1

    shift 2
    dagrun_exits "$status_wanted" "$@"
    is "$output" ''
    is "$stderr" "$wanted"
}

# Write standard input as a graph: graph FILE [ATTRIBUTE...]
graph()
{
    {
        printf '<graph xmlns="urn:dagrun:graph:1" %s>\n' "${*:2}"
        cat
        printf '</graph>\n'
    } >"$1"
}

is()
{
    [[ $1 == "$2" ]] && return
    printf -- '-- is\n%s\n-- should be\n%s\n' "$1" "$2"
    return 1
}

# Check that the text contains the part.
has()
{
    [[ $1 == *"$2"* ]] && return
    printf -- '-- is\n%s\n-- should hold\n%s\n' "$1" "$2"
    return 1
}

lacks()
{
    [[ $1 != *"$2"* ]] && return
    printf -- '-- is\n%s\n-- should not hold\n%s\n' "$1" "$2"
    return 1
}

# Check that the text matches the extended regular expression.
matches()
{
    [[ $1 =~ $2 ]] && return
    printf -- '-- is\n%s\n-- should match\n%s\n' "$1" "$2"
    return 1
}

# json FILTER [FILE...]: run jq with compact output, strings without quotes
json()
{
    jq -rc "$@"
}

# Print "a:succeeded b:failed", in order of declaration, from a run's JSON: outcomes FILE
outcomes()
{
    json '[.tasks[] | .id + ":" + .outcome] | join(" ")' "$1"
}

# Print the names in order of start, from a run's JSON.
started()
{
    json '[.tasks[] | select(.start_seconds)] | sort_by(.start_seconds) | map(.id) | join(" ")' "$1"
}

# Print "a b | c d", the tasks of each phase, from a plan's JSON.
phases()
{
    json '[.phases[] | .tasks | join(" ")] | join(" | ")' "$1"
}

# Wait until the command is true, at most a minute.
wait_until()
{
    local end=$((SECONDS + 60))

    until "$@"; do
        if ((SECONDS >= end)); then
            printf 'waited in vain for: %s\n' "$*"
            return 1
        fi
        sleep 0.05
    done
}

is_gone()
{
    # A zombie that was not waited for yet counts as gone.
    [[ ! -e /proc/$1 ]] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

needs_program()
{
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# Run dagrun in the background, as a shell with job control would: start WORD...
# Its output goes to the files out and err.
start()
{
    env --default-signal=INT,QUIT "$DAGRUN" "$@" >out 2>err 3>&- &
    pid=$!
}

# Wait for the program of start(); it must exit with the status, or one of them (143|129).
ends_with()
{
    local status=0

    if ! wait_until is_gone "$pid"; then
        kill -KILL "$pid"
        return 1
    fi
    wait "$pid" || status=$?
    matches "$status" "^($1)\$"
}

# Check that the file exists and is not empty.
exists()
{
    [[ -s $1 ]]
}

# state PID: the state as in /proc/PID/stat: 'S', 'T' …
state()
{
    local stat

    stat=$(cat "/proc/$1/stat") || return
    stat=${stat##*) }
    echo "${stat%% *}"
}

# A shell in vfork() waits uninterruptibly (D) for its child, which is stopped.
is_stopped()
{
    [[ $(state "$1") == [TD] ]]
}

is_sanitized()
{
    grep -q -e __asan_init -e __tsan_init "$DAGRUN"
}
