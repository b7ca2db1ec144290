#!/usr/bin/env bats
# Requests: what is sent, what counts as an answer, what is tried again, and what is never sent twice.

load helpers
load servers

# The failures of a run with -k, from its JSON: "id: reason" lines
reasons()
{
    json '.tasks[] | select(.reason) | .id + ": " + .reason' "$1"
}

# How many requests the server has read for this path.
n_requests()
{
    json --arg path "$1" 'select(.path == $path) | .path' log | wc -l
}

@test "a request is what is declared, and its answer is the output" {
    serve_pages
    graph g.xml <<END
      <param name="word" default="a b&amp;c/é"/>
      <service name="s" url="$pages/"/>
      <task id="get"><http url="$pages/echo?x=\${word}#here"><query name="q &amp;" value="1&amp;\${word}"/><header name="X-Word" value="\${word}"/></http></task>
      <task id="post"><http service="s" url="echo"><body>text \${word}</body></http></task>
      <task id="put"><http service="s" url="/echo" method="PUT"><body type="xml"><![CDATA[<a>\${word}</a>]]></body></http></task>
      <task id="form"><http service="s" url="echo"><field name="a b" value="\${word}"/><field name="c"/></http></task>
      <task id="file"><http service="s" url="echo"><body file="g.xml"/></http></task>
      <task id="parts"><http service="s" url="echo"><part name="p" value="\${word}"/><part name="f" file="small" type="a/b"/></http></task>
END
    echo content >small
    dagrun_exits 0 g.xml get
    is "$(json '[.method, .path, .headers["x-word"]] | join(" ")' <<<"$output")" \
        'GET /echo?x=a%20b%26c%2F%C3%A9&q%20%26=1%26a%20b%26c%2F%C3%A9 a b&c/é'
    dagrun_exits 0 g.xml post
    is "$(json '[.method, .path, .body, .headers["content-type"]] | join("|")' <<<"$output")" \
        'POST|/echo|text a b&c/é|text/plain; charset=utf-8'
    dagrun_exits 0 g.xml put
    is "$(json '[.method, .body, .headers["content-type"]] | join("|")' <<<"$output")" \
        'PUT|<a>a b&amp;c/é</a>|application/xml'
    dagrun_exits 0 g.xml form
    is "$(json '[.body, .headers["content-type"]] | join("|")' <<<"$output")" \
        'a%20b=a%20b%26c%2F%C3%A9&c=|application/x-www-form-urlencoded'
    dagrun_exits 0 g.xml file
    is "$(jq -j .body <<<"$output" | cksum)" "$(cksum <g.xml)"
    dagrun_exits 0 g.xml parts
    matches "$(json .body <<<"$output" | tr -d '\r')" \
        '^--dagrun-[-0-9a-f]+.Content-Disposition: form-data; name="p"..a b&c/é.--dagrun.*name="f"; filename="small".Content-Type: a/b..content..--dagrun-[-0-9a-f]+--.?$'
}

