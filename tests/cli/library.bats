#!/usr/bin/env bats
# An installed library for programs: headers, symbols, pkg-config, CMake.

load helpers

setup_file()
{
    export INSTALLED="$BATS_FILE_TMPDIR/here"
    cmake --install "$(dirname "$DAGRUN")" --prefix "$INSTALLED" >"$BATS_FILE_TMPDIR/log"
    export LIBRARIES="$INSTALLED/lib" PKG_CONFIG_PATH="$INSTALLED/lib/pkgconfig"
}

# Programs here do not link the run time of a sanitizer.
needs_plain_build()
{
    ! is_sanitized || skip 'built with a sanitizer'
}

# Print the functions that headers declare, one per line: declared HEADER...
declared()
{
    printf '#include <dagrun/%s>\n' "${@##*/}" |
        cc -std=c11 -fsyntax-only -aux-info declared.txt "-I$INSTALLED/include" \
            $(pkg-config --cflags glib-2.0) -x c -
    sed -n 's|.*include/dagrun/.* extern .*[ *]\(dag_[a-z0-9_]*\) (.*|\1|p' declared.txt | sort -u
}

exported()
{
    nm -D --defined-only "$LIBRARIES/$1" | sed 's/.* //' | sort
}

# Build with the flags of pkg-config for the packages, and run: build_and_run SOURCE PACKAGE...
build_and_run()
{
    local source=$1

    shift
    # shellcheck disable=SC2046 # one word per flag
    cc -std=c11 -Wall -Werror -O1 -o program "$source" $(pkg-config --cflags --libs "$@") -lm
    LD_LIBRARY_PATH=$LIBRARIES ./program
}

pi='pi = 3.141593
phase 1: left
phase 1: right
phase 2: sum'

@test "the libraries export exactly the functions that the headers declare" {
    is "$(exported libdagrun.so)" "$(cd "$INSTALLED/include/dagrun" && ls | grep -v -e tasks.h -e action.h -e requests.h |
        { cd "$OLDPWD"; mapfile -t headers; declared "${headers[@]}"; })"
    is "$(exported libdagrun-tasks.so)" \
        "$(declared action.h requests.h tasks.h | grep -E '^dag_(tasks|requests)_')"
    [[ $(exported libdagrun.so | wc -l) -gt 100 ]]
}

@test "every function in a header has a comment directly before it" {
    for header in "$INSTALLED"/include/dagrun/*.h; do
        awk -v header="${header##*/}" '
            /^[A-Za-z].*[ *]dag_[a-z0-9_]*\(/ && !/^(#|typedef|G_DEFINE)/ && before !~ /\*\/$/ {
                print header ": " $0
            }
            # The return type of an inline function is on a line of its own.
            !/^static inline/ { before = $0 }' "$header"
    done >undocumented.txt
    is "$(cat undocumented.txt)" ''
}

@test "the header documentation builds; every public declaration has a comment" {
    needs_program doxygen
    is "$("$source_dir/tools/api-docs" pages)" "$PWD/pages/html/index.html"
    has "$(cat pages/html/plan_8h.html)" 'Free a plan, not its graph; NULL is fine.'
    has "$(cat pages/html/index.html)" 'Embedding dagrun'
}

@test "each header compiles alone, as C and as C++" {
    needs_program g++
    cflags=$(pkg-config --cflags dagrun-tasks)
    for header in "$INSTALLED"/include/dagrun/*.h; do
        echo "#include <dagrun/${header##*/}>" >alone.c
        # shellcheck disable=SC2086 # one word per flag
        cc -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only $cflags alone.c
        # shellcheck disable=SC2086
        g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ $cflags alone.c
    done
}

@test "a program in C++ can call the library" {
    needs_plain_build
    needs_program g++
    cat >program.cc <<'END'
#include <dagrun/dagrun.h>
#include <cstdio>
int main() { std::puts(dag_strategies()[0]->name); }
END
    # shellcheck disable=SC2046
    g++ -o program program.cc $(pkg-config --cflags --libs dagrun)
    is "$(LD_LIBRARY_PATH=$LIBRARIES ./program)" phases
}

