#include "cache_entries.h"
#include "common/artifact/cache_file.h"
#include "common/artifact/cache_log.h"
#include "common/artifact/cache_prune.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

/* How many files lie in the cache's subfolders. */
static unsigned count_files(const char *pattern)
{
    char command[256];
    unsigned count = 0;
    snprintf(command, sizeof command, "find %s/?? -name '%s' | wc -l", entries_cache, pattern);
    FILE *pipe = popen(command, "r");
    ck_assert(pipe && fscanf(pipe, "%u", &count) == 1);
    pclose(pipe);
    return count;
}

static void overwrite(const char *path, const char *text, bool cut)
{
    FILE *file = fopen(path, "r+");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    if (cut)
        ck_assert_int_eq(truncate(path, (off_t)strlen(text)), 0);
}

START_TEST(what_was_entered_comes_back_with_its_provenance)
{
    Provenance read;
    Failure failure = { 0 };
    entries_begin();
    entries_enter("made", "w", "some bytes");
    ck_assert(!entries_restore("again", "another"));
    ck_assert(!entries_has(entries_path("again")));
    ck_assert(entries_restore("sub/again", "w"));
    ck_assert(entries_file_has(entries_path("sub/again"), "some bytes"));
    ck_assert(provenance_read(&read, entries_path("sub/again"), &entries_arena, &failure));
    ck_assert_str_eq(read.artifact, "sub/again");
    ck_assert_uint_eq(read.size, 10);
    ck_assert(provenance_describes(&read, entries_path("sub/again")));
    entries_end();
}
END_TEST

START_TEST(a_restored_artifact_names_the_inputs_of_who_asks)
{
    Provenance read, made, wanted;
    Failure failure = { 0 };
    ProvenanceInput first = { "one/x", "text", "from", "00" },
                    second = { "two/y", "text", "from", "00" };
    entries_begin();
    made = entries_make("made", "w", "bytes");
    made.inputs = &first;
    made.input_count = 1;
    ck_assert(provenance_write(&made, entries_path("made"), &failure));
    cache_enter(entries_cache, "output", entries_path("made"), &made, entries_arena);
    wanted = entries_wanted("w");
    wanted.inputs = &second;
    wanted.input_count = 1;
    ck_assert(
        cache_restore(entries_cache, "output", entries_path("again"), &wanted, entries_arena));
    ck_assert(provenance_read(&read, entries_path("again"), &entries_arena, &failure));
    ck_assert_str_eq(read.inputs[0].artifact, "two/y");
    entries_end();
}
END_TEST

START_TEST(equal_bytes_under_two_keys_are_kept_once)
{
    entries_begin();
    entries_enter("a", "one", "the same");
    entries_enter("b", "two", "the same");
    ck_assert_uint_eq(count_files("*.file"), 1);
    ck_assert_uint_eq(count_files("*.provenance"), 2);
    ck_assert(entries_restore("c", "one") && entries_restore("d", "two"));
    entries_end();
}
END_TEST

START_TEST(an_edit_of_an_artifact_that_reaches_the_cache_is_noticed_and_the_entry_goes)
{
    entries_begin();
    entries_enter("made", "w", "some bytes");
    // as a hard link lets an editor do it
    overwrite(entries_content("some bytes"), "SOME", false);
    ck_assert(!entries_restore("again", "w"));
    ck_assert(!entries_has(entries_path("again")));
    ck_assert(!entries_has(entries_path("again.provenance")));
    ck_assert(!entries_has(entries_content("some bytes")));
    ck_assert(!entries_has(entries_action("w")));
    entries_enter("made", "w", "some bytes"); // the step runs, and all is well again
    ck_assert(entries_restore("again", "w"));
    entries_end();
}
END_TEST

START_TEST(an_entry_that_is_cut_short_goes)
{
    entries_begin();
    entries_enter("made", "w", "some bytes");
    unlink(entries_path("made"));
    overwrite(entries_content("some bytes"), "some", true);
    ck_assert(!entries_restore("again", "w"));
    ck_assert(!entries_has(entries_content("some bytes")));
    entries_end();
}
END_TEST

START_TEST(an_entry_of_another_size_is_replaced_when_its_bytes_are_entered)
{
    entries_begin();
    entries_enter("made", "w", "some bytes");
    ck_assert_int_eq(unlink(entries_path("made")), 0);
    overwrite(entries_content("some bytes"), "some", true);
    entries_enter("made", "w", "some bytes");
    ck_assert(entries_file_has(entries_content("some bytes"), "some bytes"));
    entries_end();
}
END_TEST

