#include "suite.h"
#include "tests/temporary.h"
#include "common/artifact/artifact.h"
#include "common/artifact/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const Option options[] = {
    { "greeting", OPTION_TEXT, "hi", "what to say" },
    { "count", OPTION_SIZE, "1", "how often", .minimum = 1, .maximum = 10 },
    { "log-level", OPTION_SIZE, "0", "changes nothing", OPTION_VOLATILE },
    { "from", OPTION_TEXT, NULL, "what to read", OPTION_INPUT },
    { "curve", OPTION_TEXT, NULL, "second output", OPTION_OUTPUT },
    { 0 },
};

/* A stage is a unit: the test goes under the name of one that is in the table. */
static const Manual manual = { "index", "Say hello.", NULL, options };

static char folder[64], output[128], curve[128], input_path[128], cache[128];

static void setup(void)
{
    Failure failure = { 0 };
    temporary_make(folder, sizeof folder);
    snprintf(output, sizeof output, "%s/recipe/greeting.txt", folder);
    snprintf(curve, sizeof curve, "%s/recipe/greeting.curve", folder);
    snprintf(input_path, sizeof input_path, "%s/input", folder);
    snprintf(cache, sizeof cache, "%s/cache", folder);
    ck_assert(file_write(input_path, "one", 3, &failure));
}

/* One run of the stage: whether it worked (true) or found its work done (false). */
static bool run(int argc, char *argv[])
{
    Failure failure = { 0 };
    Stage stage = { 0 };
    Artifact made = { 0 }, beside = { 0 };
    bool worked = stage_begin(&stage, &manual, argc, argv, &failure)
        && artifact_create(&made, &stage, "greeting", &failure)
        && artifact_create_beside(&beside, &stage, "curve", "curve", &failure)
        && (!beside.path || atomic_file_write(&beside.file, "curve", 5, &failure))
        && artifact_commit(&beside, &failure)
        && atomic_file_print(&made.file, &failure, "%s", option_text(&stage.values, "greeting"))
        && artifact_commit(&made, &failure);
    artifact_discard(&beside);
    artifact_discard(&made);
    stage_end(&stage);
    ck_assert_msg(failure.code == EX_OK, "%s", failure.message);
    return worked;
}

#define RUN(...)                                                                                   \
    run((int)(sizeof(char *[]){ "index", "--output", output, __VA_ARGS__ } / sizeof(char *)),      \
        (char *[]){ "index", "--output", output, __VA_ARGS__, NULL })

static bool contains(const char *path, const char *expected)
{
    Arena arena;
    Failure failure = { 0 };
    char *text;
    size_t size;
    ck_assert(arena_open(&arena, 1 << 20, &failure));
    bool same = file_read(path, &arena, &text, &size, &failure) && strcmp(text, expected) == 0;
    arena_close(&arena);
    return same;
}

START_TEST(a_run_with_the_same_key_finds_its_work_done)
{
    setup();
    ck_assert(RUN("--from", input_path));
    ck_assert(!RUN("--from", input_path));
    ck_assert(!RUN("--from", input_path, "--log-level", "3", "--threads", "1"));
    ck_assert(!RUN("--from", input_path, "--count", "01", "--greeting", "hi"));
}
END_TEST

START_TEST(an_option_or_an_inputs_bytes_make_it_run_again)
{
    Failure failure = { 0 };
    setup();
    ck_assert(RUN("--from", input_path));
    ck_assert(RUN("--from", input_path, "--greeting", "hello"));
    ck_assert(contains(output, "hello"));
    ck_assert(file_write(input_path, "two", 3, &failure));
    ck_assert(RUN("--from", input_path, "--greeting", "hello"));
    ck_assert(file_write(input_path, "two", 3, &failure)); // the same bytes, another file
    ck_assert(!RUN("--from", input_path, "--greeting", "hello"));
}
END_TEST

START_TEST(an_artifact_that_is_missing_or_cut_short_is_made_again)
{
    setup();
    ck_assert(RUN("--count", "2"));
    ck_assert_int_eq(unlink(output), 0);
    ck_assert(RUN("--count", "2"));
    ck_assert_int_eq(truncate(output, 1), 0);
    ck_assert(RUN("--count", "2"));
    ck_assert(contains(output, "hi"));
}
END_TEST

/* Overwrite a file's beginning in place and give it back its times. */
static void alter(const char *path, const char *text)
{
    struct stat before;
    ck_assert_int_eq(stat(path, &before), 0);
    FILE *file = fopen(path, "r+");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(
        utimensat(AT_FDCWD, path, (struct timespec[]){ before.st_atim, before.st_mtim }, 0), 0);
}

