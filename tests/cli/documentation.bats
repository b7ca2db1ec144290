#!/usr/bin/env bats
# A reader who copies an example of the documentation can run it: every XML example is run, and every
# command line is run or known.  Stand-ins replace only the programs and files that an example in
# docs/ names without showing them; the examples of README.md need none.

load helpers

longest=20 # seconds that an example may take; the examples take far less than one

documents()
{
    (cd "$source_dir" && ls README.md docs/*.md examples/*/README.md)
}

# Write the XML examples of a document to NAME-N.xml, the fragments among them within a graph.
extract_graphs()
{
    awk -v name="$2" '
        /^```xml/ { file = name "-" ++n ".xml"; next }
        /^```/ { file = "" }
        file { print >file }' "$source_dir/$1"
    for file in "$2"-*.xml; do
        grep -q -e '<graph' -e '<tasks' "$file" || graph "$file" <<<"$(cat "$file")"
    done
}

# Print the commands of a document: indented lines and code within a line.  A line that ends in "\"
# goes on.
commands_of()
{
    local programs='([A-Z]+=[^ ]+ )?(build/release/)?dagrun|tools/[a-z-]+|bench/run|cmake|xmllint'

    sed -e ':next' -e '/\\$/{N;s/\\\n *//;b next' -e '}' "$source_dir/$1" |
        awk '/^```/ { fenced = !fenced } !fenced' |
        grep -oE -e "^    (\\$ )?($programs)( .*|\$)" -e "\`($programs)( [^\`]*)?\`" |
        sed -e 's/^    \(\$ \)\{0,1\}//' -e 's/^`\(.*\)`$/\1/' -e 's/  *# .*//'
}

