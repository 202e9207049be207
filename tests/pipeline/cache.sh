#!/bin/sh
# cache.sh: one cache, several clones: what is restored, what is damaged, what is full, what goes. On two
# copies of the sources with a recipe of three steps, and three shards of one genuine record each.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
# shellcheck source=tests/pipeline/shards.sh
. tests/pipeline/shards.sh
# shellcheck source=tests/pipeline/copy.sh
. tests/pipeline/copy.sh

recipe=few
cat >"$copy/submissions/$recipe.mk" <<'END'
summary = a model, its answers, a submission
artifacts += model
model.stage  = train
model.model  = logistic
model.videos = training-videos
model.flags  = --epochs 1 --batch-size 64
artifacts += answers
answers.stage      = predict
answers.checkpoint = model
answers.videos     = contest-videos
artifacts += submission
submission.stage       = submit
submission.predictions = answers
submission.contest     = 2018
END
cache=$scratch/cache
first=$copy
second=$scratch/second
steps="data/most-of-validate.split data/rest-of-validate.split data/validate-videos.index $recipe/answers.safetensors
    $recipe/model.safetensors $recipe/submission.csv"

# in_clone FOLDER GOAL...: make it there, with the cache.
in_clone() {
    copy=$1
    shift
    run CACHE="$cache" SUBMISSION=$recipe "$@"
    code=$?
    copy=$first
    return $code
}

# did KIND NAME...: exactly these were made ("made"), or restored ("restored"), by the last make.
did() {
    kind=$1
    shift
    case $kind in
    made) grep -v '(from the cache)' "$scratch/said" ;;
    restored) grep '(from the cache)' "$scratch/said" ;;
    esac | sed -n 's/^  [a-z][a-z]*  *\([a-z][a-z-]*\/[^ ]*\).*/\1/p' | sort >"$scratch/did"
    same "$(printf '%s\n' "$@" | sort)" "$(cat "$scratch/did")"
}

# bytes_of CLONE: hashes of what was made there, with provenance; of X.log and X.seen no word.
bytes_of() {
    (cd "$1/$folder/submissions" && find . -type f \( -name '*.provenance' -o -name '*.safetensors' -o -name '*.index' \
        -o -name '*.split' -o -name '*.csv' \) -exec sha256sum {} + | sort)
}

as_at_first() {
    bytes_of "$1" >"$scratch/now"
    cmp "$scratch/bytes" "$scratch/now"
}

forget() {
    rm -rf "$1/$folder/submissions" "$1/$folder/progress"
}

# ---- shared ----
first_clone_makes() {
    # shellcheck disable=SC2086 # names are words
    in_clone "$first" $recipe && did made $steps && bytes_of "$first" >"$scratch/bytes"
}
second_clone_restores() {
    cp -a "$first" "$second" && forget "$second"
    # shellcheck disable=SC2086
    in_clone "$second" $recipe && did restored $steps && did made '' && as_at_first "$second"
}
nothing_is_left() {
    same '' "$(find "$cache" "$first/$folder/submissions" "$second/$folder/submissions" -name '.?*' -type f)"
}
# Lines of cache-status, without what depends on the disk and the clock.
status_tells() {
    in_clone "$second" cache-status && grep -q ': 7 entries, .* of 20G; ' "$scratch/said" &&
        grep -q '^  checkpoint  *1 .* 0 hours$' "$scratch/said" && grep -q 'pinned, to go last: 7 entries, by few' "$scratch/said" &&
        grep -q 'the last 2 makes .*: 6 artifacts made, 6 restored' "$scratch/said"
}

