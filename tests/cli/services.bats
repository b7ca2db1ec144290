#!/usr/bin/env bats
# Limits that a service declares for all its tasks.

load helpers
load servers

setup()
{
    chat_setup --log requests
}

@test "tasks of a service share its pools and its connections, in plans and runs" {
    graph g.xml <<END
      <task id="a"><chat service="ai" model="echo,delay=200"><user>1</user></chat></task>
      <task id="b" uses="llm:3 own"><chat service="ai" model="echo,delay=200"><user>2</user></chat></task>
      <task id="c"><chat service="free" fallback="ai" model="echo"><user>3</user></chat></task>
      <service name="ai" url="$base" uses="llm:2" connections="3"/> <service name="free" url="$base"/>
      <service name="idle" connections="1"/>
      <pool name="llm" slots="4"/> <pool name="own" slots="1"/>
END
    dagrun_exits 0 plan --json g.xml
    is "$(json -c '[.pools[] | .name, .slots]' <<<"$output")" '["llm",4,"own",1,"connections of ai",3,"connections of idle",1]'
    is "$(json -c '[.tasks[] | .uses]' <<<"$output")" \
        '[{"llm":2,"connections of ai":1},{"llm":3,"own":1,"connections of ai":1},null]'
    dagrun_exits 0 -q --timings r.json --strategy dataflow g.xml
    "$DAGRUN" verify g.xml r.json
    # Five slots of four: one after the other.
    json -e '.makespan_seconds >= 0.4' r.json >/dev/null
}

@test "mistakes in the limits of a service are found" {
    graph g.xml <<'END'
      <service name="ai" url="http://x" uses="lm" connections="0"/>
      <service name="other" uses="llm:9" patience="long"/>
      <service name="third" uses="llm llm"/>
      <pool name="llm" slots="2"/>
END
    dagrun_exits 3 check g.xml
    has "$stderr" 'service "ai" uses the pool "lm", which is not declared; did you mean "llm"?'
    has "$stderr" '"0" is not a whole number from 1 to'
    has "$stderr" 'service "other" uses 9 slots of the pool "llm", which has 2'
    has "$stderr" '"long" is not a duration'
    has "$stderr" 'service "third" uses the pool "llm" twice'
}

@test "a service says how long its tasks wait for its limits" {
    graph g.xml <<END
      <service name="hasty" url="$base" patience="50ms"/> <service name="never" url="$base" patience="0s"/>
      <task id="a"><chat service="hasty" model="echo,status=429,retry-after=0.1"><user>1</user></chat></task>
      <task id="b"><chat service="hasty" model="echo,status=429,retry-after=0.03"><user>2</user></chat></task>
      <task id="c"><chat service="never" fallback="hasty" model="echo,status=429,times=1"><user>3</user></chat></task>
END
    dagrun_exits 1 -q -k --timings r.json g.xml
    is "$(outcomes r.json)" 'a:failed b:failed c:succeeded'
    has "$(json '.tasks[0].reason' r.json)" 'asks to wait for 100 ms, and requests wait for up to 50.0 ms, and 250 ms in all'
    is "$(json '.tasks[1].requests | length' r.json)" 9 # eight waits of 30 ms fit
    is "$(json '[.tasks[2].requests[] | .service] | join(" ")' r.json)" 'never hasty'
}
