#!/usr/bin/env bats
# Make each system call fail once, at each place where it is made.  Whichever fails: the run ends
# and its report is true.  DAGRUN_FAULTS is the library that injects them (tests/support/faults.c).

load helpers

EINTR=4 EIO=5 EAGAIN=11 ENOMEM=12 EACCES=13 EMFILE=24 ENOSPC=28

setup_file()
{
    [[ -e ${DAGRUN_FAULTS-} ]] || { echo "DAGRUN_FAULTS must be the library: \"${DAGRUN_FAULTS-}\""; return 1; }
    # The library is loaded before that of the sanitizer; this is intended.
    export ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0"
}

# Standard output: "alpha" of a, and so on; d and e print the output of other tasks.
small_graph()
{
    graph g.xml <<'END'
      <task id="a"><shell>echo alpha; echo aside >&amp;2</shell></task>
      <task id="b"><exec>printf '%s, beta\n' ${a}</exec></task>
      <task id="c"><shell stdin="a">cat; echo gamma</shell></task>
      <task id="d" needs="b c"><shell>cat "$b" "$c"</shell></task>
      <task id="e"><exec>printf '%s\n' ${d}</exec></task>
END
}

# Run the graph; the N-th call of CALL fails.  Sets status, and what was printed.  If `before.json`
# exists, the report replaces it.
run_with_fault()
{
    rm -f fired t.json
    [[ ! -e before.json ]] || cp before.json t.json
    status=0
    TMPDIR=$PWD/tmp FAULT_CALL=$1 FAULT_ERRNO=$2 FAULT_NTH=$3 FAULT_FIRED=$PWD/fired \
        timeout -s KILL 60 env LD_PRELOAD="$DAGRUN_FAULTS" \
        "$DAGRUN" g.xml -j2 --timings t.json >out 2>err 3>&- || status=$?
    read -rd '' diagnostics <err || true
}

# Check that all tasks succeeded and all output is there.
is_whole()
{
    is "$(sort out)" "$whole"
    is "$1" 'a:succeeded b:succeeded c:succeeded d:succeeded e:succeeded'
}

# Check that each task has an outcome.
is_complete()
{
    matches "$1" '^a:[a-z-]+ b:[a-z-]+ c:[a-z-]+ d:[a-z-]+ e:[a-z-]+$'
    lacks "$1" :pending
}

# Check that the report of the run is true.  There are hundreds of runs: few other programs run here.
is_true()
{
    local report=

    echo "$1 failed with $2 at call $3: status $status"
    echo "$diagnostics"
    [[ $status -lt 128 ]] # neither killed nor hung
    lacks "$diagnostics" Sanitizer
    lacks "$diagnostics" 'runtime error:'
    lacks "$diagnostics" CRITICAL
    is "$(shopt -s nullglob dotglob; echo tmp/* t.json.??????)" ''
    # A file is complete, or as it was.
    [[ ! -e before.json || -e t.json ]]
    if [[ -e t.json ]] && ! { [[ -e before.json ]] && cmp -s before.json t.json; }; then
        report=$(outcomes t.json)
        is_complete "$report"
    fi
    case $status in
    0) is_whole "$report" ;;
    1) # a task failed, and the reason is printed
        has "$report" :failed
        has "$diagnostics" ' failed: ' ;;
    3 | 4) matches $'\n'"$diagnostics" $'\n(dagrun: .|g\\.xml:[0-9:]* error: .)' ;;
    *) return 1 ;;
    esac
}

replace_a_report()
{
    echo '{"a": "report of before"}' >before.json
}

# sweep CALL ERRNO...: fail the first call, the second, and so on, until CALL is not made that often.
# CALL must be made at least LEAST times.  Later calls are much alike, so the steps grow: by one
# every eight calls; every four with further errors, which take the same paths for the most part, and
# with a sanitizer, which makes the runs four times as long, and has only the first error.
# DAGRUN_FAULTS_ALL=1: each call, with each error.
sweep()
{
    local call=$1 error n growth=8

    shift
    ! is_sanitized || { set -- "$1"; growth=4; }
    [[ ! ${DAGRUN_FAULTS_ALL-} ]] || growth=1000
    small_graph
    mkdir tmp
    whole=$("$DAGRUN" g.xml 2>/dev/null 3>&- | sort)
    for error; do
        for ((n = 1; n < 1000; n += 1 + n / growth)); do
            run_with_fault "$call" "$error" "$n"
            is_true "$call" "$error" "$n"
            [[ -e fired ]] || break
        done
        is "$status" 0 # of the last run, in which no call failed
        echo "$call: $((n - 1)) calls"
        [[ $n -gt ${LEAST-1} ]] || return 1
        [[ ${DAGRUN_FAULTS_ALL-} ]] || growth=4
    done
}

@test "clone" { LEAST=5 sweep clone $EAGAIN $ENOMEM $EMFILE; }

@test "pipe2" { LEAST=2 sweep pipe2 $EMFILE; }

@test "open" { LEAST=5 sweep open $EMFILE $EACCES $EINTR; }

@test "read" { LEAST=5 sweep read $EINTR $EIO; }

@test "write" { LEAST=5 sweep write $ENOSPC $EINTR $EIO; }

@test "fsync" { replace_a_report; sweep fsync $EIO $EINTR; }

@test "rename" { replace_a_report; sweep rename $EACCES $ENOSPC; }

@test "linkat" { sweep linkat $EACCES $ENOSPC; }

@test "linkat, to replace a file" { replace_a_report; sweep linkat $EACCES $ENOSPC; }

@test "poll" { LEAST=5 sweep poll $EINTR $ENOMEM; }

@test "waitpid" { LEAST=5 sweep waitpid $EINTR; }

@test "pthread_create" { LEAST=2 sweep pthread_create $EAGAIN; }

@test "memfd_create" { sweep memfd_create $EMFILE $ENOSPC; }

@test "eventfd" { LEAST=3 sweep eventfd $EMFILE; }

# The same for a call that the store makes: whatever fails, the run succeeds, and the store can be read afterwards.
sweep_store()
{
    local call=$1 error=$2 n growth=2 least=${LEAST-1}

    small_graph
    mkdir tmp
    whole=$("$DAGRUN" g.xml 2>/dev/null 3>&- | sort)
    for ((n = 1; n < 1000; n += 1 + n / growth)); do
        DAGRUN_STORE=$PWD/store run_with_fault "$call" "$error" "$n"
        echo "$call failed with $error at call $n: status $status, $diagnostics"
        is "$status" 0
        is_whole "$(outcomes t.json)"
        "$DAGRUN" history --store store --json >runs 2>&1 3>&- || cat runs
        [[ $(json 'map(select(.state == "running")) | length' runs) == 0 ]]
        [[ -e fired ]] || break
    done
    [[ $n -gt $least ]]
    is "$(json '.[0].state' runs)" succeeded
}

@test "the store: no space" { LEAST=20 sweep_store pwrite64 $ENOSPC; }

@test "the store: errors of reading" { LEAST=5 sweep_store pread64 $EIO; }

@test "the store: errors of the disk when it is synchronized" { sweep_store fdatasync $EIO; }

@test "the store: its shared memory cannot be made" { sweep_store ftruncate64 $ENOSPC; }
