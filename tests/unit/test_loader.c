/* Loader: the right rows and labels, in order, for any number of threads; stopped at any moment. */
#include "common/data/loader.h"
#include "shards.h"
#include "suite.h"
#include "temporary.h"

#include <math.h>

#define MEANS 23 // videos of the video-level shards

static Arena arena;
static Failure failure;
static ShardIndex index_;
static FeatureSpecs specs;
static const char *const frame_names[] = { "validate00.tfrecord", "validate01.tfrecord" };
static const char *const mean_names[] = { "validatexa.tfrecord", "validatexb.tfrecord" };
static const int64_t labels[] = { 5, 2, 7 };
static const Rating ratings[] = { { 40, 45, 9, 1 }, { 0, 5, 9, 0 }, { 60, 65, 8, 1 } };

static TfrecordWriter *create(const char *name)
{
    TfrecordWriter *writer;
    ck_assert(tfrecord_create(&writer, temporary_path(name, 1), TFRECORD_PLAIN, &arena, &failure));
    return writer;
}

/* Videos aa of 42 frames, bb of none, cc of 305, dd of 1. */
static void write_frames(void)
{
    TfrecordWriter *writer = create(frame_names[0]);
    test_write_frames(writer, "aa", 42, labels, 3, ratings, 3, arena);
    test_write_frames(writer, "bb", 0, labels, 1, ratings, 1, arena);
    ck_assert(tfrecord_commit(writer, NULL, &failure));
    writer = create(frame_names[1]);
    test_write_frames(writer, "cc", 305, NULL, 0, NULL, 0, arena);
    test_write_frames(writer, "dd", 1, labels, 2, NULL, 0, arena);
    ck_assert(tfrecord_commit(writer, NULL, &failure));
}

static void write_means(void)
{
    TfrecordWriter *writer = create(mean_names[0]);
    for (size_t i = 0; i < MEANS; i++) {
        char id[2] = { (char)('a' + i), 0 };
        test_write_mean(writer, id, (float)i, labels, i % 4, arena);
        if (i == MEANS / 2) {
            ck_assert(tfrecord_commit(writer, NULL, &failure));
            writer = create(mean_names[1]);
        }
    }
    ck_assert(tfrecord_commit(writer, NULL, &failure));
}

static void open_index(const char *const *names, const char *features)
{
    ck_assert_msg(test_index(temporary_path("x.index", 0), temporary_folder, names, 2, features,
                             &arena, &failure),
                  "%s", failure.message);
    ck_assert(shard_index_open(&index_, temporary_path("x.index", 0), &arena, &failure));
    ck_assert(feature_specs_parse(&specs, features, &arena, &failure));
}

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 30, &failure));
}

static void teardown(void)
{
    shard_index_close(&index_);
    arena_close(&arena);
}

static LoaderSettings settings_of(LoaderUnit unit, size_t batch, uint64_t end)
{
    return (LoaderSettings){ .sources = { { &index_, NULL, temporary_folder } },
                             .source_count = 1,
                             .features = &specs,
                             .unit = unit,
                             .batch = batch,
                             .end = end };
}

static Loader *start(const LoaderSettings *settings)
{
    Loader *loader;
    ck_assert_msg(loader_create(&loader, settings, &arena, &failure), "%s", failure.message);
    return loader;
}

/* That sample i holds frames first .. of the video with this id. */
static void check_rows(const Batch *batch, size_t i, const char *id, size_t first, size_t rows)
{
    ck_assert_uint_eq(batch->row_first[i + 1] - batch->row_first[i], rows);
    ck_assert_mem_eq(record_id(&index_, batch->record[i]), id, 2);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < 6; j++)
            ck_assert_uint_eq(batch->frames[(batch->row_first[i] + r) * 6 + j],
                              test_byte(id, first + r, j));
}

