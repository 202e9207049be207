#!/bin/sh
# The build graph's promises (DESIGN.md, "What makes a step run again"), on a copy of the sources, so
# that they can be edited, and on three shards of one genuine record each.
#
# Each test changes one thing, runs make, and compares the steps that were made, and those that were
# restored from the cache, with those that depend on it.
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
. tests/pipeline/copy.sh

# made_are NAME...: exactly these were made or restored. Of metrics.json no word: the metrics of one
# video often come out the same, and then it is rightly skipped.
made_are() {
    same "$(printf '%s\n' "$@" | sort)" "$(grep -v /metrics.json "$made")"
}

# after_moe: what depends on the moe model, and itself. The answers are predictions of the same videos
# here, where there is no test partition, so they come from the cache.
after_moe="$recipe/moe.safetensors $recipe/moe-predictions.safetensors $recipe/moe-answers.safetensors
    $recipe/ensemble-predictions.safetensors $recipe/ensemble-answers.safetensors
    $recipe/submission.csv $recipe/moe-metrics.json $recipe/ensemble-metrics.json reports/$recipe.md"

pipeline_is_made_whole() {
    run $recipe && [ -s "$copy/$folder/submissions/$recipe/submission.csv" ] &&
        [ -s "$copy/$folder/submissions/$recipe/metrics.json" ]
}

second_make_does_nothing() {
    run $recipe && made_are '' && grep -q 'nothing to do' "$scratch/said"
}

touched_shard_reruns_nothing() {
    touch "$data"/*
    run $recipe && made_are ''
}

comment_reruns_nothing() {
    for file in common/base/options.c common/data/index.c models/moe.c stages/train.c; do
        printf '\n/* A remark. */\n' >>"$copy/$file"
        sed -i '1i /* Another one, which moves all lines. */' "$copy/$file"
    done
    run $recipe && made_are ''
}

new_model_reruns_nothing() {
    sed 's/model_logistic/model_another/; s/"logistic"/"another"/' "$copy/models/logistic.c" >"$copy/models/another.c"
    run $recipe && made_are ''
}

flag_reruns_what_depends_on_it() {
    # shellcheck disable=SC2086 # names are words
    run $recipe $recipe/moe.set='--learning-rate 0.0125' && made_are $after_moe &&
        ! grep -v answers "$scratch/said" | grep -q '(from the cache)'
}

flag_changed_back_costs_nothing() {
    run $recipe && ! grep -v '(from the cache)' "$scratch/said" | grep -q "^  train" &&
        [ "$(grep -c '(from the cache)$' "$scratch/said")" -eq "$(wc -l <"$made")" ]
}

deleted_artifact_is_restored() {
    rm "$copy/$folder/submissions/$recipe/moe.safetensors"
    run $recipe && made_are $recipe/moe.safetensors && grep -q '(from the cache)' "$scratch/said"
}

deleted_artifact_is_made_again() {
    before=$(sha256sum <"$copy/$folder/submissions/$recipe/moe.safetensors")
    rm -r "$copy/$folder/submissions/$recipe/moe.safetensors" "$copy/$folder/cache"
    run $recipe && made_are $recipe/moe.safetensors && ! grep -q '(from the cache)' "$scratch/said" &&
        same "$before" "$(sha256sum <"$copy/$folder/submissions/$recipe/moe.safetensors")"
}

# Byte 600 lies in the first record's rgb means.
changed_byte_reruns_what_reads_it() {
    change_byte "$data/validate0000.tfrecord" 600
    run $recipe && for model in logistic moe resnet-like; do
        grep -q "^$recipe/$model.safetensors" "$made" || return 1
    done && grep -q '^data/validate-videos.index' "$made"
}

# A stamp holds its step's command line. Killed after that, a step leaves its new stamp under another name.
killed_scan_wakes_who_follows() {
    stamp=$copy/$folder/submissions/data/validate-videos.stamp
    change_byte "$data/validate0002.tfrecord" 600
    (cd "$copy" && sh -c "$(cat "$stamp")") >/dev/null 2>&1 && cp "$stamp" "$stamp.new" &&
        run $recipe && grep -q "^$recipe/moe-predictions" "$made"
}

damaged_byte_stops_the_scan() {
    cp "$data/validate0001.tfrecord" "$scratch/kept"
    printf 'x' | dd of="$data/validate0001.tfrecord" bs=1 seek=700 conv=notrunc status=none
    if run $recipe >/dev/null; then
        return 1
    fi
    grep -q 'validate0001.tfrecord:' "$scratch/said"
    stopped=$?
    cp "$scratch/kept" "$data/validate0001.tfrecord"
    return $stopped
}

# recipe_refused TEXT MESSAGE: a recipe that says so stops make, and the message names the recipe.
recipe_refused() {
    cp "$copy/submissions/$recipe.mk" "$scratch/recipe"
    printf '%s\n' "$1" >>"$copy/submissions/$recipe.mk"
    run $recipe >/dev/null
    code=$?
    cp "$scratch/recipe" "$copy/submissions/$recipe.mk"
    [ $code -ne 0 ] && grep -q "submissions/$recipe.mk: .*$2" "$scratch/said" && return 0
    cat "$scratch/said"
    return 1
}

