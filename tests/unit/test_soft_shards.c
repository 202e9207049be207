/*
 * SoftShards: what each record has, held against records that protobuf's runtime wrote from the
 * definition (tests/golden/soft_labels.py); how they are read again; what a stop costs.
 */
#include "common/base/parallel.h"
#include "common/learn/soft_shards.h"
#include "common/tensor/ops.h"
#include "models/layers/linear.h"
#include "shards.h"
#include "suite.h"
#include "temporary.h"

#include <math.h>
#include <sys/stat.h>

#define CLASSES 4
#define WIDTH 6
#define SEGMENT 5
#define MOST 200 // segments of the videos

static const char *const video_shards[] = { "train00.tfrecord", "train01.tfrecord" };
static const Option options[] = { { 0 } };
static const Manual manual = { "softlabel", "Write soft labels.", NULL, options };

/* What tests/golden/soft_labels.py draws: two shards of two videos. */
static LoaderSegment drawn[] = { { 0, 5 }, { 0, 15 }, { 1, 295 }, { 2, 0 },
                                 { 3, 0 }, { 3, 10 }, { 3, 290 } };
static uint32_t times[] = { 1, 1, 1, 3, 1, 2, 1 };
#define DRAWN (sizeof times / sizeof *times)

static Arena arena;
static Failure failure;
static ShardIndex index_;
static FeatureSpecs features;
static Device device;
static real weights[WIDTH * CLASSES], bias[CLASSES];
static Predictor predictor;
static Source source; // what watches the videos

static void write_videos(void)
{
    static const char *const ids[] = { "aa", "ab", "ba", "bb" };
    static const size_t frames[] = { 23, 300, 5, 305 }, label_count[] = { 2, 1, 3, 1 };
    static const int64_t labels[][3] = { { 1, 3 }, { 0 }, { 0, 2, 3 }, { 2 } };
    for (size_t s = 0; s < 2; s++) {
        TfrecordWriter *writer;
        ck_assert(tfrecord_create(&writer, temporary_path(video_shards[s], 0), TFRECORD_PLAIN,
                                  &arena, &failure));
        for (size_t v = 2 * s; v < 2 * s + 2; v++)
            test_write_frames(writer, ids[v], frames[v], labels[v], label_count[v], NULL, 0, arena);
        ck_assert(tfrecord_commit(writer, NULL, &failure));
    }
    ck_assert(test_index(temporary_path("x.index", 0), temporary_folder, video_shards, 2,
                         "rgb:4,audio:2", &arena, &failure));
    ck_assert(shard_index_open(&index_, temporary_path("x.index", 0), &arena, &failure));
}

/* p = sigmoid(b + W mean(x)): the network of tests/golden/soft_labels.py. */
static void make_predictor(void)
{
    size_t bounds[FEED_MOST_AXES];
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL), *frames = graph_rows(g, "frames", batch);
    Tensor bytes = input(g, "features", TYPE_BYTE, shape_rows(frames, WIDTH));
    Tensor x = dequantize(g, bytes, (Dequantization){ 4.0 / 255, -1.9921875, 0, WIDTH, false });
    Tensor z = linear(g, "z", mean_by_video(g, x), CLASSES, constant(0), constant(0));
    predictor = (Predictor){ .what = "test", .probabilities = sigmoid(g, z) };
    predictor.feed = (Feed){ .batch = batch, .frames = frames, .features = bytes };
    ck_assert_msg(graph_finish(g, &failure), "%s", failure.message);
    for (int c = 0; c < CLASSES; c++) {
        bias[c] = (real)(c - 1) / 4;
        for (int j = 0; j < WIDTH; j++)
            weights[j * CLASSES + c] = (real)((7 * c + 3 * j) % 11 - 3) / 16;
    }
    ck_assert(device_open_cpu(&device, &arena, &failure));
    feed_bounds(&predictor.feed, (LoaderBounds){ MOST, MOST * SEGMENT, MOST }, bounds);
    predictor.plan =
        plan_create(g, &device, bounds, &predictor.probabilities, 1, false, &arena, &failure);
    ck_assert_msg(predictor.plan != NULL, "%s", failure.message);
    plan_bind_parameters(predictor.plan, (real *[]){ weights, bias }, NULL);
}

static const char *shard_name(size_t i)
{
    static char name[48];
    snprintf(name, sizeof name, "set/train%04zu.tfrecord", i);
    return name;
}

/* Also before a test: one that failed leaves its set. */
static void remove_set(void)
{
    for (size_t i = 0; i < 8; i++)
        unlink(temporary_path(shard_name(i), 0));
    rmdir(temporary_path("set", 0));
    unlink(temporary_path("set.manifest", 0));
    unlink(temporary_path("set.manifest.begun", 0));
    unlink(temporary_path("set.manifest.provenance", 0));
}

