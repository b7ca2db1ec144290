#!/usr/bin/env bats
# Look-ups of names: how many there are at once, and that no end waits for one.  DAGRUN_SLOW_NAMES is the
# library that delays them (tests/support/slow-names.c).

load helpers

setup_file()
{
    [[ -e ${DAGRUN_SLOW_NAMES-} ]] || { echo "DAGRUN_SLOW_NAMES must be the library: \"${DAGRUN_SLOW_NAMES-}\""; return 1; }
}

serve()
{
    mkfifo control
    python3 "$source_dir/tests/support/http-server.py" log <control >port 3>&- &
    exec 8>control
    wait_until exists port
    base=http://host.test:$(<port)
}

# Start dagrun with slow names, in the background: start_slowly WORD...
start_slowly()
{
    env -u http_proxy -u HTTP_PROXY -u all_proxy -u ALL_PROXY --default-signal=INT \
        ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" LD_PRELOAD="$DAGRUN_SLOW_NAMES" \
        NAMES_LOG="$PWD/names" NAMES_WAIT="$PWD/wait" "$DAGRUN" "$@" >out 2>err 3>&- 8>&- &
    pid=$!
}

# There are so many look-ups.
has_names()
{
    [[ -e names ]] && (($(wc -l <names) >= $1))
}

teardown()
{
    exec 8>&-
}

@test "the first request to a host looks up its name, and then the others go together" {
    serve
    { for i in {1..20}; do echo "<task id='t$i'><http url='$base/wait/300/text/x'/></task>"; done; } | graph g.xml
    : >wait
    start_slowly g.xml
    wait_until has_names 1
    rm wait
    ends_with 0
    is "$(<names)" host.test
    is "$(json .connection log | sort -u | wc -l)" 20
}

@test "where a name is not found, the next request looks it up, and then twice as many" {
    serve
    { for i in {1..6}; do echo "<task id='t$i'><http url='$base/text/x'/></task>"; done; } | graph g.xml
    NAMES_FAIL=1 start_slowly -k --timings r.json g.xml
    ends_with 1
    is "$(json '[.tasks[] | select(.outcome == "failed") | .requests[].failure] | join(" ")' r.json)" name
    is "$(json '[.tasks[] | select(.outcome == "succeeded")] | length' r.json)" 5
    # The second one may have found it before the third has begun to look.
    matches "$(sort names | uniq -c | xargs)" '^[23] host\.test$'
    rm names
    NAMES_FAIL=6 start_slowly -k --timings r.json g.xml
    ends_with 1
    is "$(json '[.tasks[] | select(.outcome == "failed")] | length' r.json)" 6
    is "$(wc -l <names)" 6
}

@test "an interrupted run does not wait for names" {
    { for i in {1..30}; do echo "<task id='t$i'><http url='http://h$i.test/'/></task>"; done; } | graph g.xml
    : >wait
    start_slowly --timings r.json g.xml
    wait_until has_names 30
    local before=$EPOCHREALTIME

    kill -INT "$pid"
    kill -INT "$pid"
    ends_with 130
    local ms=$(((${EPOCHREALTIME/./} - ${before/./}) / 1000))

    echo "$ms ms"
    ((ms < 2000)) # without the reports of a busy machine: 20
    is "$(json '[.tasks[].outcome] | unique | join(" ")' r.json)" cancelled
    rm wait
}

@test "a time limit does not wait for a name, and the queue behind it goes on" {
    { for i in {1..3}; do echo "<task id='t$i' timeout='100ms'><http url='http://h.test/'/></task>"; done; } | graph g.xml
    : >wait
    start_slowly -k --timings r.json g.xml
    ends_with 1
    is "$(outcomes r.json)" 't1:timed-out t2:timed-out t3:timed-out'
    rm wait
}