@test "examples/embed has fewer than 60 lines, builds with pkg-config, and runs" {
    needs_plain_build
    [[ $(wc -l <"$source_dir/examples/embed/pi.c") -lt 60 ]]
    is "$(build_and_run "$source_dir/examples/embed/pi.c" dagrun)" "$pi"
    has "$(sed 's/^    //' "$source_dir/examples/embed/README.md")" "$pi"
}

@test "examples/embed builds with CMake and runs" {
    needs_plain_build
    cmake -S "$source_dir/examples/embed" -B build -DCMAKE_PREFIX_PATH="$INSTALLED" >log
    cmake --build build >>log
    is "$(build/pi)" "$pi"
}

@test "an installation can be moved" {
    needs_plain_build
    cp -r "$INSTALLED" moved
    PKG_CONFIG_PATH=$PWD/moved/lib/pkgconfig LIBRARIES=$PWD/moved/lib
    [[ $(pkg-config --variable=libdir dagrun) -ef moved/lib ]]
    is "$(build_and_run "$source_dir/examples/embed/pi.c" dagrun)" "$pi"
    cmake -S "$source_dir/examples/embed" -B build -DCMAKE_PREFIX_PATH="$PWD/moved" >log
    has "$(grep dagrun_DIR build/CMakeCache.txt)" "$PWD/moved/lib/cmake/dagrun"
}

@test "a program with libdagrun-tasks runs a graph of programs" {
    needs_plain_build
    graph g.xml <<<'<task id="a"><exec>echo hello</exec></task>
        <task id="b"><shell stdin="a">tr a-z A-Z; test "${x-}" = 1</shell></task>'
    cat >program.c <<'END'
#include <dagrun/dagrun.h>
#include <dagrun/tasks.h>
#include <stdio.h>
static bool say(const char *bytes, uint64_t size, void *data)
{
    return fwrite(bytes, 1, size, data) == size;
}
static void notify(const DagEvent *event, void *data)
{
    if (event->transcript)
        dag_spool_read(event->transcript, say, data);
}
int main(void)
{
    g_autoptr(GError) error = NULL;
    DagLoadOptions load = {.kinds = dag_tasks_kinds()};
    g_autoptr(DagGraph) graph = dag_load_file("g.xml", &load, &error);
    g_assert_no_error(error);
    g_autoptr(DagPlan) plan = dag_plan_new(graph, DAG_PHASES_JUST_IN_TIME, NULL);
    DagObserver observer = {.notify = notify, .data = stdout};
    DagExecuteOptions options = {.observers = &observer, .n_observers = 1};
    g_autoptr(DagRun) run = dag_execute(plan, &options, &error);
    g_assert_no_error(error);
    printf("%zu failed\n", dag_run_count(run, DAG_FAILED));
}
END
    is "$(build_and_run program.c dagrun-tasks)" 'hello
HELLO
1 failed'
    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.24)
project(program LANGUAGES C)
find_package(dagrun 0.1 REQUIRED)
add_executable(program program.c)
target_link_libraries(program PRIVATE dagrun::tasks)
END
    cmake -B build -DCMAKE_PREFIX_PATH="$INSTALLED" >log
    cmake --build build >>log
    is "$(build/program | tail -n 1)" '1 failed'
}

