#!/bin/sh
# readme.sh README FOLDER: put the tables of each report FOLDER/NAME.md between the README's marks
# "<!-- scores of NAME: begin -->" and "<!-- scores: end -->".
set -eu
readme=$1 folder=$2
trap 'rm -f "$readme.new"' EXIT
sed -n 's/^<!-- scores of \(.*\): begin -->$/\1/p' "$readme" | while IFS= read -r name; do
    report=$folder/$name.md
    if [ ! -f "$report" ]; then
        echo "readme-update: $report isn't there, its block stays; make submission SUBMISSION=$name" >&2
        continue
    fi
    awk -f makefiles/tables.awk "$report" | awk -v begin="<!-- scores of $name: begin -->" '
        FNR == NR { tables = tables $0 "\n"; next }
        inside && /^<!-- scores: end -->$/ { printf "%s", tables; inside = 0; ended++ }
        !inside { print }
        $0 == begin { inside = 1 }
        END { exit ended == 1 ? 0 : 65 }
    ' - "$readme" >"$readme.new"
    mv "$readme.new" "$readme"
    echo "$readme: scores of $report"
done
