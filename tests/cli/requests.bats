#!/usr/bin/env bats
# Requests that are recorded in a file, and answered from it without a server.

load helpers
load servers

setup()
{
    chat_setup --log requests
    : >requests
}

# The requests of a run, by task: status and failure.
request_ends()
{
    json '[.tasks[] | select(.requests) | .id + ":" + (.requests | map(.failure // (.status | tostring)) | join(","))] | join(" ")' "$1"
}

@test "a replay needs no server and no key, and repeats answers, repairs and retries" {
    graph g.xml <<END
      <param name="token" secret="true"/>
      <service name="ai" url="$base" key="\${token}" price-input="2"/>
      <task id="plain"><chat service="ai" model="upper" cache="forever"><user>hello</user></chat></task>
      <task id="repaired"><chat service="ai" model="r,invalid,times=1"><user>\${plain}</user>
        <result type="json" schema="s.json" repair="1"/></chat></task>
      <task id="tried" retries="2" retry-delay="1ms"><chat service="ai" model="echo,status=500,times=1"><user>x</user></chat></task>
      <task id="waited"><chat service="ai" model="echo,status=429,retry-after=0.3,times=1"><user>y</user></chat></task>
      <task id="cut" retries="0" allow-failure="true"><chat service="ai" model="echo,cut=1"><user>a b c</user></chat></task>
      <task id="lost" allow-failure="true" retries="0"><http url="http://127.0.0.1:1/"/></task>
END
    echo '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}' >s.json
    echo s3cret-key >key
    dagrun_exits 0 g.xml --set-file token=key --record-requests rec --timings r.json
    first=$output
    # Nothing was taken from the cache, and nothing kept.
    [[ ! -e cache ]]
    is "$(stat -c %a rec)" 600
    lacks "$(<rec)" s3cret
    is "$(head -1 rec)" '{"dagrun_requests":1}'
    is "$(tail -n +2 rec | json '[.method, .failure // .status] | join(" ")' | sort | uniq -c | xargs)" \
        '1 GET connect 5 POST 200 1 POST cut 2 POST status'
    end_chat
    dagrun_exits 0 g.xml --replay-requests rec --timings replayed.json
    is "$(sort <<<"$output")" "$(sort <<<"$first")"
    is "$(request_ends replayed.json)" "$(request_ends r.json)"
    is "$(outcomes replayed.json)" "$(outcomes r.json)"
    is "$(json '[.tasks[] | .usage, .reason]' replayed.json)" "$(json '[.tasks[] | .usage, .reason]' r.json)"
    # No time is waited for.
    is "$(json '.network.throttled_seconds >= 0.3' r.json)" true
    is "$(json '.network.throttled_seconds' replayed.json)" 0
}

@test "a replay waits no longer than the run did until it gave up" {
    serve_pages
    graph g.xml <<END
      <service name="s" url="$pages" patience="20ms"/> <task id="a"><http service="s" url="status/429"/></task>
END
    dagrun_exits 1 g.xml --record-requests rec --timings r.json
    is "$(request_ends r.json)" 'a:throttled,throttled,throttled,throttled,throttled,throttled'
    exec 8>&-
    dagrun_exits 1 g.xml --replay-requests rec --timings replayed.json
    is "$(request_ends replayed.json)" "$(request_ends r.json)"
    is "$(json '.tasks[0].reason' replayed.json)" "$(json '.tasks[0].reason' r.json)"
    is "$(json '.network.throttled_seconds' replayed.json)" 0
}

@test "a replay opens no socket and loads no libcurl" {
    needs_program strace
    graph g.xml <<END
      <task id="a"><chat service="ai" model="upper"><user>hello</user></chat></task>
      <service name="ai" url="$base"/>
END
    dagrun_exits 0 g.xml --record-requests rec
    export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 # LeakSanitizer traces, too
    strace -f -e trace=socket,connect,openat -o trace "$DAGRUN" g.xml --replay-requests rec >out 2>err
    is "$(<out)" HELLO
    lacks "$(<trace)" 'socket('
    lacks "$(<trace)" libcurl
    is "$(wc -l <requests)" 1
}