START_TEST(provenance_that_is_cut_short_goes)
{
    entries_begin();
    entries_enter("made", "w", "some bytes");
    overwrite(entries_action("w"), "{\"artifact\": ", true);
    ck_assert(!entries_restore("again", "w"));
    ck_assert(!entries_has(entries_action("w")));
    ck_assert(!entries_has(entries_path("again")));
    entries_end();
}
END_TEST

START_TEST(a_digest_that_is_a_path_leads_nowhere)
{
    Provenance evil;
    Failure failure = { 0 };
    char *path;
    entries_begin();
    entries_enter("made", "w", "some bytes");
    evil = entries_make("cache/secret.file", "w", "a secret");
    evil.sha256 = "./secret"; // CACHE/./ and ./secret.file
    path = entries_path("evil");
    ck_assert(provenance_write(&evil, path, &failure));
    char *beside = entries_path("evil.provenance");
    ck_assert_int_eq(rename(beside, entries_action("w")), 0);
    ck_assert(!entries_restore("again", "w"));
    ck_assert(!entries_has(entries_path("again")));
    ck_assert(entries_file_has(entries_path("cache/secret.file"), "a secret"));
    entries_end();
}
END_TEST

START_TEST(a_cache_that_is_no_folder_costs_nothing_but_time)
{
    Failure failure = { 0 };
    entries_begin();
    ck_assert(file_write(entries_cache, "x", 1, &failure));
    entries_enter("made", "w", "some bytes");
    ck_assert(!entries_restore("again", "w"));
    ck_assert(entries_file_has(entries_cache, "x"));
    entries_end();
}
END_TEST

START_TEST(a_pipe_in_the_place_of_bytes_stops_nobody)
{
    entries_begin();
    entries_enter("made", "w", "some bytes");
    ck_assert_int_eq(unlink(entries_content("some bytes")), 0);
    ck_assert_int_eq(mkfifo(entries_content("some bytes"), 0600), 0);
    ck_assert(!entries_restore("again", "w"));
    entries_end();
}
END_TEST

START_TEST(what_lies_on_another_file_system_is_copied)
{
    struct stat here, there;
    char other[] = "/dev/shm/podium-test-XXXXXX", command[64];
    entries_begin();
    ck_assert(mkdtemp(other) != NULL);
    ck_assert(stat(entries_folder, &here) == 0 && stat(other, &there) == 0);
    snprintf(entries_cache, sizeof entries_cache, "%s", other);
    entries_enter("made", "w", "some bytes");
    ck_assert(entries_restore("again", "w"));
    ck_assert(entries_file_has(entries_path("again"), "some bytes"));
    overwrite(entries_content("some bytes"), "SOME", false);
    bool damaged = entries_restore("again", "w");
    bool left = entries_has(entries_path("again"));
    bool untouched = entries_file_has(entries_path("made"), "some bytes");
    snprintf(command, sizeof command, "rm -rf %s", other);
    ck_assert_int_eq(system(command), 0);
    ck_assert(!damaged && !left);
    ck_assert(untouched || here.st_dev == there.st_dev);
    entries_end();
}
END_TEST

START_TEST(what_is_entered_can_be_read_by_whom_the_cache_is_open_to)
{
    struct stat status;
    char subfolder[CACHE_PATH_BYTES];
    entries_begin();
    umask(077);
    ck_assert_int_eq(mkdir(entries_cache, 0700), 0);
    ck_assert_int_eq(chmod(entries_cache, 02775), 0);
    entries_enter("made", "w", "some bytes");
    snprintf(subfolder, sizeof subfolder, "%s", entries_action("w"));
    *strrchr(subfolder, '/') = 0;
    ck_assert(stat(subfolder, &status) == 0);
    ck_assert_int_eq(status.st_mode & 07777, 02775);
    ck_assert(stat(entries_action("w"), &status) == 0);
    ck_assert_int_eq(status.st_mode & 0777, 0664); // others renew its time
    ck_assert(stat(entries_content("some bytes"), &status) == 0);
    ck_assert_int_eq(status.st_mode & 0777, 0644);
    umask(022);
    entries_end();
}
END_TEST