# Make the directory in which the commands of a document are run.
make_directory_of()
{
    mkdir -p build/release
    ln -s "$DAGRUN" build/release/dagrun
    cp -R "$source_dir/examples" .
    rm -rf examples/*/output
    cp "$source_dir/README.md" .
    case $1 in
    README.md)
        extract_graphs README.md example
        mv example-1.xml words.xml
        mv example-2.xml site.xml
        ;;
    docs/*)
        extract_graphs README.md example
        mv example-1.xml graph.xml
        cp graph.xml words.xml
        cp README.md letter.txt
        sed -i 's/id="total"/id="compare"/; s/{total}/{compare}/' graph.xml
        extract_graphs docs/explain.md build
        mv build-1.xml build.xml
        "$DAGRUN" -q build.xml --timings run.json
        ;;
    examples/resume/*) cd examples/resume || return 1 ;;
    esac
    PATH=$PWD/stand-ins:$PATH
    mkdir -p stand-ins
    ln -s "$DAGRUN" stand-ins/dagrun
}

# Check one command line: run it if it is dagrun's, else check that what it names is there.
check_command()
{
    case $1 in
    *' GRAPH'* | *'[GRAPH'* | *'…'* | *' COMMAND'* | *' NAME'* | *' RULE'* | *' TASK'* | *'(generate)'*) ;; # a pattern
    *--set\ pdf=true*) ;; # needs TeX; examples.bats runs it
    *resume-llm.xml*) ;;  # needs a language model; chat.bats runs it with a service of its own
    *dagrun\ *.xml* | *dagrun\ *' > '* | 'dagrun list strategies' | xmllint\ *) run_command "$1" ;;
    *dagrun | *dagrun\ *) ;; # the name of a command, maybe with its meaning
    tools/* | bench/*)
        [[ -x $source_dir/${1%% *} ]] || { echo "no such script: $1"; return 1; }
        ;;
    cmake\ --preset\ *) has "$(cat "$source_dir/CMakePresets.json")" '"release"' ;;
    cmake | cmake\ --install\ * | 'cmake -B build '* | cmake\ -D*) ;; # install.bats and library.bats
    *)
        echo "neither run nor known: $1"
        return 1
        ;;
    esac
}

run_command()
{
    echo "$1" >>"$BATS_TEST_TMPDIR/ran"
    run timeout "$longest" bash -c "set -o pipefail; $1"
    [[ $status -eq 0 ]] || { printf '%s\nstatus %s: %s\n' "$1" "$status" "$output"; return 1; }
}

check_commands()
{
    make_directory_of "$1"
    commands_of "$1" >commands
    while IFS= read -r line <&4; do
        check_command "$line"
    done 4<commands
}

@test "the graphs of README.md run as they are" {
    cp "$source_dir/README.md" .
    extract_graphs README.md example
    run -0 timeout "$longest" "$DAGRUN" example-1.xml
    has "$output" ' words; the most frequent:'
    TOKEN=s3cret run -0 --separate-stderr timeout "$longest" "$DAGRUN" example-2.xml --set-env token=TOKEN
    is "$output" 'fetched with the token ***'
    has "$stderr" 'fetch  attempt 1 failed: exit status 1'
    has "$stderr" '(allowed)'
    is "$(echo *)" 'README.md example-1.xml example-2.xml'
}

@test "README.md's example of an error" {
    extract_graphs README.md example
    sed '/id="letters"/,/<.task>/s/stdin="words"/stdin="word"/' example-1.xml >words.xml
    complains 3 "$(sed -n 's/^    \(words.xml:.*error: task.*\)/\1/p' "$source_dir/README.md")" \
        check words.xml
}

@test "README.md's options and commands exist" {
    options=$(sed -n '/^## Options/,/^## More/p' "$source_dir/README.md" |
        grep -E '^    -' | grep -oE -e '(^ *|, )--?[a-z-]+' | tr -d ', ')
    [[ $(wc -w <<<"$options") -gt 8 ]]
    for option in $options; do
        matches "$(dagrun run --help)" "[ ,]$option[ =,]"
    done
}

@test "the graphs of docs/format.md and docs/life-of-a-task.md run" {
    mkdir -p common old new
    echo 'some words of a book' >book.txt
    rmdir old new
    echo 1 >old
    echo 2 >new
    for program in build test deploy lint make-plan stop-server train common/lint; do
        printf '#!/bin/sh\nexit 0\n' >"$program"
        chmod +x "$program"
    done
    mkdir stand-ins
    cp lint stand-ins/curl
    cp lint stand-ins/gpg
    PATH=$PWD/stand-ins:$PATH
    extract_graphs docs/format.md format
    extract_graphs docs/life-of-a-task.md life
    for file in format-*.xml life-*.xml; do
        if grep -q '<tasks' "$file"; then
            continue # the next one includes it
        fi
        values=()
        ! grep -q 'xi:include' "$file" || cp "format-$((${file//[!0-9]/} + 1)).xml" common/lint.xml
        ! grep -q 'name="token"' "$file" || values=(--set-env token=HOME)
        if grep -qE '\{url\}|\$url' "$file"; then
            sed -i 's|^</graph>|<param name="url" default="https://example.org/"/>&|' "$file"
        fi
        if grep -q 'stdin="words"' "$file" && ! grep -q 'id="words"' "$file"; then
            sed -i 's|^</graph>|<task id="words"><exec>cat book.txt</exec></task>&|' "$file"
        fi
        if grep -q 'terminal=' "$file"; then
            # A person answers.
            run timeout "$longest" script -qec "'$DAGRUN' $file" /dev/null <<<y
        else
            run timeout "$longest" "$DAGRUN" "$file" "${values[@]}"
        fi
        [[ $status -eq 0 ]] || { printf '%s\n%s\n' "$file" "$output"; cat "$file"; return 1; }
        n=$((${n-0} + 1))
    done
    [[ $n -ge 9 ]]
}

@test "the clean-up of docs/format.md that sends a message does so only after a failure" {
    extract_graphs docs/format.md format
    cp "$(grep -l 'mail -s' format-*.xml)" g.xml
    mkdir stand-ins
    printf '#!/bin/sh\nexit 0\n' >build
    cp build test
    printf '#!/bin/sh\n{ echo "$@"; cat; } > sent\n' >stand-ins/mail
    chmod +x build test stand-ins/mail
    PATH=$PWD/stand-ins:$PATH
    dagrun_exits 0 g.xml
    [[ ! -e sent ]]
    sed -i 's/exit 0/false/' build
    dagrun_exits 1 g.xml
    is "$(cat sent)" '-s the run: failed team@example.org
failed: build
tests: blocked'
}

@test "the command lines of README.md" {
    check_commands README.md
    [[ $(wc -l <"$BATS_TEST_TMPDIR/ran") -ge 7 ]]
}

@test "the command lines of the other documents" {
    here=$PWD
    for document in $(documents); do
        [[ $document != README.md ]] || continue
        mkdir "$here/${document//\//-}"
        cd "$here/${document//\//-}"
        check_commands "$document"
    done
    [[ $(wc -l <"$BATS_TEST_TMPDIR/ran") -ge 5 ]]
}

@test "the examples of the manual" {
    needs_program jq
    needs_program dot
    make_directory_of docs/dagrun.1
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/s/^\.Dl //p' "$source_dir/docs/dagrun.1" >commands
    [[ $(wc -l <commands) -ge 6 ]]
    while IFS= read -r line <&4; do
        check_command "$line"
    done 4<commands
    is "$(cat "$BATS_TEST_TMPDIR/ran")" "$(cat commands)"
}
