#include "suite.h"
#include "temporary.h"
#include "common/audit/find.h"
#include "common/audit/leaks.h"
#include "common/base/file.h"

#include <string.h>
#include <sys/stat.h>

/* Provenance is made up here: an audit is of what others say that they did. */

static Arena arena;
static Failure failure;

static const char *path_of(const char *name)
{
    const char *path = temporary_path(name, 0);
    return arena_copy(&arena, path, strlen(path), &failure);
}

static void write_text(const char *path, const char *text)
{
    ck_assert_msg(file_write(path, text, strlen(text), &failure), "%s", failure.message);
}

#define DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

/* An artifact "recipe/NAME" with provenance: of a stage, from up to two inputs, each "ROLE NAME". */
static const char *artifact(const char *name, const char *kind, const char *stage,
                            const char *first, const char *second)
{
    const char *given[] = { first, second };
    ProvenanceInput inputs[2];
    Provenance provenance = { .kind = kind, .podium = "1", .sha256 = DIGEST, .inputs = inputs };
    for (; provenance.input_count < 2 && given[provenance.input_count]; provenance.input_count++) {
        const char *input = given[provenance.input_count], *its_name = strchr(input, ' ') + 1;
        inputs[provenance.input_count] = (ProvenanceInput){
            .artifact = arena_format(&arena, &failure, "recipe/%s", its_name),
            .kind = "x",
            .role = arena_copy(&arena, input, strcspn(input, " "), &failure),
            .sha256 = DIGEST,
        };
    }
    ck_assert(key_add(&provenance.key, "stage", stage, &arena, &failure)
              && key_add(&provenance.key, "option/name", name, &arena, &failure));
    key_seal(&provenance.key);
    const char *path = path_of(arena_format(&arena, &failure, "recipe/%s", name));
    write_text(path, "x");
    ck_assert(provenance_write(&provenance, path, &failure));
    return path;
}

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 24, &failure));
    mkdir(path_of("recipe"), 0777);
}

static void teardown(void)
{
    const char *remove = arena_format(&arena, &failure, "rm -rf '%s'", path_of("recipe"));
    ck_assert_int_eq(system(remove), 0);
    arena_close(&arena);
}

static Lineage lineage_of_all(void)
{
    ArtifactPaths paths;
    Lineage lineage;
    const char *folder = path_of("recipe");
    ck_assert(artifacts_find(&paths, &folder, 1, &arena, &failure));
    ck_assert(lineage_read(&lineage, &paths, &arena, &failure));
    return lineage;
}

START_TEST(what_has_provenance_or_had_it_is_found_once_and_in_order)
{
    ArtifactPaths paths;
    artifact("b.split", "split", "split", NULL, NULL);
    write_text(path_of("recipe/b.split.seen"), "");
    write_text(path_of("recipe/a.index.seen"), ""); // its provenance is gone
    write_text(path_of("recipe/plain.txt"), "no artifact");
    artifact("shards.manifest", "shards", "softlabel", NULL, NULL);
    mkdir(path_of("recipe/shards"), 0777);
    write_text(path_of("recipe/shards/train.tfrecord.provenance"), "a shard of the manifest");
    const char *from[] = { path_of("recipe"), path_of("recipe/b.split") };
    ck_assert(artifacts_find(&paths, from, 2, &arena, &failure));
    ck_assert_uint_eq(paths.count, 3);
    ck_assert_str_eq(paths.path[0], path_of("recipe/a.index"));
    ck_assert_str_eq(paths.path[1], path_of("recipe/b.split"));
    ck_assert_str_eq(paths.path[2], path_of("recipe/shards.manifest"));
}
END_TEST

START_TEST(lineage_reaches_all_that_an_artifact_was_made_from_and_no_more)
{
    artifact("data.index", "index", "index", "shards elsewhere", NULL);
    artifact("a.safetensors", "checkpoint", "train", "index data.index", NULL);
    artifact("b.safetensors", "checkpoint", "train", "index data.index", "from a.safetensors");
    artifact("c.safetensors", "checkpoint", "train", "index data.index", NULL);
    Lineage lineage = lineage_of_all();
    bool reached[4] = { 0 };
    size_t index = lineage_find(&lineage, "recipe/data.index");
    ck_assert_uint_eq(lineage.count, 4);
    ck_assert_uint_ne(index, LINEAGE_NONE);
    ck_assert_uint_eq(lineage.nodes[index].parents[0], LINEAGE_NONE); // raw shards
    ck_assert_uint_eq(lineage_find(&lineage, "recipe/other"), LINEAGE_NONE);
    lineage_reach(&lineage, lineage_find(&lineage, "recipe/b.safetensors"), reached);
    ck_assert(reached[lineage_find(&lineage, "recipe/a.safetensors")]);
    ck_assert(reached[index]);
    ck_assert(!reached[lineage_find(&lineage, "recipe/c.safetensors")]);
}
END_TEST