START_TEST(videos_come_with_their_frames_packed_and_their_labels)
{
    const Batch *batch;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 4, 4);
    Loader *loader = start(&settings);
    ck_assert(loader_next(loader, &batch, &failure));
    ck_assert_uint_eq(batch->count, 3); // bb has no frame
    ck_assert_uint_eq(batch->next, 4);
    ck_assert_uint_eq(batch->rows, 42 + 300 + 1);
    check_rows(batch, 0, "aa", 0, 42);
    check_rows(batch, 1, "cc", 0, 300); // the first 300 of 305
    check_rows(batch, 2, "dd", 0, 1);
    ck_assert_uint_eq(batch->label_first[1], 3);
    ck_assert_uint_eq(batch->label_first[2], 3);
    ck_assert_uint_eq(batch->label_first[3], 5);
    ck_assert_uint_eq(batch->label_class[4], 2);
    ck_assert(batch->label_score[4] == 1);
    loader_release(loader);
    ck_assert(!loader_next(loader, &batch, &failure));
    ck_assert_int_eq(failure.code, EX_OK);
    loader_close(loader);
}
END_TEST

START_TEST(rated_segments_come_with_their_frames_and_ratings)
{
    const Batch *batch;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_RATED_SEGMENTS, 10, 4);
    ck_assert_uint_eq(loader_size(&settings), 4);
    Loader *loader = start(&settings);
    ck_assert(loader_next(loader, &batch, &failure));
    ck_assert_uint_eq(batch->count, 2); // second 60 is behind the end of aa, and bb has no frames
    check_rows(batch, 0, "aa", 0, 5);
    check_rows(batch, 1, "aa", 40, 2);
    ck_assert_uint_eq(batch->start[1], 40);
    ck_assert_uint_eq(batch->label_first[2], 2);
    ck_assert_uint_eq(batch->label_class[1], 9);
    ck_assert(batch->label_score[0] == 0 && batch->label_score[1] == 1);
    loader_close(loader);
}
END_TEST

START_TEST(all_segments_of_a_video_are_those_that_begin_before_its_end)
{
    const Batch *batch;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_ALL_SEGMENTS, 4, 4);
    Loader *loader = start(&settings);
    ck_assert(loader_next(loader, &batch, &failure));
    ck_assert_uint_eq(batch->count, 9 + 60 + 1); // ceil(42 / 5), ceil(300 / 5), 1
    check_rows(batch, 8, "aa", 40, 2);
    check_rows(batch, 9, "cc", 0, 5);
    check_rows(batch, 68, "cc", 295, 5);
    check_rows(batch, 69, "dd", 0, 1);
    ck_assert_uint_eq(batch->label_first[70], 0);
    loader_close(loader);
}
END_TEST

START_TEST(listed_segments_come_in_the_order_of_their_list)
{
    static const LoaderSegment listed[] = { { 2, 300 }, { 0, 40 }, { 0, 3 }, { 2, 10 } };
    const Batch *batch;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_LISTED_SEGMENTS, 10, 4);
    settings.listed = listed;
    settings.listed_count = 4;
    ck_assert_uint_eq(loader_size(&settings), 4);
    Loader *loader = start(&settings);
    ck_assert(loader_next(loader, &batch, &failure));
    ck_assert_uint_eq(batch->count, 3); // a reader takes 300 frames of cc: none from second 300 on
    check_rows(batch, 0, "aa", 40, 2);
    check_rows(batch, 1, "aa", 3, 5);
    check_rows(batch, 2, "cc", 10, 5);
    ck_assert_uint_eq(batch->label_first[3], 0);
    loader_close(loader);
}
END_TEST

START_TEST(sources_are_one_population)
{
    const Batch *batch;
    size_t seen[2][4] = { { 0 } };
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 3, 16);
    settings.sources[1] = settings.sources[0];
    settings.source_count = 2;
    settings.shuffle = true;
    ck_assert_uint_eq(loader_size(&settings), 8);
    Loader *loader = start(&settings);
    for (; loader_next(loader, &batch, &failure); loader_release(loader))
        for (size_t i = 0; i < batch->count; i++)
            seen[batch->source[i]][batch->record[i]]++;
    ck_assert_int_eq(failure.code, EX_OK);
    for (size_t source = 0; source < 2; source++)
        for (size_t record = 0; record < 4; record++)
            ck_assert_uint_eq(seen[source][record], record == 1 ? 0 : 2); // bb has no frame
    loader_close(loader);
}
END_TEST

