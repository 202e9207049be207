#!/bin/sh
# train_step.sh FOLDER: a training step of ours and of PyTorch's, in turns, and the ratio.
set -eu
folder=$1
rounds=5
steps=4
python=${PYTHON:-/usr/bin/python3}

# What the peer needs to be at its best: the widest kernels of this CPU, and memory that it keeps.
if grep -qw avx512vl /proc/cpuinfo; then
    kernels=SkylakeX capability=avx512
else
    kernels=Haswell capability=avx2
fi
peer() {
    OPENBLAS_CORETYPE=$kernels ATEN_CPU_CAPABILITY=$capability MALLOC_MMAP_THRESHOLD_=17179869184 \
        MALLOC_TRIM_THRESHOLD_=17179869184 "$python" tests/bench/resnet_like_torch.py $steps
}
median() {
    sort -n "$1" | awk '{ a[NR] = $1 } END { printf "%.1f", NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}

have=yes
"$python" -c 'import torch, numpy' 2>/dev/null || have=
: >"$folder/train_step.ours"
: >"$folder/train_step.peer"
while [ $rounds -gt 0 ]; do
    rounds=$((rounds - 1))
    "$folder/train_step" $steps >>"$folder/train_step.ours"
    [ -z "$have" ] || peer >>"$folder/train_step.peer"
done
ours=$(median "$folder/train_step.ours")
echo "train-step-resnet-like $ours ms"
if [ -z "$have" ]; then
    echo "train-step: PyTorch is not installed ($python), so there is no peer" >&2
    exit 0
fi
theirs=$(median "$folder/train_step.peer")
echo "train-step-resnet-like-torch $theirs ms"
echo "$theirs $ours" | awk '{ printf "train-step-resnet-like-to-torch %.2f ratio\n", $1 / $2 }'
