#!/bin/sh
# torture.sh O RUNS SEED [RUN]: disturb a small build, again and again (torture.c), in a clone in a
# temporary folder, which is removed at the end.
#
# The clone has copies of what is compiled; its recipe is disturbed.mk, in which every kind of stage is. Its
# shards are those of a small league, as DATA, so that they can be changed.
set -u
LC_ALL=C
export LC_ALL QUIET=
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS SANITIZE
o=$1 runs=$2 seed=$3 run=${4-}
unset O
here=$(pwd)
case $o in
/*) ;;
*) o=$here/$o ;;
esac
scratch=$(mktemp -d) || exit 73
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
clone=$scratch/clone

mkdir -p "$clone/submissions" || exit 73
for part in Makefile VERSION makefiles common models stages reports; do
    cp -a "$here/$part" "$clone/" || exit 73
done
cp "$here/tests/torture/disturbed.mk" "$clone/submissions/"

# The folder's name is among the flags that objects depend on: the same name, and nothing is compiled again.
folder=build
case $o in
"$here"/*)
    folder=${o#"$here"/}
    mkdir -p "$clone/$folder"
    for part in obj lib bin packages; do
        cp -a "$o/$part" "$clone/$folder/" || exit 73
    done
    ;;
esac

# A league of some seconds.
printf '%s \\\n\t%s\n' 'league.flags += --train-videos 40 --train-shards 2 --validate-videos 16' \
    '--validate-shards 2 --test-videos 8 --test-shards 1' >>"$clone/makefiles/data.mk"
if ! (cd "$clone" && make programs data/league O="$folder" SUBMISSION=disturbed SCALE=tiny) >"$scratch/league.log" 2>&1; then
    cat "$scratch/league.log"
    exit 70
fi
mv "$clone/$folder/submissions/data/league" "$scratch/data"

"$o/torture/torture" "$clone" "$folder" "$o/torture/faults.so" "$scratch" "$runs" "$seed" ${run:+"$run"}
