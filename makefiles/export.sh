#!/bin/sh
# export.sh ARCHIVE SETTINGS RECIPE FOLDER ARTIFACT...: pack a finished submission with all that
# rebuilds it. The same submission and sources give the same bytes.
#
#   SETTINGS   lines for config.mk, so that a plain `make submission` in the archive's sources makes it again
#   FOLDER     $(O)/submissions, whose provenance goes in; of the ARTIFACTs the bytes too
set -eu
archive=$1 settings=$2 recipe=$3 folder=$4
shift 4
for artifact in "$@"; do
    [ -e "$artifact" ] || { echo "export: $artifact is not there; make submission first" >&2; exit 66; }
done
name=${archive##*/}
name=${name%.tar.gz}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/$name/artifacts" "$work/$name/reports" "$work/$name/sources"

# What git knows, and what isn't committed yet; everything of an unpacked release.
{ git ls-files -co --exclude-standard 2>/dev/null || find Makefile VERSION LICENSE ./*.md makefiles common models stages \
    submissions reports tests bench -type f; } | LC_ALL=C sort -u | while IFS= read -r file; do
    [ -f "$file" ] && printf '%s\n' "$file"
done >"$work/files"
tar -cf - -T "$work/files" | tar -xf - -C "$work/$name/sources"
printf '%s\n' "$settings" >"$work/$name/sources/config.mk"

(cd "$folder" && find "$recipe" data -name '*.provenance' 2>/dev/null | LC_ALL=C sort | tar -cf - -T -) | tar -xf - -C "$work/$name/artifacts"
for artifact in "$@"; do
    case $artifact in
    "$folder"/*) cp -p "$artifact" "$work/$name/artifacts/${artifact#"$folder"/}" ;;
    *) cp -p "$artifact" "$artifact.provenance" "$work/$name/reports/" ;;
    esac
done
cat >"$work/$name/README" <<END
A submission of Podium $(cat VERSION), with the provenance of all that it was made from.

  artifacts/   the contest's file, metrics, and the provenance of each step
  reports/     what people look at
  sources/     the recipe and the programs; config.mk has the settings: make submission [DATA=folder]

The files' hashes are in SHA256SUMS.
END
(cd "$work/$name" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS)
mkdir -p "${archive%/*}"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -C "$work" -cf - "$name" | gzip -9n >"$archive.new"
mv "$archive.new" "$archive"
echo "$archive: $(wc -c <"$archive") bytes, sha256 $(sha256sum <"$archive" | cut -c 1-64)"
