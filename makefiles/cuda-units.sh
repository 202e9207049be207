#!/bin/sh
# cuda-units.sh OBJECTS SOURCE...: write the table of the CUDA plugin's units (common/tensor/device.h).
#
# nvcc's objects differ from one compilation to the next, so a unit is the hash of what it was made from:
# its source and the headers of this project that it includes, without comments, and nvcc's options.
set -eu
objects=$1
shift
echo '#include "common/tensor/cuda/plugin.h"'
echo 'extern "C" const DeviceUnit cuda_units[] = {'
for source in "$@"; do
    own=$(tr ' \\' '\n\n' <"$objects/${source%.cu}.d" | sed 's/:$//' | grep -E '^common/' | LC_ALL=C sort -u)
    hash=$({
        cat "$objects/flags"
        for file in $own; do
            echo "$file"
            $CC -fpreprocessed -dD -E -P -x c "$file"
        done
    } | sha256sum | cut -d ' ' -f 1)
    printf '    { "%s", "%s" },\n' "$source" "$hash"
done
echo '    { nullptr, nullptr },'
echo '};'
