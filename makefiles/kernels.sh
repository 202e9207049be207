#!/bin/sh
# kernels.sh: what is fastest on this CPU: the instructions to compile for, and OpenBLAS's kernels. AVX-512's where
# it has them; but AMD's family 25, Zen 4, computes 512 bits in two halves, and there Haswell's are the faster ones.
for flag in f bw cd dq vl; do
    grep -qw avx512$flag /proc/cpuinfo || { echo x86-64-v3 Haswell; exit; }
done
if grep -q AuthenticAMD /proc/cpuinfo && grep -q '^cpu family[[:blank:]]*: 25$' /proc/cpuinfo; then
    echo x86-64-v4 Haswell
else
    echo x86-64-v4 SkylakeX
fi
