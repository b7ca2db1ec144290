#!/usr/bin/env bats
# Clean-ups learn how the run stands and how tasks ended; other tasks how those that they need ended.

load helpers

# A clean-up that writes its variables to the file told, sorted, and what it needs: sweep NEEDS
sweep()
{
    echo "<task id='sweep' needs='$1' always='true'><shell>env | grep -e ^DAGRUN_OUTCOME -e ^DAGRUN_FAILED | sort > told</shell></task>"
}

@test "a clean-up knows that all succeeded" {
    graph g.xml <<<"<task id='a'/><task id='b'/>$(sweep 'a b')"
    dagrun_exits 0 g.xml
    is "$(cat told)" 'DAGRUN_FAILED=
DAGRUN_OUTCOME=succeeded
DAGRUN_OUTCOME_a=succeeded
DAGRUN_OUTCOME_b=succeeded'
}

@test "a clean-up knows what failed, and the outcome of each task that it names" {
    graph g.xml <<END
      <task id="bad"><shell>exit 3</shell></task>
      <task id="be-hind" needs="bad"/>
      <task id="slow" timeout="10ms"><sleep duration="1h"/></task>
      <task id="lint" allow-failure="true"><shell>exit 1</shell></task>
      <task id="left.out" when="false()" needs="unnamed"/>
      <task id="unnamed"/>
      $(sweep 'bad be-hind slow lint left.out')
END
    dagrun_exits 1 -k --strategy dataflow -j1 g.xml
    is "$(cat told)" 'DAGRUN_FAILED=bad slow
DAGRUN_OUTCOME=failed
DAGRUN_OUTCOME_bad=failed
DAGRUN_OUTCOME_be_hind=blocked
DAGRUN_OUTCOME_left_out=excluded
DAGRUN_OUTCOME_lint=failed
DAGRUN_OUTCOME_slow=timed-out'
}

@test "a clean-up of a stopped run knows the outcome of tasks that never ran" {
    graph g.xml <<END
      <task id="bad"><shell>exit 1</shell></task>
      <task id="mid" needs="bad"/>
      <task id="far" needs="mid"/>
      <task id="long"><shell>while ! test -e told; do sleep 0.01; done; exit 1</shell></task>
      <task id="after" needs="long"/>
      $(sweep 'far after')
END
    dagrun_exits 1 --strategy dataflow -j3 g.xml
    is "$(cat told)" 'DAGRUN_FAILED=bad
DAGRUN_OUTCOME=failed
DAGRUN_OUTCOME_after=cancelled
DAGRUN_OUTCOME_far=blocked'
}

@test "an allowed failure does not make the outcome of the run a failure" {
    graph g.xml <<<"<task id='lint' allow-failure='true'><shell>exit 1</shell></task>$(sweep lint)"
    dagrun_exits 0 g.xml
    is "$(cat told)" 'DAGRUN_FAILED=
DAGRUN_OUTCOME=succeeded
DAGRUN_OUTCOME_lint=failed'
}

@test "the last attempt decides the outcome that a clean-up sees" {
    graph g.xml <<END
      <task id="a" retries="1" retry-delay="1ms"><shell>if test -e tried; then exit 0; fi; touch tried; exit 1</shell></task>
      <task id="b" retries="1" retry-delay="1ms"><shell>echo >> b; exit 1</shell></task>
      $(sweep 'a b')
END
    dagrun_exits 1 -k -j1 g.xml
    is "$(cat told)" 'DAGRUN_FAILED=b
DAGRUN_OUTCOME=failed
DAGRUN_OUTCOME_a=succeeded
DAGRUN_OUTCOME_b=failed'
    is "$(wc -l <b)" 2
}

