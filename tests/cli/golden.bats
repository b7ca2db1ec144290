#!/usr/bin/env bats
# The reference example: four inferred phases, and its log, word for word.

load helpers

setup_file()
{
    export RESUME="$BATS_FILE_TMPDIR/resume"
    cp -R "$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)/examples/resume" "$RESUME"
    rm -rf "$RESUME/output"
}

# Print the phases of the reference example with some settings: resume_phases NAME=VALUE...
resume_phases()
{
    dagrun plan --json "$RESUME/resume.xml" "${@/#/--set=}" >plan.json
    json '.phases[] | "\(.number) \(.title // "-"): \(.tasks | join(" "))"' plan.json
}

input='1 Input Processing: parse_job_description
2 Content Selection: select_experiences select_skills select_projects
3 Content Writing: write_summary write_header write_education_section'

@test "the four phases are inferred" {
    is "$(resume_phases)" "$input
4 Quality & Cover Letter: ats_check privacy_validation write_cover_letter"
    is "$(json .excluded plan.json)" '["render_latex","compile_pdf"]'
}

@test "the dependencies of each task" {
    resume_phases
    is "$(json '.tasks[] | "\(.id): \(.needs | sort | join(" "))"' plan.json)" \
        'parse_job_description: 
select_experiences: parse_job_description
select_skills: parse_job_description
select_projects: parse_job_description
write_summary: select_experiences select_skills
write_header: parse_job_description select_experiences select_skills
write_education_section: 
ats_check: select_experiences select_skills write_summary
privacy_validation: 
write_cover_letter: parse_job_description select_experiences select_projects select_skills write_education_section write_header write_summary'
}

@test "asap pulls two tasks into phase 1, alap pushes one out of phase 2" {
    dagrun plan --json "$RESUME/resume.xml" --phases asap >plan.json
    is "$(json '.phases[0].tasks | join(" ")' plan.json)" \
        'parse_job_description write_education_section privacy_validation'
    dagrun plan --json "$RESUME/resume.xml" --phases alap >plan.json
    is "$(json '.phases[1].tasks | join(" ")' plan.json)" 'select_experiences select_skills'
}

@test "enable_ats=false" {
    is "$(resume_phases enable_ats=false)" "$input
4 Quality & Cover Letter: privacy_validation write_cover_letter"
    is "$(json .excluded plan.json)" '["ats_check","render_latex","compile_pdf"]'
}

@test "enable_privacy=false" {
    is "$(resume_phases enable_privacy=false)" "$input
4 Quality & Cover Letter: ats_check write_cover_letter"
}

@test "both excluded" {
    is "$(resume_phases enable_ats=0 enable_privacy=0)" "$input
4 Quality & Cover Letter: write_cover_letter"
}

@test "fast_mode changes the arguments of tasks, not the phases" {
    is "$(resume_phases fast_mode=true)" "$(resume_phases)"
    is "$(dagrun -n "$RESUME/resume.xml" --set fast_mode=true | grep -c -- '--stringparam fast_mode true')" 3
    is "$(dagrun -n "$RESUME/resume.xml" | grep -c -- '--stringparam fast_mode false')" 3
}

@test "pdf=true adds two phases" {
    # The predecessors of render_latex run in the phase before it, privacy_validation too.
    is "$(resume_phases pdf=true | tail -n 3)" \
        '4 Quality & Cover Letter: ats_check privacy_validation write_cover_letter
5 LaTeX: render_latex
6 PDF: compile_pdf'
    is "$(json .excluded plan.json)" '[]'
    is "$(resume_phases pdf=true enable_ats=false enable_privacy=false | tail -n 3)" \
        '4 Quality & Cover Letter: write_cover_letter
5 LaTeX: render_latex
6 PDF: compile_pdf'
}

# Replace everything that depends on the day.
normalised()
{
    sed -E 's/[0-9]+\.[0-9]{3}s/N.NNNs/g; s/\([0-9.]+ minutes\)/(N.NN minutes)/; /^resume: /,$d' "$1"
}

@test "the log, word for word" {
    needs_program xsltproc
    "$DAGRUN" --log "$RESUME/resume.xml" --set output=out >/dev/null 2>log
    diff -u "$BATS_TEST_DIRNAME/golden/resume.log" <(normalised log)
}

@test "the log with flags, word for word" {
    needs_program xsltproc
    "$DAGRUN" --log "$RESUME/resume.xml" --set output=out --set enable_ats=false \
        --set enable_privacy=false --set fast_mode=true >/dev/null 2>log
    diff -u "$BATS_TEST_DIRNAME/golden/resume-flags.log" <(normalised log)
}

@test "timings.json has the keys that its users need" {
    needs_program xsltproc
    "$DAGRUN" -q "$RESUME/resume.xml" --set output=out --set fast_mode=true
    is "$(json '[.fast_mode,.enable_ats,.enable_privacy]' out/timings.json)" '[true,true,true]'
    is "$(json '.phase_timings | keys | join(" ")' out/timings.json)" 'phase1 phase2 phase3 phase4'
    is "$(json '[.overall_duration_seconds,.overall_duration_minutes,.timestamp,.phase_timings[]] |
                map(type) | join(" ")' out/timings.json)" \
        'number number string number number number number'
}
