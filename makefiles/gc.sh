#!/bin/sh
# gc.sh VERIFY KNOWN YES FOLDER...: remove the artifacts in these folders that the list KNOWN doesn't
# have, with all that stands beside them. Asks first, unless YES is 1.
set -u
verify=$1 known=$2 yes=$3
shift 3
orphans=$("$verify" --orphans --known "$known" "$@") || exit
if [ -z "$orphans" ]; then
    echo "gc: every artifact is one of a recipe"
    exit 0
fi
printf '%s\n' "$orphans"
if [ "$yes" != 1 ]; then
    if [ ! -t 0 ]; then
        echo "gc: these would be removed; YES=1 does it without asking" >&2
        exit 1
    fi
    printf 'Remove these %s? [y/N] ' "$(printf '%s\n' "$orphans" | wc -l)"
    read -r answer
    [ "$answer" = y ] || { echo kept; exit 1; }
fi
printf '%s\n' "$orphans" | while IFS= read -r path; do
    rm -f "$path" "$path.provenance" "$path.seen" "$path.log" "$path.events" "$path.tfevents" "$path.scan" "$path.begun" \
        "${path%.*}.stamp"
    case $path in *.manifest) rm -rf "${path%.manifest}" ;; esac
    rmdir "${path%/*}" 2>/dev/null # where it was the last
done
echo "gc: removed $(printf '%s\n' "$orphans" | wc -l)"
