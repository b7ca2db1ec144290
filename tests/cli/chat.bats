#!/usr/bin/env bats
# Tasks that ask a language model, against the chat service of the tests (tests/support/chat-server.c).

load helpers
load servers

setup()
{
    chat_setup --key key-1 --log requests
    echo key-1 >key
}

# One task with a model: one MODEL [ELEMENTS [ATTRIBUTES]]
one()
{
    chat_graph <<END
      <task id="a" retries="1"><chat service="ai" model="$1" ${3-}><user>hello big world</user>${2-}</chat></task>
END
}

@test "the answer is the output, streamed or whole" {
    one echo
    chat_exits 0
    is "$output" 'hello big world'
    is "$(json '[.stream, .stream_options.include_usage, (.messages | length)] | @csv' requests)" 'true,true,1'
    one upper '' 'stream="false" temperature="0" seed="7" max-tokens="50" top-p="0.25"'
    chat_exits 0
    is "$output" 'HELLO BIG WORLD'
    is "$(tail -1 requests)" '{"model":"upper","messages":[{"role":"user","content":"hello big world"}],"temperature":0,"top_p":0.25,"seed":7,"max_tokens":50}'
}

@test "messages: texts, files, outputs and examples, in their order" {
    mkdir prompts
    # shellcheck disable=SC2016 # a reference
    echo 'You know ${fact}.' >prompts/system.md
    # shellcheck disable=SC2016 # no reference: the file is data
    echo 'Data with ${fact} & <tags>' >data.txt
    chat_graph <<'END'
      <param name="data" type="path" default="data.txt"/>
      <task id="fact"><exec>printf 'a "fact"'</exec></task>
      <task id="a">
        <chat service="ai" model="echo">
          <system file="prompts/system.md"/>
          <user>Question?</user>
          <assistant>Answer.</assistant>
          <user file="${data}"/>
          <user>Say: ${fact}</user>
          <context of="fact"/>
        </chat>
      </task>
END
    chat_exits 0 -q
    is "$(json '.messages | map(.role + ": " + .content) | .[]' requests)" 'system: You know a "fact".
user: Question?
assistant: Answer.
user: Data with ${fact} & <tags>

Say: a "fact"

fact:

a "fact"'
    dagrun_exits 0 plan --json g.xml --set base=x --set-file token=key
    is "$(phases <(echo "$output"))" 'fact | a'
}

@test "an answer that is incomplete or not an answer fails, with its reason" {
    local -A reasons=(
        ['echo,unfinished']='the answer is incomplete: neither a finish reason nor \[DONE\] came'
        ['echo,cut=2']='the answer is incomplete'
        ['echo,hang-up']='no answer'
        ['echo,finish=length']="the answer was cut at the model's limit of tokens"
        ['echo,finish=content_filter']='the service withheld the answer'
        ['echo,refuse']='the model refused: I cannot help with that\.'
        ['echo,empty']='the answer is empty \(0 tokens of output, 0 of them reasoning\)'
        ['echo,tool-calls']='the model wants to call functions, which is not supported'
        ['echo,error-event']='the service reports: overloaded'
        ['echo,status=500']='status 500 .*: as asked'
        ['echo,status=404']='status 404 .*: as asked'
    )
    local model attempts id

    for model in "${!reasons[@]}"; do
        echo "<task id='${model//[,=]/-}' retries='1'><chat service='ai' model='$model'><user>hello</user></chat></task>"
    done | chat_graph
    chat_exits 1 -k --timings t.json
    for model in "${!reasons[@]}"; do
        id=${model//[,=]/-}
        matches "$(json ".tasks[] | select(.id == \"$id\") | .reason" t.json)" \
            "^POST $base/chat/completions: .*${reasons[$model]}"
        attempts=$(json ".tasks[] | select(.id == \"$id\") | .attempts // [1] | length" t.json)
        # One more attempt where it may help.
        case $model in
        *unfinished | *cut=2 | *hang-up | *error-event | *=500) is "$model: $attempts" "$model: 2" ;;
        *) is "$model: $attempts" "$model: 1" ;;
        esac
    done
}

@test "a further attempt follows a failure that passes" {
    for fault in status=503 cut=2 hang-up unfinished status=429,retry-after=0.2; do
        echo "<task id='${fault//[=,]/-}' retries='1'><chat service='ai' model='echo,$fault,times=1'><user>$fault</user></chat></task>"
    done | chat_graph
    chat_exits 0 --timings t.json
    is "$(sort <<<"$output")" 'cut=2
hang-up
status=429,retry-after=0.2
status=503
unfinished'
    # A service that asks to wait is waited for; no attempt is used.
    is "$(json '.tasks[] | select(.attempts) | .id' t.json | sort | xargs)" 'cut-2 hang-up status-503 unfinished'
}

@test "fields that a service does not know are left out" {
    for field in stream_options stream response_format; do
        one "echo,rejects=$field" '<result type="json"/>'
        : >requests
        chat_exits 1
        has "$output$stderr" 'not JSON'
        is "$(json 'has("'$field'")' requests | head -2 | xargs)" 'true false'
    done
    one echo,rejects=max_tokens '' 'max-tokens="5"'
    : >requests
    chat_exits 0
    is "$(tail -1 requests | json '[.max_tokens, .max_completion_tokens] | @csv')" ',5'
}

