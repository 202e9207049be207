#!/bin/sh
# What make says of a build: status, why, graph, verify, gc. On a copy of the sources and on three shards
# of one genuine record each.
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
. tests/pipeline/copy.sh
bin=${O:-build}/bin
kept=$copy/$folder/submissions/$recipe
says() { # TEXT GOAL...: make's words have the text
    text=$1
    shift
    run "$@"
    grep -qF -- "$text" "$scratch/said" || { cat "$scratch/said" && false; }
}

fact "status says of a build that isn't there what will be made" \
    says "make     data/validate-videos" status SUBMISSION=$recipe
fact "the pipeline is made" run $recipe
fact "status says that all is up to date" says "$recipe: everything is up to date" status SUBMISSION=$recipe
fact "why says that nothing has changed" says "$recipe/submission: up to date" why T=$recipe/submission
fact "verify finds nothing wrong" says " 0 wrong, 0 outdated, 0 orphaned; 0 leaks from hidden truth to 1 submissions" verify

# ---- a flag ----
flag=$recipe/moe.set=--epochs\ 2
fact "why names the flag, from what to what, upstream" \
    says "$recipe/submission: $recipe/moe: option epochs: 1 -> 2" why T=$recipe/submission "$flag"
status_is_exact() {
    run status SUBMISSION=$recipe "$flag" || return 1
    sed -n 's/^  make  *\([^ ]*\).*/\1/p' "$scratch/said" >"$scratch/promised"
    same $recipe/moe "$(cat "$scratch/promised")" && run $recipe "$flag" && says "nothing to do" $recipe "$flag"
}
fact "status names what is made, and the rest waits for it" status_is_exact
fact "the old flag comes back from the cache, and status says so" \
    says "restore  $recipe/moe " status SUBMISSION=$recipe
fact "it comes back" run $recipe

# ---- a program ----
program_is_named() {
    cp "$copy/models/moe.c" "$scratch/moe.c"
    printf 'int podium_another_function(void);\nint podium_another_function(void)\n{\n    return 1;\n}\n' >>"$copy/models/moe.c"
    says "$recipe/moe: program: models/moe.c changed (" why T=$recipe/moe
    named=$?
    cp "$scratch/moe.c" "$copy/models/moe.c"
    return $named
}
fact "why names the source file whose object code changed" program_is_named

# ---- a shard ----
shard_is_named() {
    cp -p "$data/validate0001.tfrecord" "$scratch/shard"
    cp "$data/validate0000.tfrecord" "$data/validate0001.tfrecord" && rm "$data/validate0000.tfrecord"
    says "input shards: " why T=$recipe/moe
    named=$?
    cp "$data/validate0001.tfrecord" "$data/validate0000.tfrecord" && cp -p "$scratch/shard" "$data/validate0001.tfrecord"
    return $named
}
fact "why names the shards that changed" shard_is_named

# ---- what was made, altered ----
altered_is_named() {
    printf x | dd of="$kept/moe-predictions.safetensors" bs=1 seek=2000 conv=notrunc status=none
    says "altered   $folder/submissions/$recipe/moe-predictions.safetensors" verify
}
fact "verify names what was altered" altered_is_named
missing_is_named() {
    rm "$kept/submission.csv"
    says "missing   $folder/submissions/$recipe/submission.csv" verify
}
fact "verify names what is missing" missing_is_named
fact "both are made again" run $recipe

# ---- orphans ----
orphan_is_collected() {
    mkdir -p "$copy/$folder/submissions/old" && cp "$kept/submission.csv" "$kept/submission.csv.provenance" "$copy/$folder/submissions/old/" &&
        says "orphaned  $folder/submissions/old/submission.csv" verify &&
        says "these would be removed" gc
    [ -e "$copy/$folder/submissions/old/submission.csv" ] && run gc YES=1 && [ ! -e "$copy/$folder/submissions/old" ] &&
        says "every artifact is one of a recipe" gc && says "everything is up to date" status SUBMISSION=$recipe
}
fact "gc asks, and removes what no recipe names" orphan_is_collected

# ---- where it comes from ----
chain_is_printed() {
    "$bin/inspect" --chain "$kept/submission.csv" >"$scratch/said" &&
        grep -q '^video-baseline/submission.csv (submission, ' "$scratch/said" &&
        grep -q '^ *checkpoint: video-baseline/moe.safetensors (checkpoint, ' "$scratch/said" &&
        grep -q '^ *shards: validate (shards, ' "$scratch/said"
}
fact "inspect prints the chain back to raw shards" chain_is_printed

# ---- leaks ----
# The same videos under another index: the one learns from them, the other judges by them.
leak_of_videos_is_named() {
    features=mean_rgb:1024,mean_audio:128
    "$bin/index" --data "$data" --partition validate --features $features --output "$scratch/leak/data/here.index" &&
        cp -r "$data" "$scratch/elsewhere" && for shard in "$scratch"/elsewhere/validate*; do
        mv "$shard" "$(printf '%s' "$shard" | sed 's/validate\([0-9]*\)/train\1/')"
    done && "$bin/index" --data "$scratch/elsewhere" --partition train --features $features --output "$scratch/leak/data/there.index" &&
        "$bin/train" --model logistic --classes 3862 --index "$scratch/leak/data/there.index" --epochs 1 \
            --output "$scratch/leak/recipe/model.safetensors" &&
        "$bin/predict" --checkpoint "$scratch/leak/recipe/model.safetensors" --index "$scratch/leak/data/here.index" \
            --output "$scratch/leak/recipe/predictions.safetensors" &&
        "$bin/evaluate" --metric gap --predictions "$scratch/leak/recipe/predictions.safetensors" \
            --index "$scratch/leak/data/here.index" --output "$scratch/leak/recipe/metrics.json" >/dev/null || return 1
    "$bin/verify" "$scratch/leak" >"$scratch/said"
    same 1 $? && grep -q "^leaked    video .* was learned by .*/recipe/model.safetensors and judges in .*/recipe/metrics.json$" "$scratch/said"
}
fact "a held-out video that was learned is found by its id" leak_of_videos_is_named
leak_of_truth_is_named() {
    mkdir "$scratch/truth" && printf 'abcd:0,3,1\n' >"$scratch/truth/truth.csv" &&
        "$bin/table" --data "$scratch/truth" --name truth.csv --output "$scratch/hidden/data/truth.table" &&
        "$bin/fuse" "$scratch/leak/recipe/predictions.safetensors" --output "$scratch/hidden/recipe/fused.safetensors" || return 1
    # provenance of a submission that was made from the truth by way of predictions
    (cd "$scratch/hidden" && sed 's|"recipe/predictions.safetensors"|"data/truth.table"|' recipe/fused.safetensors.provenance >recipe/x &&
        reseal recipe/x && mv recipe/x recipe/fused.safetensors.provenance &&
        "$bin/submit" --contest 2018 --predictions recipe/fused.safetensors --output recipe/submission.csv) || return 1
    "$bin/verify" "$scratch/hidden" >"$scratch/said"
    same 1 $? && grep -q "^leaked    the hidden truth .*/data/truth.table leads to .*/recipe/submission.csv$" "$scratch/said"
}
fact "a submission that hidden truth leads to is named" leak_of_truth_is_named

if command -v dot >/dev/null; then
    fact "the graph is drawn" eval 'run graph SUBMISSION=$recipe && grep -q "</svg>" "$copy/$folder/reports/$recipe-graph.svg"'
else
    fact "without graphviz the graph says what it needs" says "apt-get install graphviz" graph SUBMISSION=$recipe
fi
facts_end
