#!/usr/bin/env bats
# The records of requests, and the tokens, cost and limits of questions to models.

load helpers
load servers

setup()
{
    chat_setup --log requests
}

# Write a graph with a service that has prices: priced [ATTRIBUTES]
priced()
{
    {
        echo "<service name='ai' url='$base' price-input='2' price-output='10' ${1-}/>"
        cat
    } | graph g.xml
}

@test "each request leaves a record" {
    serve_pages
    graph g.xml <<END
      <param name="token" secret="true"/>
      <service name="s" url="$pages" key="\${token}"/>
      <task id="a"><http service="s" url="redirect/302/$pages/text/hello"><query name="q" value="\${token}"/></http></task>
      <task id="b" needs="a" retries="2" retry-delay="1ms"><http service="s" url="flaky/1/500"/></task>
      <task id="c" needs="b"><http service="s" url="limited/1/429/0.3"/></task>
      <task id="d" needs="c" retries="1" retry-delay="1ms"><http service="s" url="cut/60"/></task>
      <task id="e" needs="c"><http url="http://127.0.0.1:1/"/></task>
      <task id="f" needs="c" timeout="200ms"><http service="s" url="wait/30000/text/x"/></task>
      <task id="g" needs="c"><exec>true</exec></task>
END
    echo s3cret >key
    dagrun_exits 1 -k g.xml --set-file token=key --timings r.json
    lacks "$(<r.json)" s3cret
    is "$(request_failures r.json)" 'a:-,- b:status,- c:throttled,- d:cut,cut e:connect f:timeout'
    is "$(json '.tasks[0].requests | map([.attempt, .redirects, .method, .url, .service, .status, .sent, .http_version, .address])' r.json)" \
        "[[1,0,\"GET\",\"$pages/redirect/302/$pages/text/hello?q=***\",\"s\",302,true,\"1.1\",\"127.0.0.1\"],[1,1,\"GET\",\"$pages/text/hello\",\"s\",200,true,\"1.1\",\"127.0.0.1\"]]"
    # The second request goes over the connection of the first.
    is "$(json '.tasks[0].requests | map(.reused)' r.json)" '[false,true]'
    is "$(json '.tasks[1].requests | map(.attempt)' r.json)" '[1,2]'
    is "$(json '.tasks[2].requests | map([.attempt, .throttled_seconds])' r.json)" '[[1,0.3],[1,0]]'
    is "$(json '.tasks[4].requests[0] | [.sent, .status, .address]' r.json)" '[false,null,null]'
    is "$(json '.tasks[6].requests' r.json)" null
    is "$(json '.tasks[5].requests[0] | .total_seconds > 0.1 and .sent' r.json)" true
    # Headers and body of the answer, as the server writes them.
    is "$(json '.tasks[0].requests[1].bytes_received' r.json)" "$(printf 'HTTP/1.1 200 Whatever\r\nContent-Length: 5\r\n\r\nhello' | wc -c)"
    is "$(json '[.tasks[].requests // [] | .[] | [.queue_seconds, .throttled_seconds, .name_seconds, .connect_seconds, .tls_seconds, .first_byte_seconds, .total_seconds] | map(. >= 0) | all] | all' r.json)" true
    is "$(json '.network' r.json)" '{"requests":10,"failed_requests":6,"throttled_seconds":0.3}'
    has "$stderr" '  10 requests, 6 of them failed; waited 300 ms for limits of servers'
}

@test "tokens and cost are those of all attempts, repairs and lost answers" {
    priced "price-cached='1'" <<'END'
      <task id="a"><chat service="ai" model="echo"><user>one two three</user></chat></task>
      <task id="b"><chat service="ai" model="b,invalid,times=1"><user>a b c d</user>
        <result type="json" schema="s.json" repair="1"/></chat></task>
      <task id="c" retries="1" retry-delay="1ms"><chat service="ai" model="c,cut=1,times=1"><user>12345678 12345</user></chat></task>
      <task id="d"><chat service="ai" model="no-usage"><user>123456789 1</user></chat></task>
      <task id="e" retries="0"><chat service="ai" model="status=404"><user>x</user></chat></task>
      <task id="f"><chat service="ai" model="finish=length"><user>one two</user></chat></task>
END
    echo '{"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}' >s.json
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(request_failures r.json)" 'a:- b:invalid-result,- c:cut,- d:- e:status f:length'
    is "$(json '.tasks[0].usage' r.json)" \
        '{"model":"echo","model_served":"test-1","finish_reason":"stop","repairs":0,"input_tokens":3,"cached_tokens":0,"output_tokens":3,"reasoning_tokens":0,"counted_by":"server","price":3.6e-05}'
    # The question; and that one with the wrong answer and the demand.
    is "$(json '.tasks[1].usage | [.repairs, .counted_by]' r.json)" '[1,"server"]'
    is "$(json '.tasks[1].usage.input_tokens > 20' r.json)" true
    # Lost: 14 bytes and a message, 8 tokens; then 2 by the server.
    is "$(json '.tasks[2].usage | [.input_tokens, .counted_by]' r.json)" '[10,"estimated"]'
    # 11 bytes and a message; the answer has 11 bytes.
    is "$(json '.tasks[3].usage | [.input_tokens, .output_tokens, .counted_by, .model]' r.json)" '[7,3,"estimated","no-usage"]'
    is "$(json '.tasks[4].usage' r.json)" null
    is "$(json '.tasks[5].usage | [.input_tokens, .output_tokens, .finish_reason]' r.json)" '[2,2,"length"]'
    is "$(json '[.network.input_tokens, .network.output_tokens] == [([.tasks[].usage.input_tokens // 0] | add), ([.tasks[].usage.output_tokens // 0] | add)]' r.json)" true
    is "$(json '(.network.price - .network.input_tokens * 2e-6 - .network.output_tokens * 1e-5) | fabs < 1e-12' r.json)" true
    matches "$stderr" '  8 requests, 4 of them failed; tokens: [0-9]+ of input, [0-9]+ of output, in part estimated; cost: 0\.[0-9]{4}'
}

