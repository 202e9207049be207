#!/bin/sh
# A recipe of 80 artifacts on 200 shards and more: made whole, made again for nothing, and where one
# thing changes, exactly what depends on it. What is due is told by another way than make's: by digests
# of all artifacts before and after, and by the inputs that their provenance names.
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
. tests/pipeline/copy.sh
recipe=large
artifacts=80
data=$scratch/league
kept=$copy/$folder/submissions

sh tests/bench/large_recipe.sh $artifacts >"$copy/submissions/$recipe.mk"
"${O:-build}/bin/synthesize" --scale tiny --partitions 2/video/train,2/video/validate --train-shards 200 \
    --train-videos 400 --validate-shards 8 --validate-videos 32 --output "$data.manifest" 2>"$scratch/said" ||
    cat "$scratch/said"

# small GOAL...: run it with the league's own 24 classes.
small() {
    run CLASSES=24 "$@"
}

# Artifacts as their programs name them, without second outputs and what stands beside them.
names() {
    (cd "$kept" && find large data -type f \( -name '*.safetensors' -o -name '*.split' -o -name '*.index' -o -name '*.csv' \
        -o -name '*.json' \) ! -name '*.curve.csv' ! -name '*.classes.csv' | sort)
}

digests() {
    (cd "$kept" && names | xargs sha256sum | sed 's/\([^ ]*\)  \(.*\)/\2 \1/')
}

# made_is_due ROOT...: what was made are these, and all that has an input whose bytes changed. Inputs are
# indented deeper than the artifact's own name.
made_is_due() {
    digests >"$scratch/after"
    comm -13 "$scratch/before" "$scratch/after" | sed 's/ .*//' >"$scratch/changed"
    {
        printf '%s\n' "$@"
        names | while read -r name; do
            sed -n 's/^ \{2,\}"artifact": "\(.*\)".*/\1/p' "$kept/$name.provenance" |
                grep -qxFf "$scratch/changed" && echo "$name"
        done
    } | sort -u >"$scratch/due"
    same "$(cat "$scratch/due")" "$(cat "$made")"
}

all_is_made() {
    small $recipe && [ "$(grep -c "^$recipe/" "$made")" -eq $artifacts ] &&
        [ "$(names | grep -c "^$recipe/")" -eq $artifacts ] && digests >"$scratch/before"
}

nothing_is_made() {
    small $recipe && same '' "$(cat "$made")" && grep -q 'nothing to do' "$scratch/said"
}

# Byte 600 lies in the first record's rgb means; models learn from other shards.
shard_remakes_what_reads_it() {
    # shellcheck disable=SC2012 # names of shards have letters only
    change_byte "$(ls "$data"/2/video/validate/*.tfrecord | head -n 1)" 600
    small -j2 $recipe && made_is_due data/validate-videos.index && ! grep -q "^$recipe/moe.safetensors" "$made" &&
        grep -q "^$recipe/fold-1.split" "$made"
}

flag_remakes_what_depends_on_it() {
    cp "$scratch/after" "$scratch/before"
    small -j2 $recipe large/moe.set='--learning-rate 0.02' && made_is_due $recipe/moe.safetensors &&
        ! grep -q "^$recipe/logistic.safetensors" "$made" && ! grep -q "^$recipe/fold-1-logistic" "$made" &&
        grep -q "^$recipe/fold-1-pair-answers.csv" "$made"
}

fact "a recipe of $artifacts artifacts is made whole" all_is_made
fact "made again, it does nothing" nothing_is_made
fact "a changed shard remakes exactly what depends on it" shard_remakes_what_reads_it
fact "and then there is nothing to do" nothing_is_made
fact "a changed flag remakes exactly what depends on it" flag_remakes_what_depends_on_it
facts_end
