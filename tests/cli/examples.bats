#!/usr/bin/env bats
# Every example runs, in a copy of its directory.

load helpers

# Copy the examples, without files left by earlier runs, and go there.
copy_examples()
{
    cp -R "$source_dir/examples" examples
    cd examples || return 1
    rm -rf resume/output pipeline/output c-program/output
}

@test "hello" {
    copy_examples
    dagrun_exits 0 hello.xml
    has "$output" 'Hello, world!'
    dagrun_exits 0 hello.xml --set who='a b'
    has "$output" 'Hello, a b!'
}

@test "diamond, with and without phases" {
    copy_examples
    dagrun_exits 0 diamond.xml --json
    is "$(json '.makespan_seconds >= 1.0' <<<"$output")" true
    dagrun_exits 0 diamond.xml --json --strategy critical-path
    is "$(json '.makespan_seconds >= 0.7' <<<"$output")" true
    is "$(dagrun plan diamond.xml --json | json .critical_path_seconds)" 0.7
}

@test "c-program builds a program that works" {
    needs_program cc
    copy_examples
    dagrun_exits 0 c-program/c-program.xml
    has "$output" 'output/count passes its test'
    cmp c-program/output/result.txt c-program/test/expected.txt
}

@test "c-program reports a compiler error" {
    needs_program cc
    copy_examples
    echo 'int main(void) { return undeclared; }' >c-program/main.c
    dagrun_exits 1 -q c-program/c-program.xml
    has "$stderr" "main  failed: exit status 1"
    has "$stderr" "'undeclared'" || has "$stderr" '‘undeclared’'
}

@test "pipeline" {
    copy_examples
    dagrun_exits 0 pipeline/pipeline.xml
    matches "$(head -n 1 pipeline/output/report.txt)" '^[0-9]+ orders$'
    for strategy in $(dagrun list strategies --names); do
        mv pipeline/output/report.txt before
        dagrun_exits 0 -q -j4 pipeline/pipeline.xml --strategy "$strategy"
        cmp before pipeline/output/report.txt
    done
}

@test "resume: writes an application" {
    needs_program xsltproc
    copy_examples
    dagrun_exits 0 resume/resume.xml
    for file in resume.txt resume.html cover-letter.txt ats-report.txt privacy-report.txt timings.json; do
        [[ -s resume/output/$file ]]
    done
    has "$(cat resume/output/resume.txt)" 'Noémie Abadie'
    is "$(json '[.succeeded,.fast_mode,.enable_ats,.enable_privacy]' resume/output/timings.json)" \
        '[true,false,true,true]'
}

@test "resume: results go to the given directory and do not depend on the strategy" {
    needs_program xsltproc
    copy_examples
    dagrun_exits 0 -q resume/resume.xml --set output=first --set date='1 March 2026'
    [[ ! -e resume/output ]]
    for strategy in $(dagrun list strategies --names); do
        dagrun_exits 0 -q -j3 resume/resume.xml --set output=other --set date='1 March 2026' \
            --strategy "$strategy"
        diff -r -x timings.json first other
    done
}

@test "resume: another posting, given by a path with a space" {
    needs_program xsltproc
    copy_examples
    sed 's/Senior Backend Engineer, Booking Platform/Gardener/' resume/job.txt >'my job.txt'
    dagrun_exits 0 -q resume/resume.xml --set 'job=my job.txt'
    has "$(cat resume/output/cover-letter.txt)" Gardener
}

@test "resume: a missing profile" {
    needs_program xsltproc
    copy_examples
    dagrun_exits 1 -q resume/resume.xml --set profile=none.xml
    has "$stderr" none.xml
}

@test "resume: pdf" {
    needs_program xsltproc
    needs_program pdflatex
    copy_examples
    dagrun_exits 0 -q resume/resume.xml --set pdf=true
    is "$(head -c 5 resume/output/resume.pdf)" '%PDF-'
    is "$(head -c 5 resume/output/cover-letter.pdf)" '%PDF-'
}

@test "resume: pdf without pdflatex gives a clear error" {
    needs_program xsltproc
    copy_examples
    mkdir bin
    IFS=: read -ra directories <<<"$PATH"
    for ((i = ${#directories[@]} - 1; i >= 0; i--)); do
        ln -sf "${directories[i]}"/* bin/ 2>/dev/null || true
    done
    rm -f bin/*latex*
    PATH=$PWD/bin dagrun_exits 1 -q resume/resume.xml --set pdf=true
    has "$stderr" 'compile_pdf  failed'
    has "$stderr" 'pdflatex'
    [[ -s resume/output/resume.tex && -s resume/output/resume.txt ]]
}

@test "all examples are valid and pass a dry run" {
    for file in "$source_dir"/examples/*.xml "$source_dir"/examples/*/*.xml; do
        grep -q urn:dagrun:graph:1 "$file" || continue
        dagrun_exits 0 check "$file"
        dagrun_exits 0 -n "$file"
    done
}

@test "every example except resume has fewer than 30 lines" {
    for file in hello.xml diamond.xml api-pipeline.xml c-program/c-program.xml pipeline/pipeline.xml; do
        n=$(sed '/^<?xml/d; /<!--/,/-->/d; /^ *$/d' "$source_dir/examples/$file" | wc -l)
        [[ $n -lt 30 ]]
    done
}
