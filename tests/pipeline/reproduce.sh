#!/bin/sh
# reproduce.sh: a recipe of three steps made again under other conditions; what is said where something
# differs, and what stays; locks and what doesn't fit them; programs compiled in another folder. On a copy of the
# sources, and three shards of one genuine record each.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
# shellcheck source=tests/pipeline/shards.sh
. tests/pipeline/shards.sh
# shellcheck source=tests/pipeline/copy.sh
. tests/pipeline/copy.sh

recipe=few
cat >"$copy/submissions/$recipe.mk" <<'END'
summary = a model, its answers, a submission
artifacts += model
model.stage  = train
model.model  = logistic
model.videos = training-videos
model.flags  = --epochs 2 --batch-size 1
artifacts += answers
answers.stage      = predict
answers.checkpoint = model
answers.videos     = contest-videos
artifacts += submission
submission.stage       = submit
submission.predictions = answers
submission.contest     = 2018
END

# Before a heavy step: note what surrounds it, and, where it is told to, train otherwise there.
cat >"$scratch/launch" <<'END'
umask=$(umask)
[ "$1" = "${1%/*}/train" ] && echo "$umask ${TZ-} ${LC_ALL-} ${OMP_NUM_THREADS-} ${PWD}" >>"${0%/*}/surroundings"
case $1,${TZ-} in
*/train,Asia/*) [ ! -e "${0%/*}/otherwise" ] || set -- "$@" --learning-rate 0.02 ;;
esac
exec "$@"
END
export LAUNCH="sh $scratch/launch"

# shellcheck disable=SC2120 # words are passed through eval
again() {
    run SUBMISSION=$recipe COMPILE=0 reproduce "$@"
}
says() {
    grep -qF -- "$1" "$scratch/said" || { cat "$scratch/said"; return 1; }
}

# What a run may leave: nothing of its own, no process that works in the copy.
nothing_stays() {
    left=$(find "$copy/$folder" -maxdepth 2 \( -name 'reproduce.*' -o -name 'plan.*' \) -print -quit)
    at_work=$(find /proc -mindepth 2 -maxdepth 2 -name cwd -lname "$copy*" 2>/dev/null)
    [ -z "$left$at_work" ] || { echo "$left $at_work"; return 1; }
}

fact "what is made again is the same, byte by byte" eval 'again && says "7 artifacts, all the same"'
fact "it was stopped in between" says "of 6 steps were begun; the same command goes on"
fact "nothing of it stays" nothing_stays
fact "other settings than a lock's are no failure" says "$recipe.lock: is about other settings (DATA)"

# What surrounded the first build, and the last.
first_has() {
    sed 1q "$scratch/surroundings" | grep -qE -- "$1"
}
last_has() {
    tail -n 1 "$scratch/surroundings" | grep -qE -- "$1"
}
other() {
    last_has "$1" && ! first_has "$1"
}
fact "under another umask" other '^0*77 '
fact "in another time zone" other ' Asia/Kathmandu '
fact "with another locale" other ' [a-zA-Z_]*\.[uU][tT][fF]-?8 '
fact "with another number of threads" other ' [0-9]+ /'
fact "in a folder whose path has another length" other "$folder/reproduce[.][0-9]+/.*$"
backwards() {
    mkdir "$scratch/many" && touch "$scratch/many/a" "$scratch/many/b" "$scratch/many/c"
    same "$(ls -U "$scratch/many" | tac)" "$(LD_PRELOAD=$copy/$folder/obj/disorder.so ls -U "$scratch/many")"
}
fact "and folders are listed backwards" backwards

# ---- what differs ----
touch "$scratch/otherwise"
differs() {
    again
    [ $? -ne 0 ] && says "Error 1" && says "submissions/$recipe/model.safetensors differs, and nothing that it was made from"
}
fact "what differs is named, the first first" differs
fact "with the tensor" says "    tensor "
fact "and what was said otherwise" says "provenance: "
fact "what was made from it is only named" says "made from these, and different: submissions/$recipe/answers.safetensors"
fact "nothing of that stays either" nothing_stays
rm "$scratch/otherwise"

# ---- signals ----
interrupted() { # SIGNAL, "-" for all processes or "" for make alone
    : >"$scratch/surroundings"
    (cd "$copy" && exec env -u MAKEFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u MFLAGS -u SANITIZE --default-signal=INT setsid make O="$folder" DATA="$data" \
        SCALE=tiny SUBMISSION=$recipe COMPILE=0 reproduce) >"$scratch/said" 2>&1 </dev/null &
    process=$!
    for _ in $(seq 600); do
        [ ! -s "$scratch/surroundings" ] || break
        sleep 0.05
    done
    kill "-$1" "$2$process"
    wait $process
    [ $? -ne 0 ] && says "again in" && nothing_stays
}
fact "Ctrl-C leaves no process and no file" interrupted INT -
fact "nor does a signal to make alone" interrupted TERM ""

fact "a lock is not checked, and nothing made, for other settings" eval 'again AGAINST=lock; [ $? -ne 0 ] && says "Error 69" &&
    ! says "stopped" >/dev/null'
fact "nor is one written" eval 'run lock; says "leave out DATA" && [ ! -e "$copy/submissions/few.lock" ]'
fact "what means nothing is refused" eval 'again AGAINST=nothing; says "AGAINST=nothing: may be lock"'

# ---- locks ----
cd "$copy" || exit 1
lock=submissions/$recipe.lock
list=$scratch/list
mkdir -p "$folder/reports"
printf '# A report\n' >"$folder/reports/$recipe.md"
for name in data/validate-videos.index $recipe/model.safetensors $recipe/answers.safetensors $recipe/submission.csv; do
    echo "submissions/$name"
done >"$list"
echo "reports/$recipe.md" >>"$list"
cp "$folder/reports/$recipe.md" "reports/$recipe.tiny.md"
lock() {
    sh makefiles/lock.sh "$1" "$folder" "${2:-$lock}" "${3:-tiny}" "$list"
}
# checked CODE TEXT LOCK SCALE: whether a check ends so and says that.
checked() {
    lock check "${3-}" "${4-}" >"$scratch/said" 2>&1
    found=$?
    same "$1" "$found" && says "$2"
}
fact "a lock is written" eval 'lock write && grep -qx "\[tiny\]" $lock'
fact "a build is as its lock says" checked 0 "$recipe.lock: 5 artifacts, all as it says"
fact "a scale that it doesn't have can't be checked" checked 69 "make lock SUBMISSION=$recipe SCALE=small writes it" "" small
fact "another scale's section stays where one is written" eval 'cp $lock $scratch/before && lock write "" small &&
    [ "$(grep -c "^\[" $lock)" -eq 2 ] && checked 0 "all as it says" && lock write &&
    same "$(cat $scratch/before)" "$(sed "/^\[small\]/,\$d" $lock | sed "\${/^\$/d}")"'
edited() { # NAME OF LOCK, sed's words
    edited=$scratch/$1/$recipe.lock
    mkdir -p "$scratch/$1" && sed "$2" "$lock" >"$edited"
}
edited compiler 's/^compiler = gcc .*/compiler = gcc 1.2.3/'
fact "one of another compiler can't be checked, and is no failure" checked 69 "gcc 1.2.3 there, gcc" "$edited"
edited library 's/^libc = .*/libc = glibc 1.0/'
fact "nor one of another library" checked 69 "glibc 1.0 there" "$edited"
edited hash "s/^[0-9a-f]*\\(  $recipe.answers\\)/$(printf '%064d' 0)\\1/"
fact "an artifact that is not as it says is named" checked 1 "1 of 5 artifacts are not as it says, the first is $recipe/answers.safetensors" "$edited"
fact "with the command that renews it" says "make lock SUBMISSION=$recipe SCALE=tiny, and commit it"
edited missing "/$recipe.submission/d"
fact "one that it doesn't know is named" checked 1 "$recipe/submission.csv (not in the lock)" "$edited"
edited more "s/^\\(.*  \\)$recipe.submission.csv/&\\n\\1$recipe\\/more.csv/"
fact "one that only it knows is named" checked 1 "$recipe/more.csv (only in the lock)" "$edited"
echo changed >>"reports/$recipe.tiny.md"
fact "a report that is not the expected one is shown" checked 1 "-changed"
fact "and the lock writes the expected one too" eval 'lock write && checked 0 "all as it says"'

# ---- programs ----
compiled_elsewhere() {
    rm -f "$folder/obj/common/base/arena.o" "$folder/obj/models/logistic.o" "$folder/obj/stages/fuse.o" "$folder/obj/units.o"
    run "$folder/bin/fuse" || return
    for file in lib/libpodium.a bin/fuse; do
        cmp "$O/$file" "$copy/$folder/$file" || return
    done
}
! cmp -s "$O/obj/flags" "$folder/obj/flags" ||
    fact "a library and a program that were compiled in another folder are the same" compiled_elsewhere
facts_end
