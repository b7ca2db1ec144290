# Reads the lines of profile-text.xsl.  Writes a table of the personal data among them: kind,
# line, path and whether it would be published; never the data itself, since reports are shared.
# Exits with status 1 if private data would be published.

# By the name of the element ...
function kind_of_path(path) {
    if (path ~ /birth/) return "date of birth"
    if (path ~ /marital|children|spouse/) return "family"
    if (path ~ /nationality|religion|health|union/) return "protected trait"
    if (path ~ /national-id|passport|social-security/) return "identity number"
    if (path ~ /street|postcode|home-address/) return "home address"
    if (path ~ /salary/) return "salary"
    if (path ~ /reference\//) return "another person"
    return ""
}

# ... or by what the text looks like.  mawk has no {n,m}, so lengths are counted.
function kind_of_text(text,    digits) {
    if (text ~ /[^ @]@[^ @]+\.[a-z]/) return "e-mail address"
    if (text ~ /(19|20)[0-9][0-9]-[01][0-9]-[0-3][0-9]/) return "date"
    if (match(text, /[A-Z][A-Z][0-9][0-9] ?[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z] ?[0-9]/))
        return "bank account"
    if (match(text, /\+?[0-9][0-9 ().\/-]+[0-9]/)) {
        digits = substr(text, RSTART, RLENGTH)
        gsub(/[^0-9]/, "", digits)
        if (length(digits) >= 9 && length(digits) <= 15) return "phone or identity number"
    }
    return ""
}

BEGIN {
    FS = "\t"
    printf "%-26s %-10s %5s  %s\n", "kind", "status", "line", "place"
}

# The contact is meant to be published.
$3 == "contact/email" || $3 == "contact/phone" { next }

{
    kind = kind_of_path($3)
    if (kind == "") kind = kind_of_text($4)
    if (kind == "") next
    printf "%-26s %-10s %5d  %s\n", kind, $2, $1, $3
    n[$2]++
}

END {
    if (NR == 0) {
        print "find-private.awk: the profile holds no text" > "/dev/stderr"
        exit 1
    }
    printf "\n%d withheld, %d would be published\n", n["withheld"], n["published"]
    if (n["published"]) {
        print "personal data would be published, see the privacy report" > "/dev/stderr"
        exit 1
    }
}
