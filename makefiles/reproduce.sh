#!/bin/sh
# reproduce.sh MAKE LOCK SCALE NAMES NAME=VALUE...: make a submission again from nothing, in another folder
# and under other conditions, stop it once in the middle, and compare all that it makes: with the build in
# O and with the lock.
#
#   NAMES        a file with the artifacts' paths below O, parents first
#   NAME=VALUE   what make was told on its command line
#
# From the environment, beside what makefiles/reproduce.mk says for users (AGAINST, COMPILE, LEAVE):
#   O GOAL DATA REPORTS CC   as make has them
#   STEPS                    that are to be made
#   PROGRAMS                 and the library, below O
#   THREADS JOBS             of the first build
#   DISORDER                 what lists folders backwards (makefiles/disorder.c)
#   EMULATED                 the CPU to emulate, in qemu's words
#   OTHER                    settings that the lock is not about
set -u
make=$1 lock=$2 scale=$3 names=$4
shift 4
here=$(pwd)
made=$(realpath "$O")
scratch=$made/reproduce.$$
source=$scratch/a-folder/whose-name-is-of-another/length
child=

# Ask all processes of the make that runs to stop, and wait for them: a program may outlive make. One that
# takes longer, as an emulated one does for a step of training, is killed.
stop() {
    kill -TERM "-$child" 2>/dev/null
    { wait "$child"; } 2>/dev/null # without the shell's own "Terminated"
    code=$?
    for _ in $(seq 200); do
        kill -0 "-$child" 2>/dev/null || break
        sleep 0.05
    done
    for _ in $(seq 40); do # in case nobody takes notice of its end
        kill -KILL "-$child" 2>/dev/null || break
        sleep 0.05
    done
    child=
}

