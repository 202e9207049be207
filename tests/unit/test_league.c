#include "suite.h"
#include "common/base/parallel.h"
#include "common/data/npy.h"
#include "common/data/vocabulary.h"
#include "common/league/draws.h"
#include "common/league/names.h"
#include "common/league/render.h"
#include "common/league/shard.h"
#include "common/league/tables.h"
#include "temporary.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static Arena arena;
static Failure failure;

/* A world in the test's arena. */
static World *world_of(LeagueScale scale, uint64_t seed)
{
    World *world;
    LeagueParameters parameters = league_defaults(scale, seed);
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    ck_assert(arena_array(&arena, world, 1, &failure));
    ck_assert(world_create(world, &parameters, &arena, &failure));
    return world;
}

/* Lines that must be those of the golden file, one after another. */
typedef struct Golden {
    FILE *file;
    size_t line;
} Golden;

static void expect(Golden *golden, const char *line)
{
    static char expected[8192];
    golden->line++;
    ck_assert_msg(fgets(expected, sizeof expected, golden->file) != NULL, "no line %zu",
                  golden->line);
    expected[strcspn(expected, "\n")] = 0;
    ck_assert_msg(strcmp(line, expected) == 0, "line %zu: %s\nexpected: %s", golden->line, line,
                  expected);
}

static char line[8192];
static size_t length;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    length += (size_t)vsnprintf(line + length, sizeof line - length, format, arguments);
    va_end(arguments);
}

static void end_line(Golden *golden)
{
    expect(golden, line);
    length = 0;
}

static void say_digest(Golden *golden, const char *name, const void *bytes, size_t size)
{
    char hex[SHA256_HEX_BYTES];
    sha256_of(bytes, size, hex);
    say("%s %s", name, hex);
    end_line(golden);
}

static void say_directions(Golden *golden, const World *world)
{
    char hex[SHA256_HEX_BYTES];
    Sha256 hash;
    size_t leaves = world->parameters.leaves, row = LEAGUE_WIDTH * sizeof(float);
    sha256_begin(&hash);
    sha256_add(&hash, world->look, leaves * LEAGUE_LOOKS * row);
    sha256_add(&hash, world->context, leaves * row);
    sha256_add(&hash, world->background, world->parameters.backgrounds * row);
    sha256_end(&hash, hex);
    say("directions %s", hex);
    end_line(golden);
}

static void expect_world(Golden *golden, const World *world)
{
    say("slots");
    for (size_t c = 0; c < world->classes; c++)
        say(" %" PRIu32, world->slot[c]);
    end_line(golden);
    say("weights");
    for (size_t c = 0; c < world->classes; c++)
        say(" %.9f", world->weight[c]);
    end_line(golden);
    say("segment-classes");
    for (size_t i = 0; i < world->parameters.segment_classes; i++)
        say(" %" PRIu32, world->segment_class[i]);
    end_line(golden);
    for (uint32_t c = 0; c < world->classes; c++) {
        size_t row = world->row[c];
        if (!world_is_leaf(world, c))
            continue;
        say("leaf %" PRIu32 " precision %.16g prevalence %.16g audible %d", c,
            world->precision[row], world->prevalence[row], world->audible[row]);
        end_line(golden);
    }
    say_directions(golden, world);
}

static void say_classes(Golden *golden, const char *name, const int64_t *classes, size_t count)
{
    say("%s", name);
    for (size_t i = 0; i < count; i++)
        say(" %" PRId64, classes[i]);
    end_line(golden);
}

static void expect_plan(Golden *golden, const VideoPlan *plan)
{
    say_classes(golden, "labels", plan->labels, plan->label_count);
    say_classes(golden, "truth", plan->truth, plan->truth_count);
    for (size_t i = 0; i < plan->topic_count; i++) {
        const Topic *topic = &plan->topics[i];
        say("topic %" PRIu32 " share %.16g look %" PRIu32 " strength %.16g", topic->class,
            topic->share, topic->look, topic->strength);
        end_line(golden);
    }
    for (size_t j = 0; j < plan->scene_count; j++) {
        const Scene *scene = &plan->scenes[j];
        say("scene %zu %zu shown %" PRIu32 " %s %zu", scene->first, scene->frames, scene->shown,
            scene->is_own ? "context" : "background", scene->setting);
        end_line(golden);
    }
    say("amplitude %.16g cuts ", plan->amplitude);
    for (size_t t = 0; t < plan->frames; t++)
        say("%d", plan->cut[t]);
    end_line(golden);
    for (size_t i = 0; i < plan->rating_count; i++) {
        const Rating *rating = &plan->ratings[i];
        say("rating %" PRId64 " %" PRId64 " %d %s", rating->start, rating->label,
            rating->score == 1, plan->is_private[i] ? "private" : "public");
        end_line(golden);
    }
}

