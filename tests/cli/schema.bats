#!/usr/bin/env bats
# dagrun schema, checked by an independent validator.

load helpers

@test "the printed schema is the one in schemas/" {
    "$DAGRUN" schema >dagrun.xsd
    cmp dagrun.xsd "$source_dir/schemas/dagrun.xsd"
}

@test "xmllint accepts the examples with it" {
    needs_program xmllint
    "$DAGRUN" schema >dagrun.xsd
    for file in "$source_dir"/examples/*.xml "$source_dir"/examples/*/*.xml; do
        grep -q urn:dagrun:graph:1 "$file" || continue
        xmllint --nonet --xinclude --noout --schema dagrun.xsd "$file"
        n=$((${n-0} + 1))
    done
    [[ $n -ge 5 ]]
}

@test "xmllint rejects graphs with it that dagrun rejects" {
    needs_program xmllint
    "$DAGRUN" schema >dagrun.xsd
    for bad in '<tsk id="a"/>' '<task/>' '<task id="1"/>' '<task id="a"/><task id="a"/>' \
        '<task id="a"><sleep duration="5"/></task>' '<param name="p" type="bool"/>'; do
        graph g.xml <<<"$bad"
        dagrun_exits 3 check g.xml
        run -3 xmllint --nonet --noout --schema dagrun.xsd g.xml
    done
}

@test "the catalog maps the namespace to the schema" {
    needs_program xmlcatalog
    for name in urn:dagrun:graph:1 urn:dagrun:schema:graph:1; do
        file=$(xmlcatalog "$source_dir/schemas/catalog.xml" "$name" | tail -n 1)
        file=${file#file://}
        [[ $file -ef $source_dir/schemas/dagrun.xsd ]]
    done
}