/* That sample i holds every r-th frame of its video, from frame o on; a short one its o mod n. */
static void check_downsampled(const Batch *batch, size_t i, const char *id, size_t frames, size_t r,
                              size_t o)
{
    size_t rows = frames > o ? (frames - o + r - 1) / r : 1, first = frames > o ? o : o % frames;
    ck_assert_uint_eq(batch->row_first[i + 1] - batch->row_first[i], rows);
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < 6; j++)
            ck_assert_uint_eq(batch->frames[(batch->row_first[i] + row) * 6 + j],
                              test_byte(id, first + row * r, j));
}

/* The stride and the first frame of a batch, told from its second sample, cc: bytes step by 5. */
static void stride_of(const Batch *batch, size_t *r, size_t *o)
{
    uint32_t row = batch->row_first[1];
    uint8_t first = batch->frames[row * 6], second = batch->frames[(row + 1) * 6];
    for (*o = 0; test_byte("cc", *o, 0) != first;)
        ++*o;
    for (*r = 1; test_byte("cc", *o + *r, 0) != second;)
        ++*r;
}

START_TEST(a_batch_is_thinned_out_by_one_factor_from_one_offset)
{
    const Batch *batch;
    size_t r, o, factors = 0, offsets = 0;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 4, 400);
    settings.sampling = (FrameSampling){ .choice = FRAMES_THINNED, .least = 5, .most = 10 };
    ck_assert_uint_eq(loader_bounds(&settings).rows, 4 * 60);
    Loader *loader = start(&settings);
    for (; loader_next(loader, &batch, &failure); loader_release(loader)) {
        stride_of(batch, &r, &o);
        ck_assert(r >= 5 && r <= 10 && o < r);
        factors |= (size_t)1 << r;
        offsets |= (size_t)1 << o;
        check_downsampled(batch, 0, "aa", 42, r, o);
        check_downsampled(batch, 1, "cc", 300, r, o);
        check_downsampled(batch, 2, "dd", 1, r, o);
    }
    ck_assert_int_eq(failure.code, EX_OK);
    ck_assert_uint_eq(factors, 0x7e0); // 5 to 10
    ck_assert_uint_eq(offsets, 0x3ff); // 0 to 9
    loader_close(loader);
}
END_TEST

/* Which frame of its video each row of sample i is, told from its first byte, which steps by 5. */
static void frames_of(const Batch *batch, size_t i, uint8_t frames[60])
{
    const char *id = record_id(&index_, batch->record[i]);
    for (uint32_t row = batch->row_first[i]; row < batch->row_first[i + 1]; row++) {
        uint8_t *frame = &frames[row - batch->row_first[i]];
        for (*frame = 0; test_byte(id, *frame, 0) != batch->frames[row * 6];)
            ++*frame;
        for (size_t j = 0; j < 6; j++)
            ck_assert_uint_eq(batch->frames[row * 6 + j], test_byte(id, *frame, j));
    }
}

#define EPOCHS 40

/* The frames that each video, or segment, has in each epoch, read one at a time or by epochs. */
static void read_samples(LoaderUnit unit, const char *sampling, size_t batch_size, size_t threads,
                         uint8_t seen[EPOCHS][4][60])
{
    const Batch *batch;
    LoaderSettings settings = settings_of(unit, batch_size, 4 * EPOCHS);
    ck_assert(frames_parse(&settings.sampling, sampling, &failure));
    settings.shuffle = true;
    settings.threads = threads;
    Loader *loader = start(&settings);
    memset(seen, 0, EPOCHS * sizeof *seen);
    for (; loader_next(loader, &batch, &failure); loader_release(loader))
        for (size_t i = 0; i < batch->count; i++)
            frames_of(batch, i, seen[batch->first / 4][batch->start[i] ? 1 : batch->record[i]]);
    ck_assert_msg(failure.code == EX_OK, "%s", failure.message);
    loader_close(loader);
}

