# Reads the joined rows of one region: product, name, price, quantity.  Writes a table with the
# revenue of each product and their sum.
#
#   awk -v region=NAME -f report.awk joined.csv

BEGIN {
    FS = ","
    printf "%-12s %8s %10s\n", region, "quantity", "revenue"
}

{
    printf "%-12s %8d %10.2f\n", $2, $4, $3 * $4
    quantity += $4
    revenue += $3 * $4
}

END { printf "%-12s %8d %10.2f\n\n", "all", quantity, revenue }