@test "secrets are masked in every shape, and a redirect, a saved file and bytes are replayed" {
    serve_pages
    graph g.xml <<END
      <param name="token" secret="true"/>
      <service name="s" url="$pages" user="me" password="\${token}"/>
      <task id="echo"><http service="s" url="echo"><query name="q" value="\${token}"/><header name="X-T" value="\${token}"/>
        <body type="json">{"t": "\${token}"}</body></http></task>
      <task id="plain"><http url="$pages/echo"><body type="json">{"t": "\${token}"}</body></http></task>
      <task id="twice"><http url="$pages/echo"><body type="json">{"inner": "\${plain}"}</body></http></task>
      <task id="xml"><http url="$pages/echo"><body type="xml">&lt;t a="\${token}"/></body></http></task>
      <task id="moved"><http url="$pages/redirect/302/$pages/text/there"/></task>
      <task id="saved"><http url="$pages/chunks/70000" save="file"/></task>
      <task id="bytes"><http url="$pages/bomb/9"/></task>
      <task id="once"><http url="$pages/text/x" method="POST" idempotency-key="auto"><part name="p" value="v"/></http></task>
END
    printf 's3"cr<t/key' >key
    dagrun_exits 0 g.xml --set-file token=key --record-requests rec -q
    encoded=$(printf 'me:s3"cr<t/key' | base64)
    for shape in 's3.*cr.*t/key' 's3%22cr%3Ct%2Fkey' "$encoded"; do
        is "$(grep -o -- "$shape" rec)" ""
    done
    is "$(tail -n +2 rec | json 'select(.url | contains("echo?")) | [.url, .headers[0], .headers[1], .body] | join(" ")')" \
        "$pages/echo?q=*** X-T: *** Authorization: Basic *** {\"t\": \"***\"}"
    is "$(tail -n +2 rec | json 'select(.url | contains("bomb")) | .answer_body_base64')" "$(head -c 9 /dev/zero | base64)"
    sum=$(sha256sum file)
    rm file
    exec 8>&-
    dagrun_exits 0 g.xml --replay-requests rec -q --timings replayed.json
    is "$(request_ends replayed.json)" 'echo:200 plain:200 twice:200 xml:200 moved:302,200 saved:200 bytes:200 once:200'
    is "$(sha256sum file)" "$sum"
}

@test "a secret that a streamed answer repeats in pieces is masked, and replayed so" {
    graph g.xml <<END
      <param name="pw" secret="true"/>
      <service name="ai" url="$base"/>
      <task id="a"><chat service="ai" model="echo"><user>repeat: \${pw} and more</user></chat></task>
END
    export PW='alpha beta gamma omega'
    dagrun_exits 0 g.xml --set-env pw=PW --record-requests rec
    is "$output" 'repeat: *** and more'
    has "$(<rec)" 'data: [DONE]'
    for word in alpha beta gamma omega; do
        lacks "$(<rec)" "$word"
    done
    end_chat
    dagrun_exits 0 g.xml --replay-requests rec
    is "$output" 'repeat: *** and more'
}

@test "a request that was not recorded shows its first difference to the nearest one" {
    ask()
    {
        graph g.xml <<END
          <service name="ai" url="$base"/>
          <task id="a"><chat service="ai" model="echo"><user>$1</user></chat></task> ${2-}
END
    }
    ask 'the quick brown fox jumps over the lazy dog'
    dagrun_exits 0 g.xml --record-requests rec
    end_chat
    ask 'the quick brown fox jumped over the lazy dog'
    dagrun_exits 1 g.xml --replay-requests rec --timings replayed.json
    has "$(json '.tasks[0].reason' replayed.json)" 'it is not in rec; the nearest one, in line 2, differs in byte 79 of the body: "…the quick brown fox jumps over'
    matches "$(json '.tasks[0].reason' replayed.json)" 'jumps over.* there, "…the quick brown fox jumped over.* here$'
    is "$(request_ends replayed.json)" 'a:not-recorded'
    # No further attempt follows.
    is "$(json '.tasks[0].attempts // [1] | length' replayed.json)" 1
    ask 'the quick brown fox jumps over the lazy dog' "<task id='b' needs='a'><chat service='ai' model='echo'><user>the quick brown fox jumps over the lazy dog</user></chat></task>"
    dagrun_exits 1 g.xml --replay-requests rec --timings replayed.json
    is "$(outcomes replayed.json)" 'a:succeeded b:failed'
    has "$(json '.tasks[1].reason' replayed.json)" 'it was sent more often than in rec, whose answers to it are used up'
    graph g.xml <<<'<task id="a"><http url="http://localhost/x"/></task>'
    dagrun_exits 1 g.xml --replay-requests rec --timings replayed.json
    has "$(json '.tasks[0].reason' replayed.json)" 'differs in its URL: "POST http://127'
    head -1 rec >empty
    dagrun_exits 1 g.xml --replay-requests empty --timings replayed.json
    has "$(json '.tasks[0].reason' replayed.json)" 'it is not in empty, which has no request'
}

