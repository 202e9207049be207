#!/bin/sh
# names.sh: names inside files never become paths that leave the output folder: in manifests (also
# those of a shared cache), indices, provenance, and ids of videos.
#
# O=FOLDER (default: build) has the programs.
# shellcheck source=tests/pipeline/facts.sh
. tests/pipeline/facts.sh
bin=${O:-build}/bin
export QUIET=1
mkdir -p "$scratch/deep/in" && cd "$scratch/deep/in" || exit 1

# nothing_escaped: no file of that name anywhere, nor where an absolute name would have put one
nothing_escaped() {
    [ -z "$(find "$scratch" -name '*escaped*')" ] && [ ! -e /tmp/escaped ]
}

# ---- manifests ----
league() {
    "$bin/synthesize" --scale tiny --cache cache --output kept/league.manifest >said 2>&1
}
# escape FILE: the manifest's first file gets a name that leads out of the folder
escape() {
    chmod u+w "$1" && sed "1s|\\([^ ]* [^ ]*\\) .*|\\1 $2|" "$1" >edited && rm "$1" && mv edited "$1"
}
manifest_stays_inside() {
    cp good.manifest kept/league.manifest
    escape kept/league.manifest "$1"
    league && cmp -s good.manifest kept/league.manifest && nothing_escaped
}
# A cache that others write to: its provenance vouches for the manifest that they changed.
cached_manifest_stays_inside() {
    entry=$(grep -l "$(sha256sum <good.manifest | cut -d ' ' -f 1)" cache/*/*.output.provenance | head -n 1)
    entry=${entry%.provenance}
    escape "$entry" "$1"
    sed -e "s/\"sha256\": \"$(sha256sum <good.manifest | cut -d ' ' -f 1)\"/\"sha256\": \"$(sha256sum <"$entry" | cut -d ' ' -f 1)\"/" \
        -e "s/\"size\": $(wc -c <good.manifest)/\"size\": $(wc -c <"$entry")/" "$entry.provenance" >edited
    reseal edited
    mv edited "$entry.provenance"
    rm -rf kept
    league && cmp -s good.manifest kept/league.manifest && nothing_escaped
}
league
cp kept/league.manifest good.manifest
fact "a manifest's name that goes up is not followed" manifest_stays_inside ../escaped
fact "an absolute name in a manifest is not followed" manifest_stays_inside /tmp/escaped
fact "a name that goes down and up again is not followed" manifest_stays_inside a/../../escaped
fact "a cached manifest's name that goes up is not followed" cached_manifest_stays_inside ../escaped

# ---- ids ----
mkdir d
cp "$here/tests/fuzz/seeds/tfrecord/names.tfrecord" d/validate0000.tfrecord
ids_are_texts() {
    "$bin/index" --partition validate --data d --features mean_rgb:3 --output v.index &&
        "$bin/train" --index v.index --data d --features mean_rgb:3 --model logistic --epochs 1 --batch-size 2 --output m.safetensors &&
        "$bin/predict" --checkpoint m.safetensors --index v.index --data d --output p.safetensors &&
        "$bin/submit" --contest 2018 --predictions p.safetensors --output s.csv &&
        grep -qF '../../escaped,' s.csv && nothing_escaped
}
fact "ids that look like paths are texts in a submission and no files" ids_are_texts

# ---- shards that an index names ----
sed 's|validate0000.tfrecord|../escaped12.tfrecord|' v.index >bad.index
cp v.index.scan bad.index.scan
fact "a shard's name that goes up is refused" \
    refused 65 "shard 0 has a name that is no file's in a folder" \
    "$bin/split" --index bad.index --by video --parts 1,1 --part 0 --output made/s.split

# ---- provenance ----
provenance_names_are_texts() {
    sed 's|"artifact": "[^"]*"|"artifact": "../../escaped"|' v.index.provenance >edited
    reseal edited
    mv edited v.index.provenance
    "$bin/split" --index v.index --by video --parts 1,1 --part 0 --output kept/s.split &&
        grep -qF '"artifact": "../../escaped"' kept/s.split.provenance && nothing_escaped
}
fact "an artifact's name in provenance is a text in further provenance and no file" provenance_names_are_texts
facts_end
