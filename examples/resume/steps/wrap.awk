# Breaks lines longer than 78 columns between words; "  * " lines continue below their text.
# Bytes are counted, so lines with accents break a little early.
{
    indent = match($0, /^ *\* /) ? substr("            ", 1, RLENGTH) : ""
    line = indent == "" ? "" : substr($0, 1, RLENGTH - 1)
    start = line
    n = split(indent == "" ? $0 : substr($0, RLENGTH + 1), word, " ")
    for (i = 1; i <= n; i++) {
        if (line != start && line != indent && length(line) + length(word[i]) >= 78) {
            print line
            line = substr(indent, 2)
            start = line
        }
        line = line (line == "" ? "" : " ") word[i]
    }
    print line
}
