#!/bin/sh
# models.sh FOLDER PROFILE: training steps and inference of models, ours beside PyTorch's and beside our own on one
# thread, in turns: help/turns.sh says what is printed. About 10 minutes; ROWS='small-*' takes those alone.
set -eu
folder=$1 profile=$2 other=
# shellcheck source=tests/bench/help/sizes.sh
. tests/bench/help/sizes.sh
# shellcheck source=tests/bench/help/turns.sh
. tests/bench/help/turns.sh

# Steps are so many that a run takes a few seconds beside its start. `torch` is PyTorch at its best, `torch_moved`
# the same with NeXtVLAD's expansion behind the pooling, as ours has it where that is cheaper; for recurrent units
# `torch` is its library's, which resets elsewhere, and `torch_cell` our own function in its words.
row small "$small" train 80 300 3 'torch:>=6 torch_moved:>=1.7 one_thread:>=1.8 plain: memory:<=0.15 products:>=.70'
row small "$small" infer 80 300 4 'torch:>=7 torch_moved:>=1.8'
row small "$small" train 160 5 10 'torch:>=2.8 products:>=.70'
row small "$small" infer 160 5 20 'torch:>=1.9'
row small "$small" train 80 45 5 'torch:>=1 products:>=.70'
row large "$large" train 80 300 2 'torch:>=1.8 products:>=.70'
row large "$large" train 32 300 2 'torch:>=1.7'
row large "$large" train 32 30 4 'torch:>=1.8 products:>=.70'
row large "$large" train 80 45 3 'torch:>=1 products:>=.70'
row large "$large" train 160 5 4 'torch:>=1.8 one_thread:>=1.8 memory:<=0.65 products:>=.70'
row large "$large" infer 80 300 3 'torch:>=1.6'
row large "$large" infer 160 5 8 'torch:>=1.3'
row mixture "$mixture" train 160 5 2 'torch:>=2.0'
row resnet-like "$resnet" train 256 1 4 'torch:>=1.6'
row gru "$gru" train 80 30 3 'torch:>=2.0 torch_cell: products:'
row gru "$gru" train 160 5 4 torch:
row gru "$gru" infer 160 5 8 torch:
row bert "$bert" train 160 5 3 'torch:>=1.35 products:'
row bert "$bert" infer 160 5 6 torch:
row league "$league" train 160 5 10 torch:
row league "$league" train 80 45 5 torch:

# Out of the box: both sides with nothing set, not the number of threads either.
case $profile in
native) goal='>=4' ;;
*) goal='>=3' ;;
esac
row "large-$profile" "$large --threads=0" infer 80 300 2 "torch_stock:$goal"
