#!/bin/sh
# readme.sh README REPORT: put the first table of the report between the README's marks for scores.
set -eu
readme=$1 report=$2
if [ ! -f "$report" ]; then
    echo "readme-update: $report isn't there; run make submission" >&2
    exit 66
fi
trap 'rm -f "$readme.new"' EXIT
awk '
    FNR == NR { if (/^\|/ && !done) table = table $0 "\n"; else if (table) done = 1; next }
    /<!-- scores: end -->/ { printf "%s", table; inside = 0; marks++ }
    !inside { print }
    /<!-- scores: begin -->/ { inside = 1; marks++ }
    END { exit marks == 2 ? 0 : 65 }
' "$report" "$readme" >"$readme.new"
mv "$readme.new" "$readme"
