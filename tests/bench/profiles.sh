#!/bin/sh
# profiles.sh FOLDER PROFILE MODEL-PROGRAM: a model in the numerics profile of the build, beside MODEL-PROGRAM, which is
# built for the other one, in turns: help/turns.sh says what is printed.
set -eu
folder=$1 profile=$2 other=$3
# shellcheck source=tests/bench/help/sizes.sh
. tests/bench/help/sizes.sh
# shellcheck source=tests/bench/help/turns.sh
. tests/bench/help/turns.sh

row "small-$profile" "$small" train 80 300 3 'portable: native:'
row "large-$profile" "$large" train 160 5 3 'portable: native:'
row "large-$profile" "$large" infer 80 300 2 'portable: native:'
