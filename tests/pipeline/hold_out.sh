#!/bin/sh
# hold_out.sh: training with a hold-out: the same videos left out of partitions of both years, frames of samples
# drawn, the best checkpoint by the hold-out's MAP kept, its optimiser gone on with; segments shifted in prediction.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
bin=${O:-build}/bin
export QUIET=1
cd "$scratch" || exit 1

frames=rgb:1024,audio:128
index() { "$bin/index" --data league --partition "$2" --level "$3" --features $frames --output "$1.index"; }
split() { "$bin/split" --output "$@"; }
# records SPLIT: how many videos it has
records() { "$bin/inspect" "$1" | sed -n 's/^ *"record":.*"shape":\[\([0-9]*\)\].*/\1/p'; }

fact "a league is written and indexed" eval '
    "$bin/synthesize" --scale tiny --train-videos 40 --validate-videos 32 --test-videos 4 --output league.manifest &&
    index frames train frame && index labelled validate frame && index rated validate segment && index asked test segment'

# ---- the hold-out: drawn in one year, left out of both ----
hold_out() {
    split out.split --index rated.index --by video --parts 3,1 --part 1 --seed 7 &&
        split tuned.split --index rated.index --by video --parts 3,1 --part 0 --seed 7 --prove-disjoint out.split &&
        split out-labelled.split --index labelled.index --with-index rated.index --with-split out.split &&
        split labelled.split --index labelled.index --without-index rated.index --without-split out.split \
            --prove-disjoint out-labelled.split &&
        split again.split --index rated.index --with-index labelled.index --with-split out-labelled.split
}
fact "a hold-out is applied to the other year's partition by the videos' ids" hold_out
fact "it has the same videos there, and the rest has the others" eval '
    same "$(records out.split)" "$(records out-labelled.split)" &&
    same 32 "$(($(records labelled.split) + $(records out-labelled.split)))" && [ "$(records out.split)" -gt 0 ]'
fact "and back again it is the same hold-out" same "$("$bin/inspect" again.split | sed 's/"by":"[a-z]*"//')" \
    "$("$bin/inspect" out.split | sed 's/"by":"[a-z]*"//')"
fact "without every video nothing is left, and that is refused" \
    refused 65 "the part has no records" split made/x.split --index rated.index --without-index labelled.index
fact "a part of another index than was named is refused" \
    refused 64 "--without-split out.split: a part of none of the indexes of --without-index" \
    split made/x.split --index rated.index --without-index frames.index --without-split out.split
fact "what can't be read as an index is refused" \
    refused 65 "out.split" split made/x.split --index rated.index --with-index out.split

# ---- training ----
small="--model nextvlad --features $frames --classes 24 --clusters 4 --groups 2 --expansion 1 --hidden 16 --gate-reduction 4"
# pretrain NAME OPTION...
pretrain() {
    name=$1
    shift
    # shellcheck disable=SC2086 # words
    "$bin/train" $small --index frames.index --index labelled.index --split labelled.split --batch-size 8 --seed 3 --epochs 2 \
        --learning-rate 1e-3 --decay 0.5 --decay-samples 100 --save-optimizer --output "$name" --curve "$name.csv" "$@"
}
fact "random frames are trained on" pretrain random --sample-frames random:60
fact "one thread makes the same bytes" eval 'pretrain random.1 --sample-frames random:60 --threads 1 &&
    cmp random random.1 && cmp random.csv random.1.csv'
fact "sequences are trained on, by one thread as by two" eval 'pretrain sequence --sample-frames sequence:5 &&
    pretrain sequence.1 --sample-frames sequence:5 --threads 1 && cmp sequence sequence.1 && ! cmp -s sequence random'
fact "frames chosen in two ways at once are refused" refused 64 "--downsample and --sample-frames" \
    pretrain made/x --sample-frames random:5 --downsample 5:10
fact "a number of frames that is none is refused" refused 64 "--sample-frames random:0: must be all, random:N or sequence:N" \
    pretrain made/x --sample-frames random:0

# tune NAME OPTION...: on the ratings of what isn't held out
tuning="--from random --labels segment --unrated negative --index rated.index --split tuned.split --seed 3
    --epochs 6 --batch-size 8 --learning-rate 1e-3 --decay 0.5 --decay-samples 100 --sample-frames random:60
    --validation-index rated.index --validation-split out.split --validation-metric map --validation-steps 4"
