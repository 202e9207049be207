# turns.sh: to hold a model against others in turns, so that what disturbs the machine disturbs them all. To be
# sourced, with
#
#   folder   where `model` is, and where figures go
#   profile  what it was built for
#   other    `model` of the other profile; empty where that isn't built
#   ROWS     pattern of the rows wanted: '*'      ROUNDS  of turns: 3      STEPS  instead of the rows' own
#
# row NAME 'MODEL --OPTION=VALUE ...' MODE BATCH FRAMES STEPS 'OPPONENT:GOAL ...' prints, for NAME-MODE-BATCHxFRAMES,
#
#   NAME ms                   ours on 2 threads: of each round the median step, of the rounds the median
#   NAME-OPPONENT ms          theirs
#   NAME-to-OPPONENT ratio    how many times as fast ours is: the median of the rounds (least to most; the goal)
#
# and with `memory` among the opponents the peaks of both processes, ours and PyTorch's, and ours by theirs; with
# `products` the speed of the step's products, together, by that of one large product of the same library.
# An opponent is one of the functions below; one that isn't here is left out. A goal may be empty; all but
# that of torch_stock are for the native profile.
python=${PYTHON:-/usr/bin/python3}
ROWS=${ROWS:-*} ROUNDS=${ROUNDS:-3}
# shellcheck disable=SC2154 # who sources it says so
figures=$folder/models
mkdir -p "$figures"

have_torch=yes
"$python" -c 'import torch, numpy' 2>/dev/null || {
    have_torch=
    echo "PyTorch is not installed ($python), so there is no peer" >&2
}

# ---- opponents: MODE MODEL BATCH FRAMES STEPS [--OPTION=VALUE ...] ----

ours() { "$folder/model" "$@"; }
one_thread() { ours "$@" --threads=1; }
plain() { ours "$@" --form=plain; }
portable() { "$other" "$@"; }
native() { "$other" "$@"; }

# PyTorch with nothing set, not even what make sets for steps.
torch_stock() {
    mode=$1 file=tests/bench/$(echo "$2" | tr - _)_torch.py
    shift 2
    env -u OMP_WAIT_POLICY "$python" -B "$file" "$mode" "$@"
}
# With what it needs to be at its best: the fastest kernels of this CPU, and memory that it keeps.
kernels=$(sh makefiles/kernels.sh | cut -d ' ' -f 2)
case $(sh makefiles/kernels.sh) in
*v4*) capability=avx512 ;;
*) capability=avx2 ;;
esac
torch() {
    export OPENBLAS_CORETYPE=$kernels ATEN_CPU_CAPABILITY=$capability
    export MALLOC_MMAP_THRESHOLD_=17179869184 MALLOC_TRIM_THRESHOLD_=17179869184
    torch_stock "$@"
}
torch_moved() { torch "$@" --form=moved; }
torch_cell() { torch "$@" --form=cell; }

is_here() {
    # shellcheck disable=SC2154 # who sources it says so
    case $1 in
    torch* | memory) [ -n "$have_torch" ] ;;
    portable | native) [ -n "$other" ] && [ "$1" != "$profile" ] ;;
    esac
}

# ---- figures: a line a run, its median step, its peak, the model's parameters ----

# The median of a column of numbers, as FORM shows it.
middle() {
    sort -n | awk -v form="$1" '{ a[NR] = $1 } END { printf form, (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }'
}
said() {
    sed -n "s/^$1 //p" "$figures/said"
}
# A turn, in a shell of its own: what is set for one opponent is not for the others.
turn() {
    ("$@") >"$figures/said" || {
        echo "turns.sh: this failed: $*" >&2
        exit 70
    }
    echo "$(said step | middle %.4f) $(said peak) $(said parameters)" >>"$figures/$1"
}
# figure COLUMN OPPONENT FORM
figure() {
    cut -d ' ' -f "$1" "$figures/$2" | middle "$3"
}
# ratio COLUMN ABOVE BELOW GOAL: of each round, then of the rounds
ratio() {
    paste -d ' ' "$figures/$2" "$figures/$3" | awk -v column="$1" '{ printf "%.3g\n", $column / $(column + 3) }' |
        sort -n >"$figures/ratios"
    echo "$(middle %.3g <"$figures/ratios") ratio" \
        "($(sed -n 1p "$figures/ratios") to $(sed -n '$p' "$figures/ratios")${4:+; goal $4})"
}
is_same_model() {
    [ "$(cut -d ' ' -f 3 "$figures/ours" "$figures/$1" | sort -u | wc -l)" = 1 ] || {
        echo "turns.sh: $name: $1 has another number of parameters than ours, so it isn't the same model" >&2
        exit 70
    }
}

# ---- rows ----

# From `profile`: "all products MS SHARE MB GFLOP GB/S GFLOP/S ..." and "limits, measured: GFLOP/S ...".
products_share() {
    # shellcheck disable=SC2086 # words
    "$folder/profile" ${words#* } | awk -v goal="$1" '
        /^all products / { ours = $8 }
        /^limits, measured:/ { most = $3 }
        END { printf "%.2f ratio%s\n", ours / most, goal ? " (goal " goal ")" : "" }'
}
# versus OPPONENT GOAL
versus() {
    label=$(echo "$1" | tr _ -) goal=
    [ "$profile" != native ] && [ "$1" != torch_stock ] || goal=$2
    if [ "$1" = products ]; then
        echo "$name-products-to-one $(products_share "$goal")"
    elif [ "$1" = memory ]; then
        echo "$name-memory $(figure 2 ours %.0f) MiB"
        echo "$name-torch-memory $(figure 2 torch %.0f) MiB"
        echo "$name-memory-to-torch $(ratio 2 ours torch "$goal")"
    else
        is_same_model "$1"
        echo "$name-$label $(figure 1 "$1" %.1f) ms"
        echo "$name-to-$label $(ratio 1 "$1" ours "$goal")"
    fi
}
row() {
    name=$1-$3-${4}x$5 against=
    # shellcheck disable=SC2254 # a pattern
    case $name in
    $ROWS) ;;
    *) return 0 ;;
    esac
    for one in $7; do
        ! is_here "${one%%:*}" || against="$against $one"
    done
    words="$3 ${2%% *} $4 $5 ${STEPS:-$6} --threads=2"
    [ "$2" = "${2%% *}" ] || words="$words ${2#* }"
    rm -f "$figures"/*
    for _ in $(seq "$ROUNDS"); do
        for one in ours $against; do
            # shellcheck disable=SC2086 # words
            case ${one%%:*} in
            memory | products) ;;
            *) turn "${one%%:*}" $words ;;
            esac
        done
    done
    echo "$name $(figure 1 ours %.1f) ms"
    for one in $against; do
        versus "${one%%:*}" "${one#*:}"
    done
}
