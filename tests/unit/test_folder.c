#include "suite.h"
#include "tests/temporary.h"
#include "common/artifact/folder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const Option options[] = {
    { "word", OPTION_TEXT, "one", "what the files say" },
    { 0 },
};

/* A stage is a unit: the test goes under the name of one that is in the table. */
static const Manual manual = { "index", "Write a folder.", NULL, options };

static char folder[64], output[128], cache[128];

static void setup(void)
{
    temporary_make(folder, sizeof folder);
    snprintf(output, sizeof output, "%s/set.manifest", folder);
    snprintf(cache, sizeof cache, "%s/cache", folder);
}

static const char *in_folder(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static bool put(ArtifactFolder *set, const char *name, const char *text, unsigned *made,
                Failure *failure)
{
    AtomicFile file = { .descriptor = -1 };
    if (artifact_folder_has(set, name, failure))
        return true;
    ++*made;
    bool ok = artifact_folder_open_file(set, name, &file, failure)
        && atomic_file_write(&file, text, strlen(text), failure)
        && artifact_folder_close_file(set, &file, failure);
    atomic_file_discard(&file);
    return ok;
}

/*
 * One run: `stop` says after how many files it stops (no commit). Returns how many files it wrote;
 * -1 where it found its work done, -2 where it was refused.
 */
static int run(const char *word, unsigned stop, bool with_cache, Failure *failure)
{
    static const char *const names[] = { "b/two", "a", "b/c/three" };
    char *argv[] = { "index", "--output", output, "--word", (char *)word, "--cache", cache, NULL };
    Stage stage = { 0 };
    ArtifactFolder set = { 0 };
    unsigned made = 0;
    bool last = strcmp(word, "one") != 0; // "one" has a file more
    bool ok = stage_begin(&stage, &manual, with_cache ? 7 : 5, argv, failure)
        && artifact_folder_create(&set, &stage, "texts", failure);
    int result = ok ? 0 : failure->code ? -2 : -1;
    for (unsigned i = 0; ok && i < (last ? 2 : 3) && made < stop; i++)
        ok = put(&set, names[i], word, &made, failure);
    if (ok && made < stop)
        ck_assert_msg(artifact_folder_commit(&set, failure), "%s", failure->message);
    artifact_folder_discard(&set);
    stage_end(&stage);
    return result ? result : (int)made;
}

static int run_whole(const char *word)
{
    Failure failure = { 0 };
    int made = run(word, 100, false, &failure);
    ck_assert_msg(failure.code == EX_OK, "%s", failure.message);
    return made;
}

static int run_cached(const char *word)
{
    Failure failure = { 0 };
    int made = run(word, 100, true, &failure);
    ck_assert_msg(failure.code == EX_OK, "%s", failure.message);
    return made;
}

static bool says(const char *name, const char *expected)
{
    char text[1024];
    FILE *file = fopen(in_folder(name), "r");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return strcmp(text, expected) == 0;
}

static bool there(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

// printf one | sha256sum
#define ONE "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"

START_TEST(the_manifest_names_each_file_with_digest_and_size)
{
    setup();
    ck_assert_int_eq(run_whole("one"), 3);
    ck_assert(says("set.manifest", ONE " 3 a\n" ONE " 3 b/c/three\n" ONE " 3 b/two\n"));
    ck_assert(says("set/b/c/three", "one"));
    ck_assert(there("set.manifest.provenance") && !there("set.manifest.begun"));
    ck_assert_int_eq(run_whole("one"), -1);
}
END_TEST

START_TEST(a_file_that_is_missing_or_cut_short_has_the_set_made_again)
{
    setup();
    run_whole("one");
    ck_assert_int_eq(unlink(in_folder("set/b/two")), 0);
    ck_assert_int_eq(run_whole("one"), 3);
    ck_assert_int_eq(truncate(in_folder("set/a"), 1), 0);
    ck_assert_int_eq(run_whole("one"), 3);
    ck_assert(says("set/a", "one"));
}
END_TEST

START_TEST(what_a_new_manifest_does_not_name_is_removed)
{
    setup();
    run_whole("one");
    ck_assert_int_eq(run_whole("two"), 2);
    ck_assert(says("set/a", "two") && says("set/b/two", "two"));
    ck_assert(!there("set/b/c/three") && !there("set/b/c"));
}
END_TEST

START_TEST(a_stopped_run_leaves_no_manifest_and_goes_on_under_the_same_key)
{
    Failure failure = { 0 };
    setup();
    run_whole("two");
    ck_assert_int_eq(run("one", 1, false, &failure), 1);
    ck_assert(!there("set.manifest") && !there("set.manifest.provenance"));
    ck_assert_int_eq(run_whole("one"), 2); // the other two
    ck_assert(says("set.manifest", ONE " 3 a\n" ONE " 3 b/c/three\n" ONE " 3 b/two\n"));
}
END_TEST

START_TEST(a_mark_that_a_kill_after_the_commit_left_goes)
{
    setup();
    run_whole("one");
    FILE *mark = fopen(in_folder("set.manifest.begun"), "w");
    ck_assert_ptr_nonnull(mark);
    fclose(mark);
    ck_assert_int_eq(run_whole("one"), -1);
    ck_assert(!there("set.manifest.begun"));
}
END_TEST

START_TEST(another_key_does_not_take_what_a_stopped_run_left)
{
    Failure failure = { 0 };
    setup();
    ck_assert_int_eq(run("one", 2, false, &failure), 2);
    ck_assert_int_eq(run_whole("two"), 2);
    ck_assert(says("set/a", "two"));
    ck_assert_int_eq(run("one", 1, false, &failure), 1);
    ck_assert_int_eq(truncate(in_folder("set/b/two"), 0), 0);
    ck_assert_int_eq(run_whole("one"), 3); // its bytes are not those that were noted
}
END_TEST

START_TEST(a_folder_that_is_not_ours_is_refused_and_kept)
{
    Failure failure = { 0 };
    setup();
    ck_assert_int_eq(mkdir(in_folder("set"), 0777), 0);
    ck_assert(file_write(in_folder("set/letter"), "dear", 4, &failure));
    ck_assert_int_eq(run("one", 100, false, &failure), -2);
    ck_assert_int_eq(failure.code, EX_CANTCREAT);
    ck_assert_ptr_nonnull(strstr(failure.message, "has files that no manifest names"));
    ck_assert(says("set/letter", "dear") && !there("set/a"));
}
END_TEST

START_TEST(an_output_that_is_no_manifest_is_refused)
{
    Failure failure = { 0 };
    setup();
    snprintf(output, sizeof output, "%s/set.csv", folder);
    ck_assert_int_eq(run("one", 100, false, &failure), -2);
    ck_assert_int_eq(failure.code, EX_USAGE);
    ck_assert_ptr_nonnull(strstr(failure.message, "must end in .manifest"));
}
END_TEST

START_TEST(all_files_come_back_from_the_cache_and_others_go)
{
    setup();
    ck_assert_int_eq(run_cached("one"), 3);
    ck_assert_int_eq(run_cached("two"), 2);
    ck_assert_int_eq(run_cached("one"), -1);
    ck_assert(says("set/a", "one") && says("set/b/c/three", "one"));
    ck_assert_int_eq(run_cached("two"), -1);
    ck_assert(says("set/b/two", "two") && !there("set/b/c"));
    ck_assert_int_eq(unlink(in_folder("set/a")), 0);
    ck_assert_int_eq(run_cached("two"), -1); // the one file, by its digest
    ck_assert(says("set/a", "two"));
}
END_TEST

START_TEST(a_cached_file_with_other_bytes_is_not_used)
{
    char command[256];
    setup();
    run_cached("one");
    run_cached("two");
    snprintf(command, sizeof command, "for f in %s/*/*.file; do printf x >$f; done", cache);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(run_cached("one"), 3);
    ck_assert(says("set/a", "one"));
}
END_TEST

START_TEST(a_manifest_that_is_none_is_refused_by_line)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        { ONE " 3 a", "m:1: the line is cut off" },
        { ONE " 3 a\n" ONE " x b\n", "m:2: not SHA256 BYTES NAME" },
        { ONE " 3 ../b\n", "m:1: not SHA256" },
        { ONE " 3 /b\n", "m:1: not SHA256" },
        { ONE " 3 a//b\n", "m:1: not SHA256" },
        { "7692 3 a\n", "m:1: not SHA256" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Arena arena;
        Manifest manifest;
        Failure failure = { 0 };
        ck_assert(arena_open(&arena, 1 << 20, &failure));
        ck_assert(!manifest_parse(&manifest, cases[i].text, strlen(cases[i].text), "m", &arena,
                                  &failure));
        ck_assert_int_eq(failure.code, EX_DATAERR);
        ck_assert_msg(strstr(failure.message, cases[i].reason) != NULL, "%s", failure.message);
        arena_close(&arena);
    }
}
END_TEST

int main(void)
{
    temporary_begin();
    int failed = RUN_SUITE(
        "folder", the_manifest_names_each_file_with_digest_and_size,
        a_file_that_is_missing_or_cut_short_has_the_set_made_again,
        what_a_new_manifest_does_not_name_is_removed,
        a_stopped_run_leaves_no_manifest_and_goes_on_under_the_same_key,
        a_mark_that_a_kill_after_the_commit_left_goes,
        another_key_does_not_take_what_a_stopped_run_left,
        a_folder_that_is_not_ours_is_refused_and_kept, an_output_that_is_no_manifest_is_refused,
        all_files_come_back_from_the_cache_and_others_go,
        a_cached_file_with_other_bytes_is_not_used, a_manifest_that_is_none_is_refused_by_line);
    temporary_end();
    return failed;
}
