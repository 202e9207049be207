#!/bin/sh
# tune.sh: weights of an ensemble, tuned by hand and by make, used by name; stopped runs go on.
#
# O=FOLDER (default: build) has the programs.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
# shellcheck source=tests/pipeline/copy.sh
. tests/pipeline/copy.sh
bin=${O:-build}/bin
export QUIET=1
cd "$scratch" || exit 1

# Three members, two classes, 60 segments: each member has its own order, the last one the best.
member() {
    awk -v pull="$1" 'BEGIN {
        print "Class,Segments"
        for (class = 3; class < 5; class++) {
            for (i = 0; i < 60; i++) score[i] = ((i * 37 + class * 11 + pull * 17) % 60) / 60 + pull / 4 * (i % 2)
            line = ""
            for (rank = 0; rank < 60; rank++) {
                best = -1
                for (i = 0; i < 60; i++) if (score[i] > -1 && (best < 0 || score[i] > score[best])) best = i
                score[best] = -2
                line = line sprintf("%sv%02d:%d", rank ? " " : "", best / 6, 5 * (best % 6))
            }
            print class "," line
        }
    }'
}
ratings() { awk 'BEGIN { for (class = 3; class < 5; class++) for (i = 0; i < 60; i++) printf "v%02d:%d,%d,%d\n", i / 6, 5 * (i % 6), class, i % 2 }'; }
for i in 1 2 3; do member $i >"model-$i.csv"; done
ratings >truth.csv
tune() { "$bin/tune" --fusion ranks --truth truth.csv --trials 40 model-1.csv model-2.csv model-3.csv "$@"; }
rankfuse() { "$bin/rankfuse" model-3.csv model-1.csv model-2.csv "$@"; }
value() { sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" "$1" | head -n 1; }
map_of() { "$bin/evaluate" --metric map --submission "$1" --truth truth.csv >metrics.json && value metrics.json map; }

fact "weights are tuned" tune --output whole.json --log whole.csv
fact "the log has a line for each trial" same 41 "$(wc -l <whole.csv)"
fact "the tuned weights are no worse than equal ones" \
    awk "BEGIN { exit !($(value whole.json map) >= $(value whole.json equal)) }"
fact "rankfuse takes them by name, whatever the order of the files" rankfuse --weights-file whole.json --output fused.csv
fact "what it writes has the MAP that was tuned" same "$(value whole.json map)" "$(map_of fused.csv)"
fact "one thread makes the bytes of all" tune --output alone.json --log alone.csv --threads 1
fact "one thread's bytes are the same" cmp whole.json alone.json
fact "another seed makes other trials" tune --output other.json --log other.csv --seed 1
fact "another seed's trials differ" eval '! cmp -s whole.csv other.csv'

# ---- ratings of an index: of cd34, 135 and 155 are positive, 110 and 145 are not ----
mkdir rated
cp "$here/tests/golden/frames.tfrecord" rated/validate0000.tfrecord
printf 'Class,Segments\n1036,cd34:135 cd34:145 cd34:155 cd34:110\n' >x.csv
printf 'Class,Segments\n1036,cd34:110 cd34:155 cd34:135 cd34:145\n' >y.csv
fact "an index with ratings is made" "$bin/index" --data rated --partition validate --output rated.index
fact "its ratings are a truth" "$bin/tune" --fusion ranks --index rated.index --trials 3 --output rated.json x.csv y.csv
fact "members reach what the definition says" grep -q '"members": { "x": 0.8333333333, "y": 0.5833333333 }' rated.json

# ---- stops ----
stops=0
kept=0
odd=0
while [ $stops -lt 40 ]; do
    "$bin/tune" --fusion ranks --truth truth.csv --trials 40 model-1.csv model-2.csv model-3.csv \
        --output stopped.json --log stopped.csv 2>said &
    process=$!
    sleep 0.0$((stops * 3 % 9 + 1))
    case $((stops % 2)) in 0) kill -KILL $process 2>/dev/null ;; 1) kill -TERM $process 2>/dev/null ;; esac
    wait $process 2>/dev/null
    code=$?
    [ $code -eq 0 ] && break
    stops=$((stops + 1))
    [ -z "$(find . -name '*.tuning')" ] || kept=$((kept + 1))
    [ $code -gt 128 ] || { [ $code -eq 75 ] && grep -q 'run the same command again to go on' said; } || odd=$((odd + 1))
done
[ $code -eq 0 ] || tune --output stopped.json --log stopped.csv
fact "some stops came while there was a state to go on from" [ $kept -gt 0 ]
fact "each stop by TERM says how to go on" [ $odd -eq 0 ]
fact "a tuning that was stopped makes the same weights" cmp whole.json stopped.json
fact "a tuning that was stopped makes the same log" cmp whole.csv stopped.csv
fact "nothing is left of the stops" same "" "$(find . -name '*.tuning')"

