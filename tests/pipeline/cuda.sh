#!/bin/sh
# cuda.sh: stages on CUDA, over the emulation: what they make, and what they say where there is none.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
bin=${O:-build}/bin
plugin=${O:-build}/tests/podium-cuda-emulated.so
export QUIET=1

# Programs find the plugin in lib/ beside their own folder.
mkdir "$scratch/with" "$scratch/with/bin" "$scratch/with/lib" "$scratch/without" "$scratch/data"
cp "$bin/train" "$bin/predict" "$scratch/with/bin"
cp "$bin/train" "$scratch/without"
[ ! -e "$plugin" ] || cp "$plugin" "$scratch/with/lib/podium-cuda.so"
cp "$here/tests/golden/yt8m-video.tfrecord" "$scratch/data/validate0000.tfrecord"
"$bin/index" --data "$scratch/data" --partition validate --features mean_rgb:1024,mean_audio:128 \
    --output "$scratch/index"

# train FOLDER NAME OPTION...
train() {
    folder=$1 name=$2
    shift 2
    "$scratch/$folder/train" --model logistic --index "$scratch/index" --validation-index "$scratch/index" \
        --max-steps 6 --epochs 100 --batch-size 3 --curve-steps 1 --learning-rate 1e-4 --classes 3862 \
        --output "$scratch/$name" --curve "$scratch/$name.csv" "$@"
}

refuses() {
    train without refused --device cuda 2>"$scratch/said"
    same 69 $? && grep -q '^train: --device cuda: there is no CUDA plugin' "$scratch/said" \
        && same 1 "$(wc -l <"$scratch/said")"
}

falls_back() {
    train without auto --device auto 2>"$scratch/said" && grep -q 'the CPU computes' "$scratch/said" \
        && train without cpu && cmp "$scratch/auto" "$scratch/cpu"
}

no_precision() {
    train without wrong --precision bf16 2>"$scratch/said"
    same 64 $?
}

# Each loss and GAP of one curve within a thousandth of the other's.
near() {
    paste -d , "$1" "$2" | awk -F , 'NR > 1 && ($3 - $8 > 1e-3 * $3 || $8 - $3 > 1e-3 * $3 ||
        $5 - $10 > 1e-2 || $10 - $5 > 1e-2) { bad = 1 } END { exit bad || NR < 5 }'
}

agrees() {
    train with/bin gpu --device cuda && near "$scratch/gpu.csv" "$scratch/cpu.csv"
}

# The same steps and numbers of samples in every row, though losses are read one step late.
same_rows() {
    same "$(cut -d , -f 1,2,4 "$scratch/cpu.csv")" "$(cut -d , -f 1,2,4 "$scratch/gpu.csv")"
}

again() {
    train with/bin again --device cuda && cmp "$scratch/gpu" "$scratch/again" \
        && cmp "$scratch/gpu.csv" "$scratch/again.csv"
}

# The state after every step, and a run that begins from it.
resumes() {
    train with/bin kept --device cuda --checkpoint-seconds 0 && cmp "$scratch/gpu" "$scratch/kept"
}

keys() {
    grep -q '"numerics": "cuda sm_80' "$scratch/gpu.provenance" \
        && grep -q 'of CUDA on the CPU' "$scratch/gpu.provenance" \
        && ! grep -q cuda "$scratch/cpu.provenance"
}

# The numbers behind a file's header.
numbers() {
    header=$(od -An -tu8 -N8 "$1") && tail -c "+$((header + 9))" "$1" | od -An -v -tf4 -w4
}

# A batch a video: each is computed while the one before is written.
predicts() {
    for device in cpu cuda; do
        "$scratch/with/bin/predict" --checkpoint "$scratch/cpu" --index "$scratch/index" --batch-size 1 \
            --device $device --output "$scratch/scores-$device" && numbers "$scratch/scores-$device" >"$scratch/$device.numbers" || return
    done
    paste "$scratch/cpu.numbers" "$scratch/cuda.numbers" | awk '
        $1 != $2 && ($1 - $2 > 1e-4 * $1 || $2 - $1 > 1e-4 * $1) { bad = 1 }
        END { exit bad || NR < 3 * 3862 }'
}

fact "without the plugin --device cuda is refused with exit code 69, in one line" refuses
fact "without the plugin --device auto computes on the CPU, says so, and gives its bytes" falls_back
fact "the CPU has one precision" no_precision
if [ -e "$scratch/with/lib/podium-cuda.so" ]; then
    fact "training on CUDA agrees with the CPU" agrees
    fact "the curve has the same rows as the CPU's" same_rows
    fact "training on CUDA again gives the same bytes" again
    fact "keeping the state after every step changes no byte" resumes
    fact "the key says what CUDA computed, and nothing of it on the CPU" keys
    fact "predictions on CUDA agree with the CPU's, video by video" predicts
else
    echo "skipped: training over the emulation of CUDA; it is not built here"
fi
facts_end
