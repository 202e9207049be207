#!/bin/sh
# make export and import: a submission with its provenance, recipe and sources in one file, and back.
. tests/pipeline/facts.sh
. tests/pipeline/shards.sh
. tests/pipeline/copy.sh
archive=$copy/$folder/$recipe-tiny.tar.gz
inside=$copy/$folder/imported/$recipe-tiny
flag=$recipe/moe.set=--epochs\ 2

exported_twice() {
    run export SUBMISSION=$recipe "$flag" && cp "$archive" "$scratch/first" && rm -rf "$copy/$folder/submissions" &&
        run export SUBMISSION=$recipe "$flag" && cmp "$archive" "$scratch/first"
}
fact "the same submission gives the same archive" exported_twice
imported() {
    run import ARCHIVE="$archive" && cmp "$inside/artifacts/$recipe/submission.csv" "$copy/$folder/submissions/$recipe/submission.csv" &&
        cmp "$inside/sources/submissions/$recipe.mk" "$copy/submissions/$recipe.mk" &&
        [ -s "$inside/reports/$recipe.md" ] && [ -s "$inside/artifacts/$recipe/moe.safetensors.provenance" ] &&
        grep -qx "$recipe/moe.set = --epochs 2" "$inside/sources/config.mk" && grep -qx 'SCALE = tiny' "$inside/sources/config.mk"
}
fact "what was imported has the file, provenance, reports, recipe, sources and settings" imported
nothing_over_it() {
    ! run import ARCHIVE="$archive" >/dev/null && grep -q "is there already; remove it first" "$scratch/said"
}
fact "an import writes over nothing" nothing_over_it

# altered COMMAND...: an archive whose folder the command has changed is refused and leaves nothing
altered() {
    rm -rf "$scratch/tree" "$copy/$folder/imported" && mkdir "$scratch/tree" && tar -xzf "$archive" -C "$scratch/tree" &&
        (cd "$scratch/tree/$recipe-tiny" && eval "$1") && tar -czPf "$scratch/altered.tar.gz" -C "$scratch/tree" ${2:+"$2"} $recipe-tiny &&
        ! run import ARCHIVE="$scratch/altered.tar.gz" >/dev/null && grep -q "$3" "$scratch/said" && [ ! -e "$copy/$folder/imported/$recipe-tiny" ]
}
fact "a file with other bytes is refused" altered "echo x >>artifacts/$recipe/submission.csv" '' 'does not have the hash'
fact "a file that no list names is refused" altered 'echo x >more' '' 'does not have the hash'
fact "a link is refused" altered 'ln -s /etc more' '' 'lead out of its folder'
fact "a name that leads out is refused" altered ': >../../out' --transform='s,^video-baseline-tiny/README,video-baseline-tiny/../../out,' 'lead out of its folder'
fact "what is no archive is refused" eval '! run import ARCHIVE="$copy/VERSION" >/dev/null && grep -q "not an archive of make export" "$scratch/said"'
facts_end