static void setup(void)
{
    failure = (Failure){ 0 };
    remove_set();
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    ck_assert(feature_specs_parse(&features, "rgb:4,audio:2", &arena, &failure));
    write_videos();
    make_predictor();
    ck_assert(shard_watch_begin(&source.watch, &index_, temporary_folder, &arena, &failure));
    predictor.loader = (LoaderSettings){ .sources = { { &index_, NULL, temporary_folder } },
                                         .source_count = 1,
                                         .features = &features,
                                         .unit = LOAD_LISTED_SEGMENTS,
                                         .batch = 3,
                                         .threads = 2 };
}

static void teardown(void)
{
    plan_destroy(predictor.plan);
    shard_index_close(&index_);
    arena_close(&arena);
    remove_set();
}

/* Write a draw into set/, in so many shards; without a commit it is a run that was stopped. */
static bool write_set(SegmentDraw draw, size_t shards, bool commit)
{
    Stage stage = { 0 };
    ArtifactFolder set = { 0 };
    char *argv[] = { "softlabel", "--output", (char *)temporary_path("set.manifest", 3), NULL };
    for (uint64_t i = 0; i < draw.count; i++)
        draw.total += draw.times[i];
    ck_assert_msg(stage_begin(&stage, &manual, 3, argv, &failure)
                      && artifact_folder_create(&set, &stage, "soft-labels", &failure),
                  "%s", failure.message);
    bool ok = soft_shards_write(&set, &source, &predictor, &draw, shards, &failure)
        && (!commit || artifact_folder_commit(&set, &failure));
    artifact_folder_discard(&set);
    stage_end(&stage);
    return ok;
}

static void write_drawn(size_t shards, bool commit)
{
    SegmentDraw draw = { drawn, times, DRAWN, 0 };
    ck_assert_msg(write_set(draw, shards, commit), "%s", failure.message);
}

static bool is_there(const char *name)
{
    return access(temporary_path(name, 0), F_OK) == 0;
}

/* The values of a feature, one after another. */
typedef struct Values {
    uint8_t bytes[2048];
    size_t size;
} Values;

static void append(void *context, const void *bytes, size_t size)
{
    Values *values = context;
    ck_assert_uint_le(values->size + size, sizeof values->bytes);
    memcpy(values->bytes + values->size, bytes, size);
    values->size += size;
}

static Values values_of(const Video *video, const char *name)
{
    Values values = { .size = 0 };
    const VideoFeature *feature = video_feature(video, name);
    ck_assert_ptr_nonnull(feature);
    video_each(feature, append, &values);
    return values;
}

static void check_ratings(const Video *video, const Video *expected)
{
    ck_assert_uint_eq(video->rating_count, expected->rating_count);
    for (size_t i = 0; i < video->rating_count; i++) {
        const Rating *a = &video->ratings[i], *b = &expected->ratings[i];
        ck_assert(a->start == b->start && a->end == b->end && a->label == b->label);
        // the expectation is rounded once, from double; a few roundings of numbers below 1 lie between
        ck_assert_float_eq_tol(a->score, b->score, 1e-6f);
    }
}

