#!/bin/sh
# gpu.sh: everything that needs a GPU, in one call, under 8 minutes; or
# gpu.sh pack FOLDER: put into FOLDER what a machine needs that has nvcc, a C++ compiler and make, but not the
# packages of `make setup` and no way to install them; there, `PACKED=FOLDER tests/gpu.sh`.
#
#   O=build-gpu       where it builds          CUDA_ARCHS=90   chips to build for (the one that is there)
#   OUT=folder        where full logs go       PACKED=FOLDER   see above
#   PARTS='bench data'  those alone            STEPS=n         timed, of each row of the bench (30)
#   REHEARSE=cpu      the parts bench and data on the CPU, with a small model: whether this script works
#   VIDEOS=n          of the data part (20000: 6.7 GB)      PATIENCE=n      times as much time for each part
#
# Each part has a time limit and doesn't stop the others. The last lines say what passed, and the tables of
# steps and of the data's way.
# shellcheck disable=SC2046,SC2086 # options are words without blanks
set -u
cd "$(dirname "$0")/.." || exit 70
O=${O:-build-gpu}
out=${OUT:-$O/gpu}
mkdir -p "$O" "$out"

pack() {
    mkdir -p "$1/include" "$1/lib"
    for header in jansson.h jansson_config.h csv.h isa-l.h isa-l Random123 openssl zlib.h zconf.h check.h check_stdint.h; do
        for folder in /usr/include "/usr/include/$(gcc -print-multiarch)"; do
            [ ! -e "$folder/$header" ] || cp -rL "$folder/$header" "$1/include/"
        done
    done
    for library in libjansson.a libcsv.a libisal.a libz.a libcrypto.a libcheck.a libsubunit.a libopenblas.so.0 \
        libgfortran.so.5 libquadmath.so.0; do
        file=$(gcc -print-file-name="$library")
        [ ! -e "$file" ] || cp -L "$file" "$1/lib/"
    done
    du -sh "$1"
}
if [ "${1:-}" = pack ]; then
    pack "${2:?gpu.sh pack FOLDER}"
    exit
fi

# What make is told, words without blanks. Another compiler's warnings are no business of this script.
words="O=$O QUIET=1 CFLAGS=-Wno-error"
if [ -n "${PACKED:-}" ]; then
    packed=$(cd "$PACKED" && pwd)
    LD_LIBRARY_PATH=$packed/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
    words="$words CPPFLAGS=-I$packed/include LDFLAGS=-L$packed/lib"
    touch "$O/packages"
fi
chip=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | sed -n '1s/\.//p')
words="$words CUDA_ARCHS=${CUDA_ARCHS:-${chip:-90}}"
make_() {
    make $words "$@"
}

# Parts.
build() {
    make_ -j"$(nproc)" DEVICE=cuda all "$O/bench/model" "$O/bench/profile" "$O/tests/cuda-ops" "$O/tests/cuda-models"
}
ops() {
    "$O/tests/cuda-ops" "$O/lib/podium-cuda.so"
}
models() {
    "$O/tests/cuda-models" "$O/lib/podium-cuda.so"
}
submission() {
    make_ DEVICE=cuda submission SCALE=small
}
submission_cpu() {
    make_ DEVICE=cpu RUN=cpu/ submission SCALE=small
}
# initcheck also names reads by cuBLAS behind the valid rows of a matrix, whose products nobody reads.
sanitize() {
    command -v compute-sanitizer >/dev/null || { echo "skipped: compute-sanitizer is not here"; return 0; }
    CK_FORK=no compute-sanitizer --tool "$1" --error-exitcode 1 "$O/tests/cuda-ops" "$O/lib/podium-cuda.so"
}

