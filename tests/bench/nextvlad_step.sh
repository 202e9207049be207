#!/bin/sh
# nextvlad_step.sh FOLDER: training steps of NeXtVLAD of ours and of PyTorch's, in turns, the ratio, and
# how much of a step the library needs for the step's products alone.
set -eu
folder=$1
rounds=3
python=${PYTHON:-/usr/bin/python3}

# What the peer needs to be at its best: the widest kernels of this CPU, and memory that it keeps.
if grep -qw avx512vl /proc/cpuinfo; then
    kernels=SkylakeX capability=avx512
else
    kernels=Haswell capability=avx2
fi
peer() {
    OPENBLAS_CORETYPE=$kernels ATEN_CPU_CAPABILITY=$capability MALLOC_MMAP_THRESHOLD_=17179869184 \
        MALLOC_TRIM_THRESHOLD_=17179869184 "$python" tests/bench/nextvlad_torch.py "$@"
}
median() {
    sort -n | awk '{ a[NR] = $1 } END { printf "%.1f", NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}
of() {
    sed -n "s/^$1 //p" "$folder/nextvlad_step.ours" | median
}
least() { # of what another process disturbs, the least says what the work takes
    sed -n "s/^$1 //p" "$folder/nextvlad_step.ours" | sort -n | head -n 1
}

have=yes
"$python" -c 'import torch' 2>/dev/null || have=
row() {
    size=$1 batch=$2 frames=$3 steps=$4
    name=nextvlad-step-$size-${batch}x$frames
    : >"$folder/nextvlad_step.ours"
    : >"$folder/nextvlad_step.peer"
    round=0
    while [ $round -lt $rounds ]; do
        round=$((round + 1))
        "$folder/nextvlad_step" "$size" "$batch" "$frames" "$steps" >>"$folder/nextvlad_step.ours"
        [ -z "$have" ] || peer "$size" "$batch" "$frames" "$steps" >>"$folder/nextvlad_step.peer"
    done
    ours=$(of step)
    echo "$name $ours ms"
    echo "$name-memory $(of memory) MiB"
    echo "$(least products) $(least step) $name" | awk '{ printf "%s-products-share %.2f ratio\n", $3, $1 / $2 }'
    [ "$frames" -le 5 ] || {
        "$folder/nextvlad_step" "$size-plain" "$batch" "$frames" "$steps" >"$folder/nextvlad_step.plain"
        plain=$(sed -n 's/^step //p' "$folder/nextvlad_step.plain" | median)
        echo "$plain $ours $name" | awk '{ printf "%s-plain-to-moved %.2f ratio\n", $3, $1 / $2 }'
    }
    [ -n "$have" ] || return 0
    theirs=$(median <"$folder/nextvlad_step.peer")
    echo "$name-torch $theirs ms"
    echo "$theirs $ours $name" | awk '{ printf "%s-to-torch %.2f ratio\n", $3, $1 / $2 }'
}

row small 160 5 6
row small 80 45 4
row small 80 300 2
row large 160 5 3
row large 80 45 3
[ -n "$have" ] || echo "nextvlad-step: PyTorch is not installed ($python), so there is no peer" >&2