static void check_record(const Record *record, const Record *golden)
{
    static const char *const names[] = { "rgb", "audio", "segment_origins" };
    Video video, expected;
    Arena scratch = arena;
    ck_assert(video_parse(&video, record->bytes, record->size, "ours", &scratch, &failure));
    ck_assert(video_parse(&expected, golden->bytes, golden->size, "golden", &scratch, &failure));
    ck_assert_uint_eq(record->size,
                      golden->size); // the maps' order is free, the bytes' number isn't
    ck_assert_uint_eq(video.feature_count, expected.feature_count);
    ck_assert_uint_eq(video.id_length, 2);
    ck_assert_mem_eq(video.id, expected.id, 2);
    ck_assert_uint_eq(video.label_count, expected.label_count);
    for (size_t i = 0; i < video.label_count; i++)
        ck_assert_int_eq(video.labels[i], expected.labels[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Values ours = values_of(&video, names[i]), theirs = values_of(&expected, names[i]);
        ck_assert_uint_eq(ours.size, theirs.size);
        ck_assert_mem_eq(ours.bytes, theirs.bytes, ours.size);
    }
    check_ratings(&video, &expected);
}

/* That the shards' records, in their order, are the golden ones. */
static void check_set(size_t shards)
{
    TfrecordReader golden, reader;
    Record expected, record;
    ck_assert_msg(tfrecord_open(&golden, "tests/golden/soft-labels.tfrecord", &failure), "%s",
                  failure.message);
    for (size_t i = 0; i < shards; i++) {
        if (!is_there(shard_name(i)))
            continue; // as many shards as videos at most
        ck_assert(tfrecord_open(&reader, temporary_path(shard_name(i), 0), &failure));
        while (tfrecord_next(&reader, &record, &failure)) {
            ck_assert(tfrecord_next(&golden, &expected, &failure));
            check_record(&record, &expected);
        }
        tfrecord_close(&reader);
    }
    ck_assert(!tfrecord_next(&golden, &expected, &failure));
    ck_assert_int_eq(failure.code, EX_OK);
    tfrecord_close(&golden);
}

START_TEST(records_are_those_of_the_definition)
{
    write_drawn(1, true);
    check_set(1);
}
END_TEST

START_TEST(any_number_of_shards_has_the_same_records_in_the_same_order)
{
    write_drawn((size_t)_i, true);
    check_set((size_t)_i);
}
END_TEST

START_TEST(threads_do_not_enter)
{
    char one[SHA256_HEX_BYTES], other[SHA256_HEX_BYTES];
    parallel_threads(2);
    write_drawn(2, false);
    ck_assert(sha256_of_file(temporary_path(shard_name(1), 0), one, &failure));
    ck_assert_int_eq(unlink(temporary_path("set.manifest.begun", 0)), 0);
    ck_assert_int_eq(unlink(temporary_path(shard_name(0), 0)), 0);
    ck_assert_int_eq(unlink(temporary_path(shard_name(1), 0)), 0);
    parallel_threads(1);
    predictor.loader.threads = 1;
    write_drawn(2, false);
    ck_assert(sha256_of_file(temporary_path(shard_name(1), 0), other, &failure));
    ck_assert_str_eq(one, other);
}
END_TEST

START_TEST(a_shard_that_a_stopped_run_closed_is_not_made_again)
{
    struct stat before, after;
    write_drawn(2, false);
    ck_assert(!is_there("set.manifest"));
    ck_assert_int_eq(unlink(temporary_path(shard_name(1), 0)), 0); // as if it was stopped in it
    ck_assert_int_eq(stat(temporary_path(shard_name(0), 0), &before), 0);
    write_drawn(2, true);
    ck_assert_int_eq(stat(temporary_path(shard_name(0), 0), &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino); // a file that is made again is another one
    check_set(2);
    ck_assert(is_there("set.manifest"));
}
END_TEST

/* What predict does: every segment of each video. */
typedef struct Predictions {
    uint32_t record[MOST], start[MOST];
    real scores[MOST][CLASSES];
    size_t count;
} Predictions;

static bool keep(void *context, const Batch *batch, const real *scores, Failure *unused)
{
    Predictions *all = context;
    (void)unused;
    for (size_t i = 0; i < batch->count; i++) {
        ck_assert_uint_lt(all->count, MOST);
        all->record[all->count] = batch->record[i];
        all->start[all->count] = batch->start[i];
        memcpy(all->scores[all->count++], scores + i * CLASSES, sizeof *all->scores);
    }
    return true;
}

static const real *predicted(const Predictions *all, uint32_t record, uint32_t start)
{
    size_t i = 0;
    while (all->record[i] != record || all->start[i] != start)
        ck_assert_uint_lt(++i, all->count);
    return all->scores[i];
}

static void predict_all(Predictions *all)
{
    Predictor every = predictor;
    every.loader.unit = LOAD_ALL_SEGMENTS;
    every.loader.batch = 2;
    every.loader.end = index_.records;
    all->count = 0;
    ck_assert_msg(predictor_each(&every, keep, all, arena, &failure), "%s", failure.message);
}

/* Sample n of the set, in the order of the draw, is a rated segment with the model's scores. */
static void check_sample(const Batch *batch, size_t i, const Predictions *all,
                         LoaderSegment segment)
{
    const char *id = record_id(&index_, segment.record);
    const real *scores = predicted(all, segment.record, segment.start);
    uint32_t own = index_.label_first[segment.record];
    uint32_t labels = index_.label_first[segment.record + 1] - own;
    ck_assert_uint_eq(batch->row_first[i + 1] - batch->row_first[i], SEGMENT);
    for (size_t f = 0; f < SEGMENT; f++)
        for (size_t j = 0; j < WIDTH; j++)
            ck_assert_uint_eq(batch->frames[(batch->row_first[i] + f) * WIDTH + j],
                              test_byte(id, segment.start + f, j));
    ck_assert_uint_eq(batch->label_first[i + 1] - batch->label_first[i], labels);
    for (uint32_t j = 0; j < labels; j++) {
        uint32_t class = batch->label_class[batch->label_first[i] + j];
        ck_assert_uint_eq(class, index_.label_class[own + j]);
        // a product's last bit depends on how many rows its batch has
        ck_assert_float_eq_tol(batch->label_score[batch->label_first[i] + j], (float)scores[class],
                               1e-6f);
    }
}

START_TEST(they_train_as_rated_segments_with_the_scores_that_predict_gives)
{
    static Predictions all;
    ShardIndex set;
    const Batch *batch;
    Loader *loader;
    const char *name = "train0000.tfrecord";
    size_t at = 0;
    write_drawn(1, true);
    predict_all(&all);
    ck_assert_msg(test_index(temporary_path("set.index", 0), temporary_path("set", 1), &name, 1,
                             "rgb:4,audio:2", &arena, &failure),
                  "%s", failure.message);
    ck_assert(shard_index_open(&set, temporary_path("set.index", 0), &arena, &failure));
    LoaderSettings settings = { .sources = { { &set, NULL, temporary_path("set", 2) } },
                                .source_count = 1,
                                .features = &features,
                                .unit = LOAD_RATED_SEGMENTS,
                                .classes = CLASSES,
                                .batch = 16,
                                .end = 16 };
    ck_assert_uint_eq(loader_size(&settings), 10);
    settings.end = 10;
    ck_assert_msg(loader_create(&loader, &settings, &arena, &failure), "%s", failure.message);
    ck_assert_msg(loader_next(loader, &batch, &failure), "%s", failure.message);
    for (size_t i = 0; i < DRAWN; i++)
        for (uint32_t again = 0; again < times[i]; again++)
            check_sample(batch, at++, &all, drawn[i]);
    ck_assert_uint_eq(at, batch->count);
    loader_close(loader);
    shard_index_close(&set);
}
END_TEST

START_TEST(more_segments_than_a_record_holds_are_refused_before_the_first_shard)
{
    LoaderSegment segments[] = { { 0, 0 }, { 3, 0 }, { 3, 5 } };
    uint32_t sixty[] = { 1, 1, 59 }, more[] = { 1, 1, 60 };
    ck_assert_msg(write_set((SegmentDraw){ segments, sixty, 3, 0 }, 1, false), "%s",
                  failure.message);
    ck_assert_int_eq(unlink(temporary_path("set.manifest.begun", 0)), 0);
    ck_assert_int_eq(unlink(temporary_path(shard_name(0), 0)), 0);
    ck_assert(!write_set((SegmentDraw){ segments, more, 3, 0 }, 2, false));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(
        strstr(failure.message,
               "video bb: more than 60 segments, which readers cut off; lower --per-class"));
    ck_assert(!is_there(shard_name(0)) && !is_there("set.manifest"));
}
END_TEST

START_TEST(a_label_that_the_model_lacks_is_refused_before_the_first_shard)
{
    static const int64_t label = 4;
    TfrecordWriter *writer;
    uint32_t once[] = { 1, 1 };
    LoaderSegment segments[] = { { 0, 0 }, { 1, 0 } };
    const char *name = video_shards[0];
    shard_index_close(&index_);
    ck_assert(tfrecord_create(&writer, temporary_path(name, 0), TFRECORD_PLAIN, &arena, &failure));
    test_write_frames(writer, "aa", 9, (int64_t[]){ 3 }, 1, NULL, 0, arena);
    test_write_frames(writer, "ab", 9, &label, 1, NULL, 0, arena);
    ck_assert(tfrecord_commit(writer, NULL, &failure));
    ck_assert(
        test_index(temporary_path("x.index", 0), temporary_folder, &name, 1, "", &arena, &failure));
    ck_assert(shard_index_open(&index_, temporary_path("x.index", 0), &arena, &failure));
    ck_assert(!write_set((SegmentDraw){ segments, once, 2, 0 }, 2, false));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(
        strstr(failure.message, "video ab has class 4, and the model has 4 classes"));
    ck_assert(!is_there(shard_name(0)));
}
END_TEST

START_TEST(features_that_are_not_there_are_refused_before_anything_is_replaced)
{
    SegmentDraw draw = { drawn, times, DRAWN, 0 };
    ck_assert(feature_specs_parse(&features, "mean_rgb:3", &arena, &failure));
    ck_assert(!write_set(draw, 2, false));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "mean_rgb"));
    ck_assert(!is_there("set.manifest.begun") && !is_there("set"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("soft_shards");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, records_are_those_of_the_definition);
    tcase_add_loop_test(tests, any_number_of_shards_has_the_same_records_in_the_same_order, 2, 6);
    tcase_add_test(tests, threads_do_not_enter);
    tcase_add_test(tests, a_shard_that_a_stopped_run_closed_is_not_made_again);
    tcase_add_test(tests, they_train_as_rated_segments_with_the_scores_that_predict_gives);
    tcase_add_test(tests, more_segments_than_a_record_holds_are_refused_before_the_first_shard);
    tcase_add_test(tests, a_label_that_the_model_lacks_is_refused_before_the_first_shard);
    tcase_add_test(tests, features_that_are_not_there_are_refused_before_anything_is_replaced);
    temporary_begin();
    int failed = run_case("soft_shards", tests);
    temporary_end();
    return failed;
}
