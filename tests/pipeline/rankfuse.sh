#!/bin/sh
# rankfuse.sh: submissions as one: by hand and through a recipe; the same bytes for any number of threads and
# any order of files; what each kind of bad input gets.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
# shellcheck source=tests/pipeline/shards.sh
. tests/pipeline/shards.sh
# shellcheck source=tests/pipeline/copy.sh
. tests/pipeline/copy.sh
bin=${O:-build}/bin
golden=$here/tests/golden/rank/rankfuse
export QUIET=1
mkdir "$scratch/hand"
cd "$scratch/hand" || exit 1 # what a run of make has made is named in $scratch/made

rankfuse() { "$bin/rankfuse" --output made/fused.csv "$@"; }
csv() { # FILE ROW...
    csv_file=$1
    shift
    { echo Class,Segments && printf '%b\n' "$@"; } >"$csv_file"
}

# ---- by hand ----
for name in first second third fourth; do cp "$golden-$name.csv" $name.csv; done
weighted="--weights fourth=0,third=0.61,first=3,second=1.7"
fuses() { # FILE...
    rm -rf made
    # shellcheck disable=SC2086 # words
    rankfuse $weighted "$@" && cmp made/fused.csv "$golden.weighted.csv"
}
fact "files are fused with the weights of their names" fuses first.csv second.csv third.csv fourth.csv
fact "the order of the files changes nothing" fuses third.csv fourth.csv first.csv second.csv
fact "one thread makes the same bytes" fuses first.csv second.csv third.csv fourth.csv --threads 1
fact "five threads make the same bytes" fuses first.csv second.csv third.csv fourth.csv --threads 5
fact "w0 is the released code's" eval 'rm -rf made && rankfuse first.csv second.csv third.csv fourth.csv --w0 6.058 &&
    cmp made/fused.csv "$golden.equal.csv"'
verdict() { "$bin/rankfuse" --explain --output made/fused.csv "$@" | sed -n '1s/^\([a-z]*\).*/\1/p'; }
fact "a fused file is current" same current "$(verdict first.csv second.csv third.csv fourth.csv --w0 6.058)"
fact "other weights make another one" same make "$(verdict first.csv second.csv third.csv fourth.csv --w0 6.058 \
    --weights first=1,second=1,third=1,fourth=2)"
# Contents in the same order under the same weights, but the names have changed places.
other_names() {
    rm -rf made && rankfuse first.csv second.csv --weights first=2,second=1 &&
        mkdir -p swapped && cp first.csv swapped/second.csv && cp second.csv swapped/first.csv &&
        same make "$(verdict swapped/second.csv swapped/first.csv --weights first=2,second=1)"
}
fact "files whose names have changed places are fused anew" other_names

# ---- bad input ----
csv a.csv '3,abcd:5 wxyz:10' '7,abcd:5'
csv b.csv '7,wxyz:10' '3,abcd:5'
fact "classes may stand in any order" rankfuse a.csv b.csv
csv other.csv '3,abcd:5' '8,abcd:5'
fact "other classes are refused" refused 65 "a.csv has class 7, other.csv hasn't" rankfuse a.csv other.csv
csv twice.csv '3,abcd:5 wxyz:10 abcd:5' '7,abcd:5'
fact "a segment that is there twice is refused" refused 65 'twice.csv:2:18: class 3: "abcd:5" is in the list twice' rankfuse a.csv twice.csv
csv again.csv '3,abcd:5' '7,abcd:5' '3,abcd:5'
fact "a class that is there twice is refused" refused 65 "again.csv:4:1: class 3 is there twice, in line 2 too" rankfuse again.csv
{ printf 'Class,Segments\n3,' && awk 'BEGIN { for (i = 0; i <= 100000; i++) printf "%s%05x:5", i ? " " : "", i }' && echo; } >long.csv
fact "a list of more than 100,000 is refused" refused 65 'is one more than the 100000 that count; cut the list' rankfuse long.csv
printf 'VideoId,LabelConfidencePairs\nabcd,3 0.5\n' >videos.csv
fact "another contest's header is refused" refused 65 "videos.csv:1:1: the header is not Class,Segments" rankfuse a.csv videos.csv
printf 'Class,Segments\n3,abcd:5 wxyz:10\n7,abc' >cut.csv
fact "a file that is cut off is refused" refused 65 "cut.csv:3: the last row has no newline: the file is cut off" rankfuse a.csv cut.csv
: >empty.csv
fact "an empty file is refused" refused 65 "empty.csv:1:1: the header is not" rankfuse empty.csv
fact "a missing file is refused" refused 66 "none.csv" rankfuse a.csv none.csv
fact "no file is a wrong usage" refused 64 "no files" rankfuse
fact "weights in an order are refused" refused 64 '"1" is no pair; write NAME=WEIGHT' rankfuse a.csv b.csv --weights 1,2
fact "a weight of no file is refused" refused 64 "no file is named c; the files are named a, b" rankfuse a.csv b.csv --weights a=1,b=1,c=1
fact "a file without a weight is refused" refused 64 "b has none" rankfuse a.csv b.csv --weights a=1
fact "a negative weight is refused" refused 64 "b=-1: a weight is a finite number from 0" rankfuse a.csv b.csv --weights a=1,b=-1
fact "a weight that is not finite is refused" refused 64 "b=inf: a weight is a finite number from 0" rankfuse a.csv b.csv --weights a=1,b=inf
fact "weights of nothing but 0 are refused" refused 64 "all are 0" rankfuse a.csv b.csv --weights a=0,b=0
fact "w0 must be above 0" refused 64 "--w0" rankfuse a.csv --w0 0

