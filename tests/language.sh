#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the language of comments in C files and of documents (docs/style.md).  Prints TAP.
# Usage: language.sh SOURCE_DIRECTORY [DIRECTORY…]
# shellcheck disable=SC2016 # awk programs
set -eu
cd "$1"
shift
n=0
failed=0

# Directories that are checked by default.
[ $# -gt 0 ] || set -- scheduler tasks tools bench introspection examples tests

# Words that hide the subject of a sentence.  nng, samurai, libuv and ninja have up to 13 per
# 10 000 words of comments.
words='what|who|whoever|whatever|whose|whom|nobody|somebody|anybody'
limit=15
openings='What|Who|Whoever|Whatever|Whose|Whom|Of which|Of what|Lets|Nobody|Somebody'

# point NAME FOUND: ok if FOUND is empty
point() {
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        failed=1
        echo "not ok $n - $1"
        echo "$2" | cut -c 1-120 | sed 's/^/#   /'
    fi
}

# comments DIRECTORY: each comment there on one line, FILE:LINE: TEXT
comments() {
    find "$1" -name '*.[ch]' | sort | xargs -r awk '
        function finish() {
            gsub(/[ \t]+/, " ", text)
            sub(/^[ *]+/, "", text)
            if (text !~ /^(SPDX|NOLINT|clang-format)/)
                print FILENAME ":" line ": " text
            text = ""
        }
        FNR == 1 { inside = 0; text = "" }
        {
            rest = $0
            while (1) {
                if (!inside) {
                    start = index(rest, "/*")
                    if (!start)
                        break
                    rest = substr(rest, start + 2)
                    inside = 1
                    line = FNR
                }
                end = index(rest, "*/")
                part = end ? substr(rest, 1, end - 1) : rest
                sub(/^[ \t]*\*/, "", part)
                text = text " " part
                if (!end)
                    break
                rest = substr(rest, end + 2)
                inside = 0
                finish()
            }
        }'
}

# rate: how many of 10 000 words of the comments on standard input are among `words`
rate() {
    cut -d ' ' -f 2- | tr -cs "A-Za-z'" '\n' | awk -v words="^($words)\$" '
        NF { n++ }
        tolower($0) ~ words { found++ }
        END { printf "%d", n ? found * 10000 / n + 0.5 : 0 }'
}

for directory in "$@"; do
    all=$(comments "$directory")
    point "$directory: comments begin with a subject or an imperative" \
        "$(echo "$all" | grep -E "^[^:]*:[0-9]*: ($openings)\>" || true)"
    rate=$(echo "$all" | rate)
    found=
    [ "$rate" -le $limit ] || found=$(echo "$all" | grep -iwE "$words")
    point "$directory: $rate of 10 000 words hide the subject (at most $limit)" "$found"
done

# In prose, object clauses ("what it needs") are ordinary.  style.md quotes examples.
prose_limit=35
for document in README.md CONTRIBUTING.md bench/README.md docs/*.md docs/dagrun.1; do
    [ "$document" != docs/style.md ] || continue
    rate=$(sed 's/^/: /' "$document" | rate)
    found=
    [ "$rate" -le $prose_limit ] || found=$(grep -inwE "$words" "$document")
    point "$document: $rate of 10 000 words hide the subject (at most $prose_limit)" "$found"
done

point 'names of bats tests begin with a subject' \
    "$(grep -niE "^@test \"($openings)\>" tests/cli/*.bats || true)"

echo "1..$n"
exit $failed