static void expect_video(Golden *golden, const World *world, Partition partition, uint64_t number)
{
    char id[LEAGUE_ID_BYTES + 1];
    Frames frames;
    Arena scratch = arena;
    VideoPlan *plan;
    ck_assert(arena_array(&scratch, plan, 1, &failure) && frames_create(&frames, &scratch, &failure)
              && plan_video(plan, world, partition, number, scratch, &failure));
    league_id(id, &world->parameters, partition, number);
    say("video %d %" PRIu64 " %s frames %zu", partition, number, id, plan->frames);
    end_line(golden);
    expect_plan(golden, plan);
    render_video(&frames, world, plan);
    say("frame 0");
    for (size_t k = 0; k < 32; k++)
        say(" %d", frames.rgb[k]);
    end_line(golden);
    say_digest(golden, "rgb", frames.rgb, plan->frames * LEAGUE_RGB);
    say_digest(golden, "audio", frames.audio, plan->frames * LEAGUE_AUDIO);
    say_digest(golden, "means", frames.mean, LEAGUE_WIDTH * sizeof(float));
}

START_TEST(a_world_and_its_videos_are_those_of_the_definition)
{
    Golden golden = { .file = fopen("tests/golden/league.golden", "r") };
    ck_assert_ptr_nonnull(golden.file);
    World *world = world_of(LEAGUE_TINY, 1);
    expect_world(&golden, world);
    expect_video(&golden, world, PARTITION_TRAIN, 0);
    expect_video(&golden, world, PARTITION_TRAIN, 159);
    expect_video(&golden, world, PARTITION_VALIDATE, 0);
    expect_video(&golden, world, PARTITION_VALIDATE, 9);
    expect_video(&golden, world, PARTITION_TEST, 3);
    ck_assert_ptr_null(fgets(line, sizeof line, golden.file)); // all of it was compared
    fclose(golden.file);
}
END_TEST

START_TEST(normals_have_mean_0_and_variance_1)
{
    enum { WIDTH = 1 << 16 };
    static float zero[WIDTH], scale[WIDTH], row[WIDTH];
    double sum = 0, square = 0;
    for (size_t k = 0; k < WIDTH; k++)
        scale[k] = DRAW_NORMAL_SCALE;
    draw_add_normals(philox_key(1, "test"), 7, 0, WIDTH, zero, scale, row);
    for (size_t k = 0; k < WIDTH; k++) {
        sum += row[k];
        square += (double)row[k] * row[k];
    }
    // standard errors: 1 / 256 of the mean, 1.36 / 256 of the variance; four of them
    ck_assert_double_eq_tol(sum / WIDTH, 0, 0.016);
    ck_assert_double_eq_tol(square / WIDTH, 1, 0.022);
}
END_TEST

START_TEST(beta_poisson_and_geometric_draws_have_their_moments)
{
    enum { DRAWS = 20000 };
    double beta = 0, squares = 0, poisson = 0, geometric = 0;
    Draws draws = draws_begin(1, "test", 0);
    for (size_t i = 0; i < DRAWS; i++) {
        double b = draw_beta_of(&draws, .6, .15);
        beta += b;
        squares += (b - .6) * (b - .6);
        poisson += (double)draw_poisson(&draws, 1.1, 100);
        geometric += (double)draw_geometric(&draws, 15);
    }
    // four standard errors of 20,000 draws: sd / 141 * 4
    ck_assert_double_eq_tol(beta / DRAWS, .6, .0043);
    ck_assert_double_eq_tol(sqrt(squares / DRAWS), .15, .004);
    ck_assert_double_eq_tol(poisson / DRAWS, 1.1, .03);
    ck_assert_double_eq_tol(geometric / DRAWS, 15, .44);
}
END_TEST

