#!/bin/sh
# doctor.sh SPEED PACKAGES: what this machine has, a line each. Exit code 69 where a package is
# missing.
set -u
speed=$1 packages=$2
say() {
    printf '  %-10s %s\n' "$1" "$2"
}

say compiler "$($CC --version | sed -n 1p)"
say make "$(make --version | sed -n 1p)"
say cores "$(nproc), $(awk '/MemTotal/ { printf "%.1f GiB of memory", $2 / 1048576 }' /proc/meminfo)"
say profile "$PROFILE"
say BLAS "$($speed 2>&1)"
if [ "$PROFILE" = portable ] && ! grep -qw avx2 /proc/cpuinfo; then
    say BLAS "this machine lacks AVX2, which the portable profile is compiled for"
fi
nvcc=$(command -v nvcc || ls "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" 2>/dev/null)
if [ -n "$nvcc" ]; then
    say CUDA "$("$nvcc" --version | sed -n 's/.*release/release/p')"
else
    say CUDA "no nvcc: programs are built for the CPU, which is whole"
fi
if command -v nvidia-smi >/dev/null && gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null); then
    say GPU "$(printf '%s' "$gpu" | tr '\n' ' ')"
else
    say GPU none
fi
say disk "$(df -Ph "$O" | awk 'NR == 2 { print $4 " free of " $2 " for " }')$O"
say locale "${LC_ALL:-${LANG:-C}} (results are the same in any)"
missing=$(sh makefiles/setup.sh --print "$packages")
say packages "${missing:-all there}"
[ -z "$missing" ] || exit 69
