/*
 * make_seeds FOLDER: write the inputs that fuzzing begins with, by the library's own writers.
 *
 * FOLDER/NAME/... for each harness. `make fuzz-seeds` adds to them what is taken from golden files.
 */
#include "common/artifact/manifest.h"
#include "common/artifact/provenance.h"
#include "common/data/index_write.h"
#include "common/data/npy.h"
#include "common/data/safetensors.h"
#include "common/data/subset.h"
#include "common/data/tfrecord.h"
#include "common/data/video_write.h"
#include "common/rank/predictions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Arena arena;
static Failure failure;
static const char *folder;

static void must(bool ok)
{
    if (!ok)
        exit(failure_report(&failure, "make_seeds"));
}

static const char *path_of(const char *name)
{
    const char *path = arena_format(&arena, &failure, "%s/%s", folder, name);
    must(path != NULL);
    return path;
}

/* A record's payload. */
typedef struct Payload {
    const uint8_t *bytes;
    size_t size;
} Payload;

static Payload payload_of(const VideoContent *content)
{
    Payload payload;
    must(video_write(content, &arena, &payload.bytes, &payload.size, &failure));
    return payload;
}

/* Frames of rgb (4 bytes) and audio (2), with labels; ratings where there are any. */
static Payload frames_of(const char *id, size_t frames, const Rating *ratings, size_t rating_count)
{
    static const int64_t labels[] = { 3, 300 };
    static uint8_t rgb[16 * 4], audio[16 * 2];
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(i * 7 + (size_t)id[0]);
    for (size_t i = 0; i < sizeof audio; i++)
        audio[i] = (uint8_t)(i * 11);
    VideoColumn columns[] = { { "rgb", frames, 4, rgb, NULL },
                              { "audio", frames, 2, audio, NULL } };
    VideoContent content = {
        id, strlen(id), labels, 2, ratings, rating_count, columns, 2,
    };
    return payload_of(&content);
}

static Payload mean_of(const char *id)
{
    static const float mean[] = { 0.5f, -1.25f, 2 };
    static const int64_t labels[] = { 0, 7, 3861 };
    VideoColumn columns[] = { { "mean_rgb", 0, 3, NULL, mean },
                              { "mean_audio", 0, 1, NULL, mean } };
    VideoContent content = { id, strlen(id), labels, 3, NULL, 0, columns, 2 };
    return payload_of(&content);
}

static void write_shard(const char *name, const Payload *payloads, size_t count,
                        TfrecordCompression compression)
{
    TfrecordWriter *writer;
    must(tfrecord_create(&writer, path_of(name), compression, &arena, &failure));
    for (size_t i = 0; i < count; i++)
        must(tfrecord_write(writer, payloads[i].bytes, payloads[i].size, &failure));
    must(tfrecord_commit(writer, NULL, &failure));
}

static void write_records(void)
{
    static const Rating ratings[] = { { 0, 5, 3, 1 }, { 5, 10, 3, 0 }, { 5, 10, 300, 1 } };
    static const char *const kinds[] = { "frames", "rated", "empty", "mean" };
    Payload payloads[] = { frames_of("ab00", 7, NULL, 0), frames_of("cd01", 12, ratings, 3),
                           frames_of("ef02", 0, NULL, 0), mean_of("gh03") };
    for (size_t i = 0; i < 4; i++) {
        const char *example = arena_format(&arena, &failure, "example/%s.record", kinds[i]);
        const char *shard = arena_format(&arena, &failure, "shard/%s.record", kinds[i]);
        must(file_write(path_of(example), payloads[i].bytes, payloads[i].size, &failure)
             && file_write(path_of(shard), payloads[i].bytes, payloads[i].size, &failure));
    }
    write_shard("tfrecord/frames.tfrecord", payloads, 2, TFRECORD_PLAIN);
    write_shard("tfrecord/mean.tfrecord", payloads + 3, 1, TFRECORD_PLAIN);
    Payload escaping[] = { mean_of("../../escaped"), mean_of("/tmp/escaped"), mean_of("..") };
    write_shard("tfrecord/names.tfrecord", escaping, 3, TFRECORD_PLAIN);
    write_shard("inspect/frames.tfrecord", payloads, 3, TFRECORD_PLAIN);
    write_shard("inspect/mean.tfrecord.gz", payloads + 3, 1, TFRECORD_GZIP);
    write_shard("inflate/frames.tfrecord.gz", payloads, 2, TFRECORD_GZIP);
    write_shard("inflate/mean.tfrecord.zlib", payloads + 3, 1, TFRECORD_ZLIB);
    write_shard("index/validate0000.tfrecord", payloads, 3, TFRECORD_PLAIN);
}

static void write_index(const char *name, const char *shard, const char *features)
{
    FeatureSpecs specs = { 0 };
    ScanSettings settings = { &specs, false };
    ShardEntries entries;
    Arena own = { 0 };
    AtomicFile file;
    const char *names[] = { path_name(shard) };
    must(*features == 0 || feature_specs_parse(&specs, features, &arena, &failure));
    must(shard_scan(&entries, path_of(shard), &settings, &own, &failure));
    IndexContent content = { PARTITION_VALIDATE, features, names, &entries, 1 };
    must(atomic_file_open(&file, path_of(name), &failure)
         && index_write(&content, &file, arena, &failure)
         && atomic_file_commit(&file, NULL, &failure));
    arena_close(&own);
}