/* What the plans of many videos have in common. */
START_TEST(plans_keep_the_published_statistics)
{
    enum { VIDEOS = 6000 };
    World *world = world_of(LEAGUE_SMALL, 1);
    double labels = 0, truth = 0, right = 0, frames = 0, full = 0;
    VideoPlan *plan;
    ck_assert(arena_array(&arena, plan, 1, &failure));
    for (size_t i = 0; i < VIDEOS; i++) {
        ck_assert(plan_video(plan, world, PARTITION_TRAIN, i, arena, &failure));
        labels += (double)plan->label_count;
        truth += (double)plan->truth_count;
        frames += (double)plan->frames;
        full += plan->frames == 300;
        for (size_t a = 0; a < plan->label_count; a++)
            for (size_t b = 0; b < plan->truth_count; b++)
                right += plan->labels[a] == plan->truth[b];
    }
    ck_assert_double_eq_tol(labels / VIDEOS, 3.01, .2); // published
    ck_assert_double_eq_tol(right / labels, .788, .02); // published
    ck_assert_double_eq_tol(right / truth, .645, .02);  // the specification's, at this scale
    ck_assert_double_eq_tol(frames / VIDEOS, 230, 4);   // published
    ck_assert_double_eq_tol(full / VIDEOS, .301, .024); // published; four standard errors
}
END_TEST

START_TEST(ratings_are_about_their_class_and_away_from_the_ends)
{
    World *world = world_of(LEAGUE_SMALL, 2);
    VideoPlan *plan;
    double positive = 0;
    ck_assert(arena_array(&arena, plan, 1, &failure));
    for (size_t i = 0; i < 1200; i++) {
        ck_assert(plan_video(plan, world, PARTITION_TEST, i, arena, &failure));
        ck_assert_uint_eq(plan->rating_count, 5);
        for (size_t a = 0; a < 5; a++) {
            const Rating *rating = &plan->ratings[a];
            ck_assert_int_eq(rating->label, world->segment_class[i % 30]);
            ck_assert(rating->start % 5 == 0 && rating->end == rating->start + 5);
            ck_assert(rating->start >= 30);
            // two whole or begun segments after it
            ck_assert_int_le(rating->start, 5 * ((int64_t)(plan->frames + 4) / 5) - 15);
            for (size_t b = 0; b < a; b++)
                ck_assert_int_ne(rating->start, plan->ratings[b].start);
            positive += rating->score;
        }
    }
    ck_assert_double_eq_tol(positive / 6000, .53,
                            .06); // the specification's, over draws of classes
}
END_TEST

START_TEST(ids_are_unique_and_end_in_their_shard)
{
    static uint8_t seen[62 * 62 * 62 * 62 / 8];
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    LeagueParameters p = league_defaults(LEAGUE_SMALL, 3);
    for (Partition partition = PARTITION_TRAIN; partition <= PARTITION_TEST; partition++)
        for (uint64_t i = 0; i < league_videos(&p, partition); i++) {
            char id[LEAGUE_ID_BYTES + 1], suffix[3];
            size_t number = 0, shard = league_shard_of(&p, partition, i);
            VideoRange range = league_shard_videos(&p, partition, shard);
            ck_assert(range.begin <= i && i < range.end);
            league_id(id, &p, partition, i);
            league_suffix(suffix, shard);
            ck_assert_str_eq(id + 2, suffix);
            for (size_t c = 0; c < LEAGUE_ID_BYTES; c++)
                number = number * 62 + (size_t)(strchr(alphabet, id[c]) - alphabet);
            ck_assert(!(seen[number / 8] >> number % 8 & 1));
            seen[number / 8] |= (uint8_t)(1 << number % 8);
        }
}
END_TEST

START_TEST(suffixes_go_from_aa_to_99)
{
    char suffix[3];
    league_suffix(suffix, 0);
    ck_assert_str_eq(suffix, "aa");
    league_suffix(suffix, 3227); // published: validate3227 is validate0d
    ck_assert_str_eq(suffix, "0d");
    league_suffix(suffix, 3843);
    ck_assert_str_eq(suffix, "99");
}
END_TEST

static bool keep_going(void *context, Failure *none)
{
    (void)none;
    ++*(size_t *)context;
    return true;
}