@test "after ^C and --timeout, a clean-up knows the reason" {
    graph g.xml <<<"<task id='bad'><shell>exit 1</shell></task>
      <task id='a'><shell>echo > ready; sleep 1000</shell></task>$(sweep 'bad a')"
    start -j2 g.xml
    wait_until exists ready
    wait_until grep -q 'bad.*failed' err
    kill -INT "$pid"
    ends_with 130
    is "$(cat told)" 'DAGRUN_FAILED=bad
DAGRUN_OUTCOME=cancelled
DAGRUN_OUTCOME_a=cancelled
DAGRUN_OUTCOME_bad=failed'
    graph g.xml <<<"<task id='a'><shell>sleep 1000</shell></task>$(sweep a)"
    dagrun_exits 124 --timeout 0.1s g.xml
    is "$(cat told)" 'DAGRUN_FAILED=
DAGRUN_OUTCOME=timed-out
DAGRUN_OUTCOME_a=cancelled'
}

@test "only clean-ups have the variables; a program has them, too" {
    graph g.xml <<'END'
      <task id="a"><shell>env | grep -c -e ^DAGRUN_OUTCOME -e ^DAGRUN_FAILED > n || true</shell></task>
      <task id="b" needs="a" always="true">
        <exec>sh -c 'echo "$DAGRUN_OUTCOME $DAGRUN_OUTCOME_a" > told'</exec>
      </task>
END
    dagrun_exits 0 g.xml
    is "$(cat told)" 'succeeded succeeded'
    is "$(cat n)" 0
}

@test "a run within a clean-up does not see the outcomes of the outer one" {
    graph inner.xml <<END
      <task id="plain"><shell>env | grep -c -e ^DAGRUN_OUTCOME -e ^DAGRUN_FAILED > n || true</shell></task>
      $(sweep plain)
END
    graph g.xml <<END
      <task id="bad"><shell>exit 1</shell></task>
      <task id="end" needs="bad" always="true"><exec>$DAGRUN -q inner.xml</exec></task>
END
    dagrun_exits 1 -q g.xml
    is "$(cat n)" 0
    is "$(cat told)" 'DAGRUN_FAILED=
DAGRUN_OUTCOME=succeeded
DAGRUN_OUTCOME_plain=succeeded'
}

@test "\${task.outcome} is the outcome, in exec, env and dir, in any task" {
    graph g.xml <<'END'
      <task id="bad"><shell>exit 1</shell></task>
      <task id="behind" needs="bad"/>
      <task id="good"><exec>echo printed, since no task reads it</exec></task>
      <task id="lint" allow-failure="true"><shell>exit 1</shell></task>
      <task id="out" when="false()"/>
      <task id="end" always="true" dir="in-${good.outcome}">
        <env name="KEY" value="${behind.outcome}/${out.outcome}"/>
        <exec>sh -c 'echo "$0 $KEY" > told' "bad: ${bad.outcome}"</exec>
      </task>
      <task id="plain"><exec>touch ${good.outcome}-${lint.outcome}</exec></task>
END
    mkdir in-succeeded
    dagrun_exits 1 -k g.xml
    is "$(cat in-succeeded/told)" 'bad: failed blocked/excluded'
    [[ -e succeeded-failed ]]
    has "$output" 'printed, since no task reads it'
    is "$(dagrun plan g.xml --json | json '.tasks[] | select(.id == "plain").needs')" '["good","lint"]'
    has "$(dagrun -n g.xml)" 'touch ${good.outcome}-${lint.outcome}'
}

@test "a task or a parameter that is called so comes before the outcome" {
    graph g.xml <<'END'
      <task id="a"/>
      <task id="b"><exec>touch ${a.outcome}</exec></task>
      <task id="a.outcome"><exec>echo of-the-task</exec></task>
END
    dagrun_exits 0 g.xml
    [[ -e of-the-task ]]
    is "$(dagrun plan g.xml --json | json '.tasks[] | select(.id == "b").needs')" '["a.outcome"]'
}

@test "an outcome in the env of a script gives it no file with the output" {
    graph g.xml <<'END'
      <task id="a"><exec>echo hello</exec></task>
      <task id="b"><env name="HOW" value="${a.outcome}"/><shell>echo "$HOW ${a-none}" > told</shell></task>
END
    dagrun_exits 0 g.xml
    is "$(cat told)" 'succeeded none'
    has "$output" hello
}

