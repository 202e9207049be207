#!/bin/sh
# finished.sh NAME JOURNAL FILE...: the last lines of a make: what was done, the files to look at, and
# a report's first table.
set -u
name=$1 journal=$2
shift 2
if [ -s "$journal" ]; then
    made=$(grep -c '^made' "$journal")
    restored=$(grep -c '^restored' "$journal")
    echo "$name: $made made, $restored restored from the cache"
else
    echo "$name: nothing to do; everything is up to date"
fi
rm -f "$journal" "$journal.failed"
# Those of makes that were stopped.
for left in "${journal%/*}"/journal.*; do
    process=${left##*/journal.}
    kill -0 "${process%%.*}" 2>/dev/null || rm -f "$left"
done
printf '  %s\n' "$@"
for artifact in "$@"; do
    case $artifact in
    *.md) awk '/^[|]/ { print; table = 1; next } table { exit }' "$artifact" ;;
    esac
done
exit 0