# ---- bad input ----
bad() { "$bin/tune" --fusion ranks --truth truth.csv --output made/w.json "$@"; }
fact "one member is refused" refused 64 "1 file; name the members to weigh" bad model-1.csv
fact "no trials are refused" refused 64 "--trials 0: must be from 1 to 1000" bad --trials 0 model-1.csv model-2.csv
fact "two truths are refused" refused 64 "give either --truth or --index" bad --index truth.csv model-1.csv model-2.csv
fact "names that are too few are refused" refused 64 "must be 2 names" bad --names one model-1.csv model-2.csv
fact "two files of one name are refused" refused 64 "both named model-1" bad model-1.csv ./model-1.csv
fact "a w0 that is none is refused" refused 64 "--w0 0: must be LOW:HIGH" bad --w0 0 model-1.csv model-2.csv
fact "a w0 from high to low is refused" refused 64 "--w0 2:1: must be LOW:HIGH" bad --w0 2:1 model-1.csv model-2.csv
fact "a part of a truth without parts is refused" refused 64 "the truth has no parts" bad --part public model-1.csv model-2.csv
printf 'v00:0,3,0\n' >truth.csv
fact "a truth without positives is refused" refused 65 "no rating that is positive" bad model-1.csv model-2.csv
printf 'w00:0,3,1\n' >truth.csv
fact "a truth of other segments is refused" refused 65 "no member knows any of the rated segments" bad model-1.csv model-2.csv
printf 'v00:0,9,1\n' >truth.csv
fact "a class without a line is refused" refused 65 "model-1.csv: class 9 is rated but has no line" bad model-1.csv model-2.csv
fact "a submission that isn't there is refused" refused 66 "nowhere.csv" bad model-1.csv nowhere.csv
fuse_to() { "$bin/rankfuse" --output made/fused.csv "$@"; }
fact "weights of other names are refused" refused 65 "no weight for other" fuse_to --weights-file whole.json --names other,model-2,model-3 model-1.csv model-2.csv model-3.csv
fact "a member that is left out is refused" refused 65 "has a weight for model-3" fuse_to --weights-file whole.json model-1.csv model-2.csv
fact "weights twice are refused" refused 64 "either --weights or --weights-file" fuse_to --weights-file whole.json --weights model-1=1,model-2=1 model-1.csv model-2.csv
fact "a w0 beside the file's is refused" refused 64 "--w0: whole.json has one" fuse_to --weights-file whole.json --w0 2 model-1.csv model-2.csv model-3.csv
fact "weights of ranks are refused for scores" refused 65 "use them with rankfuse" \
    "$bin/fuse" --weights-file whole.json --output made/f.safetensors model-1.csv model-2.csv model-3.csv
ratings >truth.csv

# ---- by make: members and truth are tables of DATA ----
cp model-?.csv truth.csv "$data/"
cat >"$copy/submissions/tuning.mk" <<'RECIPE'
summary = an ensemble of three tables
artifacts += model-%
model-%.for   = 1 2 3
model-%.stage = table
model-%.name  = model-%.csv
artifacts += tuned
tuned.stage  = tune
tuned.of     = model-1 model-2 model-3
tuned.names  = first second third
tuned.fusion = ranks
tuned.truth  = truth
tuned.flags  = --trials 12
artifacts += submission
submission.stage = rankfuse
submission.of    = model-3 model-2 model-1
submission.tuned = tuned
submission.names = third second first
artifacts += metrics
metrics.stage      = evaluate
metrics.metric     = map
metrics.submission = submission
metrics.truth      = truth
artifacts += report
report.stage   = report
report.metrics = metrics
report.tuned   = tuned
RECIPE
kept=$copy/$folder/submissions/tuning
unset QUIET
fact "make tunes, fuses and reports" run tuning
fact "what make fused has the MAP that it tuned" same "$(value "$kept/tuned.json" map)" "$(value "$kept/metrics.json" map)"
fact "the weights have the names that the recipe gives" grep -q '"first": ' "$kept/tuned.json"
fact "the report shows how the tuning went" grep -q 'MAP of tuned weights' "$copy/$folder/reports/tuning.html"
fact "made again, nothing is to be done" run tuning
fact "nothing was made again" same "" "$(grep -v '/model-' "$made")"
fact "more trials are made anew" run tuning "tuning/tuned.set=--trials 14"
fact "the weights and what follows from them were made again" grep -q 'tuning/tuned.json' "$made"
facts_end
