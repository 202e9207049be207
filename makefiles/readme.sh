#!/bin/sh
# readme.sh README REPORTS GPU: put generated tables between the README's marks,
#
#   "<!-- scores of NAME: begin -->", "<!-- scores: end -->"  those of each report REPORTS/NAME.md
#   "<!-- gpu: begin -->", "<!-- gpu: end -->"                those that tests/gpu.sh left in the folder GPU
set -eu
readme=$1 reports=$2 gpu=$3
trap 'rm -f "$readme.new"' EXIT

# put BEGIN END: standard input in the place of what is between these lines.
put() {
    awk -v begin="$1" -v end="$2" '
        FNR == NR { tables = tables $0 "\n"; next }
        inside && $0 == end { printf "%s", tables; inside = 0; ended++ }
        !inside { print }
        $0 == begin { inside = 1 }
        END { exit ended == 1 ? 0 : 65 }
    ' - "$readme" >"$readme.new"
    mv "$readme.new" "$readme"
}

sed -n 's/^<!-- scores of \(.*\): begin -->$/\1/p' "$readme" | while IFS= read -r name; do
    report=$reports/$name.md
    if [ ! -f "$report" ]; then
        echo "readme-update: $report isn't there, its block stays; make submission SUBMISSION=$name" >&2
        continue
    fi
    awk -f makefiles/tables.awk "$report" | put "<!-- scores of $name: begin -->" "<!-- scores: end -->"
    echo "$readme: scores of $report"
done

if [ ! -s "$gpu/bench.log" ]; then
    echo "readme-update: $gpu/bench.log isn't there, its block stays; tests/gpu.sh, where there is a GPU" >&2
    exit
fi
{
    cat "$gpu/bench.log"
    echo
    sed 's/^/- /' "$gpu/data.log"
    sed -n 's/  */ /g; s/^a step of .*/- &/p; s/^limits, measured.*/- &/p; s/^all products.*/- &/p' "$gpu/profile"
} | put "<!-- gpu: begin -->" "<!-- gpu: end -->"
echo "$readme: what tests/gpu.sh measured"
