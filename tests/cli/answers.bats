#!/usr/bin/env bats
# Answers of services that are kept: the cache, and recordings.

load helpers
load servers

setup()
{
    chat_setup --log requests
    echo key-1 >key
    : >requests
}

# The requests that the chat server has read.
n_asked()
{
    wc -l <requests
}

# A question: question MODEL [ATTRIBUTES [ELEMENTS]]
question()
{
    chat_graph <<<"<task id='a' retries='1'><chat service='ai' model='$1' cache='forever' ${2-}><user>hello</user>${3-}</chat></task>"
}

@test "an answer is kept by the content of the question" {
    question upper
    chat_exits 0 --timings t.json
    is "$output" HELLO
    is "$(n_asked)" 1
    is "$(json '.tasks[0].kept' t.json)" null
    # Another task, another key, other limits: the same question.
    echo key-2 >key
    chat_graph <<<'<task id="b" timeout="1m"><chat service="ai" model="upper" cache="1h" stall="9s"><user> hello</user></chat></task>'
    chat_exits 0 --timings t.json
    is "$output" HELLO
    is "$(n_asked)" 1
    is "$(json '.tasks[0] | [.kept, .requests, .usage]' t.json)" '[true,null,null]'
    # All that determines the answer makes another one.
    for change in "temperature='0'" "variant='2'" "variant='3'" "max-tokens='9'"; do
        question upper "$change"
        chat_exits 0
    done
    question upper '' '<result match="H"/>'
    chat_exits 0
    question upper '' '<system>Be.</system>'
    chat_exits 0
    is "$(n_asked)" 7
    question upper "variant='2'"
    chat_exits 0
    is "$(n_asked)" 7
    # Without `cache` it is asked, and an answer that is too old is forgotten.
    chat_graph <<<'<task id="a"><chat service="ai" model="upper"><user>hello</user></chat></task>'
    chat_exits 0
    is "$(n_asked)" 8
    find cache -type f -exec touch -d '2 hours ago' {} +
    chat_graph <<<'<task id="a"><chat service="ai" model="upper" cache="1h"><user>hello</user></chat></task>'
    chat_exits 0
    is "$(n_asked)" 9
    chat_exits 0
    is "$(n_asked)" 9
    # Only the user may read it, and no secret is in it.
    is "$(find cache/dagrun/answers -perm /077)" ''
    lacks "$(cat cache/dagrun/answers/*)" key-
    # The counts of tokens stay with the answer.
    is "$(sed -n 2p "$(grep -l HELLO cache/dagrun/answers/* | head -1)" | json '[.model, .usage.input > 0, .usage.output, .duration_seconds > 0] | @csv')" '"test-1",true,1,true'
}

@test "only what is complete and valid is kept" {
    for model in echo,unfinished echo,finish=length echo,status=400 echo,empty; do
        question "$model"
        chat_exits 1 -q
        : >requests
        chat_exits 1 -q
        (($(n_asked) > 0))
    done
    question echo '' '<result match="^x"/>'
    chat_exits 1 -q
    is "$(ls cache/dagrun/answers)" salt
    # An answer that was repaired is kept as the answer to the question.
    echo '{"type":"object","properties":{"n":{"type":"integer","minimum":3}},"required":["n"],"additionalProperties":false}' >n.json
    question echo,invalid,times=1 '' '<result type="json" schema="n.json" repair="1"/>'
    : >requests
    chat_exits 0
    is "$output, $(n_asked)" '{"n": 3}, 2'
    chat_exits 0
    is "$output, $(n_asked)" '{"n": 3}, 2'
}

@test "a file that was damaged, and a place that cannot be used, are no answer" {
    question upper
    chat_exits 0
    entry=$(grep -l HELLO cache/dagrun/answers/*)
    cp "$entry" whole
    for damage in 's/HELLO/HELLA/' '1s/^./x/' '2d' '$d'; do
        sed "$damage" whole >"$entry"
        ! cmp -s whole "$entry"
        : >requests
        chat_exits 0
        is "$output, $(n_asked)" 'HELLO, 1'
        cmp <(tail -n1 whole) <(tail -n1 "$entry")
    done
    : >"$entry"
    chat_exits 0
    # A salt that was cut is made anew.
    : >cache/dagrun/answers/salt
    : >requests
    chat_exits 0
    chat_exits 0
    is "$output, $(n_asked)" 'HELLO, 1'
    XDG_CACHE_HOME='' HOME='' chat_exits 0
    has "$output$stderr" 'the answer is not kept: neither XDG_CACHE_HOME nor HOME is an absolute path'
    has "$output" HELLO
    : >file
    XDG_CACHE_HOME=$PWD/file chat_exits 0
    has "$output$stderr" "the answer is not kept: $PWD/file/dagrun/answers: Not a directory"
    HOME=$PWD/home XDG_CACHE_HOME=relative chat_exits 0
    is "$(find home/.cache/dagrun/answers -type f | wc -l)" 2
}

@test "identical requests of a run are sent once" {
    chat_graph < <(for i in {1..20}; do
        echo "<task id='t$i'><chat service='ai' model='upper,delay=100' cache='forever'><user>hello</user></chat></task>"
    done)
    chat_exits 0
    is "$(sort -u <<<"$output"), $(n_asked)" 'HELLO, 1'
    is "$(wc -l <<<"$output")" 20
    # If one gets no answer, the next one is sent.
    chat_graph < <(for i in {1..5}; do
        echo "<task id='t$i' allow-failure='true'><chat service='ai' model='upper,delay=50,status=400,times=2' cache='forever'><user>hello</user></chat></task>"
    done)
    : >requests
    chat_exits 0 --timings t.json
    is "$(n_asked), $(json '[.tasks[].outcome] | sort | join(" ")' t.json)" '3, failed failed succeeded succeeded succeeded'
}

@test "outputs of http are kept, also of POST, by user" {
    serve_pages
    graph g.xml <<END
      <param name="key"/>
      <service name="s" url="$pages" key="\${key}"/>
      <task id="get"><http service="s" url="json" cache="forever"><extract json="/n"/></http></task>
      <task id="post"><http service="s" url="echo" idempotency-key="auto" cache="forever"><body>text</body><extract json="/body"/></http></task>
      <task id="form"><http service="s" url="echo" cache="forever"><part name="p" value="v"/><extract json="/path"/></http></task>
      <task id="missing" expect="404"><http service="s" url="missing" cache="forever"><extract status="true"/></http></task>
END
    for key in one one two one; do
        dagrun_exits 0 g.xml --set key=$key --timings t.json
        is "$(sort <<<"$output" | xargs)" '/echo 1.50 404 text'
    done
    is "$(json '[.tasks[].kept] | all' t.json)" true
    is "$(json '.headers.authorization' log | sort | uniq -c | xargs)" '4 Bearer one 4 Bearer two'
    # Not what `expect` does not name.
    graph g.xml <<END
      <task id="missing"><http url="$pages/missing" cache="forever"/></task>
END
    dagrun_exits 1 g.xml
    dagrun_exits 1 g.xml
    is "$(json 'select(.headers.authorization == null) | .path' log | xargs)" '/missing /missing'
}

@test "mistakes of a cache are found when the graph is loaded" {
    for cache in soon 0s -1h ''; do
        graph g.xml <<<"<task id='a'><http url='http://localhost/' cache='$cache'/></task>"
        dagrun_exits 3 check g.xml
    done
    graph g.xml <<<"<task id='a'><http url='http://localhost/' cache='soon'/></task>"
    dagrun_exits 3 check g.xml
    has "$stderr" 'cache="soon" is neither "forever" nor a duration'
    graph g.xml <<<"<task id='a'><http url='http://localhost/' save='f' cache='1h'/></task>"
    dagrun_exits 3 check g.xml
    has "$stderr" 'the answer is saved, so it is not kept in the cache'
    chat_graph <<<'<task id="a"><chat service="ai" model="m" variant="2"><user>x</user></chat></task>'
    dagrun_exits 3 check g.xml
    has "$stderr" 'a variant needs a cache'
}
