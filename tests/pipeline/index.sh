#!/bin/sh
# index.sh: what `index` and `split` do again, what they leave alone, what they refuse.
#
# O=FOLDER (default: build) has the programs. PODIUM_DATA=FOLDER with genuine video-level validation
# shards is used where it is set; else two golden files of genuine records serve as shards.
set -u
bin=${O:-build}/bin
golden=$(pwd)/tests/golden
work=$(mktemp -d /tmp/podium-index-XXXXXX)
trap 'rm -rf "$work"' EXIT
failed=0

# fact TEXT COMMAND...: the command must succeed
fact() {
    text=$1
    shift
    if "$@"; then
        echo "ok - $text"
    else
        failed=$((failed + 1))
        echo "not ok - $text"
        sed 's/^/    /' "$work/log" >&2
    fi
}

# index_of FOLDER OUTPUT OPTION...: its exit code is kept in $code, its messages in $work/log
index_of() {
    folder=$1
    output=$2
    shift 2
    "$bin/index" --data "$folder" --partition validate --output "$output" "$@" 2>"$work/log"
    code=$?
}
one_line() { [ "$(wc -l <"$work/log")" -eq 1 ]; }
says() { grep -q -- "$1" "$work/log"; }
silent() { [ ! -s "$work/log" ]; }
identity() { stat -c '%i %Y %Z %s' "$1"; }

# Links, not copies: a file that changed within the last tenth of a second is looked at again.
shards=$work/shards
mkdir "$shards"
if [ -n "${PODIUM_DATA:-}" ]; then
    for file in $(find "$PODIUM_DATA" -name 'validate*.tfrecord' | LC_ALL=C sort | head -n 4); do
        ln -s "$file" "$shards/${file##*/}"
    done
    last=$(find "$PODIUM_DATA" -name 'validate*.tfrecord' | LC_ALL=C sort | sed -n 5p)
else
    ln -s "$golden/yt8m-video.tfrecord" "$shards/validate0000.tfrecord"
    ln -s "$golden/audioset.tfrecord" "$shards/validate0001.tfrecord"
    last=$golden/frames.tfrecord
fi
first=$(ls "$shards" | head -n 1)
second=$(ls "$shards" | sed -n 2p)

# The same bytes
index_of "$shards" "$work/one.index" --threads 1
fact "an index is made" [ $code -eq 0 ]
index_of "$shards" "$work/two.index" --threads 2
fact "two threads make the same bytes as one" cmp -s "$work/one.index" "$work/two.index"
fact "provenance is the same" [ "$(sed -e 1,2d -e '/^ "seal"/d' "$work/one.index.provenance")" = \
    "$(sed -e 1,2d -e '/^ "seal"/d' "$work/two.index.provenance")" ]
mkdir -p "$work/else/2/video/validate"
cp -L "$shards"/* "$work/else/2/video/validate"
index_of "$work/else" "$work/three.index"
fact "copies elsewhere make the same bytes" cmp -s "$work/one.index" "$work/three.index"

# What is not done again
before=$(identity "$work/one.index")
index_of "$shards" "$work/one.index"
fact "a second run says nothing" silent
fact "a second run leaves the index alone" [ "$before" = "$(identity "$work/one.index")" ]
cp "$work/one.index.scan" "$work/scan"
target=$(readlink "$shards/$first")
cp -L "$shards/$first" "$work/copy"
mv -f "$work/copy" "$shards/$first"
index_of "$shards" "$work/one.index"
fact "a shard with another status is looked at" \
    [ "$(cmp -s "$work/scan" "$work/one.index.scan"; echo $?)" -eq 1 ]
fact "a copy in a shard's place changes nothing" [ "$before" = "$(identity "$work/one.index")" ]
touch "$shards/$first"
index_of "$shards" "$work/one.index"
fact "a touched shard changes nothing" [ "$before" = "$(identity "$work/one.index")" ]
ln -sf "$target" "$shards/$first"
index_of "$shards" "$work/one.index"
fact "what was remembered comes back with it" cmp -s "$work/scan" "$work/one.index.scan"

# What is done again
ln -sf "$last" "$shards/$second"
index_of "$shards" "$work/one.index"
fact "a changed shard changes the index" \
    [ "$(cmp -s "$work/one.index" "$work/two.index"; echo $?)" -eq 1 ]
index_of "$shards" "$work/fresh.index"
fact "entries of the old index are as good as new ones" cmp -s "$work/one.index" "$work/fresh.index"
rm "$work/one.index"
index_of "$shards" "$work/one.index"
fact "an index that was removed is made again" cmp -s "$work/one.index" "$work/fresh.index"

# What is refused
bad=$work/bad
mkdir "$bad"
index_of "$bad" "$work/bad.index"
fact "an empty folder is refused with 66" [ $code -eq 66 ]
fact "an empty folder takes one line" one_line
index_of "$work/nowhere" "$work/bad.index"
fact "a missing folder is refused with 66" [ $code -eq 66 ]
index_of "$shards" "$work/bad.index" --features depth:7
fact "a missing feature is refused with 65" [ $code -eq 65 ]
fact "a missing feature is named with its file" says "$first:0: the record has no feature depth"
cp -L "$shards/$first" "$bad/validate0000.tfrecord"
cp -L "$shards/$first" "$bad/validate0001.tfrecord"
index_of "$bad" "$work/bad.index"
fact "ids that repeat are refused with 65" [ $code -eq 65 ]
fact "ids that repeat are named with both places" says "validate0001.tfrecord:.* of validate0000"
rm "$bad/validate0001.tfrecord"
index_of "$bad" "$work/good.index"
kept=$(identity "$work/good.index")
truncate -s -1 "$bad/validate0000.tfrecord"
index_of "$bad" "$work/good.index"
fact "a shard that is cut off is refused with 65" [ $code -eq 65 ]
fact "the index of before stays" [ "$kept" = "$(identity "$work/good.index")" ]
index_of "$bad" "$work/bad.index" --on-corrupt skip
fact "it is skipped where that is asked for" [ $code -eq 0 ]
fact "what is skipped is counted" says "1 damaged records are left out"
fact "what is skipped is in the provenance" grep -q '"skipped": "1"' "$work/bad.index.provenance"
index_of "$shards" "$work/bad.index" --partition nothing
fact "an unknown partition is refused with 64" [ $code -eq 64 ]
fact "nothing is left behind" [ -z "$(find "$work" -name '.*index*')" ]

# Parts
split_of() {
    part=$1
    output=$2
    shift 2
    "$bin/split" --index "$work/one.index" --part "$part" --output "$output" "$@" 2>"$work/log"
    code=$?
}
split_of 0 "$work/a.subset" --by video --parts 0.7,0.3 --seed 5
fact "a part is drawn" [ $code -eq 0 ]
split_of 1 "$work/b.subset" --by video --parts 0.7,0.3 --seed 5 --prove-disjoint "$work/a.subset"
fact "another part is disjoint" [ $code -eq 0 ]
split_of 0 "$work/c.subset" --by video --parts 1 --prove-disjoint "$work/a.subset"
fact "an overlap is refused with 65" [ $code -eq 65 ]
fact "an overlap names a video" says "both have video"
split_of 2 "$work/c.subset" --parts 1,1
fact "a part that isn't there is refused with 64" [ $code -eq 64 ]

[ "$failed" -eq 0 ]
