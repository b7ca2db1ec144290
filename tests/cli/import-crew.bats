#!/usr/bin/env bats
# dagrun import crewai: crews of agents as graphs.

load helpers

# The crew of the tests, in the directory c.
crew()
{
    mkdir -p c/config
    cat >c/config/agents.yaml <<'END'
researcher:
  role: >
    {topic} Senior Researcher
  goal: Find what is new in {topic} & < "more"
  backstory: >-
    You cost ${price} and ${topic} -- or $5.
  llm: openai/gpt-4o-mini
  max_rpm: 10
  tools: [SerperDevTool]
writer:
  role: Writer
  goal: |
    Write.
  llm: ollama/llama3.1
  verbose: true
  allow_delegation: false
END
    cat >c/config/tasks.yaml <<'END'
research:
  description: >
    Research {topic}, {report} and {"json": 1}.
  expected_output: Ten points.
  agent: researcher
  async_execution: true
  guardrail: no -- dashes -
check:
  description: Check.
  context: []
  agent: researcher
  output_pydantic: Verdict
report:
  description: Report on it.
  agent: writer
END
}

@test "a crew becomes a valid graph of questions" {
    crew
    dagrun_exits 0 import crewai c
    is "$output" '<?xml version="1.0" encoding="UTF-8"?>
<graph xmlns="urn:dagrun:graph:1">
  <!-- agent "researcher": "tools" is not imported; a tool is a task of its own, whose output is ${task} -->
  <param name="topic"/>
  <param name="report_input"/>
  <param name="price"/>
  <param name="openai_url" title="The URL of a service with OpenAI'"'"'s interface" default="https://api.openai.com/v1"/>
  <param name="openai_key" secret="true"/>
  <service name="openai" url="${openai_url}" key="${openai_key}"/>
  <pool name="researcher" rate="10/m"/>
  <param name="ollama_url" title="The URL of a service with OpenAI'"'"'s interface" default="http://localhost:11434/v1"/>
  <service name="ollama" url="${ollama_url}"/>

  <task id="research" uses="researcher">
    <!-- task "research": "guardrail" is not imported: no - - dashes -; <result match="…"/> or a schema checks an answer -->
    <chat service="openai" model="gpt-4o-mini">
      <system>You are ${topic} Senior Researcher.
You cost $ ${price} and $ ${topic} -- or $5.
Your personal goal is: Find what is new in ${topic} &amp; &lt; &quot;more&quot;</system>
      <user>Research ${topic}, ${report_input} and {&quot;json&quot;: 1}.

The answer must be: Ten points.</user>
    </chat>
  </task>

  <task id="check" uses="researcher">
    <!-- task "check": "output_pydantic" is not imported: Verdict; <result type="json" schema="…"/> demands it -->
    <chat service="openai" model="gpt-4o-mini">
      <system>You are ${topic} Senior Researcher.
You cost $ ${price} and $ ${topic} -- or $5.
Your personal goal is: Find what is new in ${topic} &amp; &lt; &quot;more&quot;</system>
      <user>Check.</user>
    </chat>
  </task>

  <task id="report">
    <chat service="ollama" model="llama3.1">
      <system>You are Writer.

Your personal goal is: Write.</system>
      <user>Report on it.</user>
      <context of="research check"/>
    </chat>
  </task>
</graph>'
    is "$stderr" 'c/config/agents.yaml:9: warning: agent "researcher": "tools" is not imported; a tool is a task of its own, whose output is ${task}
c/config/tasks.yaml:7: warning: task "research": "guardrail" is not imported: no -- dashes -; <result match="…"/> or a schema checks an answer
c/config/tasks.yaml:12: warning: task "check": "output_pydantic" is not imported: Verdict; <result type="json" schema="…"/> demands it'
    dagrun_exits 0 import crewai c -o g.xml
    xmllint --noout --schema "$source_dir/schemas/dagrun.xsd" g.xml
    dagrun_exits 0 check g.xml
    is "$stderr" ''
    dagrun plan --json g.xml --set topic=x --set report_input=y --set price=1 --set-env openai_key=HOME >plan.json
    is "$(phases plan.json)" 'research check | report'
}

