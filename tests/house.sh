#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the structure of the source tree: rooms (directories) and their layers, the libraries that
# each room uses, and tables that must list every file.
# Prints TAP.  Usage: house.sh SOURCE_DIRECTORY
# shellcheck disable=SC2016 # awk programs
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

# stays_in NAME PATTERN ROOM…: only files in these rooms match
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

# The rooms of scheduler/, and for each the rooms and single headers that it may include.
rooms='
    model       model
    load        load model
    plan        plan model
    strategies  strategies strategies/unlike plan model
    strategies/optimal strategies/optimal strategies strategies/unlike
    strategies/unlike strategies/unlike
    ready       ready model
    record      record model output/spool.h
    run         run run/tiny ready record output model
    run/tiny    run/tiny run ready record model
    run/simulate run/simulate run ready model
    output      output model run/lock.h
    verify      verify plan model
    benchmark   benchmark plan model
    delays      delays plan model
    report      report plan model
    store       store plan model run/lock.h
'

# Public headers that a room may not include: the types to its right in XML → graph → plan → run →
# report.
right_of='
    model       load plan strategy run execute engine context cancel simulate spool report
    load        plan strategy run execute engine context cancel simulate spool report
    plan        load strategy run execute engine context cancel simulate spool report
    strategies  load run execute engine context cancel simulate spool report
    strategies/unlike load run execute engine context cancel simulate spool report
    strategies/optimal load run execute engine context cancel simulate spool report
    ready       load engine context simulate spool report
    record      load engine context simulate report
    output      load strategy engine context simulate report
    run         load report
    run/tiny    load report
    run/simulate load report
    verify      load strategy execute engine context cancel simulate spool report
    benchmark   load engine context report
    delays      load execute engine context cancel simulate spool report
    report      load engine context
'

# room_of FILE, as a function of awk: its directory below scheduler/
room_of='function room_of(file) { sub(/^scheduler\//, "", file); sub(/\/[^\/]*$/, "", file); return file }'

# private_includes TABLE: quoted includes that the table does not allow
private_includes() {
    sources scheduler | grep -v '^scheduler/include/' | xargs awk -v table="$1" "$room_of"'
        BEGIN {
            n = split(table, lines, "\n")
            for (i = 1; i <= n; i++)
                for (k = split(lines[i], words, " "); k > 1; k--)
                    allowed[words[1], words[k]] = 1
        }
        /^[ \t]*#[ \t]*include[ \t]*"/ {
            split($0, parts, "\"")
            room = room_of(FILENAME)
            if (!((room, room_of(parts[2])) in allowed) && !((room, parts[2]) in allowed))
                print FILENAME ": " parts[2]
        }'
}

# public_includes TABLE: includes of public headers that the table forbids
public_includes() {
    sources scheduler | grep -v '^scheduler/include/' | xargs awk -v table="$1" "$room_of"'
        BEGIN {
            n = split(table, lines, "\n")
            for (i = 1; i <= n; i++)
                for (k = split(lines[i], words, " "); k > 1; k--)
                    forbidden[words[1], "dagrun/" words[k] ".h"] = 1
        }
        /^[ \t]*#[ \t]*include[ \t]*</ {
            split($0, parts, "[<>]")
            if ((room_of(FILENAME), parts[2]) in forbidden)
                print FILENAME ": " parts[2]
        }'
}

point 'scheduler/ has no rooms other than those of the table' \
    "$(sources scheduler | sed -n 's|^scheduler/\(.*\)/[^/]*$|\1|p' | sort -u | grep -vx include/dagrun |
        while read -r room; do echo "$rooms" | grep -q "^ *$room " || echo "$room"; done)"
point 'a room includes only the rooms that the table allows' "$(private_includes "$rooms")"
point 'a room does not know the types to its right' "$(public_includes "$right_of")"
point 'rooms before run/ read no clock and have no threads or locks' "$(mentions \
    '\<(dag_clock_ns|g_get_monotonic_time|clock_gettime|g_mutex|g_cond|g_rw_lock|g_thread|pthread_[a-z]*)' \
    scheduler/model scheduler/load scheduler/plan scheduler/strategies scheduler/ready scheduler/record |
    grep -vx -e scheduler/model/duration.c -e scheduler/strategies/optimal/solver.c)"
# The one defines dag_clock_ns(), the other searches for as long as it may.

point 'the recorder is the only writer of a run' \
    "$(mentions 'recorder(\.|->)(run->[a-z_]+|events) *=[^=]' scheduler | grep -v '^scheduler/record/')"

stays_in 'libxml2 is used in scheduler/load' "${include}<libxml/" scheduler/load bench
stays_in 'json-glib is used in the tests' "${include}<json-glib/" tests
stays_in 'Jansson is used in tools/formats and tasks/network' "${include}<jansson" tools/formats tasks/network tests/unit tests/support
stays_in 'libyaml is used in tools/formats' "${include}<yaml\.h" tools/formats
stays_in 'SQLite is used in scheduler/store' "${include}<sqlite3" scheduler/store
stays_in 'libcurl is used in tasks' "${include}<curl/" tasks bench
stays_in 'the scheduler starts threads in run/ only' 'g_thread_(pool_)?new|pthread_create' \
    scheduler/run tasks tools bench

