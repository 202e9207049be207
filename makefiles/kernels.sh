#!/bin/sh
# kernels.sh: what is fastest on this machine: the instructions to compile for, OpenBLAS's kernels, and into how many
# pieces products are cut: two a core, but 4 to 16, since the fewer they are the less is laid out again for each. The
# machine's cores, not those that somebody leaves to a run: bits don't depend on a number of threads.
# AVX-512's instructions and kernels where the CPU has them; but AMD's family 25, Zen 4, computes 512 bits in two
# halves, and there Haswell's kernels are the faster ones.
pieces=$((2 * $(getconf _NPROCESSORS_ONLN)))
[ "$pieces" -ge 4 ] || pieces=4
[ "$pieces" -le 16 ] || pieces=16
instructions=x86-64-v4 kernels=SkylakeX
if grep -q AuthenticAMD /proc/cpuinfo && grep -q '^cpu family[[:blank:]]*: 25$' /proc/cpuinfo; then
    kernels=Haswell
fi
for flag in f bw cd dq vl; do
    grep -qw avx512$flag /proc/cpuinfo || { instructions=x86-64-v3 kernels=Haswell; }
done
echo "$instructions $kernels $pieces"
