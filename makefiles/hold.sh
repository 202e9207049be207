#!/bin/sh
# hold.sh BEGUN STEPS PROGRAM...: run a step's program; in the middle of a build, see to it that it doesn't
# end before the signal that shall stop it there, however fast it is.
#
#   BEGUN   a file that gets a line for each step that begins; BEGUN.middle is there from the middle on
#   STEPS   that the build has
#
# The middle: it trains after a third of its steps, or two thirds have begun.
begun=$1 steps=$2
shift 2
echo "$1" >>"$begun" || exit 73
count=$(wc -l <"$begun")
[ $((count * 3)) -ge $((steps * 2)) ] || case $((count * 3 >= steps))$1 in
1*/train) ;;
*) exec "$@" ;;
esac
: >"$begun.middle"
"$@" || exit
sleep 3600