START_TEST(sampled_frames_are_the_same_however_batches_are_cut_and_read)
{
    static uint8_t one[EPOCHS][4][60], other[EPOCHS][4][60];
    static const char *const samplings[] = { "random:60", "sequence:5" };
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    for (LoaderUnit unit = LOAD_VIDEOS; unit <= LOAD_RATED_SEGMENTS; unit++) {
        read_samples(unit, samplings[_i], 1, 1, one);
        read_samples(unit, samplings[_i], 4, 3, other); // an epoch a batch
        ck_assert_mem_eq(one, other, sizeof one);
        ck_assert(memcmp(one[0][2], one[1][2], 60) != 0 || unit != LOAD_VIDEOS);
    }
}
END_TEST

START_TEST(a_sample_has_as_many_frames_as_are_drawn)
{
    const Batch *batch;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_RATED_SEGMENTS, 4, 4);
    ck_assert(frames_parse(&settings.sampling, "sequence:5", &failure));
    ck_assert_uint_eq(loader_bounds(&settings).rows, 4 * 5);
    Loader *loader = start(&settings);
    ck_assert(loader_next(loader, &batch, &failure));
    uint8_t frames[60];
    ck_assert_uint_eq(batch->count, 2); // second 60 is behind the end of aa, and bb has no frames
    check_rows(batch, 0, "aa", 0, 5);
    ck_assert_uint_eq(batch->start[1], 40);
    ck_assert_uint_eq(batch->row_first[2], 10);
    frames_of(batch, 1, frames);
    ck_assert_mem_eq(frames, ((uint8_t[]){ 40, 41, 41, 41, 41 }), 5); // aa has 42
    loader_close(loader);
}
END_TEST

START_TEST(what_no_batch_will_have_is_counted)
{
    uint64_t left_out;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_RATED_SEGMENTS, 4, 4);
    ck_assert(loader_check(&settings, &left_out, &failure));
    ck_assert_uint_eq(left_out, 2); // second 60 of aa, and bb's
    settings.classes = 9;
    ck_assert(!loader_check(&settings, &left_out, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message,
                                 "video aa has class 9, and the model has 9 classes; train one "
                                 "with --classes 10 or more"));
}
END_TEST

START_TEST(a_score_outside_0_to_1_is_refused_by_segment)
{
    static const float scores[] = { 1.5f, -0.25f, NAN };
    uint64_t left_out;
    Rating bad[] = { { 5, 10, 3, scores[_i] } };
    TfrecordWriter *writer = create(frame_names[0]);
    test_write_frames(writer, "aa", 42, labels, 3, bad, 1, arena);
    ck_assert(tfrecord_commit(writer, NULL, &failure));
    writer = create(frame_names[1]);
    test_write_frames(writer, "cc", 30, labels, 3, ratings, 0, arena);
    ck_assert(tfrecord_commit(writer, NULL, &failure));
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_RATED_SEGMENTS, 4, 4);
    ck_assert(!loader_check(&settings, &left_out, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "video aa, segment 5: class 3 has the score"));
}
END_TEST

/* Everything that a loader delivers, hashed batch by batch. */
static void digest(LoaderSettings settings, size_t threads, char hex[SHA256_HEX_BYTES])
{
    const Batch *batch;
    Sha256 hash;
    settings.threads = threads;
    Loader *loader = start(&settings);
    sha256_begin(&hash);
    for (; loader_next(loader, &batch, &failure); loader_release(loader)) {
        sha256_add(&hash, &batch->first, sizeof batch->first);
        sha256_add(&hash, batch->record, batch->count * sizeof *batch->record);
        sha256_add(&hash, batch->values, batch->rows * batch->width * sizeof *batch->values);
        sha256_add(&hash, batch->label_first, (batch->count + 1) * sizeof *batch->label_first);
        sha256_add(&hash, batch->label_class, batch->label_first[batch->count] * 4);
    }
    ck_assert_msg(failure.code == EX_OK, "%s", failure.message);
    sha256_end(&hash, hex);
    loader_close(loader);
}

START_TEST(batches_are_the_same_for_any_number_of_threads)
{
    char one[SHA256_HEX_BYTES], many[SHA256_HEX_BYTES];
    write_means();
    open_index(mean_names, "mean_rgb:3");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 4, 50 * MEANS);
    settings.shuffle = true;
    settings.window = (uint64_t)_i * 5;
    digest(settings, 1, one);
    for (size_t threads = 2; threads <= 7; threads += 5) {
        digest(settings, threads, many);
        ck_assert_str_eq(one, many);
    }
    settings.open_shards = 1; // of two: each is closed and opened again and again
    digest(settings, 1, many);
    ck_assert_str_eq(one, many);
}
END_TEST

