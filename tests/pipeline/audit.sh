#!/bin/sh
# What make says of a build: status, why, graph, verify, gc. On a copy of the sources and on three shards
# of one genuine record each.
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
. tests/pipeline/copy.sh
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

if command -v dot >/dev/null; then
    fact "the graph is drawn" eval 'run graph SUBMISSION=$recipe && grep -q "</svg>" "$copy/$folder/reports/$recipe-graph.svg"'
else
    fact "without graphviz the graph says what it needs" says "apt-get install graphviz" graph SUBMISSION=$recipe
fi
facts_end
