# tables.awk: of a report the tables of scores, with their headings: all that stands before claims and artifacts.
/^## (Claims|Artifacts)$/ { exit }
/^## / { printf "%s%s:\n\n", said++ ? "\n" : "", substr($0, 4) }
/^[|]/ { print; said++ }
