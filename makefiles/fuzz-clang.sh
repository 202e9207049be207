#!/bin/sh
# fuzz-clang.sh CLANG PACKAGES FILE: whether this clang can build fuzzers; then FILE says which it is.
# Exit code 69, with what to install, where it can't.
set -u
clang=$1 packages=$2 file=$3
probe=$file.$$
trap 'rm -f "$probe" "$probe.c"' EXIT
printf '#include <omp.h>\n#include <stddef.h>\nint LLVMFuzzerTestOneInput(const char *a, size_t b);\nint LLVMFuzzerTestOneInput(const char *a, size_t b) { return a && b && omp_get_max_threads() < 0; }\n' >"$probe.c"
if ! "$clang" -fopenmp -fsanitize=fuzzer,address,undefined -o "$probe" "$probe.c" 2>/dev/null; then
    echo "fuzz: $clang with its fuzzer, sanitizers and OpenMP is needed, and nothing else here is; run:" >&2
    echo "    apt-get install --no-install-recommends $packages" >&2
    exit 69
fi
"$clang" --version >"$file"
