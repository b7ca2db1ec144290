# Reads a job posting (plain text) and, before it, the stop words.
# Writes XML: facts about the posting and its keywords, the most important first.
#
#   awk -f parse-job.awk stop-words.txt job.txt
#
# A keyword is a run of words between stop words and punctuation (RAKE: Rose, Engel, Cramer
# and Cowley, 2010).  Its need is the strongest of all sections that contain it.  @match is the text
# for which the select steps search: " go " is a word, " queue" the start of one.

function xml(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    return text
}

# Names of posting facts: "Title:     Senior Engineer" gives <title>Senior Engineer</title>.
function fact(line,    name) {
    name = tolower(substr(line, 1, index(line, ":") - 1))
    sub(/^[^:]*:[ \t]*/, "", line)
    sub(/[ \t]+$/, "", line)
    facts[name] = line
    printf "  <%s>%s</%s>\n", name, xml(line), name
}

function fail(message) {
    print "parse-job.awk: " message > "/dev/stderr"
    exit 1
}

function need_of(heading) {
    heading = tolower(heading)
    if (heading ~ /nice|bonus|preferred|desirable|advantage/) return "preferred"
    if (heading ~ /require|must|qualification|you bring/) return "required"
    if (heading ~ /will do|responsibilit|duties|tasks/) return "mentioned"
    return ""
}

# The phrase for which the select steps search; long words also match with other endings.
function match_of(phrase,    n) {
    gsub(/[-.\/]/, " ", phrase)
    n = length(phrase)
    if (n < 5) return " " phrase " "
    sub(/(ies|y|s)$/, "", phrase)
    return " " phrase
}

function keyword(phrase, words) {
    if (words == 0 || words > 3 || length(phrase) < 2 || phrase ~ /^[0-9]/) return
    if (!(phrase in need)) order[++n_phrases] = phrase
    if (base[section] > base[need[phrase]]) need[phrase] = section
}

# Cuts one line at stop words and punctuation.
function phrases(line,    n, i, word, run, words) {
    line = tolower(line)
    gsub(/[,;:()!?"*]/, " | ", line)
    gsub(/\.( |$)/, " | ", line)
    n = split(line, token, " ")
    for (i = 1; i <= n; i++) {
        word = token[i]
        if (word == "|" || word == "-" || word in stop) {
            keyword(run, words)
            run = ""; words = 0
        } else {
            run = (words++ ? run " " : "") word
        }
    }
    keyword(run, words)
}

BEGIN { base["required"] = 4; base["preferred"] = 2; base["mentioned"] = 1 }
FNR == 1 { file++ }
{ sub(/\r$/, "") }

file == 1 { for (i = 1; i <= NF; i++) stop[$i] = 1; next }

FNR == 1 { print "<job>" }

# Line ends inside a paragraph are not boundaries, so the lines of a bullet are joined first.
function flush() {
    if (section != "") phrases(paragraph)
    paragraph = ""
}

!in_body && /^(Title|Company|Location|Reference|Contact):/ { fact($0); next }
/^[ \t]*$/ { flush(); blank = 1; next }

# A heading: a short line between blank lines, without a full stop or a bullet.
{ gsub(/^[ \t]+|[ \t]+$/, "") }
blank && /^[A-Z]/ && length($0) < 40 && !/[.,]$/ {
    flush()
    section = need_of($0)
    in_body = 1; blank = 0
    next
}
/^[-*] / { flush() }
{
    blank = 0
    paragraph = paragraph " " $0
    body = body " " $0
}

# The number of times that the posting contains a phrase.
function count(match_text,    rest, at, n) {
    rest = body
    while ((at = index(rest, match_text)) > 0) {
        n++
        rest = substr(rest, at + length(match_text) - 1)
    }
    return n
}

END {
    flush()
    if (!facts["title"] || !facts["company"])
        fail("the posting needs a line \"Title: ...\" and a line \"Company: ...\"")
    if (n_phrases == 0)
        fail("no section like \"Requirements\" with any content found in the posting")
    body = tolower(body) " "
    gsub(/[^a-z0-9+#]+/, " ", body)
    for (weight = 6; weight >= 1; weight--)
        for (i = 1; i <= n_phrases; i++) {
            phrase = order[i]
            times = count(match_of(phrase))
            if (times > 3) times = 3
            if (base[need[phrase]] + times - 1 == weight)
                printf "  <keyword need=\"%s\" weight=\"%d\" match=\"%s\">%s</keyword>\n", \
                    need[phrase], weight, xml(match_of(phrase)), xml(phrase)
        }
    print "</job>"
}
