#!/bin/sh
# step.sh NAME KIND STAMP JOURNAL COMMAND VOLATILE LAUNCH: run one step, or wait for who runs it already,
# and renew its stamp.
#
#   KIND      "scan", "heavy" or "" (makefiles/stages.mk)
#   COMMAND   the command line that decides the artifact; the stamp keeps it
#   VOLATILE  options that don't: threads, cache
#   LAUNCH    words put before the command line
#
# The program itself finds out in milliseconds whether there is anything to do.
set -u
name=$1 kind=$2 stamp=$3 journal=$4 command=$5 volatile=$6 launch=$7
provenance=$(printf '%s' "$command" | sed 's/.* --output \([^ ]*\).*/\1.provenance/')

mkdir -p "${stamp%/*}" "${journal%/*}"
lock=${journal%/*}/$(printf '%s' "$name" | tr / +).lock
exec 9>>"$lock"
if ! flock -n 9; then
    printf '  %-8s %s: %s makes it already\n' WAIT "$name" "$(cat "$lock")"
    flock 9
fi
printf 'process %s in %s' "$PPID" "$(pwd)" >"$lock"

# The new stamp has the time of the step's beginning, so that what changes meanwhile wakes it again. It is
# there until the step has ended: where one is left, the step was killed in between, and
# may have found something new that nobody was woken for.
interrupted=
[ ! -e "$stamp.new" ] || interrupted=yes
printf '%s\n' "$command" >"$stamp.new" || exit 73

before=$(cat "$provenance" 2>/dev/null)
if [ "$V" = 1 ]; then
    printf '%s\n' "$launch $command $volatile"
fi

# What a program prints besides its artifact is for those who run it by hand.
# A signal to make alone must reach the program too, which then keeps what it has done.
stopped=
eval "$launch $command $volatile >/dev/null &"
child=$!
trap 'stopped=yes; kill -TERM $child 2>/dev/null' INT TERM HUP
wait $child
code=$?
while [ -n "$stopped" ] && kill -0 $child 2>/dev/null; do
    wait $child
    code=$?
done

if [ "$code" -ne 0 ]; then
    if [ -n "$stopped" ] || [ "$code" -eq 75 ]; then
        echo "$name: stopped; the same make goes on where it stopped" >&2
    else
        printf ' %s' "$name" >>"$journal.failed"
        echo "$name: failed with exit code $code; failed so far, each to be tried again with" \
            "make NAME:$(cat "$journal.failed")" >&2
    fi
    exit "$code"
fi

# A scan always runs; where it finds what it knew, it wakes nobody. Other steps renew their stamps.
if [ "$kind" = scan ] && [ -z "$interrupted" ] && [ -n "$before" ] \
    && [ "$before" = "$(cat "$provenance")" ] && [ "$command" = "$(cat "$stamp" 2>/dev/null)" ]; then
    rm -f "$stamp.new"
    exit 0
fi
mv "$stamp.new" "$stamp"
