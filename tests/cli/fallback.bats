#!/usr/bin/env bats
# Services that are asked when another has failed, against the chat service of the tests.

load helpers
load servers

setup()
{
    chat_setup --key key-1 --log requests
    echo key-1 >key
    : >requests
}

# Write a graph with services: one without a key, one that nothing listens to, one whose quota is
# used up, and a good one.
services_graph()
{
    {
        echo '<param name="base"/><param name="token" secret="true"/>'
        # shellcheck disable=SC2016 # parameters of the graph
        echo '<service name="keyless" url="${base}" price-input="1"/> <service name="dead" url="http://127.0.0.1:1"/>
              <service name="poor" url="${base}" key="${token}"/> <service name="good" url="${base}" key="${token}" price-input="1"/>'
        cat
    } | graph g.xml
}

# The attempts and services of the requests, and the fallback, of a task: story ID
story()
{
    json --arg id "$1" '.tasks[] | select(.id == $id) |
        ([.requests[] | "\(.attempt) \(.service) \(.failure // "-")"] | join(", ")) + " | " + (.usage.fallback // "none")' t.json
}

@test "the next service is asked when one has failed for good, within the same attempt" {
    services_graph <<'END'
      <task id="final" retries="2" retry-delay="1ms"><chat service="keyless" fallback="dead good" model="echo"><user>final</user></chat></task>
      <task id="tried" retries="1" retry-delay="1ms"><chat service="dead" fallback="good" model="echo"><user>tried</user></chat></task>
      <task id="asked" retries="0"><chat service="good" fallback="good:upper" model="echo,status=503"><user>asked</user></chat></task>
      <task id="poor" retries="0"><chat service="poor" fallback="good:echo" model="echo,status=429,code=insufficient_quota"><user>poor</user></chat></task>
      <task id="later" needs="poor" retries="0"><chat service="poor" fallback="good" model="echo"><user>later</user></chat></task>
      <task id="fine"><chat service="good" fallback="dead" model="echo"><user>fine</user></chat></task>
      <task id="repaired" retries="0"><chat service="good" fallback="good:x" model="echo,invalid"><user>repaired</user>
        <result type="json" schema="s.json" repair="1"/></chat></task>
END
    echo '{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}' >s.json
    chat_exits 0 --stderr separate --timings t.json
    is "$(LC_ALL=C sort <<<"$output")" 'ASKED
final
fine
later
poor
tried
{"a": "repaired"}'
    # The failure of "dead" may pass, so a further attempt asks it again; "keyless" is not asked any more.
    is "$(story final)" '1 keyless status, 1 dead connect, 2 dead connect, 3 dead connect, 3 good - | good'
    is "$(story tried)" '1 dead connect, 2 dead connect, 2 good - | good'
    is "$(story asked)" '1 good status, 1 good - | good'
    is "$(story poor)" '1 poor quota, 1 good - | good'
    is "$(story later)" '1 good - | good'
    is "$(story fine)" '1 good - | none'
    is "$(story repaired)" '1 good invalid-result, 1 good invalid-result, 1 good - | good'
    has "$stderr" 'the next service is asked: dead'
    is "$(json '.tasks[] | select(.id == "asked") | .usage.model' t.json)" upper
    lacks "$(cat t.json)" key-1
}

@test "if all services fail, the reason names them; a graph names services that there are" {
    services_graph <<<'<task id="a" retries="0"><chat service="keyless" fallback="dead" model="echo"><user>x</user></chat></task>'
    chat_exits 1 --timings t.json
    matches "$(json '.tasks[0].reason' t.json)" '^POST http://127\.0\.0\.1:1/chat/completions: .* \(before, "keyless": status 401 .*\); it was not sent$'
    # shellcheck disable=SC2016 # a parameter of the graph
    services_graph <<<'<param name="other" default="upper"/><task id="a"><chat service="good" fallback="good:${other} dead" model="echo"><user>x</user></chat></task>'
    chat_exits 0 -n
    has "$output" 'fallback: good with upper
    fallback: dead with echo'
    services_graph <<<'<task id="a"><chat service="good" fallback="goood" model="echo"><user>x</user></chat></task>'
    dagrun_exits 3 check g.xml
    has "$stderr" 'task "a" uses the service "goood", which is not declared; did you mean "good"?'
    for words in good 'dead dead' ':x' 'dead:'; do
        services_graph <<<"<task id='a'><chat service='good' fallback='$words' model='echo'><user>x</user></chat></task>"
        dagrun_exits 3 check g.xml
        has "$stderr" 'fallback: '
    done
}

@test "the answer of a fallback is kept as its own; a budget is no failure of a service" {
    services_graph <<<'<task id="a" retries="0"><chat service="dead" fallback="good" model="echo" cache="forever"><user>x</user></chat></task>'
    chat_exits 0
    chat_exits 0 --stderr separate --timings t.json
    is "$output" x
    is "$(json '[.tasks[0].kept, (.tasks[0].requests | length)] | @csv' t.json)" true,1
    is "$(wc -l <requests)" 1
    services_graph <<<'<task id="a" retries="0"><chat service="good" fallback="keyless" model="echo"><user>x</user></chat></task>'
    chat_exits 1 --max-tokens 1 --timings t.json
    has "$(json '.tasks[0].reason' t.json)" 'the budget of 1 tokens'
}