# ---- damaged ----
model_content() { # where the cache has the model's bytes
    hash=$(sha256sum <"$1/$folder/submissions/$recipe/model.safetensors" | cut -c 1-64)
    echo "$cache/$(echo "$hash" | cut -c 1-2)/$hash.file"
}
# An edit in place goes through a hard link: into the cache, and into the other clone.
edit_is_noticed() {
    content=$(model_content "$first")
    printf x | dd of="$second/$folder/submissions/$recipe/model.safetensors" bs=1 seek=5000 conv=notrunc status=none
    in_clone "$second" $recipe && as_at_first "$second" && in_clone "$first" $recipe && as_at_first "$first" &&
        same "$(basename "$content" .file)" "$(sha256sum <"$content" | cut -c 1-64)"
}
# damaged COMMAND...: the model's bytes in the cache after the command, which is given their path.
damaged() {
    forget "$second"
    content=$(model_content "$first")
    cp "$content" "$content.own" && mv "$content.own" "$content" # the first clone's own stays as it is
    "$@" "$content" && in_clone "$second" $recipe && did made $recipe/model.safetensors && as_at_first "$second" &&
        forget "$second" && in_clone "$second" $recipe && did made '' && as_at_first "$second"
}
flip_byte() {
    printf x | dd of="$1" bs=1 seek=5000 conv=notrunc status=none
}
cut_short() {
    truncate -s 1000 "$1"
}
truncated_provenance() {
    action=$(grep -l '"few/submission.csv"' "$cache"/*/*.provenance)
    truncate -s 100 "$action" && forget "$second" && in_clone "$second" $recipe && did made $recipe/submission.csv &&
        as_at_first "$second" && cmp -s "$action" "$second/$folder/submissions/$recipe/submission.csv.provenance"
}

# ---- at once ----
# Two clones make the same, others restore, and prunes take all away meanwhile.
at_once() {
    forget "$first" && forget "$second" && rm -rf "$cache"
    (in_clone "$second" -j2 $recipe) &
    other=$!
    while kill -0 $other 2>/dev/null; do
        "$first/$folder/bin/cache" --keep 0 --remove "$cache" >/dev/null 2>&1
    done &
    pruner=$!
    (scratch=$scratch/aside && mkdir "$scratch" && made=$scratch/made && in_clone "$first" -j2 $recipe)
    code=$?
    wait $other && wait $pruner && [ $code -eq 0 ] && as_at_first "$first" && as_at_first "$second" && nothing_is_left
}

# ---- full, read-only, another's ----
# make_where MOUNT: the recipe from nothing, after a mount that only this make sees.
make_where() {
    forget "$second"
    unshare -m sh -c "set -e; $1; unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS O SANITIZE; cd '$second'
        make O='$folder' DATA='$data' SCALE=tiny CACHE='$2' $recipe" >"$scratch/said" 2>&1 </dev/null &&
        as_at_first "$second" && ! grep -i 'cache:\|error\|full' "$scratch/said"
}
full_disk_is_no_error() {
    mkdir -p "$scratch/full"
    # shellcheck disable=SC2086
    make_where "mount -t tmpfs -o size=64k none '$scratch/full'" "$scratch/full" && did made $steps
}
read_only_is_used() {
    make_where "mount --bind '$cache' '$cache'; mount -o remount,ro,bind '$cache'" "$cache" && did made ''
}
cannot_be_made() {
    make_where : /proc/none
}
# Somebody else's cache, which others can read: what it has comes as a copy, nothing is entered.
others_cache_is_read() {
    chmod 755 "$scratch" "$scratch/copy" && rm -rf "$scratch/other" && mkdir "$scratch/other" && chown 65534 "$scratch/other"
    before=$(find "$cache" -type f | sort)
    split() {
        setpriv --reuid 65534 --regid 65534 --clear-groups "$first/$folder/bin/split" \
            --index "$first/$folder/submissions/data/validate-videos.index" --by shard --parts 26,6 --part "$1" \
            --cache "$cache" --journal "$scratch/other/journal" --output "$scratch/other/$1.split"
    }
    QUIET=1 split 1 && same "restored split other/1.split" "$(cat "$scratch/other/journal")" &&
        same 65534 "$(stat -c %u "$scratch/other/1.split")" && QUIET=1 split 0 &&
        chmod 700 "$cache" && rm "$scratch"/other/* && QUIET=1 split 1 && chmod 755 "$cache" &&
        same "made split other/1.split" "$(cat "$scratch/other/journal")" &&
        same "$before" "$(find "$cache" -type f | sort)"
}

# ---- less ----
bytes_in_cache() {
    find "$cache"/?? -type f -exec cat {} + | wc -c
}
asks_first() {
    before=$(bytes_in_cache)
    if in_clone "$first" cache-prune KEEP=0 >/dev/null; then
        return 1
    fi
    grep -q ' 7 of 7 entries, ' "$scratch/said" && grep -q 'this would go; YES=1 does it without asking' "$scratch/said" &&
        same "$before" "$(bytes_in_cache)" && if in_clone "$first" cache-prune >/dev/null; then false; fi &&
        grep -q 'say what stays: make cache-prune KEEP=10G' "$scratch/said"
}
# The recipe's own are older than what was made for a trial; they stay all the same.
trial_goes_first() {
    in_clone "$first" $recipe/model $recipe/model.set='--learning-rate 0.02' && did made $recipe/model.safetensors &&
        trial=$(model_content "$first") && in_clone "$first" $recipe/answers $recipe/model.set='--learning-rate 0.02' \
        CACHE_SIZE=$(($(bytes_in_cache) / 1024 - 1))K && ! [ -e "$trial" ] && grep -q '^cache: held more than' "$scratch/said" &&
        forget "$second" && in_clone "$second" $recipe && did made '' && as_at_first "$second"
}
# Of a recipe's two states the one that it had before goes.
last_state_stays() {
    in_clone "$first" $recipe $recipe/model.set='--learning-rate 0.03' && size=$(bytes_in_cache) &&
        in_clone "$second" $recipe $recipe/model.set='--learning-rate 0.03' CACHE_SIZE=$((size / 1024 - 1))K &&
        did made '' && [ "$(bytes_in_cache)" -lt "$size" ] && forget "$second" &&
        in_clone "$second" $recipe $recipe/model.set='--learning-rate 0.03' && did made ''
}
prune_removes() {
    in_clone "$first" cache-prune KEEP=0 YES=1 && same 0 "$(bytes_in_cache)" && in_clone "$first" $recipe \
        $recipe/model.set='--learning-rate 0.03' && same '' "$(cat "$made")"
}
none_is_used() {
    forget "$second" && copy=$second && run CACHE= $recipe && copy=$first && grep -q '6 made, 0 restored' "$scratch/said" &&
        as_at_first "$second" && [ ! -e "$second/$folder/cache" ]
}

fact "the first clone makes everything" first_clone_makes
fact "a second clone restores everything, to the same bytes, with the same provenance" second_clone_restores
fact "no temporary file is left" nothing_is_left
fact "cache-status counts entries, kinds, pins and hits" status_tells
fact "an edit in place that reaches the cache through a link is noticed in both clones" edit_is_noticed
fact "a damaged entry is made again, and entered anew" damaged flip_byte
fact "a truncated entry is made again, and entered anew" damaged cut_short
fact "an entry with truncated provenance is made again" truncated_provenance
fact "two clones that make the same while prunes take it away both end with the same bytes" at_once
if unshare -m true 2>/dev/null; then
    forget "$first" && in_clone "$first" $recipe
    fact "a full disk under the cache is no error" full_disk_is_no_error
    fact "a read-only cache is read" read_only_is_used
    fact "a cache that can't be made is no error" cannot_be_made
    fact "another user's cache is read as far as it may be, and nothing fails" others_cache_is_read
else
    echo "# full and read-only file systems can be mounted by root only"
fi
rm -rf "$cache" && forget "$first" && in_clone "$first" $recipe
fact "cache-prune shows what would go, and removes nothing unasked" asks_first
fact "what a recipe stands for stays when CACHE_SIZE is passed; what was only tried goes" trial_goes_first
fact "what the recipe stood for before goes before what it stands for now" last_state_stays
fact "cache-prune removes what it said, and artifacts stay" prune_removes
fact "without a cache everything is made" none_is_used
facts_end
