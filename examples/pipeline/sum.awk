# Reads clean orders.  Writes product and quantity, summed up, for one region.
#
#   awk -v region=NAME -f sum.awk

BEGIN { FS = OFS = "," }
$4 == region { quantity[$3] += $5 }
END { for (product in quantity) print product, quantity[product] }
