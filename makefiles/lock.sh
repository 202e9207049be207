#!/bin/sh
# lock.sh write|check|reports FOLDER LOCK SCALE NAMES: write, or check, the section SCALE of a lock: what the
# artifacts of a build hash to, and the expected reports; or check only these.
#
#   FOLDER   the build's O
#   NAMES    a file with the artifacts' paths below it, one a line, parents first
#   check    exits with 0 where all is as the lock says, 1 where something is not, 69 where it can't be
#            held against this build: it was made with another compiler or library, or is not there
#   PART=x   in the environment: these are not all artifacts of the submission
#
# A section is "[SCALE]", lines "FACT = VALUE" of what it was made with, and lines of sha256sum's form. Hashes
# are of the artifacts alone: provenance says what code made them, and that changes more often than they do.
set -u
verb=$1 folder=$2 lock=$3 scale=$4 names=$5
submission=$(basename "$lock" .lock)
renew="make lock SUBMISSION=$submission SCALE=$scale"

# A field of the key of any artifact that has it; "none" where none has.
key_field() {
    while IFS= read -r name; do
        value=$(sed -n "s/^ *\"$1\": \"\\(.*\\)\",*\$/\\1/p" "$folder/$name.provenance" 2>/dev/null)
        [ -z "$value" ] || break
    done <"$names"
    printf '%s' "${value:-none}"
}

# gcc by whatever name it is called; others as they say. CC may be several words.
compiler() {
    said=$(${CC:-cc} --version)
    case $said in
    *'Free Software Foundation'*) echo "gcc $(${CC:-cc} -dumpfullversion)" ;;
    *) printf '%s\n' "$said" | sed -e 's/ ([^)]*)//' -e 1q ;;
    esac
}

# What decides bytes beside sources: versions, without their packages'.
facts() {
    printf 'compiler = %s\n' "$(compiler)"
    printf 'libc = %s\n' "$(getconf GNU_LIBC_VERSION)"
    printf 'numerics = %s\n' "$(key_field numerics)"
    printf 'plots = %s\n' "$(key_field gnuplot)"
}

# An artifact's name, as provenance has it.
name_of() {
    case $1 in
    */reports/* | reports/*) printf 'reports/%s' "${1##*/}" ;;
    *) printf '%s' "${1#submissions/}" ;;
    esac
}

hashes() {
    while IFS= read -r name; do
        hash=$(sha256sum <"$folder/$name") || exit 66
        printf '%s  %s\n' "${hash%% *}" "$(name_of "$name")"
    done <"$names"
}

section() { # SCALE
    [ ! -f "$lock" ] || awk -v title="[$1]" '/^\[/ { inside = $0 == title; next } inside && NF' "$lock"
}

print_section() { # SCALE TEXT
    [ -z "$2" ] || printf '\n[%s]\n%s\n' "$1" "$2"
}

# The expected report, where one is committed.
expected_report() { # NAME
    case $1 in
    */reports/*.md | reports/*.md) printf 'reports/%s.%s.md' "$(basename "$1" .md)" "$scale" ;;
    esac
}

write() {
    own=$(facts && hashes) || exit
    {
        printf '# What the artifacts of %s hash to, for the default league and seed. Written by make lock,\n' "$submission"
        printf '# compared by make reproduce; a change that moves numbers shows here.\n'
        for other in tiny small paper; do
            if [ "$other" = "$scale" ]; then
                print_section "$scale" "$own"
            else
                print_section "$other" "$(section "$other")"
            fi
        done
    } >"$lock.new" && mv "$lock.new" "$lock" || exit 73
    while IFS= read -r name; do
        expected=$(expected_report "$name")
        if [ -f "$expected" ]; then
            cp "$folder/$name" "$expected" || exit 73
        fi
    done <"$names"
    echo "$lock: [$scale], $(wc -l <"$names") artifacts"
}

# What the lock was made with that this build was not.
other_facts() {
    facts | awk -v part="${PART:-}" 'FNR == NR {
            sub(/ = /, "\t"); split($0, fact, "\t")
            if (fact[2] != "none" || !part) here[fact[1]] = fact[2]
            next }
        / = / { sub(/ = /, "\t"); split($0, fact, "\t")
            if (fact[1] in here && here[fact[1]] != fact[2])
                printf "%s%s there, %s here", said++ ? "; " : "", fact[2], here[fact[1]] }' - "$locked"
}

# What differs, a line each.
differences() {
    awk -v part="${PART:-}" 'FNR == NR { if (!/ = /) { locked[$2] = $1; order[++count] = $2 }; next }
        !($2 in locked) { print $2 " (not in the lock)" }
        $2 in locked && locked[$2] != $1 { print $2 }
        { there[$2] = 1 }
        END { for (i = 1; i <= count && !part; i++) if (!(order[i] in there)) print order[i] " (only in the lock)" }' "$locked" "$found"
}

# Whether a report is the expected one, where one is committed; shows where it isn't.
compare_report() { # REPORT EXPECTED
    [ -f "$2" ] || return 0
    diff -u "$2" "$1" >"$scratch/diff" && return
    sed -n 1,40p "$scratch/diff"
    echo "$2: the report is another now (above); if it should be: $renew" >&2
    return 1
}

check() {
    section "$scale" >"$locked"
    if [ ! -s "$locked" ]; then
        echo "$lock: has no section [$scale] to compare with; $renew writes it"
        return 69
    fi
    hashes >"$found" || return
    differences >"$scratch/differ"
    count=$(wc -l <"$scratch/differ") all=$(wc -l <"$names")
    others=$(other_facts)
    if [ -n "$others" ]; then
        echo "$lock: can't be held against this build: $others ($((all - count)) of $all artifacts are as it says)"
        return 69
    fi
    reports=0
    while IFS= read -r name; do
        compare_report "$folder/$name" "$(expected_report "$name")" || reports=1
    done <"$names"
    if [ "$count" -ne 0 ]; then
        sed 's/^/  /' "$scratch/differ" | sed -n 1,20p >&2
        echo "$lock: $count of $all artifacts are not as it says, the first is $(sed 1q "$scratch/differ");" \
            "if numbers were to change: $renew, and commit it" >&2
        return 1
    fi
    [ $reports -eq 0 ] || return 1
    echo "$lock: $all artifacts, all as it says"
}

check_reports() {
    section "$scale" >"$locked"
    others=$(other_facts)
    while IFS= read -r name; do
        expected=$(expected_report "$name")
        if [ ! -f "$expected" ]; then
            continue
        elif [ -n "$others" ]; then
            echo "$expected: can't be held against this build: $others"
        else
            compare_report "$folder/$name" "$expected" || return
            echo "$folder/$name: as $expected says"
        fi
    done <"$names"
}

scratch=$(mktemp -d) || exit 73
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
locked=$scratch/locked found=$scratch/found
case $verb in
write) write ;;
check) check ;;
reports) check_reports ;;
esac
