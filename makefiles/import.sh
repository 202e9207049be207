#!/bin/sh
# import.sh ARCHIVE FOLDER: unpack what export.sh packed, under FOLDER, after looking at every name and hash.
set -eu
archive=$1 folder=$2
[ -n "$archive" ] || { echo "import: say which: make import ARCHIVE=file.tar.gz" >&2; exit 64; }
[ -f "$archive" ] || { echo "import: $archive: no such file" >&2; exit 66; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Plain files and folders of one top folder, and no name that leads out of it.
tar -tzvf "$archive" >"$work/list" 2>/dev/null || { echo "import: $archive: not an archive of make export; export it again" >&2; exit 65; }
name=$(tar -tzf "$archive" | sed -n '1s|/.*||p')
if grep -qv '^[-d]' "$work/list" || tar -tzf "$archive" | grep -qE '^/|(^|/)\.\.(/|$)' ||
    tar -tzf "$archive" | grep -qvF "$name/" || [ -z "$name" ] || [ "$name" = . ]; then
    echo "import: $archive: has names or links that lead out of its folder; nothing was unpacked" >&2
    exit 65
fi
tar -xzf "$archive" -C "$work"
if ! (cd "$work/$name" && sha256sum --quiet --strict -c SHA256SUMS) >"$work/said" 2>&1 ||
    [ "$(cd "$work/$name" && find . -type f ! -name SHA256SUMS | wc -l)" -ne "$(wc -l <"$work/$name/SHA256SUMS")" ]; then
    echo "import: $archive: $(sed 1q "$work/said") does not have the hash that SHA256SUMS says; export it again" >&2
    exit 65
fi
mkdir -p "$folder"
[ ! -e "$folder/$name" ] || { echo "import: $folder/$name is there already; remove it first" >&2; exit 73; }
cp -a "$work/$name" "$folder/$name.new" && mv "$folder/$name.new" "$folder/$name"
echo "$folder/$name: $(wc -l <"$folder/$name/SHA256SUMS") files, all with their hashes"
echo "to make it again: make -C $folder/$name/sources submission"