# The fields of docs/json.md whose names match a pattern: documented PATTERN
documented()
{
    sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$source_dir/docs/json.md" | grep -E "$1" | sed -E 's/.*\.//' | sort | xargs
}

@test "docs/json.md has the fields of requests and usage" {
    priced <<'END'
      <task id="a"><chat service="ai" model="echo,status=404" fallback="ai:echo"><user>x</user></chat></task>
END
    sed -i 's/price-input/insecure="true" price-input/' g.xml
    dagrun_exits 0 g.xml --timings r.json
    is "$(documented '^network\.')" "$(json '.network | keys[]' r.json | sort | xargs)"
    is "$(documented '^tasks\[\]\.usage')" "$(json '.tasks[0].usage | keys[]' r.json | sort | xargs)"
    is "$(documented '^tasks\[\]\.requests')" "$(json '.tasks[0].requests[0] | keys[]' r.json | sort | xargs)"
}

@test "a question that does not fit into the context is not sent" {
    priced 'context="20"' <<'END'
      <task id="a" retries="1"><chat service="ai" model="echo" max-tokens="14"><user>12345678</user></chat></task>
      <task id="b"><chat service="ai" model="echo" max-tokens="15"><user>12345678</user></chat></task>
END
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(outcomes r.json)" 'a:succeeded b:failed'
    is "$(wc -l <requests)" 1
    has "$(json '.tasks[1].reason' r.json)" 'the question has about 21 tokens with max-tokens, and the context of the service is 20'
}

@test "the summary names services whose certificates are not checked" {
    serve_pages
    graph g.xml <<END
      <service name="loose" url="$pages" insecure="true"/>
      <task id="a"><http service="loose" url="text/x"/></task>
END
    dagrun_exits 0 g.xml --timings r.json
    has "$stderr" 'insecure: the certificate of the service "loose" was not checked'
    is "$(json '.tasks[0].requests[0].insecure' r.json)" true
}

@test "while a server asks to wait, slots go back, and no time limit runs" {
    serve_pages
    graph g.xml <<END
      <pool name="web" slots="1"/> <pool name="other" slots="1"/>
      <task id="a" timeout="500ms"><http url="$pages/limited/1/429/0.8"/></task>
      <task id="b" timeout="500ms" uses="web"><http url="$pages/limited/1/429/0.7"/></task>
      <task id="c" timeout="500ms" uses="other"><http url="$pages/limited/1/503/0.6"/></task>
END
    dagrun_exits 0 g.xml --timings r.json
    is "$(request_failures r.json)" 'a:throttled,- b:throttled,- c:throttled,-'
    is "$(json '[.tasks[] | .attempts // [1] | length] | join(" ")' r.json)" '1 1 1'
    json -e '.overall_duration_seconds >= 0.7' r.json >/dev/null
}

@test "after a refusal, fewer requests go to a server at once" {
    serve_pages
    for i in {1..8}; do
        echo "<task id='t$i'><http url='$pages/wait/50/limited/8/429/0.1'/></task>"
    done | graph g.xml
    dagrun_exits 0 g.xml --timings r.json
    # Each once more; of those, some waited for a place.
    is "$(json '.network | [.requests, .failed_requests]' r.json)" '[16,8]'
    is "$(json '[.tasks[].requests[] | select(.queue_seconds > 0.02)] | length > 0' r.json)" true
}

@test "a question is tried twice more by default" {
    priced <<'END'
      <task id="a" retry-delay="1ms"><chat service="ai" model="a,status=500,times=2"><user>x</user></chat></task>
      <task id="b" retries="0"><chat service="ai" model="b,status=500,times=1"><user>x</user></chat></task>
END
    dagrun_exits 1 -k g.xml --timings r.json
    is "$(request_failures r.json)" 'a:status,status,- b:status'
}
