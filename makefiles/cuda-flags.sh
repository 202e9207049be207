#!/bin/sh
# cuda-flags.sh TOOLKIT ARCH...: nvcc's options for the chips among ARCH that the toolkit knows, and for
# later ones PTX of the last; then the toolkit's release.
set -eu
toolkit=$1
shift
options='' last=''
for arch in "$@"; do
    grep -qx "sm_$arch" "$toolkit" || continue
    options="$options -gencode arch=compute_$arch,code=sm_$arch"
    last=$arch
done
[ -n "$last" ] || { echo "nvcc knows none of the chips sm_$(echo "$*" | sed 's/ / sm_/g')" >&2; exit 69; }
echo "$options -gencode arch=compute_$last,code=compute_$last"
sed -n 1p "$toolkit"