START_TEST(a_loader_goes_on_from_any_sample)
{
    const Batch *batch;
    uint32_t record[3 * MEANS];
    size_t count = 0;
    write_means();
    open_index(mean_names, "mean_rgb:3");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 1, 3 * MEANS);
    settings.shuffle = true;
    Loader *loader = start(&settings);
    for (; loader_next(loader, &batch, &failure); loader_release(loader))
        record[count++] = batch->record[0];
    loader_close(loader);
    settings.first = MEANS + 4;
    settings.batch = 7;
    loader = start(&settings);
    ck_assert(loader_next(loader, &batch, &failure));
    ck_assert_uint_eq(batch->next, MEANS + 11);
    ck_assert_mem_eq(batch->record, record + MEANS + 4, 7 * sizeof *record);
    float value = batch->values[2 * 3 + 1]; // sample 2, column 1
    ck_assert(value == (float)(batch->record[2] + 1));
    loader_close(loader);
}
END_TEST

START_TEST(the_batch_before_may_be_held_while_the_next_one_is_used)
{
    const Batch *before = NULL, *batch;
    uint32_t record[3 * MEANS];
    size_t count = 0;
    write_means();
    open_index(mean_names, "mean_rgb:3");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 1, 3 * MEANS);
    settings.ahead = 3;
    Loader *loader = start(&settings);
    while (loader_next(loader, &batch, &failure)) {
        ck_assert_ptr_ne(batch, before);
        if (before) {
            ck_assert_uint_eq(before->next, batch->first);
            record[count++] = before->record[0];
            loader_release(loader);
        }
        before = batch;
    }
    ck_assert_int_eq(failure.code, EX_OK);
    ck_assert(!loader_next(loader, &batch, &failure));
    record[count++] = before->record[0];
    loader_release(loader);
    loader_release(loader); // there is none left
    loader_close(loader);
    ck_assert_uint_eq(count, 3 * MEANS);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(record[i], i % MEANS);
}
END_TEST

START_TEST(a_loader_can_be_closed_at_any_moment)
{
    const Batch *batch;
    write_means();
    open_index(mean_names, "mean_rgb:3");
    for (size_t taken = 0; taken < 12; taken++) {
        LoaderSettings settings = settings_of(LOAD_VIDEOS, 2, UINT64_MAX); // never ends
        settings.threads = 1 + taken % 4;
        Loader *loader = start(&settings);
        for (size_t i = 0; i < taken; i++) {
            ck_assert(loader_next(loader, &batch, &failure));
            if (i + 1 < taken) // the last one is still held
                loader_release(loader);
        }
        loader_close(loader);
    }
}
END_TEST

START_TEST(a_damaged_record_stops_at_its_batch_and_says_where)
{
    const Batch *batch;
    size_t delivered = 0;
    write_means();
    open_index(mean_names, "mean_rgb:3");
    FILE *file = fopen(temporary_path(mean_names[1], 1), "r+b");
    fseek(file, (long)index_.record_offset[MEANS - 1] + 30, SEEK_SET); // the last record
    fputc(0xee, file);
    fclose(file);
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 2, MEANS);
    settings.threads = 3;
    Loader *loader = start(&settings);
    for (; loader_next(loader, &batch, &failure); loader_release(loader))
        delivered += batch->count;
    ck_assert_uint_eq(delivered, MEANS - 1);
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "validatexb.tfrecord:"));
    ck_assert(!loader_next(loader, &batch, &failure)); // and again
    loader_close(loader);
}
END_TEST