START_TEST(an_artifact_with_other_bytes_of_the_same_size_and_time_is_made_again)
{
    setup();
    ck_assert(RUN("--curve", curve));
    alter(output, "ho");
    ck_assert(RUN("--curve", curve));
    ck_assert(contains(output, "hi"));
    alter(curve, "carve");
    ck_assert(RUN("--curve", curve));
    ck_assert(contains(curve, "curve"));
}
END_TEST

START_TEST(an_input_with_other_bytes_than_its_provenance_says_has_its_own_digest)
{
    char made[128];
    setup();
    ck_assert(RUN("--greeting", "hello"));
    snprintf(made, sizeof made, "%s/recipe/made", folder);
    ck_assert_int_eq(rename(output, made), 0);
    char from[160], to[160];
    snprintf(from, sizeof from, "%s.provenance", output);
    snprintf(to, sizeof to, "%s.provenance", made);
    ck_assert_int_eq(rename(from, to), 0);
    ck_assert(RUN("--from", made));
    ck_assert(!RUN("--from", made));
    alter(made, "hallo");
    ck_assert(RUN("--from", made));
}
END_TEST

START_TEST(an_artifact_that_only_looks_otherwise_stays)
{
    setup();
    ck_assert(RUN("--count", "2"));
    ck_assert_int_eq(utimensat(AT_FDCWD, output, (struct timespec[]){ { 0 }, { 0 } }, 0),
                     0); // 1970
    ck_assert(!RUN("--count", "2"));
    ck_assert_int_eq(
        utimensat(AT_FDCWD, output, (struct timespec[]){ { 4000000000, 0 }, { 4000000000, 0 } }, 0),
        0); // 2096
    ck_assert(!RUN("--count", "2"));
}
END_TEST

START_TEST(a_second_output_belongs_to_the_same_run)
{
    setup();
    ck_assert(RUN("--curve", curve));
    ck_assert(contains(curve, "curve"));
    ck_assert(!RUN("--curve", curve));
    ck_assert_int_eq(unlink(curve), 0);
    ck_assert(RUN("--curve", curve));
}
END_TEST

START_TEST(a_key_met_before_comes_back_from_the_cache)
{
    setup();
    ck_assert(RUN("--cache", cache, "--greeting", "first", "--curve", curve));
    ck_assert(RUN("--cache", cache, "--greeting", "second", "--curve", curve));
    ck_assert(!RUN("--cache", cache, "--greeting", "first", "--curve", curve));
    ck_assert(contains(output, "first"));
    ck_assert(contains(curve, "curve"));
    ck_assert(!RUN("--greeting", "first", "--curve", curve)); // provenance came back too
}
END_TEST

START_TEST(a_cache_entry_with_other_bytes_than_its_digest_is_not_used)
{
    char command[256];
    setup();
    ck_assert(RUN("--cache", cache, "--greeting", "first"));
    ck_assert(RUN("--cache", cache, "--greeting", "second"));
    // cut all entries short, in place
    snprintf(command, sizeof command, "for f in %s/*/*.file; do printf fir > $f; done", cache);
    ck_assert_int_eq(system(command), 0);
    ck_assert(RUN("--cache", cache, "--greeting", "first"));
    ck_assert(contains(output, "first"));
}
END_TEST

START_TEST(provenance_is_complete_and_names_no_folder)
{
    Arena arena;
    Failure failure = { 0 };
    Provenance provenance;
    char *text;
    size_t size, found = 0;
    setup();
    ck_assert(RUN("--from", input_path, "--count", "3"));
    ck_assert(arena_open(&arena, 1 << 20, &failure));
    ck_assert_msg(provenance_read(&provenance, output, &arena, &failure), "%s", failure.message);
    ck_assert_str_eq(provenance.artifact, "recipe/greeting.txt");
    ck_assert_str_eq(provenance.kind, "greeting");
    ck_assert_str_eq(provenance.podium, podium_version);
    ck_assert_uint_eq(provenance.size, 2);
    // printf hi | sha256sum
    ck_assert_str_eq(provenance.sha256,
                     "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4");
    ck_assert_uint_eq(provenance.input_count, 1);
    ck_assert_str_eq(provenance.inputs[0].artifact, "input");
    ck_assert_str_eq(provenance.inputs[0].role, "from");
    for (size_t i = 0; i < provenance.key.count; i++) {
        const KeyField *field = &provenance.key.fields[i];
        found += strcmp(field->name, "option/count") == 0 && strcmp(field->value, "3") == 0;
        found += strcmp(field->name, "stage") == 0 && strcmp(field->value, "index") == 0;
        found += strcmp(field->name, "unit/stages/index.c") == 0;
        found += strcmp(field->name, "input/from/00000") == 0
            && strcmp(field->value, provenance.inputs[0].sha256) == 0;
        ck_assert(!strstr(field->name, "log-level") && !strstr(field->name, "threads"));
    }
    ck_assert_uint_eq(found, 4);
    char path[160];
    snprintf(path, sizeof path, "%s.provenance", output);
    ck_assert(file_read(path, &arena, &text, &size, &failure));
    ck_assert_ptr_null(strstr(text, "/tmp"));
    arena_close(&arena);
}
END_TEST