START_TEST(a_shard_has_each_video_once_in_each_file)
{
    World *world = world_of(LEAGUE_TINY, 1);
    AtomicFile files[SHARD_KINDS], *open[SHARD_KINDS];
    uint64_t sizes[SHARD_KINDS];
    size_t videos = 0;
    for (size_t kind = 0; kind < SHARD_KINDS; kind++) {
        open[kind] = &files[kind];
        ck_assert(atomic_file_open(&files[kind], temporary_path("shard", 0), &failure));
    }
    ck_assert(shard_write(open, world, PARTITION_VALIDATE, 1, keep_going, &videos, &failure));
    for (size_t kind = 0; kind < SHARD_KINDS; kind++) {
        sizes[kind] = files[kind].size;
        atomic_file_discard(&files[kind]);
    }
    ck_assert_uint_eq(videos, 24);
    ck_assert_uint_gt(sizes[SHARD_SEGMENT], sizes[SHARD_FRAME]); // by the ratings
    ck_assert_uint_lt(sizes[SHARD_SEGMENT] - sizes[SHARD_FRAME], videos * 256);
    ck_assert_uint_lt(sizes[SHARD_VIDEO], videos * 4800);
}
END_TEST

static void refuse(LeagueParameters parameters, const char *reason)
{
    Failure refusal = { 0 };
    ck_assert(!league_check(&parameters, &refusal));
    ck_assert_int_eq(refusal.code, EX_USAGE);
    ck_assert_msg(strstr(refusal.message, reason) != NULL, "%s", refusal.message);
}

#define REFUSE(field, value, reason)                                                               \
    do {                                                                                           \
        LeagueParameters parameters = league_defaults(LEAGUE_SMALL, 1);                            \
        parameters.field = (value);                                                                \
        refuse(parameters, reason);                                                                \
    } while (0)

START_TEST(parameters_that_do_not_fit_each_other_are_refused)
{
    REFUSE(leaves, 19, "--leaves 19: fewer than two for each of 10 parents");
    REFUSE(segment_classes_from, 51, "--segment-classes-from 51: there are 50 leaves");
    REFUSE(segment_classes, 41, "--segment-classes 41: drawn from 40 leaves only");
    REFUSE(length_from, 30, "--length-from 30 --length-to 0: must rise");
    REFUSE(length_to, 100, "--length-from 0 --length-to 100: must rise");
    REFUSE(strength_to, .1, "--strength-to 0.1: below --strength-from 0.4");
    REFUSE(precision_sd, .45, "--precision-sd 0.45: too large for a mean of 0.788");
    REFUSE(test_shards, 2101, "--test-shards 2101: more than the 2100 videos");
    REFUSE(train_videos, 200000, "there are 3844 ids for them; give more --train-shards");
}
END_TEST

START_TEST(the_defaults_of_all_scales_fit)
{
    for (LeagueScale scale = LEAGUE_TINY; scale <= LEAGUE_PAPER; scale++) {
        LeagueParameters parameters = league_defaults(scale, 1);
        ck_assert_msg(league_check(&parameters, &failure), "%s", failure.message);
    }
}
END_TEST

START_TEST(the_vocabulary_is_one_that_we_read)
{
    World *world = world_of(LEAGUE_SMALL, 1);
    AtomicFile file;
    Vocabulary vocabulary;
    uint64_t *counts, total = 0;
    const char *path = temporary_path("vocabulary.csv", 1);
    ck_assert(arena_array(&arena, counts, world->classes, &failure));
    ck_assert(count_labels(counts, world, &failure));
    ck_assert(atomic_file_open(&file, path, &failure)
              && write_vocabulary(&file, world, counts, arena, &failure)
              && atomic_file_commit(&file, NULL, &failure));
    ck_assert_msg(vocabulary_read(&vocabulary, path, &arena, &failure), "%s", failure.message);
    ck_assert_uint_eq(vocabulary.count, 60);
    for (uint32_t c = 0; c < 60; c++) {
        const VocabularyClass *class = vocabulary_class(&vocabulary, c);
        ck_assert_uint_eq(class->train_videos, counts[c]);
        ck_assert_str_ne(class->name, "");
        total += counts[c];
    }
    ck_assert_double_eq_tol((double)total / 4000, 3.01, .25); // labels a video, published
}
END_TEST

int main(void)
{
    temporary_begin();
    int result = RUN_SUITE(
        "league", a_world_and_its_videos_are_those_of_the_definition,
        normals_have_mean_0_and_variance_1, beta_poisson_and_geometric_draws_have_their_moments,
        plans_keep_the_published_statistics, ratings_are_about_their_class_and_away_from_the_ends,
        ids_are_unique_and_end_in_their_shard, suffixes_go_from_aa_to_99,
        a_shard_has_each_video_once_in_each_file, parameters_that_do_not_fit_each_other_are_refused,
        the_defaults_of_all_scales_fit, the_vocabulary_is_one_that_we_read);
    temporary_end();
    return result;
}