@test "agents.yaml and tasks.yaml may lie in the directory itself; agents without a model share a parameter" {
    echo 'a: {role: A}' >agents.yaml
    echo $'t: {description: "Say ${{}}: {x} {y-}", agent: a, context: ~, "odd\\a\\uFFFE": "\\b"}\nu: {description: U, context: t}' >tasks.yaml
    dagrun_exits 0 import crewai .
    is "$stderr" './tasks.yaml:1: warning: task "t": "odd  " is not imported:  
./tasks.yaml:2: warning: task "u" has no agent'
    has "$output" 'model="${model}"'
    has "$output" '<user>Say $${{}}: ${x} {y-}</user>'
    has "$output" '<context of="t"/>'
    dagrun import crewai . >g.xml 2>/dev/null
    dagrun_exits 0 check g.xml
}

@test "a map with many keys is read in linear time" {
    { echo 'a:'; echo '  role: A'; printf '  key%d: v\n' {1..200000}; } >agents.yaml
    echo 't: {description: d, agent: a}' >tasks.yaml
    run -0 --separate-stderr timeout 20 "$DAGRUN" import crewai .
    is "$(wc -l <<<"$stderr")" 200000
}

# Import with tasks.yaml of standard input: fails_with "LINE: error: …"
fails_with()
{
    cat >tasks.yaml
    dagrun_exits 3 import crewai .
    is "$output" ''
    is "$stderr" "./tasks.yaml:$1"
}

@test "a malformed crew is an error with file and line" {
    echo 'a: {role: A}' >agents.yaml
    fails_with '3: error: not YAML: while parsing a flow node, did not find expected node content' <<<$'t:\n  x: ['
    fails_with '2: error: the alias "*x" is not read; write the value instead' <<<$'t: &x\n  description: *x'
    fails_with '3: error: a second document begins' <<<$'t: {description: d, agent: a}\n\n---\nu: 1'
    fails_with '2: error: the key "t" stands twice' <<<$'t: {description: d, agent: a}\nt: {}'
    fails_with '1: error: it is not a map of tasks' <<<'[a, b]'
    fails_with '1: error: there are no tasks' <<<''
    fails_with '1: error: task "t" has no description' <<<'t: {agent: a}'
    fails_with '1: error: task "t" has no description' <<<'t: x'
    fails_with '1: error: "a b" is not a name of letters, digits and "_"' <<<'a b: {}'
    fails_with '1: error: task "t" has the agent "b", which is not declared' <<<'t: {description: d, agent: b}'
    fails_with '2: error: task "t" has the context "n", which is not declared' <<<$'t: {description: d, agent: a,\n  context: [n]}'
    fails_with '1: error: the value of "description" is not a text' <<<'t: {description: [d]}'
    fails_with '1: error: task "t" has the context "null", which is not declared' <<<'t: {description: d, agent: a, context: "null"}'
    fails_with '1: error: a text holds a NUL' <<<'t: {description: "\0"}'
    fails_with '1: error: lists and maps are nested more than 32 times' < <(printf 't: '; printf '[%.0s' {1..200000})
    printf 't: {description: "\xff"}' >tasks.yaml
    dagrun_exits 3 import crewai .
    matches "$stderr" '^./tasks.yaml:1: error: not YAML: '
    echo $'t: {description: d, agent: a, context: [u]}\nu: {description: d, agent: a, context: [t]}' >tasks.yaml
    dagrun_exits 3 import crewai .
    matches "$stderr" '^./tasks.yaml:[12]: error: .*cycle'
    echo 'a: {role: A, max_rpm: many}' >agents.yaml
    complains 3 './agents.yaml:1: error: max_rpm is "many", not a number of requests a minute' import crewai .
    echo 'a: {role: A, llm: openai/}' >agents.yaml
    complains 3 './agents.yaml:1: error: llm is "openai/", which names no model' import crewai .
    rm agents.yaml
    dagrun_exits 4 import crewai .
    has "$stderr" 'agents.yaml'
    complains 2 'dagrun: import crewai takes one directory, and no option but -o' import crewai . x
}