# ---- through a recipe ----
cat >"$copy/submissions/ranked.mk" <<'RECIPE'
# ranked: the submissions of two small models, fused by rank.
summary = submissions of two models, fused
makes   = fused-metrics

artifacts += first
first.stage  = train
first.model  = nextvlad
first.videos = training-frames
first.flags  = --features rgb:1024,audio:128 --classes $(CLASSES) --clusters 4 --groups 2 --expansion 1 --hidden 16 \
	--gate-reduction 4 --downsample 5:10 --batch-size 16 --max-steps 20

artifacts += second
second.like  = first
second.flags = $(first.flags) --learning-rate 0.01

artifacts += %-scores
%-scores.for        = first second
%-scores.stage      = predict
%-scores.checkpoint = %
%-scores.videos     = contest-segments
%-scores.classes    = segment-classes
%-scores.flags      = --samples segments

artifacts += %-submission
%-submission.for         = first second
%-submission.stage       = submit
%-submission.predictions = %-scores
%-submission.contest     = 2019

artifacts += fused
fused.stage   = rankfuse
fused.of      = first-submission second-submission
fused.weights = second-submission=0.3 first-submission=0.7
fused.w0      = 3.724
fused.videos  = contest-segments

artifacts += fused-metrics
fused-metrics.stage      = evaluate
fused-metrics.metric     = map
fused-metrics.submission = fused
fused-metrics.truth      = truth
RECIPE
made_in="$copy/$folder/submissions/ranked"
make_ranked() { run ranked DATA= CUDA=0 QUIET= "$@"; }
fact "a recipe fuses two submissions" make_ranked
fact "the fused one has each rated class" same "$(wc -l <"$made_in/first-submission.csv")" "$(wc -l <"$made_in/fused.csv")"
fact "it is scored as a submission" grep -q '"metric": "map"' "$made_in/fused-metrics.json"
fact "the program makes the same by hand" eval 'rm -rf made && rankfuse "$made_in/second-submission.csv" \
    "$made_in/first-submission.csv" --w0 3.724 --weights first-submission=0.7,second-submission=0.3 &&
    cmp made/fused.csv "$made_in/fused.csv"'
fact "made again, nothing is made" eval 'make_ranked && same "" "$(cat "$made")"'
fact "another weight makes the fused one alone, and what follows" eval '
    make_ranked ranked/fused.weights="first-submission=1 second-submission=0" &&
    same "ranked/fused.csv" "$(grep -v metrics "$made")"'
fact "a weight of 0 leaves a submission out" cmp "$made_in/first-submission.csv" "$made_in/fused.csv"
wrong_name() {
    ! make_ranked ranked/fused.weights="first-submission=1 second=1" >/dev/null &&
        grep -q 'no file is named second; the files are named first-submission, second-submission' "$scratch/said"
}
fact "a weight of no parent stops make with the names" wrong_name
# A submission of a video that the contest doesn't ask about.
fact "a segment that the index doesn't have is refused" eval '
    sed "2s/,/,none:5 /" "$made_in/first-submission.csv" >stray.csv &&
    refused 65 "\"none:5\" is of a video that the index doesn'"'"'t have" \
        rankfuse stray.csv --index "$copy/$folder/submissions/data/contest-segments.index"'
facts_end