point 'nothing sorts the queue of a thread pool' \
    "$(mentions 'g_thread_pool_set_sort_function' scheduler tasks tools bench)"
clocks='g_get_real_time|gettimeofday|CLOCK_REALTIME|g_date_time_new_now|(^|[^_a-z])time\('
point 'the wall clock, which may jump, is used for the time stamp of a run and the ages of results, files and answers only' \
    "$(mentions "$clocks" scheduler tasks tools bench | grep -vx -e scheduler/record/run.c -e scheduler/run/task-files.c -e scheduler/store/cached.c -e tasks/network/kept-answers.c)"
point 'the scheduler includes no headers of tasks and tools' \
    "$(mentions "${include}(<dagrun/tasks\.h>|\"[./]*(tasks|tools)/)" scheduler)"
private=$(echo "$rooms" | awk 'NF { printf "%s%s", sep, $1; sep = "|" }')
point 'tasks, tools and bench include public headers of the scheduler only' \
    "$(mentions "${include}\"($private)/" tasks tools bench)"

# long_options: lines with a long option, such as --seed, in the files that standard input names: in
# quotes, and in a public header anywhere
long_options() {
    xargs awk '{
        line = $0
        gsub(/\\.|\047"\047/, "", line)
        n = split(line, parts, "\"")
        for (i = 1; i <= n; i++)
            if ((i % 2 == 0 || FILENAME ~ /\/include\//) && parts[i] ~ /(^|[^-A-Za-z0-9_])--[a-z]+/) {
                print FILENAME ":" FNR ": " $0
                next
            }
    }'
}

point 'the libraries name no option of the program: they state facts, and tools/ advises' \
    "$(sources scheduler tasks | long_options)"
point 'tasks include no headers of tools' "$(mentions "${include}\"[./]*tools/" tasks)"
point 'public headers include public headers only' \
    "$(mentions "${include}\"" scheduler/include tasks/include)"

# listed NAME FILES TABLE PREFIX: each FILE x-y.c is in TABLE as PREFIXx_y
listed() {
    found=
    for file in $2; do
        symbol=$4$(basename "$file" .c | tr - _)
        grep -q "$symbol\\b" "$3" || found="$found $file"
    done
    point "$1" "$found"
}

listed 'every strategy is in the table' \
    "$(find scheduler/strategies -name '*.c' ! -path '*/optimal/[!o]*' ! -path '*/unlike/*' ! -name table.c ! -name schedule.c)" scheduler/strategies/table.c dag__strategy_
listed 'every kind is in the table' \
    "$(grep -l '^const DagKind ' tasks/*.c | grep -v /table.c)" tasks/table.c dag__kind_

found=
for header in scheduler/include/dagrun/*.h; do
    name=$(basename "$header")
    [ "$name" = dagrun.h ] || grep -q "<dagrun/$name>" scheduler/include/dagrun/dagrun.h ||
        found="$found $name"
done
point 'dagrun.h includes every public header' "$found"

# same_names PATTERN: base names that several files of the libraries and the program share.  A
# command has the name of its subject, and each plug point has a table.c.
same_names() {
    sources scheduler tasks tools | grep -E "$1" |
        grep -vE '/include/|^tools/commands/|^(scheduler/strategies|tasks)/table\.c$' |
        sed 's|.*/||' | sort | uniq -d
}

point 'no two source files have the same name' "$(same_names '\.c$')"
point 'no two headers have the same name' "$(same_names '\.h$')"

point 'every C file begins with its licence' \
    "$(sources scheduler tasks tools bench tests | xargs awk \
        'FNR == 1 && !/^\/\* SPDX-License-Identifier: MIT \*\/$/ { print FILENAME }')"

# The formatter tears a declaration apart if the comment behind it is too long; the comment belongs above it.
point 'no line of a structure has a type only' \
    "$(sources scheduler tasks tools bench tests | xargs awk \
        'FNR > 1 && torn && /^        \*?[a-z_]+(\[[A-Za-z_]*\])?; *\/\*/ { print FILENAME ":" FNR }
         { torn = /^    ((const|struct|unsigned) )?[A-Za-z_][A-Za-z_0-9]*( \*| const)?$/ }')"

# Paths in docs/life-of-a-task.md without a leading directory are in scheduler/.
found=
for path in $(grep -oE '`[a-z/-]+\.[ch]`' docs/life-of-a-task.md | tr -d '\140' | sort -u); do
    [ -f "$path" ] || [ -f "scheduler/$path" ] || found="$found $path"
done
point 'docs/life-of-a-task.md names files that exist' "$found"

echo "1..$n"
exit $failed