@test "a result is checked against its schema, and repaired" {
    cat >job.json <<'END'
{"type":"object","properties":{"title":{"type":"string"},"years":{"type":"integer","minimum":3}},
 "required":["title","years"],"additionalProperties":false}
END
    one echo '<result type="json" schema="job.json" repair="1"/>'
    chat_exits 0
    is "$output" '{"title": "hello big world", "years": 3}'
    is "$(json '.response_format.json_schema.schema.required | join(" ")' requests)" 'title years'
    one echo,invalid,times=1 '<result type="json" schema="job.json" repair="1"/>'
    chat_exits 0
    has "$output" '"years": 3'
    is "$(tail -1 requests | json '.messages | map(.role) | join(" ")')" 'user assistant user'
    has "$(tail -1 requests | json '.messages[2].content')" '/: must have "title"
/: must have "years"
/unexpected: is not allowed by the schema'
    : >requests
    one echo,invalid '<result type="json" schema="job.json" repair="2"/>'
    chat_exits 1
    has "$output$stderr" 'the answer does not meet the demands, also not after repair: /: must have "title"'
    # Each repair has the question, the last answer and its faults.
    is "$(json '.messages | length' requests | xargs)" '1 3 3'
    one echo '<result match="^Hello" max-length="10"/>'
    chat_exits 1
    has "$output$stderr" 'it does not match ^Hello;15 characters, more than 10'
}

@test "mistakes are found when the graph is loaded" {
    echo '{"type":"object","format":"date"}' >bad.json
    one echo '<result type="json" schema="bad.json"/>'
    dagrun_exits 3 check g.xml
    has "$stderr" 'schema "bad.json": the schema: "format" is not among the keywords that dagrun checks'
    one echo '<system file="missing.md"/>'
    dagrun_exits 3 check g.xml
    has "$stderr" 'missing.md'
    # shellcheck disable=SC2016 # a reference
    echo '${nobody}' >prompt.md
    one echo '<system file="prompt.md"/>'
    dagrun_exits 3 check g.xml
    has "$stderr" nobody
    mkfifo pipe
    one echo '<system file="pipe"/>'
    dagrun_exits 3 check g.xml
    has "$stderr" '"pipe" is not a regular file'
    one echo '<extra>[1]</extra>'
    dagrun_exits 3 check g.xml
    has "$stderr" '<extra> is not a JSON object'
    chat_graph <<<'<task id="a"><chat service="ai" model="echo"><system>Be.</system></chat></task>'
    dagrun_exits 3 check g.xml
    has "$stderr" 'it needs a <user>'
}

@test "the key goes to the service and into no report" {
    one echo
    echo wrong-key >key
    chat_exits 1 --timings t.json
    has "$output$stderr" 'status 401'
    lacks "$output$stderr$(cat t.json)" wrong-key
}

@test "answers do not occupy workers" {
    chat_graph < <(for i in {1..20}; do
        echo "<task id='t$i'><chat service='ai' model='echo,delay=300'><user>$i</user></chat></task>"
    done)
    chat_exits 0 -j1 -q --timings t.json
    matches "$(json '.makespan_seconds < 3' t.json)" true
}

@test "a second interruption ends a request at once, the first waits for the answer" {
    one echo,delay=700
    start g.xml --set base="$base" --set-file token=key
    wait_until exists requests
    kill -INT "$pid"
    ends_with 130
    is "$(cat out)" 'hello big world'
    one echo,delay=30000
    : >requests
    start g.xml --set base="$base" --set-file token=key
    wait_until test -s requests
    kill -INT "$pid"
    sleep 0.4 # an earlier signal would count as the same request
    kill -INT "$pid"
    ends_with 130
    lacks "$(cat out)" hello
}

@test "the tokens of an answer that is arriving are on the screen" {
    chat_graph <<END
      <task id="write"><chat service="ai" model="echo,pace=50"><user>eight words of four letters make ten tokens</user></chat></task>
      <task id="whole"><chat service="ai" model="echo,delay=400" stream="false"><user>long enough for a token</user></chat></task>
END
    TERM=xterm script -qec "'$DAGRUN' g.xml --set base=$base --set-file token=key" /dev/null </dev/null >screen
    has "$(<screen)" 'eight words of four letters make ten tokens'
    # Several numbers, one after the other; none for an answer that comes at once.
    n_shown=$(grep -ao 'write  [0-9]* token' screen | sort -u | wc -l)
    ((n_shown >= 2)) || { cat -v screen; return 1; }
    is "$(grep -ac 'whole  [0-9]* token' screen)" 0
}

@test "the example asks ten questions, in four phases" {
    llm=$source_dir/examples/resume/resume-llm.xml
    dagrun_exits 0 plan --json "$llm" --set base=x --set model=m --set-file token=key
    is "$(phases <(echo "$output"))" "$(dagrun plan --json "$source_dir/examples/resume/resume.xml" | json '[.phases[] | .tasks | join(" ")] | join(" | ")')"
    dagrun_exits 0 "$llm" -q --set base="$base" --set model=echo --set-file token=key --timings t.json
    is "$(json '[.tasks[] | select(.outcome == "succeeded")] | length' t.json)" 10
    is "$(wc -l <requests)" 10
    # The header presents the title that the first answer has.
    has "$(grep 'one line that presents' requests)" 'presents the person as Title:     Senior Backend'
}