@test "Python loads, plans and runs a graph through introspection" {
    needs_plain_build
    [[ -e $LIBRARIES/girepository-1.0 ]] || skip 'built without DAGRUN_INTROSPECTION'
    python=/usr/bin/python3 # Debian's own, which sees the packages of Debian
    "$python" -c 'import gi' || skip 'python3-gi is not installed'
    graph g.xml <<<'<param name="p" secret="true"/>
        <task id="b" needs="a"><shell>test "$p" = right</shell></task><task id="a"/>
        <task id="c" needs="b"/>'
    cat >program.py <<'END'
import gc, json, gi
gi.require_version("Dagrun", "0.1")
from gi.repository import Dagrun, GLib

graph = Dagrun.Graph.load("g.xml", {"p": "right"})
print(graph.get_name(), graph.get_tasks())
plan = Dagrun.Plan.new(graph, None)
print([plan.get_phase(i) for i in range(plan.get_n_phases())], json.loads(plan.to_json())["phase_rule"])
run = Dagrun.Run.new(plan, "dataflow", 2, False)
del graph, plan
gc.collect()
print(run.get_succeeded(), run.get_outcome("b"), run.get_outcome("d"), json.loads(run.to_json())["workers"])
run = Dagrun.Run.new(Dagrun.Plan.new(Dagrun.Graph.load(b"g.xml", {"p": "wrong"}), "asap"), None, 0, True)
print(run.get_succeeded(), run.get_outcome("b"), run.get_outcome("c"))
for wrong in (lambda: Dagrun.Graph.load("none.xml", None), lambda: Dagrun.Graph.load("g.xml", {"q": ""}),
              lambda: Dagrun.Graph.load("g.xml", {"p": None}),
              lambda: Dagrun.Plan.new(Dagrun.Graph.load("g.xml", {"p": ""}), "soon")):
    try:
        wrong()
    except GLib.Error as error:
        print(error.domain, error.message)
END
    is "$(GI_TYPELIB_PATH=$LIBRARIES/girepository-1.0 LD_LIBRARY_PATH=$LIBRARIES "$python" program.py)" \
        "g ['b', 'a', 'c']
[['a'], ['b'], ['c']] just-in-time
True succeeded None 2
False failed blocked
dag-error-quark none.xml: No such file or directory
dag-error-quark the graph has no parameter \"q\"
dag-error-quark parameter \"p\" is given no value
dag-error-quark no rule \"soon\""
}

@test "CMake rejects a library of another version" {
    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.24)
project(program LANGUAGES NONE)
find_package(dagrun 99.0 REQUIRED)
END
    run cmake -B build -DCMAKE_PREFIX_PATH="$INSTALLED"
    [[ $status -ne 0 ]]
    has "$output" 'with requested version "99.0"'
}

@test "the Debian packages, unpacked into an empty directory, are complete" {
    needs_plain_build
    needs_program dpkg-shlibdeps
    cpack --config "$(dirname "$DAGRUN")/CPackConfig.cmake" -B "$PWD/packages" >log 2>&1
    is "$(cd packages && ls ./*.deb | sed 's/_.*//' | xargs)" \
        './dagrun ./libdagrun-dev ./libdagrun-tasks0.1 ./libdagrun0.1'
    for package in packages/*.deb; do
        dpkg-deb -x "$package" root
        name=$(dpkg-deb -f "$package" Package)
        if [[ $name = dagrun ]] && ! ldd "$DAGRUN" | grep -q libglib; then # a static program contains its libraries
            lacks "$(dpkg-deb -f "$package" Depends)" libglib
            lacks "$(dpkg-deb -f "$package" Depends)" libxml
        else
            matches "$(dpkg-deb -f "$package" Depends)" 'libglib2.0'
        fi
        zcat "root/usr/share/doc/$name/changelog.gz" | cmp - "$source_dir/CHANGELOG.md"
        cmp "root/usr/share/doc/$name/copyright" "$source_dir/LICENSE"
    done
    matches "$(dpkg-deb -f packages/libdagrun-tasks*.deb Depends)" 'libdagrun0.1 \(= '
    for package in packages/dagrun_*.deb packages/libdagrun-tasks*.deb; do
        is "$(dpkg-deb -f "$package" Recommends)" libcurl4
    done

    graph g.xml <<<'<task id="a"><exec>echo hello</exec></task>'
    is "$(root/usr/bin/dagrun g.xml 2>/dev/null)" hello
    LIBRARIES=$PWD/root/usr/lib PKG_CONFIG_PATH=$PWD/root/usr/lib/pkgconfig
    is "$(build_and_run "$source_dir/examples/embed/pi.c" dagrun)" "$pi"
}