# Nothing stays, whatever ends this; a make that runs keeps what it has done, so it is given time to stop.
clean() {
    [ -z "$child" ] || stop
    rm -f "$names"
    [ "$LEAVE" = 1 ] || rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What was left by one that was killed.
for left in "${scratch%.*}".*; do
    kill -0 "${left##*.}" 2>/dev/null || rm -rf "$left"
done

refuse() { # CODE TEXT
    echo "reproduce: $2" >&2
    exit "$1"
}

say() {
    printf '  %-12s %s\n' "$1" "$2"
}

# Whether programs get this locale, which writes 1,5.
writes_commas() { # LOCALE
    [ "$(LC_ALL=$1 LOCPATH=$locales locale decimal_point 2>/dev/null)" = , ]
}

# A locale that sorts otherwise than by bytes too: one that is there, or made from Debian's sources.
find_locale() {
    locales=
    locale=$(locale -a 2>/dev/null | grep -Ex '(de_DE|fr_FR|sv_SE|es_ES|cs_CZ)\.utf8' | sed 1q)
    [ -z "$locale" ] || ! writes_commas "$locale" || return 0
    locale=de_DE.UTF-8 locales=$made/obj/locale
    if [ ! -d "$locales" ] && mkdir -p "$scratch/locale" &&
        localedef --no-archive -i de_DE -f UTF-8 "$scratch/locale/$locale" 2>/dev/null; then
        mv "$scratch/locale" "$locales"
    fi
    writes_commas "$locale" || locale=C.UTF-8 locales=
}

# Other conditions than those of the first build, whatever they were.
choose_conditions() {
    find_locale
    jobs=2 threads=3
    [ "$JOBS" != 2 ] || jobs=3
    [ "$THREADS" != 3 ] || threads=5
    emulate=
    [ -z "$EMULATED" ] || emulate="$(command -v qemu-x86_64 || command -v qemu-x86_64-static) -cpu $EMULATED"
    # with the same name of O the objects that are copied are up to date
    again=made_again
    [ "$COMPILE" != 0 ] || again=${O#"$here"/}
}

copy_sources() {
    mkdir -p "$source" "$scratch/home" || exit 73
    for part in Makefile VERSION config.mk makefiles submissions reports common models stages; do
        [ ! -e "$part" ] || cp -a "$part" "$source/" || exit 73
    done
    case $COMPILE$again in
    0/*) refuse 64 "COMPILE=0 needs an O inside of this folder" ;;
    0*)
        mkdir -p "$source/$again" && for part in obj lib bin packages; do
            cp -a "$O/$part" "$source/$again/" || exit 73
        done
        ;;
    esac
}

# make_again GOAL...: in the background, as a group of processes of its own; $child is its number.
make_again() {
    (
        cd "$source" && umask 077 && unset MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKEOVERRIDES MAKELEVEL &&
            exec setsid env LC_ALL="$locale" ${locales:+LOCPATH="$locales"} TZ=Asia/Kathmandu HOME="$scratch/home" \
                OMP_NUM_THREADS=$((jobs * threads)) OPENBLAS_CORETYPE=Prescott OPENBLAS_NUM_THREADS=7 \
                GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ LD_PRELOAD="${DISORDER:+$here/$DISORDER}" \
                "$make" "-j$jobs" "$@" O="$again" CACHE="$again/cache" RUN= DATA="$DATA" QUIET= T= EMULATE="$emulate" \
                reports="$again/${REPORTS#"$O"/}"
    ) >>"$scratch/log" 2>&1 </dev/null &
    child=$!
}

# Wait for it, and leave its exit code in $code.
finish() {
    wait "$child"
    code=$?
    child=
}

# Give the log where make failed.
whole() { # WHAT
    [ "$code" -eq 0 ] && return
    tail -n 30 "$scratch/log" >&2
    refuse "$code" "$1 failed (above)"
}

# Make the goal, with a signal to all its processes in the middle, and then to the end.
make_with_a_stop() {
    emulate="sh $here/makefiles/hold.sh $scratch/begun $STEPS $emulate"
    make_again "$@" "$GOAL"
    until [ -e "$scratch/begun.middle" ] || ! kill -0 "$child" 2>/dev/null; do
        sleep 0.1
    done
    sleep 0.2
    stop
    [ -e "$scratch/begun.middle" ] || whole "$GOAL"
    say stopped "after $(wc -l <"$scratch/begun") of $STEPS steps were begun; the same command goes on"
    emulate=${emulate#*"$scratch/begun $STEPS"}
    : >"$scratch/log"
    make_again "$@" "$GOAL"
    finish
    whole "$GOAL"
}

compare_programs() {
    for program in $PROGRAMS; do
        cmp -s "$O/$program" "$source/$again/$program" && continue
        for object in $(cd "$O/obj" && find . -name '*.o' | LC_ALL=C sort); do
            cmp "$O/obj/$object" "$source/$again/obj/$object" >&2 || break
        done
        refuse 1 "$O/$program and what was compiled again differ (the first object that does: above)"
    done
    # shellcheck disable=SC2086 # words
    say compiled "$(printf '%s\n' $PROGRAMS | wc -l) files, programs and their library, all the same"
}

# Whether the lock has anything to say of this build.
lock_speaks() {
    if [ -n "$OTHER" ]; then
        echo "$lock: is about other settings ($OTHER)"
    elif ! grep -qxF "[$scale]" "$lock" 2>/dev/null; then
        echo "$lock: has no section [$scale] to compare with; make lock SUBMISSION=$(basename "$lock" .lock) SCALE=$scale writes it"
    else
        return 0
    fi
    return 69
}

check_lock() {
    lock_speaks || return
    sh makefiles/lock.sh check "$source/$again" "$lock" "$scale" "$names"
}

# What was found is said with the good news last.
compare_artifacts() {
    check_lock >"$scratch/lock" 2>&1
    locked=$?
    if [ "$AGAINST" = lock ]; then
        cat "$scratch/lock"
        [ $locked -eq 0 ] || exit $locked
        echo "$(wc -l <"$names") artifacts, all the same"
        exit 0
    fi
    "$O/bin/compare" --names "$names" "$O" "$source/$again" >"$scratch/compared"
    compared=$?
    if [ $locked -eq 1 ]; then
        cat "$scratch/compared" "$scratch/lock"
        exit 1
    fi
    cat "$scratch/lock" "$scratch/compared"
    exit $compared
}

if [ -n "$EMULATED" ] && ! command -v qemu-x86_64 >/dev/null && ! command -v qemu-x86_64-static >/dev/null; then
    refuse 69 "CPU=$EMULATED needs an emulator: apt-get install qemu-user"
fi
[ "$AGAINST" != lock ] || lock_speaks || exit
choose_conditions
copy_sources
echo "reproduce: $GOAL at scale $scale, again in $source"
say with "-j$jobs, $threads threads, umask 077, $locale, Asia/Kathmandu${DISORDER:+, folders listed backwards}${EMULATED:+, CPU $EMULATED}"
: >"$scratch/log"
make_again "$@" programs
finish
whole "compiling"
[ "$COMPILE" = 0 ] || compare_programs
make_with_a_stop "$@"
compare_artifacts
