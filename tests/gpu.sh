#!/bin/sh
# gpu.sh: everything that needs a GPU, in one call, under 8 minutes; or
# gpu.sh pack FOLDER: put into FOLDER what a machine needs that has nvcc, a C++ compiler and make, but not the
# packages of `make setup` and no way to install them; there, `PACKED=FOLDER tests/gpu.sh`.
#
#   O=build-gpu       where it builds          CUDA_ARCHS=90   chips to build for (the one that is there)
#   OUT=folder        where full logs go       PACKED=FOLDER   see above
#
# Each part has a time limit and doesn't stop the others. The last lines say what passed, and the table of
# training steps.
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
    # shellcheck disable=SC2086 # words
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
# milliseconds COMMAND...: of a training step, as COMMAND says them; it is asked in the bench's words.
milliseconds() {
    "$@" --device=cuda --precision="$precision" 2>>"$out/bench.err" | sed -n 's/^step //p' | median
}
bench() {
    # shellcheck source=tests/bench/help/sizes.sh
    . tests/bench/help/sizes.sh
    printf '| NeXtVLAD | batch x frames | precision | ours ms | PyTorch ms | compiled ms |\n| --- | --- | --- | --- | --- | --- |\n'
    for row in "large 160 300" "large 160 5" "large 80 300" "league 80 300"; do
        size=${row%% *} shape=${row#* } words=$large
        [ "$size" = large ] || words=$league
        words="$shape 30 ${words#nextvlad}"
        for precision in float32 tf32 bf16; do
            # shellcheck disable=SC2086 # words
            ours=$(milliseconds "$O/bench/model" train nextvlad $words)
            eager=- compiled=-
            # shellcheck disable=SC2086
            [ "$precision" = tf32 ] || eager=$(milliseconds "$python" -B tests/bench/nextvlad_torch.py train $words)
            # shellcheck disable=SC2086
            [ "$precision $row" != "bf16 large 160 300" ] ||
                compiled=$(milliseconds "$python" -B tests/bench/nextvlad_torch.py train $words --compile)
            echo "| $size | ${shape% *} x ${shape#* } | $precision | $ours | $eager | $compiled |"
        done
    done
    "$O/bench/profile" nextvlad 160 300 4 --device=cuda --precision=bf16 >"$out/profile"
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
    begun=$(date +%s)
    timeout "$limit" sh tests/gpu.sh run-part "$@" >"$out/$name.log" 2>&1
    code=$?
    tail -n 3 "$out/$name.log"
    echo "$name: exit code $code after $(($(date +%s) - begun)) s" | tee -a "$summary"
    return $code
}

part build 110 build || { tail -n 30 "$out/build.log"; exit 1; }
part op-parity 25 ops
part model-parity 25 models
part memcheck 40 sanitize memcheck
part racecheck 40 sanitize racecheck
part initcheck 30 sanitize initcheck
part bench 80 bench
part submission 60 submission
part submission-cpu 60 submission_cpu
part agreement 5 agreement

echo
cat "$out/bench.log" "$out/profile" 2>/dev/null
cat "$out/agreement.log"
cat "$summary"
! grep -v 'exit code 0 ' "$summary"