/* Enter, restore and look what came; exits with 1 where it was wrong. */
static void enter_and_restore(unsigned who, unsigned rounds)
{
    char name[32], word[32], text[40000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (unsigned i = 0; i < rounds; i++) {
        unsigned which = (i + who) % 5;
        snprintf(name, sizeof name, "made-%u", who);
        snprintf(word, sizeof word, "w%u", which);
        text[0] = (char)('a' + which / 2); // some words have the same bytes
        entries_enter(name, word, text);
        snprintf(name, sizeof name, "again-%u", who);
        if (entries_restore(name, word) && !entries_file_has(entries_path(name), text))
            _exit(1);
    }
    _exit(0);
}

static void prune_all(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        CacheSurvey survey;
        CachePlan plan;
        Failure failure = { 0 };
        Arena arena = entries_arena;
        if (cache_survey(&survey, entries_cache, time(NULL), &arena, &failure)
            && cache_plan(&plan, &survey, (CacheKeep){ 0 }, time(NULL), &arena, &failure))
            cache_prune(&survey, &plan, time(NULL));
        else if (failure.code != EX_NOINPUT)
            _exit(1);
    }
    _exit(0);
}

START_TEST(who_restores_amid_writers_and_prunes_gets_whole_bytes_or_nothing)
{
    enum { WHO = 5 };
    pid_t children[WHO];
    entries_begin();
    for (unsigned i = 0; i < WHO; i++) {
        children[i] = fork();
        if (children[i] == 0 && i == 0)
            prune_all(200);
        if (children[i] == 0)
            enter_and_restore(i, 150);
    }
    for (unsigned i = 0; i < WHO; i++) {
        int status;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_uint_eq(count_files(".*"), 0);
    entries_end();
}
END_TEST

START_TEST(the_log_says_about_how_much_is_held)
{
    uint64_t held;
    Failure failure = { 0 };
    char *log;
    entries_begin();
    ck_assert(folder_make(entries_cache, &failure));
    ck_assert(!cache_log_held(entries_cache, &held));
    cache_log_entered(entries_cache, 5);
    ck_assert(!cache_log_held(entries_cache, &held)); // nobody has looked what was there before
    cache_log_looked(entries_cache, 100);
    cache_log_entered(entries_cache, 20);
    cache_log_entered(entries_cache, 3);
    ck_assert(cache_log_held(entries_cache, &held));
    ck_assert_uint_eq(held, 123);
    log = entries_path("cache/entered.log");
    FILE *file = fopen(log, "a");
    fputs("no number\n7\n", file);
    fclose(file);
    ck_assert(cache_log_held(entries_cache, &held));
    ck_assert_uint_ge(held, 130);
    for (int i = 0; i < 5000; i++)
        cache_log_entered(entries_cache, 1);
    ck_assert(!cache_log_held(entries_cache, &held)); // time to look again
    entries_end();
}
END_TEST

START_TEST(the_last_makes_are_counted)
{
    Failure failure = { 0 };
    entries_begin();
    ck_assert(folder_make(entries_cache, &failure));
    ck_assert_uint_eq(cache_log_makes(entries_cache).count, 0);
    for (unsigned i = 0; i < 100; i++)
        cache_log_make(entries_cache, i, 1000);
    CacheMakes makes = cache_log_makes(entries_cache);
    ck_assert_uint_eq(makes.count, 20);
    ck_assert_uint_eq(makes.made, 20 * 80 + 190); // 80 + 81 + ... + 99
    ck_assert_uint_eq(makes.restored, 20000);
    entries_end();
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "cache", what_was_entered_comes_back_with_its_provenance,
        a_restored_artifact_names_the_inputs_of_who_asks, equal_bytes_under_two_keys_are_kept_once,
        an_edit_of_an_artifact_that_reaches_the_cache_is_noticed_and_the_entry_goes,
        an_entry_that_is_cut_short_goes,
        an_entry_of_another_size_is_replaced_when_its_bytes_are_entered,
        provenance_that_is_cut_short_goes, a_digest_that_is_a_path_leads_nowhere,
        a_cache_that_is_no_folder_costs_nothing_but_time, a_pipe_in_the_place_of_bytes_stops_nobody,
        what_lies_on_another_file_system_is_copied,
        what_is_entered_can_be_read_by_whom_the_cache_is_open_to,
        who_restores_amid_writers_and_prunes_gets_whole_bytes_or_nothing,
        the_log_says_about_how_much_is_held, the_last_makes_are_counted);
}