START_TEST(an_artifact_without_readable_provenance_vouches_for_nothing)
{
    const char *path = artifact("a.index", "index", "index", NULL, NULL);
    write_text(arena_format(&arena, &failure, "%s.provenance", path), "{");
    Lineage lineage = lineage_of_all();
    ck_assert_uint_eq(lineage.count, 1);
    ck_assert(!lineage.nodes[0].vouched);
    ck_assert_uint_eq(lineage.nodes[0].provenance.input_count, 0);
    ck_assert_ptr_null(lineage_field(&lineage.nodes[0], "stage"));
}
END_TEST

START_TEST(provenance_with_one_byte_changed_is_none)
{
    char *text;
    size_t size;
    Provenance provenance;
    const char *path = artifact("a.index", "index", "index", "shards elsewhere", NULL);
    const char *beside = arena_format(&arena, &failure, "%s.provenance", path);
    ck_assert(file_read(beside, &arena, &text, &size, &failure));
    ck_assert(provenance_parse(&provenance, text, size, path, &arena, &failure));
    for (size_t i = 0; i < size; i++) {
        Failure refusal = { 0 };
        text[i] ^= 1;
        ck_assert_msg(!provenance_parse(&provenance, text, size, path, &arena, &refusal),
                      "byte %zu", i);
        ck_assert_int_eq(refusal.code, EX_DATAERR);
        text[i] ^= 1;
    }
    ck_assert(!provenance_parse(&provenance, text, size - 1, path, &arena, &failure));
}
END_TEST

START_TEST(hidden_truth_behind_a_submission_is_a_leak_by_whatever_way)
{
    LeakReport report;
    artifact("truth.csv", "table", "table", NULL, NULL);
    artifact("weights.json", "weights", "tune", "truth truth.csv", NULL);
    artifact("scores.safetensors", "predictions", "fuse", "weights weights.json", NULL);
    artifact("submission.csv", "submission", "submit", "predictions scores.safetensors", NULL);
    artifact("other.csv", "submission", "submit", "predictions elsewhere", NULL);
    Lineage lineage = lineage_of_all();
    ck_assert(leaks_find(&report, &lineage, &arena, &failure));
    ck_assert_uint_eq(report.submissions, 2);
    ck_assert_uint_eq(report.count, 1);
    ck_assert_str_eq(lineage.nodes[report.leaks[0].from].name, "recipe/truth.csv");
    ck_assert_str_eq(lineage.nodes[report.leaks[0].to].name, "recipe/submission.csv");
    ck_assert_ptr_null(report.leaks[0].id);
}
END_TEST

START_TEST(metrics_may_be_made_from_the_truth)
{
    LeakReport report;
    artifact("truth.csv", "table", "table", NULL, NULL);
    artifact("submission.csv", "submission", "submit", "predictions elsewhere", NULL);
    artifact("metrics.json", "metrics", "evaluate", "truth truth.csv", "submission submission.csv");
    Lineage lineage = lineage_of_all();
    ck_assert(leaks_find(&report, &lineage, &arena, &failure));
    ck_assert_uint_eq(report.count, 0);
}
END_TEST

START_TEST(an_index_that_judges_and_cannot_be_read_is_refused_by_name)
{
    LeakReport report;
    artifact("learned.index", "index", "index", NULL, NULL);
    artifact("model.safetensors", "checkpoint", "train", "index learned.index", NULL);
    artifact("scores.safetensors", "predictions", "predict", "checkpoint model.safetensors",
             "index learned.index");
    artifact("metrics.json", "metrics", "evaluate", "predictions scores.safetensors", NULL);
    Lineage lineage = lineage_of_all();
    ck_assert(!leaks_find(&report, &lineage, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_msg(strstr(failure.message, "learned.index"), "%s", failure.message);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("audit");
    const TTest *const tests[] = {
        what_has_provenance_or_had_it_is_found_once_and_in_order,
        lineage_reaches_all_that_an_artifact_was_made_from_and_no_more,
        an_artifact_without_readable_provenance_vouches_for_nothing,
        provenance_with_one_byte_changed_is_none,
        hidden_truth_behind_a_submission_is_a_leak_by_whatever_way,
        metrics_may_be_made_from_the_truth,
        an_index_that_judges_and_cannot_be_read_is_refused_by_name,
    };
    temporary_begin();
    tcase_add_checked_fixture(cases, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(cases, tests[i]);
    int code = run_case("audit", cases);
    temporary_end();
    return code;
}
