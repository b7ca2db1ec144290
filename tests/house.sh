#!/bin/sh
# SPDX-License-Identifier: MIT
# The house: one third-party library, one room; layers; tables that list every file.
# Prints TAP.  Usage: house.sh SOURCE_DIRECTORY
set -eu
cd "$1"
n=0
failed=0

# point NAME FOUND: ok if FOUND is empty
point() {
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        failed=1
        echo "not ok $n - $1"
        echo "$2" | sed 's/^/#   /'
    fi
}

# sources DIRECTORY…: the C files in those directories that exist
sources() {
    for directory in "$@"; do
        [ ! -d "$directory" ] || find "$directory" -name '*.[ch]'
    done | sort
}

# mentions PATTERN DIRECTORY…: the C files there in which a line matches
mentions() {
    pattern=$1
    shift
    sources "$@" | xargs -r grep -lE -- "$pattern" || true
}

# stays_in NAME PATTERN ROOM…: nothing outside of the rooms (folders) matches
stays_in() {
    name=$1 pattern=$2
    shift 2
    found=$(mentions "$pattern" scheduler tasks tools bench)
    for room in "$@"; do
        found=$(echo "$found" | grep -v "^$room/" || true)
    done
    point "$name" "$found"
}

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*'

stays_in 'libxml2 lives in scheduler/load' "${include}<libxml/" scheduler/load bench
stays_in 'json-glib lives in the tests' "${include}<json-glib/" tests
stays_in 'SQLite lives in scheduler/store' "${include}<sqlite3" scheduler/store
stays_in 'libcurl lives in tasks' "${include}<curl/" tasks
stays_in 'threads of the scheduler live in scheduler/run' 'g_thread_(pool_)?new|pthread_create' \
    scheduler/run tasks tools bench

point 'nothing sorts the queue of a thread pool' \
    "$(mentions 'g_thread_pool_set_sort_function' scheduler tasks tools bench)"
clocks='g_get_real_time|gettimeofday|CLOCK_REALTIME|g_date_time_new_now|(^|[^_a-z])time\('
point 'the wall clock, which may jump, is read for the time stamp of a run only' \
    "$(mentions "$clocks" scheduler tasks tools bench | grep -vx scheduler/record/run.c)"
point 'the scheduler knows no tasks and no tools' \
    "$(mentions "${include}(<dagrun/tasks\.h>|\"[./]*(tasks|tools)/)" scheduler)"
point 'tasks know the scheduler by its public headers only' \
    "$(mentions "${include}\"(model|load|plan|strategies|ready|record|run|output|simulate|report|store)/" tasks tools bench)"
point 'tasks know no tools' "$(mentions "${include}\"[./]*tools/" tasks)"
point 'public headers include public headers only' \
    "$(mentions "${include}\"" scheduler/include tasks/include)"

# listed NAME FILES TABLE PREFIX: each FILE x-y.c stands in TABLE as PREFIXx_y
listed() {
    found=
    for file in $2; do
        symbol=$4$(basename "$file" .c | tr - _)
        grep -q "$symbol\\b" "$3" || found="$found $file"
    done
    point "$1" "$found"
}

listed 'every strategy stands in the table' \
    "$(find scheduler/strategies -name '*.c' ! -name table.c)" scheduler/strategies/table.c dag__strategy_
listed 'every kind stands in the table' \
    "$(grep -l '^const DagKind ' tasks/*.c | grep -v /table.c)" tasks/table.c dag__kind_

found=
for header in scheduler/include/dagrun/*.h; do
    name=$(basename "$header")
    [ "$name" = dagrun.h ] || grep -q "<dagrun/$name>" scheduler/include/dagrun/dagrun.h ||
        found="$found $name"
done
point 'dagrun.h includes every public header' "$found"

point 'every C file begins with its licence' \
    "$(sources scheduler tasks tools bench tests | xargs awk \
        'FNR == 1 && !/^\/\* SPDX-License-Identifier: MIT \*\/$/ { print FILENAME }')"

echo "1..$n"
exit $failed