@test "any number of failures lets a clean-up start" {
    {
        printf '<task id="long-name-%d"><exec>/nowhere</exec></task>\n' {1..3000}
        echo '<task id="end" always="true"><shell>echo "$DAGRUN_FAILED" > told</shell></task>'
    } | graph g.xml
    dagrun_exits 1 -k -q -j1 --strategy dataflow g.xml
    size=$(wc -c <told)
    ((size <= 16385 && size > 16300)) # with the end of the line
    read -ra ids <told
    is "${ids[0]} ${ids[1]} ${ids[-1]}" 'long-name-1 long-name-2 ...'
    is "${ids[-2]}" "long-name-$((${#ids[@]} - 1))"
}

@test "a clean-up of very many tasks starts, with variables for the first ones" {
    {
        printf '<task id="long-name-%d"/>\n' {1..60000}
        printf '<task id="end" always="true" needs="'
        printf 'long-name-%d ' {1..60000}
        echo '"><exec>sh -c "env | grep ^DAGRUN_OUTCOME_ > told"</exec></task>'
    } | graph g.xml
    dagrun_exits 0 -q g.xml
    has "$(cat told)" 'DAGRUN_OUTCOME_long_name_1=succeeded'
    (($(wc -l <told) > 1000 && $(wc -c <told) <= 65536))
}

@test "scripts that cannot have such a variable are found before the run" {
    graph g.xml <<'END'
<task id="a-b"/><task id="a_b"/>
<task id="plain"><shell>echo "$DAGRUN_OUTCOME"</shell></task>
<task id="careful"><shell>echo "${DAGRUN_FAILED:-}"</shell></task>
<task id="end" always="true"><shell>echo "$DAGRUN_OUTCOME $DAGRUN_FAILED"
  echo "$DAGRUN_OUTCOME_plain $DAGRUN_OUTCOME_plane"</shell></task>
<task id="both" always="true" needs="a-b a_b"><shell>echo "$DAGRUN_OUTCOME_a_b"</shell></task>
<task id="brace" needs="plain"><shell>echo "${plain.outcome}"</shell></task>
<task id="far" always="true"><exec>echo "$DAGRUN_FAILED"</exec></task>
<task id="says"><exec>echo ${plain.outcome}</exec></task>
END
    dagrun_exits 3 check g.xml
    is "$stderr" 'g.xml:4:20: warning: task "careful" uses $DAGRUN_FAILED, which only a clean-up has (always="true")
g.xml:9:30: warning: task "far" passes "$DAGRUN_FAILED" as it is written, since no shell reads it
g.xml:3:18: error: task "plain" uses $DAGRUN_OUTCOME, which only a clean-up has (always="true")
g.xml:5:30: error: task "end" uses $DAGRUN_OUTCOME_plain, the outcome of task "plain", and does not need that task; add it: needs="plain"
g.xml:5:30: error: task "end" uses $DAGRUN_OUTCOME_plane, and no task has the id "plane"; did you mean "plain"?
g.xml:7:47: error: task "both" uses $DAGRUN_OUTCOME_a_b, which is the outcome of both task "a-b" and task "a_b"; rename one of them
g.xml:8:32: error: task "brace" uses "${plain.outcome}", which is no variable of a script; pass it with <env>'
}

@test "a script that uses one of too many variables is told so" {
    {
        printf '<task id="long-name-%d"/>\n' {1..3000}
        printf '<task id="end" always="true" needs="'
        printf 'long-name-%d ' {1..3000}
        echo '"><shell>echo "$DAGRUN_OUTCOME_long_name_1 $DAGRUN_OUTCOME_long_name_3000"</shell></task>'
    } | graph g.xml
    complains 3 'g.xml:3002:43932: error: task "end" uses $DAGRUN_OUTCOME_long_name_3000, and it needs too many tasks to have a variable for each; set one by <env> to ${long-name-3000.outcome}' check g.xml
}
