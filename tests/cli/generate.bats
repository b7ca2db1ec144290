#!/usr/bin/env bats
# dagrun generate: options, messages, and that what it writes is valid.

load helpers

@test "a graph of every shape is valid, also for an independent reader of the schema" {
    for shape in $(dagrun generate --help | sed -n '/^Shapes:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
        kinds=(noop sleep spin)
        dagrun generate "$shape" --tasks 12 --costs log-normal --kind "${kinds[n++ % 3]}" -o "$shape.xml"
    done
    [[ $n -ge 12 ]]
    dagrun_exits 0 check ./*.xml
    is "$output" ''
    needs_program xmllint
    dagrun schema >dagrun.xsd
    xmllint --noout --schema dagrun.xsd ./*.xml 2>errors || { cat errors; false; }
}

@test "the graph goes to standard output, or to a file" {
    dagrun_exits 0 generate fork-join --tasks 4
    is "$output" '<?xml version="1.0" encoding="UTF-8"?>
<graph xmlns="urn:dagrun:graph:1" name="fork-join-4"
       title="fork-join: tasks 4, width 2, costs constant, mean 1, seed 0">
<task id="t1" cost="1"/>
<task id="t2" needs="t1" cost="1"/>
<task id="t3" needs="t1" cost="1"/>
<task id="t4" needs="t2 t3" cost="1"/>
</graph>'
    dagrun generate fork-join --tasks 4 -o graph.xml
    is "$(<graph.xml)" "$output"
    dagrun_exits 0 graph.xml
    complains 4 'dagrun: cannot write "none/graph.xml": No such file or directory' \
        generate chain -o none/graph.xml
}

@test "a shape that has no such size says so" {
    dagrun_exits 0 generate fft --tasks 10
    is "$stderr" 'dagrun: note: fft has 12 tasks, the number nearest to 10'
    is "$(grep -c '<task' <<<"$output")" 12
    dagrun_exits 0 generate fft --tasks 12
    is "$stderr" ''
}

@test "wrong words" {
    complains 2 'dagrun: no shape given; see dagrun generate --help' generate
    complains 2 'dagrun: there is no shape "chian"; did you mean "chain"?' generate chian
    complains 2 'dagrun: generate takes one shape; "tree" is another word' generate chain tree
    complains 2 'dagrun: --tasks takes a whole number from 1 to 4000000, not "0"' generate chain --tasks 0
    complains 2 'dagrun: --seed takes a whole number, not "x"' generate chain --seed x
    complains 2 'dagrun: --width takes a whole number from 1 to 1000000, not "-1"' generate stencil --width -1
    complains 2 'dagrun: --degree takes a whole number from 1 to 100, not "101"' generate tree --degree 101
    complains 2 'dagrun: --mean takes seconds from 0.000001 to 1000000, not "1s"' generate chain --mean 1s
    complains 2 'dagrun: --costs takes constant, uniform, log-normal, not "normal"' generate chain --costs normal
    complains 2 'dagrun: --kind takes noop, sleep, spin, not "exec"' generate chain --kind exec
    complains 2 'dagrun: --width has no effect on the shape chain' generate chain --width 3
    complains 2 'dagrun: --width has no effect on the shape fft' generate fft --width 3
    complains 2 'dagrun: --degree has no effect on the shape wavefront' generate wavefront --degree 3
}

@test "a graph that no file may hold is refused" {
    complains 2 'dagrun: 1000000 tasks with --degree 100 may exceed 512 MiB, the largest graph that dagrun reads' \
        generate samepred --tasks 1000000 --degree 100
}