tune() {
    name=$1
    shift
    # shellcheck disable=SC2086 # words
    "$bin/train" $tuning --output "$name" --curve "$name.csv" "$@"
}
kept() { tune "$@" --keep best --save-optimizer --continue; }
step_of() { "$bin/inspect" "$1" | sed -n 's/.*"step":"\([0-9]*\)".*/\1/p'; }
# The first step of the curve with the highest MAP.
best_step() {
    awk -F, 'NR > 1 && $5 != "" && (best == "" || $5 > best) { best = $5; step = $1 } END { print step }' "$1"
}
# scores CHECKPOINT NAME OPTION...
scores() {
    checkpoint=$1 name=$2
    shift 2
    "$bin/predict" --checkpoint "$checkpoint" --index rated.index --split out.split --samples segments --output "$name" "$@"
}
map_of() {
    "$bin/evaluate" --metric map --predictions "$1" --index rated.index --subset out.split |
        sed 's/.*"map": \([0-9.]*\).*/\1/'
}
highest() { awk -F, 'NR > 1 && $5 > best { best = $5 } END { printf "%.6f\n", best }' "$1"; }

fact "ratings are learned, and the hold-out's MAP is in the curve" eval 'kept best &&
    same step,samples,loss,learning_rate,validation_map "$(head -n 1 best.csv)" && [ "$(highest best.csv)" != 0.000000 ]'
fact "the checkpoint that is kept is the first with the highest MAP" same "$(best_step best.csv)" "$(step_of best)"
fact "its MAP is what evaluate says of its predictions" eval 'scores best best.scores &&
    same "$(highest best.csv)" "$(printf "%.6f" "$(map_of best.scores)")"'
fact "the last one is kept where nothing else is said" eval 'tune last --save-optimizer --continue &&
    cmp best.csv last.csv && same "$(tail -n 1 last.csv | cut -d, -f1)" "$(step_of last)"'
fact "one thread keeps the same" eval 'kept best.1 --threads 1 && cmp best best.1 && cmp best.csv best.1.csv'
fact "nothing of what was kept on the way stays" same "" "$(find . -name '*.best' -o -name '*.progress')"

# The rate goes on from the samples of the run before: 0.001 0.5^floor(samples / 100).
rates_go_on() {
    before=$("$bin/inspect" random | sed -n 's/.*"samples":"\([0-9]*\)".*/\1/p')
    awk -F, -v before="$before" 'NR > 1 && $3 != "" {
        rate = 0.001; for (i = 100; i <= before + $2; i += 100) rate /= 2
        fresh = 0.001; for (i = 100; i <= $2; i += 100) fresh /= 2
        if ($4 < 0.999999 * rate || $4 > 1.000001 * rate) { print; print rate; wrong = 1 }
        fell += rate < fresh } END { exit wrong || !fell }' last.csv
}
fact "a run that continues goes on with the steps of the schedule" rates_go_on

# ---- unrated classes ----
fact "unrated classes as negatives are another loss than none" eval 'tune masked --unrated masked --max-steps 8 &&
    tune negative --max-steps 8 && ! cmp -s masked negative'
fact "unrated classes of videos are refused" refused 64 "--unrated is for --labels segment" pretrain made/x --unrated negative

# ---- bad input ----
fact "the best of no validations is refused" refused 64 "--keep best needs --validation-split or --validation-index" \
    pretrain made/x --keep best
fact "a MAP without ratings is refused" refused 65 "no rated segments to validate on" \
    pretrain made/x --validation-index frames.index --validation-metric map
fact "a hold-out that is trained on is refused" refused 65 "not disjoint" "$bin/train" --from random --labels segment \
    --index rated.index --split out.split --validation-index rated.index --validation-split out.split --output made/x
fact "metrics of an index without ratings are refused" refused 65 "frames.index: no segment is rated" \
    "$bin/evaluate" --metric map --predictions best.scores --index frames.index

# ---- stops ----
# stopped SIGNAL: stopped again and again, each time a little later, until it ends by itself
stopped() {
    stops=0
    while [ $stops -lt 100 ]; do
        # shellcheck disable=SC2086 # words; not the function, so that the signal reaches the program
        "$bin/train" $tuning --keep best --save-optimizer --continue --checkpoint-seconds 0 --output stopped \
            --curve stopped.csv 2>said &
        process=$!
        until [ -n "$(find . -name '*.progress')" ] || ! kill -0 $process 2>/dev/null; do :; done
        sleep "$(awk "BEGIN { print 0.1 + 0.05 * $stops }")"
        kill -"$1" $process 2>/dev/null
        wait $process 2>/dev/null && break
        stops=$((stops + 1))
    done
    [ $stops -gt 0 ] && cmp best stopped && cmp best.csv stopped.csv &&
        same "" "$(find . -name '*.progress' -o -name '*.best')" && rm stopped*
}
fact "stopped by a signal, again and again, the same is kept" stopped TERM
fact "killed, again and again, too" stopped KILL

