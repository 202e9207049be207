#!/bin/sh
# finished.sh NAME JOURNAL FILE...: the last lines of a make: what was done, the files to look at, and
# a report's tables of scores. What makes that were killed left behind is removed.
set -u
name=$1 journal=$2
shift 2
if [ -s "$journal" ]; then
    count=$(grep -c '^made' "$journal")
    restored=$(grep -c '^restored' "$journal")
    echo "$name: $count made, $restored restored from the cache"
else
    echo "$name: nothing to do; everything is up to date"
fi
rm -f "$journal" "$journal.failed"
# Those of makes that were stopped.
for left in "${journal%/*}"/journal.*; do
    process=${left##*/journal.}
    kill -0 "${process%%.*}" 2>/dev/null || rm -f "$left"
done
# Files that a process was killed over, .NAME.PROCESS, before it could give them their names.
made=${journal%/progress/*}
find "$made/submissions" "$made/reports" "$made/progress" "$made/seeds" -type f -name '.*.*[0-9]' 2>/dev/null |
    while IFS= read -r left; do
        process=${left##*.}
        case $process in
        *[!0-9]*) ;;
        *) kill -0 "$process" 2>/dev/null || rm -f "$left" ;;
        esac
    done
printf '  %s\n' "$@"
for artifact in "$@"; do
    case $artifact in
    *.md) awk -f makefiles/tables.awk "$artifact" ;;
    esac
done
exit 0
