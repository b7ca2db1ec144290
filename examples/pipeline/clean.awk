# Reads orders.csv.  Writes its valid rows with uniform spelling, without the heading and without
# repeated orders; prints the omitted rows and the reasons on standard error.

BEGIN { FS = OFS = "," }

function reject(why) {
    print "clean.awk: line " NR ": " why ": " $0 > "/dev/stderr"
}

NR == 1 { next }
{ gsub(/[ \t\r]/, "") }
NF != 5 { reject("not five fields"); next }
$1 !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ { reject("no date"); next }
$5 !~ /^[1-9][0-9]*$/ { reject("no quantity"); next }
seen[$2]++ { reject("order seen before"); next }
{ print $1, $2, toupper($3), tolower($4), $5 }