# ---- shifts ----
# A shift of a video is that of one whose frames are moved: checked where every frame is one that is there.
fact "no shift is the prediction as it is" eval 'scores best zero --shift 0:0 && cmp zero best.scores'
fact "shifts are averaged, the same by one thread as by two" eval 'scores best shifted --shift -1:1 &&
    scores best shifted.1 --shift -1:1 --threads 1 && cmp shifted shifted.1 && ! cmp -s shifted best.scores'
fact "batches of one video give the same ids and starts" eval 'scores best small --shift -1:1 --batch-size 1 &&
    same "$("$bin/inspect" small | sed "s/\"scores\":{[^}]*}//")" "$("$bin/inspect" shifted | sed "s/\"scores\":{[^}]*}//")"'
for bad in 1:-1 1 x:y 0:301 -301:0 1:2:3; do
    fact "a shift of $bad is refused" refused 64 "--shift $bad: must be A:B with A <= B" scores best made/x --shift $bad
done
fact "videos are not shifted" refused 64 "--shift is for --samples segments" \
    "$bin/predict" --checkpoint best --index rated.index --shift -1:1 --output made/x

# ---- leaks, by id, across the years ----
# What was tuned without the hold-out is judged by it; then one that goes on from a model that had all labels is.
judge() {
    scores "$1" "$1.scores" && "$bin/evaluate" --metric map --predictions "$1.scores" --index rated.index --subset out.split \
        --output "$1.json" >/dev/null
}
# All that is here, by the names that provenance has for it.
audited() {
    # shellcheck disable=SC2046 # words
    "$bin/verify" $(find . -maxdepth 1 -name '*.provenance' | sed 's|^./\(.*\)[.]provenance$|\1|' | sort) >said
}
fair() { judge best && audited && ! grep -q 'leaked\|between 0 pairs' said; }
fact "nothing that judges was learned, over the years and from checkpoint to checkpoint" fair
unfair() {
    # shellcheck disable=SC2086 # words
    "$bin/train" $small --index labelled.index --batch-size 8 --epochs 1 --output greedy &&
        "$bin/train" --from greedy --labels segment --index rated.index --split tuned.split --epochs 1 --batch-size 8 --output tainted &&
        judge tainted || return 1
    audited
    same 1 $? && grep -q "^leaked    video .* was learned by greedy and judges in tainted.json$" said || { cat said && false; }
}
fact "a video of the hold-out that was learned under the other year's partition is found" unfair

# ---- through make: a hold-out's fields ----
cd "$here" || exit 1
# shellcheck source=tests/pipeline/shards.sh
. tests/pipeline/shards.sh
# shellcheck source=tests/pipeline/copy.sh
. tests/pipeline/copy.sh
cat >"$copy/submissions/hold-out.mk" <<'END'
summary = a hold-out of shards, and a model that is learned without it
makes   = metrics

artifacts += hold-out
hold-out.stage = split
hold-out.of    = validate-videos
hold-out.by    = shard
hold-out.parts = 2,1
hold-out.part  = 1
hold-out.flags = --seed 3

artifacts += learned
learned.stage   = split
learned.of      = validate-videos
learned.without = hold-out

artifacts += judges
judges.stage = split
judges.of    = validate-videos
judges.with  = hold-out

artifacts += model
model.stage      = train
model.model      = logistic
model.videos     = learned
model.validation = judges
model.flags      = --epochs 2 --batch-size 1 --keep best

artifacts += scores
scores.stage      = predict
scores.checkpoint = model
scores.videos     = judges

artifacts += metrics
metrics.stage       = evaluate
metrics.metric      = gap
metrics.predictions = scores
metrics.videos      = judges
END
made_fairly() { run hold-out && run verify && ! grep leaked "$scratch/said"; }
fact "a recipe's hold-out is applied to its own index, and nothing leaks" made_fairly
made_unfairly() {
    run hold-out hold-out/model.videos=data/validate-videos || return 1
    run verify hold-out/model.videos=data/validate-videos >/dev/null
    grep -q "^leaked    video " "$scratch/said"
}
fact "a model that learned all of it is found out" made_unfairly
facts_end