@test "values of JSON outputs are read with pointers, and escaped in JSON" {
    serve_pages
    graph g.xml <<END
      <task id="a"><http url="$pages/json"/></task>
      <task id="b"><http url="$pages/echo"><body type="json">{"t": "&lt;\${a#/title}&gt;", "v": [\${a#/list}, \${a#/n}]}</body></http></task>
      <task id="c"><exec>printf %s\\\\n "\${a#/title}" "\${b#/body}" \${a#/list/1/a}</exec></task>
      <task id="d"><http url="$pages/json"><extract json="/title"/><extract status="true"/><extract header="Content-Length"/><extract json="/no" default="none"/></http></task>
      <task id="e" needs="c d"><exec>echo \${a#/nothing}</exec></task>
      <task id="f" needs="c d"><http url="$pages/echo"><body type="json">[\${a#/title}]</body></http></task>
END
    dagrun_exits 0 g.xml c
    is "$output" 'A "title"
{"t": "<A \"title\">", "v": [[1, {"a": null}], 1.50]}
null'
    dagrun_exits 1 -k g.xml --timings r.json e f
    has "$(reasons r.json)" 'e: '
    has "$(reasons r.json)" 'there is no "/nothing"'
    has "$(reasons r.json)" 'a reference that stands for a JSON value is none'
    dagrun_exits 0 g.xml d
    is "$output" 'A "title"
200
61
none'
}

@test "thirty requests of 200 ms run together on one worker" {
    serve_pages
    { for i in {1..30}; do echo "<task id='t$i'><http url='$pages/wait/200/text/x'/></task>"; done; } | graph g.xml
    dagrun_exits 0 -j1 g.xml --timings r.json
    json -e '.makespan_seconds >= 0.2 and .makespan_seconds < 2' r.json # one by one: 6 s
}

@test "--connections limits the requests that wait at a time, in plans too" {
    {
        for i in {1..6}; do echo "<task id='t$i' cost='2'><http url='http://127.0.0.1:1/'/></task>"; done
    } | graph g.xml
    for n in 1 2 4 100; do
        dagrun_exits 0 bench --json --noise 0 -j1 --strategies dataflow --connections $n g.xml
        is "$(json '.graphs[0].cases[0].results[0].makespan_seconds | floor' <<<"$output")" $((2 * (6 / n + (6 % n > 0))))
    done
    dagrun_exits 0 explain --json -j1 --connections 3 g.xml
    is "$(json '.makespan_seconds | floor' <<<"$output")" 4
    serve_pages
    { for i in {1..6}; do echo "<task id='t$i'><http url='$pages/wait/20/text/x'/></task>"; done; } | graph g.xml
    dagrun_exits 0 -q -k --connections 2 --timings r.json g.xml
    is "$(json .connections r.json)" 2
    is "$(json .connection log | sort -u | wc -l)" 2
    for n in 0 x 10001; do dagrun_exits 2 --connections $n g.xml; done
    is "$stderr" 'dagrun: --connections takes a number from 1 to 10000, not "10001"'
}

@test "an answer is complete or a failure, wherever the connection is cut" {
    serve_pages
    {
        for n in {0..90}; do echo "<task id='n$n'><http url='$pages/cut/$n'/></task>"; done
    } | graph g.xml
    printf 'HTTP/1.1 200 Whatever\r\nContent-Length: 10\r\nX-A: 1\r\n\r\n0123456789' >whole
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(json '[.tasks[] | select(.outcome == "succeeded") | .id] | join(" ")' r.json)" \
        "$(seq -f n%g -s ' ' "$(wc -c <whole)" 90)"
    lacks "$output" 01234567895
    is "$(reasons r.json | grep -vc -e 'no answer' -e 'the answer is incomplete')" 0
}

@test "failures that may pass are tried again, and nothing that may have taken effect" {
    serve_pages
    graph g.xml <<END
      <service name="s" url="$pages"/>
      <task id="get" retries="2" retry-delay="1ms"><http service="s" url="flaky/2/503"/></task>
      <task id="post" retries="2" retry-delay="1ms"><http service="s" url="flaky/1/500" method="POST"/></task>
      <task id="busy" retries="2" retry-delay="1ms"><http service="s" url="flaky/1/408" method="POST"/></task>
      <task id="key" retries="2" retry-delay="1ms"><http service="s" url="flaky/2/502" method="POST" idempotency-key="auto"/></task>
      <task id="list" retries="2" retry-delay="1ms" retry-on="404"><http service="s" url="flaky/2/404"/></task>
      <task id="unlisted" retries="2" retry-delay="1ms" retry-on="404"><http service="s" url="flaky/1/504"/></task>
      <task id="wrong" retries="2" retry-delay="1ms"><http service="s" url="status/400"/></task>
      <task id="silent" retries="2" retry-delay="1ms"><http service="s" url="silent?get"/></task>
      <task id="once" retries="2" retry-delay="1ms"><http service="s" url="silent" method="POST"/></task>
      <task id="late" retries="1" retry-delay="1ms"><http service="s" url="wait/5000/text/late" method="POST" first-byte="100ms"/></task>
      <task id="stall" retries="1" retry-delay="1ms"><http service="s" url="stall" stall="100ms"/></task>
      <task id="off" retries="1" retry-delay="1ms"><http url="http://127.0.0.1:1/x" method="POST"/></task>
END
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(outcomes r.json)" 'get:succeeded post:failed busy:succeeded key:succeeded list:succeeded unlisted:failed wrong:failed silent:failed once:failed late:failed stall:failed off:failed'
    is "$(for path in /flaky/2/503 /flaky/1/500 /flaky/1/408 /flaky/2/502 /flaky/2/404 /flaky/1/504 /status/400 /silent /wait/5000/text/late /stall; do n_requests "$path"; done | xargs)" \
        '3 1 2 3 3 1 1 1 1 2'
    (($(n_requests '/silent?get') >= 3 && $(n_requests '/silent?get') <= 6)) # once more if a connection was reused
    is "$(json 'select(.path == "/flaky/2/502") | .headers["idempotency-key"]' log | sort -u | wc -l)" 1
    is "$(json '.tasks[] | select(.id == "off") | .attempts' r.json | json 'length')" 2
    has "$(reasons r.json)" "once: POST $pages/silent: no answer (Empty reply from server); it was sent and may have taken effect, so it is not repeated"
    has "$(reasons r.json)" "late: POST $pages/wait/5000/text/late: no answer within 0.1 s; it was sent"
    has "$(reasons r.json)" "stall: GET $pages/stall: no further byte of the answer within 0.1 s"
    has "$(reasons r.json)" "wrong: GET $pages/status/400: status 400 Whatever: status 400"
    matches "$(reasons r.json)" 'off: POST http://127.0.0.1:1/x: .*; it was not sent'
}

@test "a server that asks to wait is waited for, and no attempt is used" {
    serve_pages
    graph g.xml <<END
      <service name="s" url="$pages"/>
      <task id="a"><http service="s" url="limited/2/429/0.3" method="POST"/></task>
      <task id="b" needs="a"><http service="s" url="limited/1/503/0.1"/></task>
      <task id="c" needs="b"><http service="s" url="limited/1/503/soon"/></task>
      <task id="d" needs="b"><http service="s" url="limited/1/429/3600"/></task>
      <task id="e" needs="b" retries="2" retry-delay="1ms"><http service="s" url="quota"/></task>
END
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(outcomes r.json)" 'a:succeeded b:succeeded c:failed d:failed e:failed'
    is "$(for path in /limited/2/429/0.3 /limited/1/503/0.1 /limited/1/503/soon /limited/1/429/3600 /quota; do n_requests "$path"; done | xargs)" \
        '3 2 1 1 1'
    is "$(json '[.tasks[] | .attempts // [1] | length] | join(" ")' r.json)" '1 1 1 1 1'
    json -e '.overall_duration_seconds >= 0.7' r.json >/dev/null # 0.3 twice and 0.1
    is "$(grep -c 'waits .*, as its server asks' <<<"$stderr")" 2
    matches "$stderr" 'a  waits (299|300) ms, as its server asks'
    has "$(reasons r.json)" 'd: GET'
    has "$(reasons r.json)" 'the server asks to wait for 1 h 00 min, and requests wait for up to 2 min 00 s, and 10 min 00 s in all'
    has "$(reasons r.json)" 'status 429 Whatever: You have none left'
}

@test "a pool is lowered to the rest of the limits of a server" {
    serve_pages
    for limit in rate="10/s" tokens="10240/s"; do
        graph g.xml <<END
          <pool name="p" ${limit%=*}="${limit#*=}"/>
          <service name="s" url="$pages" uses="p"/>
          <task id="a"><http service="s" url="left/Requests/0"/></task>
          <task id="b" needs="a"><http service="s" url="left/Tokens/0"/></task>
          <task id="c" needs="b"><http service="s" url="left/Tokens/99999999999"/></task>
          <task id="d" needs="c"><http service="s" url="left/Requests/50"/></task>
END
        dagrun_exits 0 -q --strategy dataflow --timings r.json g.xml
        # Ten at once are allowed.  After the answer that says 0, the next ones come a tenth of a second later each; if c
        # starts late, d need not.
        is "$(json -c '[.tasks[].start_seconds] | [.[2] - .[1] > 0.05, .[3] - .[1] > 0.15]' r.json)" '[true,true]'
        [[ $limit == tokens=* ]] || is "$(json '[.tasks[].start_seconds] | .[1] - .[0] > 0.05' r.json)" true
    done
}

@test "while a server asks to wait, no other request goes to it" {
    serve_pages
    {
        echo "<service name='s' url='$pages'/><task id='first'><http service='s' url='limited/1/429/1'/></task>"
        echo "<task id='go'><shell>until grep -q limited log; do sleep 0.02; done; sleep 0.1</shell></task>"
        for i in {1..5}; do echo "<task id='t$i' needs='go'><http service='s' url='text/$i'/></task>"; done
    } | graph g.xml strategy=dataflow
    sed -i "s/strategy=dataflow/strategy='dataflow'/" g.xml
    dagrun_exits 0 g.xml --timings r.json
    json -e '[.tasks[] | select(.id | startswith("t")) | .end_seconds] | min >= 1' r.json >/dev/null
}

@test "a place at a server is free again if the request that was given it ends before it is sent" {
    serve_pages
    # After two refusals, one request at a time: "a" has the place, and "b" is next when both end together.
    graph g.xml <<END
      <task id="a" timeout="400ms"><http url="$pages/busy/1/0.1/stall/a"/></task>
      <task id="b" timeout="400ms"><http url="$pages/busy/1/0.1/stall/b"/></task>
      <task id="z"><sleep duration="250ms"/></task>
      <task id="c" needs="z" timeout="5s"><http url="$pages/text/c"/></task>
END
    dagrun_exits 1 -k -q --strategy dataflow g.xml --timings r.json
    is "$(outcomes r.json)" 'a:timed-out b:timed-out z:succeeded c:succeeded'
    is "$(n_requests /text/c)" 1
}

@test "a request is not sent again on a connection that dies under it" {
    serve_pages
    {
        echo "<service name='s' url='$pages'/>"
        echo "<task id='first'><http service='s' url='close-second'/></task>"
        echo "<task id='post' needs='first'><http service='s' url='close-second' method='POST'/></task>"
        echo "<task id='get' needs='post'><http service='s' url='close-second'/></task>"
    } | graph g.xml
    dagrun_exits 0 g.xml
    # The POST has a connection of its own; the GET, which may be repeated, is, once and on a new one.
    is "$(json '[.method, .connection, .nth] | join(" ")' log | xargs)" 'GET 1 1 POST 2 1 GET 1 2 GET 3 1'
}

@test "statuses count as success as declared" {
    serve_pages
    graph g.xml <<END
      <task id="a" expect="404"><http url="$pages/status/404"/></task>
      <task id="b" expect="200-299 3xx"><http url="$pages/redirect/301//nowhere"/></task>
      <task id="c" expect="404" needs="a b"><http url="$pages/status/200"/></task>
END
    dagrun_exits 1 g.xml --timings r.json
    is "$(outcomes r.json)" 'a:succeeded b:succeeded c:failed'
    is "$(n_requests /nowhere)" 0
    graph h.xml <<END
      <task id="a" expect="20"><http url="$pages/"/></task>
      <task id="b" retry-on="sometimes"><http url="$pages/"/></task>
      <task id="c"><http/></task>
      <task id="d"><http url="ftp://x/"/></task>
      <task id="e"><http url="$pages/"><body>x</body><field name="x"/></http></task>
      <task id="f"><http url="$pages/"><header name="Host" value="x"/></http></task>
      <task id="g"><http url="$pages/"><body type="json">{"a": x}</body></http></task>
      <task id="h"><http url="x" service="nowhere"/></task>
      <task id="i"><exec>echo \${a#x}</exec></task>
END
    run --separate-stderr "$DAGRUN" check h.xml
    is "$status" 3
    is "$(sed 's/^h.xml:[0-9:]* error: //' <<<"$stderr" | head -n 9)" '<http>: expect: "20" is not a status, such as 404, 200-299 or 5xx
<http>: retry-on: "sometimes" is not a status, such as 404, 200-299 or 5xx, nor a failure (name connect tls proxy no-answer cut timeout timeout-connect timeout-first-byte timeout-stall protocol)
<http>: it needs a url, or a service with one
<http>: "ftp://x/" does not begin with http:// or https://
<http>: a request has one of <body>, <field> and <part>
<http>: the header "Host" is set by the request itself
<http>: not JSON at line 1, column 7
task "h" uses the service "nowhere", which is not declared
<exec>: "${a#x}": "x" is not a JSON pointer, such as /a/0'
}

@test "redirects carry nothing to another origin" {
    serve_pages
    mkdir other
    mkfifo other/control
    python3 "$source_dir/tests/support/http-server.py" other/log <other/control >other/port 3>&- 8>&- &
    exec 7>other/control
    wait_until exists other/port
    there=http%3A%2F%2F127.0.0.1%3A$(<other/port)
    graph g.xml <<END
      <param name="key" secret="true"/>
      <service name="s" url="$pages" key="\${key}" key-header="api-key"><header name="X-Own" value="1"/></service>
      <task id="same"><http service="s" url="redirect/302/%2Fecho"/></task>
      <task id="away"><http service="s" url="redirect/307/$there%2Fecho"><header name="X-Mine" value="2"/></http></task>
      <task id="form"><http service="s" url="redirect/303/$there%2Fecho" redirects="1"><field name="a" value="b"/></http></task>
      <task id="body"><http service="s" url="redirect/308/$there%2Fecho" redirects="1"><body>secret text</body></http></task>
      <task id="loop"><http service="s" url="redirect/302/%2Fredirect%2F302%2F%25"/></task>
      <task id="file"><http service="s" url="redirect/302/file%3A%2F%2F%2Fetc%2Fpasswd"/></task>
      <task id="not"><http service="s" url="redirect/302/%2Fecho" redirects="0"/></task>
END
    export SECRET=k-3y-of-mine
    dagrun_exits 1 -k g.xml --set-env key=SECRET --timings r.json
    exec 7>&-
    is "$(outcomes r.json)" 'same:succeeded away:succeeded form:succeeded body:failed loop:failed file:failed not:failed'
    is "$(json 'select(.path == "/echo") | [.headers["api-key"], .headers["x-own"]] | join(" ")' log)" 'k-3y-of-mine 1'
    is "$(json '[.method, (.headers | keys | join(",")), .body] | join(" ")' other/log | sort)" \
        'GET accept,accept-encoding,host,user-agent 
GET accept,accept-encoding,host,user-agent '
    has "$(reasons r.json)" 'a redirect to another host, scheme or port would send it the body'
    has "$(reasons r.json)" 'redirected to what is no URL of HTTP'
    has "$(reasons r.json)" 'not: GET'
    lacks "$output$stderr$(<r.json)" k-3y
}

@test "the size of an answer is limited after decoding" {
    serve_pages
    graph g.xml <<END
      <task id="bomb"><http url="$pages/bomb/20000000"/></task>
      <task id="chunks"><http url="$pages/chunks/1001" max-size="1000B"/></task>
      <task id="fits"><http url="$pages/chunks/1000" max-size="1000B"/></task>
      <task id="saved"><http url="$pages/bomb/20000000" save="big"/></task>
      <task id="not-saved"><http url="$pages/status/500" save="bad"/></task>
END
    echo old >bad
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(outcomes r.json)" 'bomb:failed chunks:failed fits:succeeded saved:succeeded not-saved:failed'
    has "$(reasons r.json)" 'the answer has more than 1000 bytes (max-size)'
    has "$(reasons r.json)" 'status 500 Whatever: status 500'
    is "$(stat -c %s big)" 20000000
    is "$(<bad)" old
    is "$(find . -name '.*.??????' | wc -l)" 0
}

@test "values cannot add headers, and secrets stay hidden" {
    serve_pages
    graph g.xml <<END
      <param name="key" secret="true"/>
      <param name="lines" default="a&#10;X-Evil: 1"/>
      <service name="s" url="$pages" key="\${key}"/>
      <service name="u" url="$pages" user="me" password="\${key}"/>
      <task id="evil"><http url="$pages/echo"><header name="X-A" value="\${lines}"/></http></task>
      <task id="bearer"><http service="s" url="echo"/></task>
      <task id="user"><http service="u" url="echo"/></task>
      <task id="query"><http service="s" url="status/404"><query name="k" value="\${key}"/></http></task>
END
    export SECRET='s3cret key/+'
    dagrun_exits 1 -k g.xml --set-env key=SECRET --timings r.json
    is "$(outcomes r.json)" 'evil:failed bearer:succeeded user:succeeded query:failed'
    has "$(reasons r.json)" 'the value of the header "X-A" has a line end'
    is "$(json 'select(.path == "/echo") | .headers.authorization' log | sort)" \
        "$(printf 'Basic %s\nBearer %s' "$(printf 'me:%s' "$SECRET" | base64)" "$SECRET")"
    has "$(reasons r.json)" "query: GET $pages/status/404?k=***"
    for text in "$SECRET" s3cret%20key%2F%2B "$(printf 'me:%s' "$SECRET" | base64)"; do
        lacks "$output$stderr$(<r.json)" "$text"
    done
}

@test "^C waits for an answer under way, a second one does not" {
    serve_pages
    graph g.xml <<END
      <task id="a"><http url="$pages/wait/1000/text/done"/></task>
      <task id="b" needs="a"><http url="$pages/text/never"/></task>
END
    start g.xml
    wait_until exists log
    kill -INT "$pid"
    ends_with 130
    has "$(<out)" done
    is "$(n_requests /text/never)" 0
    graph g.xml <<END
      <task id="a"><http url="$pages/wait/30000/text/late"/></task>
END
    : >log
    start g.xml
    wait_until exists log
    kill -INT "$pid"
    sleep 0.4 # the same signal within 0.3 seconds counts as the first
    kill -INT "$pid"
    SECONDS=0
    ends_with 130
    ((SECONDS < 5))
    graph g.xml <<END
      <task id="a" timeout="200ms"><http url="$pages/wait/30000/text/late"/></task>
END
    SECONDS=0
    dagrun_exits 1 g.xml
    ((SECONDS < 5))
    has "$stderr" 'its timeout is 200 ms'
}

@test "libcurl is loaded for requests only" {
    needs_program strace
    export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 # LeakSanitizer traces, too
    graph g.xml <<<'<task id="a"/>'
    strace -f -o trace -e trace=openat "$DAGRUN" -q g.xml
    ! grep -q libcurl trace
    graph h.xml <<<'<task id="a"><http url="http://127.0.0.1:1/"/></task>'
    strace -f -o trace -e trace=openat "$DAGRUN" -q h.xml || true
    grep -q libcurl trace
    "$DAGRUN" check h.xml
}

@test "without libcurl, a request fails with the name of the package, and nothing else does" {
    mkdir lib
    : >lib/libcurl.so.4
    graph g.xml <<<'<task id="a"/> <task id="b"><http url="http://127.0.0.1:1/" method="DELETE"/></task>'
    LD_LIBRARY_PATH=$PWD/lib dagrun_exits 0 check g.xml
    LD_LIBRARY_PATH=$PWD/lib dagrun_exits 0 g.xml a
    LD_LIBRARY_PATH=$PWD/lib dagrun_exits 1 g.xml b
    has "$stderr" 'requests need libcurl (Debian: the package libcurl4), which cannot be loaded'
}

@test "values of XML and HTML are taken out by XPath" {
    local feed='<f xmlns="u" xmlns:a="v"><entry><title>one</title></entry><entry><title>two</title><a:n>2</a:n></entry></f>'

    serve_pages
    graph g.xml <<END
      <service name="s" url="$pages"/>
      <task id="feed"><http service="s" url="xml/$(jq -rn --arg feed "$feed" '$feed | @uri')"><extract xpath="//_:entry[2]/_:title"/><extract xpath="count(//_:entry)"/>
        <extract xpath="//a:n > 1"/><extract xpath="//none" default="-"/></http></task>
      <task id="page"><http service="s" url="html/%3Cp%3EA%20%26amp%3B%20B%3Cp%3Eé%3Cbr%3E"><extract xpath="//p[2]"/><extract xpath="string(//p)"/></http></task>
      <task id="missing"><http service="s" url="xml/%3Ca/%3E"><extract xpath="//b"/></http></task>
      <task id="broken"><http service="s" url="xml/%3Ca%3E%3Cb%3E"><extract xpath="//b"/></http></task>
      <task id="laughs"><http service="s" url="xml/%3C!DOCTYPE%20a%20%5B%3C!ENTITY%20x%20%22y%22%3E%5D%3E%3Ca%3E%26x;%3C/a%3E"><extract xpath="//a"/></http></task>
      <task id="prefix"><http service="s" url="xml/%3Ca/%3E"><extract xpath="//x:a"/></http></task>
      <task id="empty"><http service="s" url="html/"><extract xpath="//a"/></http></task>
END
    dagrun_exits 1 -k -q --timings r.json g.xml
    is "$(outcomes r.json)" 'feed:succeeded page:succeeded missing:failed broken:failed laughs:failed prefix:failed empty:failed'
    has "$(reasons r.json)" 'missing: GET '
    has "$(reasons r.json)" 'cannot extract from the answer: "//b" finds nothing'
    has "$(reasons r.json)" 'it is not XML: line 1: '
    has "$(reasons r.json)" 'it is not XML: it declares entities, which are not expanded'
    has "$(reasons r.json)" '"//x:a" cannot be evaluated: a prefix is not declared by the outermost element of the document'
    has "$(reasons r.json)" 'it is not HTML'
    dagrun_exits 0 g.xml feed page
    is "$output" 'two
2
true
-
é
A & B'
    graph g.xml <<<'<task id="a"><http url="http://x/"><extract xpath="//a["/></http></task>'
    dagrun_exits 3 check g.xml
    has "$stderr" '"//a[" is not an expression of XPath: there is a mistake, at character 5'
    # shellcheck disable=SC2016 # a variable of XPath
    graph g.xml <<<'<task id="a"><http url="http://x/"><extract xpath="//a[. = $x]"/></http></task>'
    dagrun_exits 3 check g.xml
    has "$stderr" 'is not an expression of XPath: it has a variable, and there are none'
}

@test "the body is checked by a result" {
    serve_pages
    echo '{"type":"object","properties":{"n":{"type":"number","maximum":1}},"required":["name"]}' >schema.json
    graph g.xml <<END
      <service name="s" url="$pages"/>
      <task id="good"><http service="s" url="json"><result type="json" match="title" min-length="20"/><extract json="/n"/></http></task>
      <task id="bad" retries="2"><http service="s" url="json"><result type="json" schema="schema.json"/></http></task>
      <task id="fenced"><http service="s" url="text/%60%60%60%0A1%0A%60%60%60"><result type="json"/></http></task>
      <task id="short"><http service="s" url="text/ab" cache="forever"><result min-length="3"/></http></task>
      <task id="binary"><http service="s" url="bomb/3"><result min-length="3"/></http></task>
END
    export XDG_CACHE_HOME=$PWD/cache
    dagrun_exits 1 -k -q --timings r.json g.xml
    is "$(outcomes r.json)" 'good:succeeded bad:failed fenced:failed short:failed binary:failed'
    has "$(reasons r.json)" "bad: GET $pages/json: the answer does not meet the demands: /: must have \"name\";/n: must be at most 1"
    has "$(reasons r.json)" 'fenced: '
    has "$(reasons r.json)" 'not JSON: line 1'
    has "$(reasons r.json)" '2 characters, fewer than 3'
    has "$(reasons r.json)" 'it is not a text in UTF-8'
    is "$(request_failures r.json)" 'good:- bad:invalid-result fenced:invalid-result short:invalid-result binary:invalid-result'
    for words in 'save="x"><result type="json"' '><result repair="1"'; do
        graph g.xml <<<"<task id='a'><http url='http://x/' $words/></http></task>"
        dagrun_exits 3 check g.xml
        has "$stderr" '<result>'
    done
}

@test "examples/fetch.xml asks four things at once, and reports" {
    serve_pages
    cp "$source_dir/examples/fetch.xml" .
    dagrun_exits 0 fetch.xml --set base="$pages"
    is "$output" 'title: A "title"
number: 1.50
status of the attachment: 404
heading: News'
    is "$(<page.txt)" 'a page'
}

@test "examples/api-pipeline.xml keeps to its limits, asks again, waits, and reports" {
    serve_pages
    cp "$source_dir/examples/api-pipeline.xml" .
    dagrun_exits 0 api-pipeline.xml --set base="$pages" --timings r.json
    is "$(<report.txt)" 'customer: /echo?name=A%20%22title%22
price: try 2
photo: status 404
{"title": "A \"title\"", "amount": 1.50, "stock": "try 2"}'
    is "$(json '[.tasks[] | select(.attempts > 1) | .id] | join(" ")' r.json)" stock
    is "$(json '[.tasks[].requests // [] | .[] | .failure // empty] | sort | join(" ")' r.json)" 'status throttled'
    is "$(json 'select(.method == "POST") | .headers["idempotency-key"] | length' log)" 64
    dagrun_exits 0 verify api-pipeline.xml r.json
}