# All MAPs of both submissions side by side, file by file. They may differ by what another seed changes: of three
# runs the largest distance to their mean was 0.027 (README).
spread=0.027
maps() {
    (cd "$O/$1submissions" && grep -rH '"map": ' --include='*metrics*.json' . | LC_ALL=C sort |
        awk -F: '{ file = $1; while (match($0, /"map": [0-9.e-]+/)) {
            print file, ++n[file], substr($0, RSTART + 7, RLENGTH - 7); $0 = substr($0, RSTART + RLENGTH) } }')
}
agreement() {
    maps "" >"$out/map-cuda" && maps cpu/ >"$out/map-cpu" || return
    paste -d ' ' "$out/map-cuda" "$out/map-cpu" | awk -v most="$spread" '
        { d = $3 - $6; bad += $1 != $4 || $2 != $5 || d > most || -d > most; print $1 ": MAP on CUDA " $3 ", on the CPU " $6 }
        END { exit bad || !NR }'
}

# A median of a column of milliseconds.
median() {
    sort -n | awk '{ a[NR] = $1 } END { if (NR) printf "%.3f", a[int((NR + 1) / 2)]; else printf "-" }'
}
python=${PYTHON:-python3}
# Where a program computes, and how: on_device PRECISION.
on_device() {
    if [ -n "${REHEARSE:-}" ]; then echo "--device=$REHEARSE"; else echo "--device=cuda --precision=$1"; fi
}
# What a model is called in the tables: its words, as tests/bench/help/sizes.sh has them.
words_of() {
    # shellcheck source=tests/bench/help/sizes.sh disable=SC2154
    . tests/bench/help/sizes.sh
    case ${REHEARSE:+rehearse-}$1 in
    large) echo "$large" ;;
    mixture) echo "$mixture" ;;
    *-mixture) echo "$league --mixture=3" ;;
    *) echo "$league" ;;
    esac
}
# milliseconds PRECISION COMMAND...: of a step, as COMMAND says them; it is asked in the bench's words.
milliseconds() {
    how=$(on_device "$1")
    shift
    "$@" $how 2>>"$out/bench.err" | sed -n 's/^step //p' | median
}
# row MODE MODEL BATCH FRAMES PRECISION PEERS: ours, and PyTorch's (eager, compiled), each of 30 steps.
row() {
    mode=$1 precision=$5 peers=$6
    words=$(words_of "$2")
    words="$3 $4 ${STEPS:-30} ${words#nextvlad}"
    ours=$(milliseconds "$precision" "$O/bench/model" "$mode" nextvlad $words)
    eager=- compiled=-
    case $peers in *eager*) eager=$(milliseconds "$precision" "$python" -B tests/bench/nextvlad_torch.py "$mode" $words) ;; esac
    case $peers in *compiled*) compiled=$(milliseconds "$precision" "$python" -B tests/bench/nextvlad_torch.py "$mode" $words --compile) ;; esac
    echo "$mode $2 $3x$4 $precision $ours $eager $compiled" | awk '
        function ratio(peer) { return peer > 0 && $5 > 0 ? sprintf("%.2f", peer / $5) : "-" }
        {
            minutes = $1 == "train" && $5 > 0 ? sprintf("%.1f", $5 * 120000 / 60000) : "-"
            print "| " $1 " | " $2 " | " $3 " | " $4 " | " $5 " | " $6 " | " ratio($6 + 0) " | " $7 " | " ratio($7 + 0) " | " minutes " |"
        }'
}
# The rows of the goals first: at least 1.3 times compiled training steps, 2 times eager ones, 3 times inference.
bench() {
    echo '| | NeXtVLAD | batch x frames | precision | ours ms | PyTorch ms | ratio | compiled ms | ratio | 120,000 steps, min |'
    echo '| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |'
    row train large 160 300 bf16 eager,compiled
    row train mixture 160 300 bf16 compiled
    row infer large 512 5 bf16 eager
    words=$(words_of large)
    "$O/bench/profile" nextvlad 160 300 4 ${words#nextvlad} $(on_device bf16) >"$out/profile"
    row train large 160 5 bf16 eager
    row train large 160 300 tf32 -
    row train large 160 300 float32 -
    row infer league 512 5 bf16 eager
    row train league 80 300 bf16 eager
    row train large 80 300 bf16 eager
}

# Nanoseconds that a command takes.
nanoseconds() {
    began=$(date +%s%N)
    "$@" >>"$out/data.err" 2>&1 || return
    echo $(($(date +%s%N) - began))
}
# Training and inference from TFRecords in the page cache, to a checkpoint and to a submission's CSV.
data() {
    folder=$O/gpu-data
    rm -rf "$folder"
    mkdir -p "$folder"
    QUIET=1
    export QUIET
    words=$(words_of large)
    "$O/bin/synthesize" --scale small --partitions 2/frame/train --train-videos "${VIDEOS:-20000}" --length-from 298 \
        --length-to 300 --train-shards 64 --output "$folder/league.manifest" || return
    "$O/bin/index" --data "$folder/league" --partition train --features rgb:1024,audio:128 --output "$folder/index" || return
    steps() {
        nanoseconds "$O/bin/train" --model $words $(on_device bf16) --features rgb:1024,audio:128 --index "$folder/index" --batch-size 160 \
            --epochs 100 --max-steps "$1" --output "$folder/checkpoint-$1"
    }
    few=$(steps 20) && many=$(steps 100) || return
    memory=$(milliseconds bf16 "$O/bench/model" train nextvlad 160 300 20 ${words#nextvlad})
    echo "$few $many $memory" | awk '{ ms = ($2 - $1) / 80e6; printf "training step: %.2f ms from TFRecords, %.2f from memory: %.2f (goal >= .90)\n", ms, $3, $3 / ms }'
    # As many classes as the contest rates.
    seq 0 999 | sed '1i Index' >"$folder/classes.csv"
    classes="--classes $folder/classes.csv"
    [ -z "${REHEARSE:-}" ] || classes=
    scored=$(nanoseconds "$O/bin/predict" --checkpoint "$folder/checkpoint-20" --index "$folder/index" --samples segments \
        $classes $(on_device bf16) --output "$folder/scores") || return
    listed=$(nanoseconds "$O/bin/submit" --contest 2019 --predictions "$folder/scores" --output "$folder/submission.csv") || return
    read=$(nanoseconds sh -c "cat '$folder'/league/2/frame/train/*.tfrecord | dd of=/dev/null bs=4M") || return
    bytes=$(cat "$folder"/league/2/frame/train/*.tfrecord | wc -c)
    echo "$bytes $scored $listed $read" | awk '{
        printf "inference: %.2f GB to scores in %.2f s, to CSV in %.2f s more: %.2f GB/s (goal >= 5); dd has %.2f GB/s: %.2f of it (goal >= .85)\n",
            $1 / 1e9, $2 / 1e9, $3 / 1e9, $1 / ($2 + $3), $1 / $4, $4 / ($2 + $3) }'
    rm -rf "$folder"
}

# Another shell runs a part, so that its time limit ends all of it.
if [ "${1:-}" = run-part ]; then
    shift
    "$@"
    exit
fi
summary=$out/summary
: >"$summary"
# part NAME SECONDS FUNCTION...
part() {
    name=$1 limit=$2
    shift 2
    case " ${PARTS:-$name} " in *" $name "*) ;; *) return 0 ;; esac
    begun=$(date +%s)
    timeout $((limit * ${PATIENCE:-1})) sh tests/gpu.sh run-part "$@" >"$out/$name.log" 2>&1
    code=$?
    tail -n 3 "$out/$name.log"
    echo "$name: exit code $code after $(($(date +%s) - begun)) s" | tee -a "$summary"
    return $code
}

part build 100 build || { tail -n 30 "$out/build.log"; exit 1; }
# What the CPU computes goes on beside parts that measure no time.
part submission-cpu 130 submission_cpu &
part op-parity 20 ops
part model-parity 20 models
part memcheck 35 sanitize memcheck
part racecheck 35 sanitize racecheck
part initcheck 25 sanitize initcheck
wait
part bench 130 bench
part data 45 data
part submission 55 submission
part agreement 5 agreement

echo
cat "$out/bench.log" "$out/data.log" "$out/profile" "$out/agreement.log" 2>/dev/null
cat "$summary"
! grep -v 'exit code 0 ' "$summary"
