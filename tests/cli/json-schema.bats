#!/usr/bin/env bats
# Our checker of JSON Schemas (tasks/network) against python3-jsonschema.

load helpers

@test "random schemas and values: jsonschema has the same verdicts" {
    local python=/usr/bin/python3 n_valid n_invalid # Debian's own, which sees the packages of Debian

    "$python" -c 'import jsonschema' || skip 'python3-jsonschema is not installed'
    run "$python" "$source_dir/tests/support/schema-judge.py" "$DAGRUN_SCHEMA_VERDICTS" 600
    is "$status" 0 || { echo "$output"; return 1; }
    read -r n_valid n_invalid <<<"$output"
    # Neither verdict is rare, so that an error of either kind would be found.
    ((n_valid >= 150 && n_invalid >= 150)) || { echo "$output"; return 1; }
}