static void write_subset(const char *name, SubsetUnit by, size_t part)
{
    ShardIndex index;
    Subset subset;
    AtomicFile file;
    SubsetChoice choice = { by, { 2, 1 }, 2, part, true, 1 };
    must(shard_index_open(&index, path_of("index/rated.index"), &arena, &failure)
         && subset_draw(&subset, &index, &choice, &arena, &failure)
         && atomic_file_open(&file, path_of(name), &failure)
         && subset_write(&subset, &index, &file, arena, &failure)
         && atomic_file_commit(&file, NULL, &failure));
    shard_index_close(&index);
}

static void write_indices(void)
{
    write_index("index/rated.index", "index/validate0000.tfrecord", "rgb:4,audio:2");
    write_index("index/means.index", "tfrecord/mean.tfrecord", "");
    write_subset("split/videos.split", SUBSET_VIDEO, 0);
    write_subset("split/segments.split", SUBSET_SEGMENT, 0);
    write_subset("split/rest.split", SUBSET_SEGMENT, 1);
}

static void write_predictions(const char *name, const int32_t *starts)
{
    static const uint32_t classes[] = { 1, 4, 9 };
    static const float scores[] = { 0.5f, 0.25f, 0, 1, 0.125f, 0.75f, 0.5f, 0.5f, 0.5f };
    Predictions like = { .rows = 3,
                         .classes = 3,
                         .id_bytes = 4,
                         .class = classes,
                         .start = starts,
                         .id = "00aa01bc02cd" };
    SafetensorsWriter writer = safetensors_writer(&arena);
    AtomicFile file;
    must(atomic_file_open(&file, path_of(name), &failure)
         && predictions_start(&writer, &like, &file, &failure)
         && safetensors_write(&writer, "scores", scores, sizeof scores, &failure)
         && safetensors_finish(&writer, &failure) && atomic_file_commit(&file, NULL, &failure));
}

/* The metadata of a checkpoint, and one tensor. */
static void write_checkpoint(const char *name, const char *const (*notes)[2], size_t count)
{
    static const float values[] = { 1, 2, 3 };
    SafetensorsWriter writer = safetensors_writer(&arena);
    AtomicFile file;
    must(safetensors_note(&writer, "kind", "checkpoint", &failure)
         && safetensors_note(&writer, "format", "1", &failure));
    for (size_t i = 0; i < count; i++)
        must(safetensors_note(&writer, notes[i][0], notes[i][1], &failure));
    must(safetensors_declare_vector(&writer, "bias", STORED_F32, 3, values, &failure)
         && atomic_file_open(&file, path_of(name), &failure)
         && safetensors_start(&writer, &file, &failure) && safetensors_finish(&writer, &failure)
         && atomic_file_commit(&file, NULL, &failure));
}

static void write_tensors(void)
{
    static const int32_t videos[] = { -1, -1, -1 }, segments[] = { 0, 5, 295 };
    static const char *const moe[][2] = { { "model", "moe" },
                                          { "features", "mean_rgb:1024,mean_audio:128" },
                                          { "option/experts", "2" },
                                          { "option/classes", "24" } };
    static const char *const nextvlad[][2] = { { "model", "nextvlad" },
                                               { "features", "rgb:1024,audio:128" },
                                               { "option/groups", "8" },
                                               { "parameters", "123" } };
    write_predictions("predictions/videos.safetensors", videos);
    write_predictions("predictions/segments.safetensors", segments);
    write_checkpoint("checkpoint/moe.safetensors", moe, 4);
    write_checkpoint("checkpoint/nextvlad.safetensors", nextvlad, 4);
    write_checkpoint("safetensors/checkpoint.safetensors", moe, 4);
    write_checkpoint("inspect/checkpoint.safetensors", moe, 2);
}

static void write_provenance(void)
{
    char sha256[SHA256_HEX_BYTES];
    ProvenanceInput input = { "data/videos.index", "index", "index", sha256 };
    Provenance provenance = { .kind = "checkpoint",
                              .podium = "1.0",
                              .sha256 = sha256,
                              .size = 1234,
                              .inputs = &input,
                              .input_count = 1 };
    sha256_of("", 0, sha256);
    must(key_add(&provenance.key, "stage", "train", &arena, &failure)
         && key_add(&provenance.key, "option/epochs", "5", &arena, &failure)
         && key_add(&provenance.key, "unit/stages/train.c", sha256, &arena, &failure));
    key_seal(&provenance.key);
    must(provenance_write(&provenance, path_of("provenance/moe.safetensors"), &failure));
}

static void write_manifest(void)
{
    static const char *const names[] = { "train0000.tfrecord", "hidden/train0000.csv" };
    char text[2 * MANIFEST_LINE_BYTES];
    size_t size = 0;
    for (size_t i = 0; i < 2; i++) {
        ManifestEntry entry = { .bytes = 100 + i, .name = names[i] };
        sha256_of(names[i], strlen(names[i]), entry.sha256);
        size += manifest_line(&entry, text + size);
    }
    must(file_write(path_of("manifest/league.manifest"), text, size, &failure));
}

static void write_row(void)
{
    static const float values[] = { 1.5f, -2, 0.25f };
    AtomicFile file;
    must(atomic_file_open(&file, path_of("npy/row.npy"), &failure)
         && npy_write(&file, values, 3, &failure) && atomic_file_commit(&file, NULL, &failure));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return EX_USAGE;
    folder = argv[1];
    must(arena_open(&arena, ARENA_LARGE, &failure));
    write_records();
    write_indices();
    write_tensors();
    write_provenance();
    write_manifest();
    write_row();
    arena_close(&arena);
    return EX_OK;
}