# A recipe's paragraphs as make understands them: what a % stands for, what is like another.
says() {
    cp "$copy/submissions/$recipe.mk" "$scratch/recipe"
    printf '%s\n' "$1" >>"$copy/submissions/$recipe.mk"
    (unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS O SANITIZE && cd "$copy" &&
        make -pn O="$folder" DATA="$data" SCALE=tiny help) >"$scratch/said" 2>/dev/null
    cp "$scratch/recipe" "$copy/submissions/$recipe.mk"
    grep -Fqx "$2" "$scratch/said"
}

# One byte of a model changes; its size and its time stay, and its stamp is up to date.
altered_artifact_is_made_again() {
    file=$copy/$folder/submissions/$recipe/moe.safetensors
    cp -p "$file" "$scratch/before"
    run CACHE="$scratch/none" $recipe && same '' "$(cat "$made")" &&
        printf x | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none &&
        touch -r "$scratch/before" "$file" && run CACHE="$scratch/none" $recipe &&
        same "$recipe/moe.safetensors" "$(cat "$made")" && cmp "$file" "$scratch/before" &&
        run CACHE="$scratch/none" $recipe && same '' "$(cat "$made")"
}

# The league at the paper's scale is 1.5 TB: it is never made because somebody forgot DATA.
dataset_is_asked_for() {
    run DATA= SCALE=paper soft-label >/dev/null
    [ $? -ne 0 ] && same '' "$(cat "$made")" && grep -q '^SCALE=paper needs DATA=folder' "$scratch/said"
}

two_makes_share_one_folder() {
    rm -rf "${copy:?}/$folder/cache" "$copy/$folder/submissions"
    (unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS O SANITIZE && cd "$copy" &&
        make O="$folder" DATA="$data" SCALE=tiny $recipe >"$scratch/other" 2>&1) &
    run -j2 $recipe
    first=$?
    wait $! && [ $first -eq 0 ] &&
        same "$(sed -n 's/^  [a-z][a-z]*  *\([a-z][a-z-]*\/[^ ]*\).*/\1/p' "$scratch/other" "$scratch/said" | sort | uniq -d)" ''
}

fact "the whole pipeline is made" pipeline_is_made_whole
started=$(date +%s%N)
fact "a second make does nothing and says so" second_make_does_nothing
echo "# it took $((($(date +%s%N) - started) / 1000000)) ms"
fact "touch on a shard reruns nothing" touched_shard_reruns_nothing
fact "a comment in a source file reruns nothing" comment_reruns_nothing
fact "a new model reruns nothing" new_model_reruns_nothing
fact "a flag reruns exactly what depends on it" flag_reruns_what_depends_on_it
fact "a flag that is changed back costs nothing" flag_changed_back_costs_nothing
fact "a deleted artifact is restored from the cache" deleted_artifact_is_restored
fact "a deleted artifact is made again, to the same bytes, without a cache" deleted_artifact_is_made_again
fact "an artifact with a changed byte is made again, and nothing else" altered_artifact_is_made_again
fact "a byte changed with its checksum reruns what reads its shard" changed_byte_reruns_what_reads_it
fact "a scan that was killed before its stamp wakes who follows" killed_scan_wakes_who_follows
fact "a byte changed without its checksum is reported as damage" damaged_byte_stops_the_scan
fact "a misspelt field is an error" recipe_refused 'moe.falgs = --epochs 3' 'no field "falgs"'
fact "a field of no artifact is an error" recipe_refused 'meo.flags = --epochs 3' 'said of nothing'
fact "an unknown stage is an error" recipe_refused "artifacts += x
x.stage = trian" 'no such stage'
fact "an unknown parent is an error" recipe_refused "artifacts += x
x.stage = fuse
x.of = moe-prediction" 'no artifact "moe-prediction"'
fact "a name defined twice is an error" recipe_refused 'artifacts += moe' 'defined twice'
fact "a likeness of nothing is an error" recipe_refused "artifacts += x
x.like = mow" 'no such paragraph'
fact "the paper's scale without the dataset is refused" dataset_is_asked_for
fact "a pattern without words is an error" recipe_refused "artifacts += %-x
%-x.stage = fuse" 'stands for nothing'
fact "a pattern makes a paragraph for each word" says "artifacts += %-x
%-x.for = moe logistic
%-x.stage = predict
%-x.checkpoint = %
%-x.videos = validation-videos" "$recipe/logistic-x.checkpoint := logistic"
fact "what a word's own paragraph says wins over the pattern" says "artifacts += %-x
%-x.for = moe logistic
%-x.stage = predict
%-x.checkpoint = %
%-x.videos = validation-videos
moe-x.videos = contest-videos" "$recipe/moe-x.videos := contest-videos"
fact "a likeness takes what isn't said, after the scale has spoken" says "artifacts += x
x.like = moe
x.model = logistic" "$recipe/x.flags := --epochs 5 --batch-size 1024 --learning-rate 0.01 --experts 2 --epochs 1 --batch-size 64"
fact "two makes on one folder make each artifact once" two_makes_share_one_folder
facts_end
