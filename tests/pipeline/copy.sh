# A copy of the sources, so that a test can edit them, with three shards of one genuine record each as
# data. Source it behind shards.sh.
#
#   $copy $folder   where the sources are, and where in them make puts things
#   $data $recipe   the shards, and the recipe that a test is about
#   $made           names of what the last run made or restored, sorted
#   run GOAL...     make it in the copy; what it said goes to $scratch/said
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # $recipe is for who sources this; $here and $scratch are those of facts.sh

copy=$scratch/copy
data=$scratch/data
recipe=video-baseline
made=$scratch/made

# A copy with what is compiled already, so that only what a test changes is compiled again.
mkdir "$copy"
for part in Makefile VERSION makefiles submissions reports common models stages; do
    cp -a "$here/$part" "$copy/"
done
folder=build
case ${O-} in
"$here"/*)
    folder=${O#"$here"/}
    mkdir -p "$copy/$folder"
    for part in obj lib bin packages; do
        cp -a "$O/$part" "$copy/$folder/"
    done
    ;;
esac
deal_shards tests/golden/yt8m-video.tfrecord "$data" 1

# run GOAL...: make it in the copy; what was made or restored goes to $made, sorted.
run() {
    (unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS O SANITIZE &&
        cd "$copy" && make --warn-undefined-variables O="$folder" DATA="$data" SCALE=tiny "$@") >"$scratch/said" 2>&1 </dev/null
    code=$?
    sed -n 's/^  [a-z][a-z]*  *\([a-z][a-z-]*\/[^ ]*\).*/\1/p' "$scratch/said" | LC_ALL=C sort >"$made"
    if [ $code -ne 0 ] || grep -q 'warning: undefined' "$scratch/said"; then
        tail -n 20 "$scratch/said"
    fi
    return $code
}