@test "equal requests are answered in the order in which they were recorded" {
    serve_pages
    for i in 1 2 3; do
        echo "<task id='t$i' expect='200-599' needs='$before'><http url='$pages/flaky/2/500'/></task>"
        before=t$i
    done | graph g.xml
    dagrun_exits 0 g.xml --record-requests rec
    is "$(xargs <<<"$output")" 'try 1 try 2 try 3'
    exec 8>&-
    dagrun_exits 0 g.xml --replay-requests rec
    is "$(xargs <<<"$output")" 'try 1 try 2 try 3'
}

@test "a recording may go through a pipe, and have a header that is not UTF-8" {
    serve_pages
    graph g.xml <<END
      <task id="byte"><shell>printf 'a\\377b'</shell></task>
      <task id="a"><http url="$pages/chunks/200000"><header name="X-Byte" value="\${byte}"/></http></task>
END
    mkfifo pipe
    exec 7<>pipe
    { sleep 0.2; head -n 2 <&7 >rec; } 3>&- 8>&- &
    dagrun_exits 0 g.xml -q --record-requests pipe
    wait $!
    exec 7>&- 8>&-
    is "$(tail -n +2 rec | json '.answer_body | length')" 200000
    dagrun_exits 0 g.xml -q --replay-requests rec
}

@test "a file that cannot be written or read is told before anything runs" {
    graph g.xml <<<'<task id="a"><exec>touch ran</exec></task>'
    complains 4 'dagrun: cannot write "none/rec": No such file or directory' g.xml --record-requests none/rec
    complains 4 'dagrun: cannot write "/dev/full": No space left on device' g.xml --record-requests /dev/full
    complains 2 'dagrun: requests are recorded or replayed, not both' g.xml --record-requests a --replay-requests b
    dagrun_exits 4 g.xml --replay-requests none
    has "$stderr" 'cannot read the recording: '
    [[ ! -e ran ]]
}

@test "a damaged recording is refused with its line" {
    graph g.xml <<END
      <service name="ai" url="$base"/>
      <task id="a"><chat service="ai" model="upper"><user>hello</user></chat></task>
END
    dagrun_exits 0 g.xml --record-requests rec
    refused()
    {
        dagrun_exits 4 g.xml --replay-requests bad
        has "$stderr" "bad:$1: $2"
    }
    : >bad
    refused 1 'not the beginning of recorded requests'
    echo '{}' >bad
    refused 1 'not the beginning of recorded requests'
    head -c -1 rec >bad
    refused 2 'the line has no end'
    { cat rec; echo '{"method":'; } >bad
    refused 3 'not JSON: '
    { cat rec; echo '[]'; } >bad
    refused 3 'not an object'
    sed '2s/"url":"[^"]*"/"url":7/' rec >bad
    refused 2 '"url" is not a text'
    sed '2s/"answer_body":"[^"]*\\n"/"answer_body_base64":"%%%%"/; 2s/"answer_body":.*/"answer_body_base64":"a"}/' rec >bad
    refused 2 '"answer_body_base64" is not base64'
    sed '2s/"status":200/"status":-1/' rec >bad
    refused 2 '"status" is not such a number'
    # Cut anywhere, it is an error or shorter, and never a crash.
    size=$(stat -c %s rec)
    for n in 1 5 21 22 23 $((size / 2)) $((size - 2)); do
        head -c "$n" rec >bad
        run --separate-stderr "$DAGRUN" g.xml --replay-requests bad
        ((status == 4 || status == 1))
    done
}

@test "a recording of a run that is killed can be replayed" {
    graph g.xml <<END
      <service name="ai" url="$base"/>
      <task id="a"><chat service="ai" model="upper"><user>hello</user></chat></task>
      <task id="b" needs="a"><chat service="ai" model="echo,delay=30000"><user>slow</user></chat></task>
END
    start g.xml --record-requests rec
    two_asked() { (($(wc -l <requests) == 2)); }
    wait_until two_asked
    kill -KILL "$pid"
    wait "$pid" || true
    end_chat
    dagrun_exits 0 g.xml --replay-requests rec a
    is "$output" HELLO
}
