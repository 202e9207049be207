#!/bin/sh
# Random sequences of edits, reverts, deletions, touches and clock jumps, each followed by a make, against
# a model of what must be made again: a step whose key differs from the one that its artifact was made
# under, or whose artifact is gone or damaged; and no other.
#
#   PROPERTY_ROUNDS  how many makes (8)      PROPERTY_SEED  of the sequence (the day's number)
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
. tests/pipeline/copy.sh
rounds=${PROPERTY_ROUNDS:-8}
seed=${PROPERTY_SEED:-$(($(date +%s) / 86400))}
kept=$copy/$folder/submissions/$recipe
models='logistic moe resnet-like'
echo "# PROPERTY_SEED=$seed"

# below N: the next random number below N, in $drawn (a linear congruential generator's upper bits).
below() {
    seed=$(((seed * 1103515245 + 12345) & 0x7fffffff))
    drawn=$(((seed >> 12) % $1))
}
# one_of WORD...: one of them, in $word
one_of() {
    below $#
    shift "$drawn"
    word=$1
}

# get TABLE NAME, put TABLE NAME VALUE: a table is a folder, a value a file's text.
get() { cat "$scratch/$1/$2" 2>/dev/null; }
put() { mkdir -p "$scratch/$1" && printf '%s' "$3" >"$scratch/$1/$2"; }

# ---- the model: what decides an artifact's bytes, and what decides whether its step runs ----
variant_of() { get variant "$1"; }
bytes_of() {
    case $1 in
    ensemble-* | submission) key_of "$1" ;;
    *-predictions | *-answers) echo "$(bytes_of "${1%-*}") predicted on $(get data shards)" ;;
    *) echo "$1 $(get flag "$1") of $(get data shards)" ;;
    esac
}
key_of() {
    case $1 in
    submission) bytes_of ensemble-answers ;;
    ensemble-*) for model in $models; do bytes_of "$model-${1#ensemble-}"; done ;;
    *-predictions | *-answers) echo "$(bytes_of "$1") by $(variant_of "${1%-*}")" ;;
    *) echo "$(bytes_of "$1") by $(variant_of "$1")" ;;
    esac
}
artifacts=submission
for model in $models ensemble; do
    artifacts="$artifacts $model-predictions $model-answers"
done
artifacts="$artifacts $models"
file_of() { case $1 in submission) echo submission.csv ;; *) echo "$1.safetensors" ;; esac; }
expected() {
    for artifact in $artifacts; do
        [ "$(get standing "$artifact")" = "$(key_of "$artifact")" ] || echo "$recipe/$(file_of "$artifact")"
    done | LC_ALL=C sort
}
settle() { for artifact in $artifacts; do put standing "$artifact" "$(key_of "$artifact")"; done; }

# ---- what may happen ----
change_flag() { one_of $models && put flag "$word" $((3 - $(get flag "$word"))) && done="flag of $word"; }
edit_source() {
    one_of logistic moe
    file=$copy/models/$word.c
    if [ "$(variant_of $word)" = plain ]; then
        cp "$file" "$scratch/$word.plain"
        printf 'int podium_more_%s(void);\nint podium_more_%s(void)\n{\n    return 1;\n}\n' "$word" "$word" >>"$file"
        put variant "$word" more
    else
        cp "$scratch/$word.plain" "$file"
        put variant "$word" plain
    fi
    done="source of $word"
}
add_comment() { one_of moe.c nextvlad.c && echo "// $seed" >>"$copy/models/$word" && [ "$(variant_of "${word%.c}")" ] && done="comment in $word"; }
edit_shard() {
    one_of 0000 0001 0002
    change_byte "$data/validate$word.tfrecord" 600
    state=$(get data shards)
    case $state in *$word*) put data shards "$(echo "$state" | sed "s/$word//")" ;; *) put data shards "$(echo "$state" "$word" | tr ' ' '\n' | sort | tr -d '\n')" ;; esac
    done="byte of shard $word"
}
copy_shard() { one_of 0000 0001 0002 && cp "$data/validate$word.tfrecord" "$scratch/same" && mv "$scratch/same" "$data/validate$word.tfrecord" && done="shard $word downloaded again"; }
jump() {
    one_of '1970-01-02' 'now' '2090-01-01'
    when=$word
    one_of "$kept" "$copy/$folder/submissions/data" "$data" "$copy/models" "$copy/stages"
    find "$word" -type f -exec touch -d "$when" {} +
    done="clock of ${word##*/} at $when"
}
remove() { pick && rm -f "$kept/$(file_of "$word")" && put standing "$word" gone && done="$word removed"; }
cut() {
    pick
    file=$kept/$(file_of "$word")
    [ -e "$file" ] || return 0
    head -c $(($(wc -c <"$file") / 2)) "$file" >"$scratch/half" && mv "$scratch/half" "$file"
    put standing "$word" cut
    done="$word cut in half"
}
flip() {
    pick
    file=$kept/$(file_of "$word")
    [ -s "$file" ] || return 0
    cp -p "$file" "$scratch/flipped" && printf '\001' | dd of="$scratch/flipped" bs=1 seek=$(($(wc -c <"$file") / 2)) conv=notrunc status=none
    cmp -s "$file" "$scratch/flipped" || put standing "$word" flipped
    touch -r "$file" "$scratch/flipped" && mv "$scratch/flipped" "$file"
    done="byte of $word"
}
lose_provenance() { pick && rm -f "$kept/$(file_of "$word").provenance" && put standing "$word" unvouched && done="provenance of $word"; }
pick() { # shellcheck disable=SC2086 # words
    one_of $artifacts
}
lose_stamp() { pick && rm -f "$kept/$word.stamp" && done="stamp of $word"; }
lose_seen() { pick && rm -f "$kept/$(file_of "$word").seen" && done="memory of $word"; }
lose_cache() { rm -rf "${copy:?}/$folder/cache" && done="the cache"; }

for model in $models; do
    put flag "$model" 1
    put variant "$model" plain
done
put variant nextvlad plain
put data shards ''

flags() { for model in $models; do printf '%s\n' "$recipe/$model.set=--epochs $(get flag "$model")"; done; }
build() {
    { flags && echo "$recipe"; } >"$scratch/words"
    set --
    while IFS= read -r line; do set -- "$@" "$line"; done <"$scratch/words"
    run "$@"
}
modelled() { grep -E "^$recipe/(submission.csv|(logistic|moe|resnet-like|ensemble)(-predictions|-answers)?.safetensors)$" "$made"; }

fact "the first make" build
settle
round=1
while [ $round -le "$rounds" ]; do
    said=
    below 3
    for _ in $(seq 0 "$drawn"); do
        done=
        one_of change_flag change_flag edit_source add_comment edit_shard copy_shard jump jump remove cut flip lose_provenance \
            lose_stamp lose_seen lose_cache
        $word
        said="$said${said:+, }$done"
    done
    expected >"$scratch/expected"
    build >"$scratch/out"
    fact "after $said: what must be made is made, and no more" same "$(cat "$scratch/expected")" "$(modelled)"
    settle
    round=$((round + 1))
done
facts_end
