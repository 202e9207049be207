#!/bin/sh
# cache.sh CACHE KEEP YES V FOLDER: make a cache smaller. Shows first what goes (V is 1: each entry) and
# asks, unless YES is 1.
set -u
cache=$1 keep=$2 yes=$3 folder=$5
list=$([ "$4" = 1 ] && echo --list)
said=$("$cache" --keep "$keep" ${list:+"$list"} "$folder") || exit
printf '%s\n' "$said"
case $said in
*": 0 of "*) exit 0 ;;
esac
if [ "$yes" != 1 ]; then
    if [ ! -t 0 ]; then
        echo "cache-prune: this would go; YES=1 does it without asking" >&2
        exit 1
    fi
    printf 'Remove them? [y/N] '
    read -r answer
    [ "$answer" = y ] || { echo kept; exit 1; }
fi
"$cache" --keep "$keep" --remove "$folder" >/dev/null && echo "cache-prune: done"