START_TEST(a_digest_that_is_known_already_is_copied)
{
    char sha256[SHA256_HEX_BYTES], *argv[] = { "index", "--output", output, NULL };
    Failure failure = { 0 };
    Stage stage = { 0 };
    Artifact made = { 0 };
    Provenance provenance;
    Arena arena;
    setup();
    memset(sha256, 'a', sizeof sha256 - 1);
    sha256[sizeof sha256 - 1] = 0;
    ck_assert(stage_begin(&stage, &manual, 3, argv, &failure));
    ck_assert(stage_input_known(&stage, "shards", "train", sha256, &failure));
    memset(sha256, 'b', sizeof sha256 - 1);
    ck_assert(artifact_create(&made, &stage, "greeting", &failure));
    ck_assert(artifact_commit(&made, &failure));
    artifact_discard(&made);
    stage_end(&stage);
    ck_assert(arena_open(&arena, 1 << 20, &failure));
    ck_assert(provenance_read(&provenance, output, &arena, &failure));
    ck_assert_uint_eq(provenance.input_count, 1);
    ck_assert_str_eq(provenance.inputs[0].artifact, "train");
    ck_assert_uint_eq(strspn(provenance.inputs[0].sha256, "a"), SHA256_HEX_BYTES - 1);
    arena_close(&arena);
}
END_TEST

static void refuse_provenance(const char *text, const char *reason)
{
    Arena arena;
    Failure failure = { 0 };
    Provenance provenance;
    char path[160];
    snprintf(path, sizeof path, "%s.provenance", output);
    ck_assert(file_write(path, text, strlen(text), &failure));
    ck_assert(arena_open(&arena, 1 << 20, &failure));
    ck_assert(!provenance_read(&provenance, output, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_msg(strstr(failure.message, reason) != NULL, "%s", failure.message);
    arena_close(&arena);
    ck_assert(RUN("--count", "4")); // nothing that can't be read is taken for an artifact's
}

START_TEST(provenance_that_cannot_be_read_is_refused_and_made_again)
{
    setup();
    refuse_provenance("", "not provenance");
    refuse_provenance("{\"format\": 2", "not provenance");
    refuse_provenance("{\"format\": 1}", "format 1; this version reads 2");
    refuse_provenance("{\"format\": 2, \"size\": 2}", "\"artifact\" is missing");
}
END_TEST

START_TEST(a_unit_reaches_what_it_calls_and_nothing_else)
{
    bool *reached = calloc(unit_count, sizeof *reached);
    ck_assert(units_reach(reached, "common/tensor/ops/softmax.c"));
    ck_assert(!units_reach(reached, "common/tensor/ops/none.c"));
    for (size_t i = 0; i < unit_count; i++) {
        const char *path = units[i].path;
        bool called = strcmp(path, "common/tensor/ops/softmax.c") == 0
            || strcmp(path, "common/tensor/graph.c") == 0
            || strcmp(path, "common/tensor/ops/listed_rows.c") == 0 // which the graph inserts
            || strcmp(path, "common/base/arena.c") == 0
            || strcmp(path, "common/base/failure.c") == 0;
        ck_assert_msg(reached[i] == called, "%s", path);
    }
    free(reached);
}
END_TEST

int main(void)
{
    temporary_begin();
    int failed = RUN_SUITE(
        "artifact", a_run_with_the_same_key_finds_its_work_done,
        an_option_or_an_inputs_bytes_make_it_run_again,
        an_artifact_that_is_missing_or_cut_short_is_made_again,
        an_artifact_with_other_bytes_of_the_same_size_and_time_is_made_again,
        an_input_with_other_bytes_than_its_provenance_says_has_its_own_digest,
        an_artifact_that_only_looks_otherwise_stays, a_second_output_belongs_to_the_same_run,
        a_key_met_before_comes_back_from_the_cache,
        a_cache_entry_with_other_bytes_than_its_digest_is_not_used,
        provenance_is_complete_and_names_no_folder, a_digest_that_is_known_already_is_copied,
        provenance_that_cannot_be_read_is_refused_and_made_again,
        a_unit_reaches_what_it_calls_and_nothing_else);
    temporary_end();
    return failed;
}