START_TEST(a_class_that_the_model_has_not_is_refused_by_record)
{
    const Batch *batch;
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 4, 4);
    settings.classes = 7;
    Loader *loader = start(&settings);
    ck_assert(!loader_next(loader, &batch, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(
        strstr(failure.message, "validate00.tfrecord:0: class 7 is not below 7; see --classes"));
    loader_close(loader);
}
END_TEST

START_TEST(a_shard_of_another_size_than_indexed_is_refused)
{
    Loader *loader;
    write_means();
    open_index(mean_names, "mean_rgb:3");
    TfrecordWriter *writer = create(mean_names[0]);
    test_write_mean(writer, "a", 1, NULL, 0, arena);
    ck_assert(tfrecord_commit(writer, NULL, &failure));
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 4, 4);
    ck_assert(!loader_create(&loader, &settings, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "its size is not the indexed one"));
}
END_TEST

START_TEST(compressed_shards_give_the_same_batches)
{
    const Batch *batch;
    static const char *const zipped[] = { "validate00.tfrecord.gz", "validate01.tfrecord.gz" };
    for (size_t s = 0; s < 2; s++) {
        TfrecordWriter *writer;
        ck_assert(tfrecord_create(&writer, temporary_path(zipped[s], 1), TFRECORD_GZIP, &arena,
                                  &failure));
        test_write_frames(writer, s ? "cc" : "aa", 30, labels, 1, NULL, 0, arena);
        ck_assert(tfrecord_commit(writer, NULL, &failure));
    }
    open_index(zipped, "rgb:4,audio:2");
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 4, 2);
    Loader *loader = start(&settings);
    ck_assert_msg(loader_next(loader, &batch, &failure), "%s", failure.message);
    check_rows(batch, 0, "aa", 0, 30);
    check_rows(batch, 1, "cc", 0, 30);
    loader_close(loader);
}
END_TEST

/* A batch's memory is measured by the index: it must not be written past where a record has more. */
START_TEST(a_record_gives_no_more_frames_than_were_indexed)
{
    const Batch *batch;
    uint32_t indexed[] = { 3, 0, 2, 1 };
    write_frames();
    open_index(frame_names, "rgb:4,audio:2");
    ck_assert_uint_eq(index_.record_frames[2], 305);
    index_.record_frames = indexed;
    LoaderSettings settings = settings_of(LOAD_VIDEOS, 4, 4);
    Loader *loader = start(&settings);
    ck_assert_msg(loader_next(loader, &batch, &failure), "%s", failure.message);
    ck_assert_uint_eq(batch->rows, 6);
    check_rows(batch, 0, "aa", 0, 3);
    check_rows(batch, 1, "cc", 0, 2);
    check_rows(batch, 2, "dd", 0, 1);
    loader_close(loader);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("loader");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, videos_come_with_their_frames_packed_and_their_labels);
    tcase_add_test(tests, rated_segments_come_with_their_frames_and_ratings);
    tcase_add_test(tests, all_segments_of_a_video_are_those_that_begin_before_its_end);
    tcase_add_test(tests, listed_segments_come_in_the_order_of_their_list);
    tcase_add_test(tests, sources_are_one_population);
    tcase_add_test(tests, a_batch_is_thinned_out_by_one_factor_from_one_offset);
    tcase_add_loop_test(tests, sampled_frames_are_the_same_however_batches_are_cut_and_read, 0, 2);
    tcase_add_test(tests, a_sample_has_as_many_frames_as_are_drawn);
    tcase_add_test(tests, what_no_batch_will_have_is_counted);
    tcase_add_loop_test(tests, a_score_outside_0_to_1_is_refused_by_segment, 0, 3);
    tcase_add_loop_test(tests, batches_are_the_same_for_any_number_of_threads, 0, 2);
    tcase_add_test(tests, a_loader_goes_on_from_any_sample);
    tcase_add_test(tests, the_batch_before_may_be_held_while_the_next_one_is_used);
    tcase_add_test(tests, a_loader_can_be_closed_at_any_moment);
    tcase_add_test(tests, a_damaged_record_stops_at_its_batch_and_says_where);
    tcase_add_test(tests, a_class_that_the_model_has_not_is_refused_by_record);
    tcase_add_test(tests, a_shard_of_another_size_than_indexed_is_refused);
    tcase_add_test(tests, compressed_shards_give_the_same_batches);
    tcase_add_test(tests, a_record_gives_no_more_frames_than_were_indexed);
    temporary_begin();
    int failed = run_case("loader", tests);
    temporary_end();
    return failed;
}
