#include "cache_entries.h"
#include "common/artifact/cache_pin.h"
#include "common/artifact/cache_prune.h"
#include "common/artifact/manifest.h"

/* Prune the cache to `keep`; how many actions went. */
static size_t prune(const char *keep_text)
{
    CacheSurvey survey;
    CachePlan plan;
    CacheKeep keep;
    Failure failure = { 0 };
    Arena arena = entries_arena;
    int64_t now = time(NULL);
    ck_assert(cache_keep_parse(&keep, keep_text, &failure));
    ck_assert(cache_survey(&survey, entries_cache, now, &arena, &failure));
    ck_assert(cache_plan(&plan, &survey, keep, now, &arena, &failure));
    cache_prune(&survey, &plan, now);
    return plan.actions;
}

static uint64_t held(void)
{
    CacheSurvey survey;
    Failure failure = { 0 };
    Arena arena = entries_arena;
    ck_assert(cache_survey(&survey, entries_cache, time(NULL), &arena, &failure));
    return survey.bytes;
}

static size_t held_references(void)
{
    CacheSurvey survey;
    Failure failure = { 0 };
    Arena arena = entries_arena;
    size_t count = 0;
    ck_assert(cache_survey(&survey, entries_cache, time(NULL), &arena, &failure));
    for (size_t i = 0; i < survey.content_count; i++)
        count += survey.contents[i].references;
    return count;
}

/* Pin the key of one word, as a recipe of this name does. */
static void pin(const char *recipe, const char *word)
{
    const char *path = entries_path("pinned");
    entries_make("pinned", word, "any");
    cache_pin(entries_cache, recipe, entries_folder, &path, 1, entries_arena);
}

START_TEST(a_size_and_an_age_are_told_apart)
{
    static const struct {
        const char *text;
        CacheKeep keep;
    } cases[] = { { "0", { false, 0 } },
                  { "512", { false, 512 } },
                  { "3K", { false, 3072 } },
                  { "20G", { false, 21474836480 } },
                  { "2T", { false, 2199023255552 } },
                  { "30d", { true, 2592000 } },
                  { "12h", { true, 43200 } } };
    static const char *const wrong[] = {
        "", "G", "10GB", "-1", "1.5G", "10m", " 1", "9999999999999999", "999999999999999T"
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CacheKeep keep;
        Failure failure = { 0 };
        ck_assert(cache_keep_parse(&keep, cases[i].text, &failure));
        ck_assert_int_eq(keep.by_age, cases[i].keep.by_age);
        ck_assert_uint_eq(keep.amount, cases[i].keep.amount);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CacheKeep keep;
        Failure failure = { 0 };
        ck_assert_msg(!cache_keep_parse(&keep, wrong[i], &failure), "%s", wrong[i]);
        ck_assert_int_eq(failure.code, EX_USAGE);
    }
}
END_TEST

START_TEST(bytes_are_told_in_units_of_1024)
{
    ck_assert_str_eq(CACHE_SIZE_TEXT(0), "0B");
    ck_assert_str_eq(CACHE_SIZE_TEXT(1023), "1023B");
    ck_assert_str_eq(CACHE_SIZE_TEXT(1536), "1.5K");
    ck_assert_str_eq(CACHE_SIZE_TEXT((uint64_t)20 << 30), "20G");
    ck_assert_str_eq(CACHE_SIZE_TEXT(((uint64_t)1 << 30) - 1), "1.0G");
    ck_assert_str_eq(CACHE_SIZE_TEXT(UINT64_MAX), "16E");
}
END_TEST

START_TEST(what_was_not_used_for_longest_goes_first)
{
    entries_begin();
    entries_enter("a", "a", "the first");
    entries_enter("b", "b", "the second");
    entries_enter("c", "c", "the third");
    entries_age(entries_action("a"), 3);
    entries_age(entries_action("b"), 5);
    entries_age(entries_action("c"), 4);
    char keep[32];
    snprintf(keep, sizeof keep, "%u", (unsigned)held() - 1);
    ck_assert_uint_eq(prune(keep), 1);
    ck_assert(!entries_has(entries_action("b")) && !entries_has(entries_content("the second")));
    ck_assert(entries_restore("x", "c")); // used now
    snprintf(keep, sizeof keep, "%u", (unsigned)held() - 1);
    ck_assert_uint_eq(prune(keep), 1);
    ck_assert(!entries_has(entries_action("a")) && entries_has(entries_action("c")));
    entries_end();
}
END_TEST

START_TEST(what_a_recipe_stands_for_goes_last)
{
    entries_begin();
    entries_enter("a", "a", "the first");
    entries_enter("b", "b", "the second");
    entries_age(entries_action("a"), 300);
    pin("recipe", "a");
    char keep[32];
    snprintf(keep, sizeof keep, "%u", (unsigned)held() - 1);
    ck_assert_uint_eq(prune(keep), 1);
    ck_assert(entries_has(entries_action("a")) && !entries_has(entries_action("b")));
    ck_assert_uint_eq(prune("30d"), 0); // a pinned entry doesn't age
    ck_assert_uint_eq(prune("0"), 1);
    ck_assert(!entries_has(entries_action("a")));
    entries_end();
}
END_TEST

START_TEST(a_recipe_pins_what_its_last_make_stands_for)
{
    CachePins pins;
    Failure failure = { 0 };
    char hash[SHA256_HEX_BYTES];
    entries_begin();
    pin("one", "a");
    pin("two", "c");
    pin("one", "b");
    ck_assert(cache_pins_read(&pins, entries_cache, time(NULL), &entries_arena, &failure));
    ck_assert_uint_eq(pins.count, 2);
    Key key = entries_wanted("a").key;
    key_hash(&key, hash);
    ck_assert(!cache_pins_have(&pins, hash));
    key = entries_wanted("b").key;
    key_hash(&key, hash);
    ck_assert(cache_pins_have(&pins, hash));
    entries_end();
}
END_TEST

START_TEST(a_pin_that_no_make_renews_ends)
{
    CachePins pins;
    Failure failure = { 0 };
    int64_t month = 30 * 86400;
    entries_begin();
    pin("recipe", "a");
    ck_assert(
        cache_pins_read(&pins, entries_cache, time(NULL) + month - 9, &entries_arena, &failure));
    ck_assert_uint_eq(pins.count, 1);
    ck_assert(
        cache_pins_read(&pins, entries_cache, time(NULL) + month + 9, &entries_arena, &failure));
    ck_assert_uint_eq(pins.count, 0);
    ck_assert(cache_pins_read(&pins, entries_cache, time(NULL), &entries_arena, &failure));
    ck_assert_uint_eq(pins.count, 0); // it was removed
    entries_end();
}
END_TEST

START_TEST(bytes_go_with_the_last_key_that_has_them)
{
    entries_begin();
    entries_enter("a", "a", "the same");
    entries_enter("b", "b", "the same");
    entries_age(entries_action("a"), 5);
    ck_assert_uint_eq(prune("2d"), 1);
    ck_assert(entries_has(entries_content("the same")));
    ck_assert(entries_restore("again", "b"));
    ck_assert_uint_eq(prune("0"), 1);
    ck_assert(!entries_has(entries_content("the same")));
    entries_end();
}
END_TEST

/* A manifest of two files, entered as common/artifact/folder.c does. */
static void enter_manifest(const char *path)
{
    char text[2 * MANIFEST_LINE_BYTES], hash[SHA256_HEX_BYTES];
    size_t length = 0;
    for (unsigned i = 0; i < 2; i++) {
        const char *name = i ? "shard-1" : "shard-0";
        ManifestEntry entry = { .bytes = 7, .name = name };
        sha256_of(name, 7, entry.sha256);
        length += manifest_line(&entry, text + length);
        Failure failure = { 0 };
        ck_assert(file_write(entries_path(name), name, 7, &failure));
        sha256_of(name, 7, hash);
        cache_enter_file(entries_cache, hash, entries_path(name));
    }
    entries_enter(path, "set", text);
}

START_TEST(files_of_a_manifest_stay_and_go_with_it)
{
    entries_begin();
    char path[256] = "recipe/";
    memset(path + 7, 'n', 200); // a name as long as names are
    strcpy(path + 207, ".manifest");
    enter_manifest(path);
    ck_assert_uint_eq(prune("1d"), 0);
    ck_assert_uint_eq(held_references(), 3);
    ck_assert(entries_has(entries_content("shard-0")));
    ck_assert_uint_eq(prune("0"), 1);
    ck_assert(!entries_has(entries_content("shard-0")));
    ck_assert(!entries_has(entries_content("shard-1")));
    ck_assert_uint_eq(held(), 0);
    entries_end();
}
END_TEST

START_TEST(a_manifest_without_one_of_its_files_goes_once_it_is_settled)
{
    entries_begin();
    enter_manifest("recipe/set.manifest");
    ck_assert_int_eq(unlink(entries_content("shard-1")), 0);
    ck_assert_uint_eq(prune("30d"), 0); // its writer may be at work
    entries_age(entries_action("set"), 2);
    ck_assert_uint_eq(prune("30d"), 1);
    ck_assert(!entries_has(entries_content("shard-0")));
    entries_end();
}
END_TEST

START_TEST(provenance_that_is_not_as_a_stage_writes_it_refers_to_nothing)
{
    char text[512], hash[SHA256_HEX_BYTES];
    Failure failure = { 0 };
    entries_begin();
    entries_enter("a", "a", "bytes");
    ck_assert_uint_eq(held_references(), 1);
    sha256_of("bytes", 5, hash);
    int length =
        snprintf(text, sizeof text,
                 "{\"format\":2,\"podium\":\"1\",\"sha256\":\"%s\",\"size\":5,\"inputs\":[],"
                 "\"key\":{\"sha256\":\"no\"},\"kind\":\"text\",\"artifact\":\"a\"}",
                 hash);
    ck_assert(file_write(entries_action("a"), text, (size_t)length, &failure));
    ck_assert_uint_eq(held_references(), 0);
    entries_end();
}
END_TEST

START_TEST(bytes_that_nothing_refers_to_yet_stay)
{
    char hash[SHA256_HEX_BYTES];
    Failure failure = { 0 };
    entries_begin();
    ck_assert(file_write(entries_path("shard"), "shard", 5, &failure));
    sha256_of("shard", 5, hash);
    cache_enter_file(entries_cache, hash, entries_path("shard"));
    ck_assert_uint_eq(prune("0"), 0);
    ck_assert(entries_has(entries_content("shard")));
    entries_end();
}
END_TEST

START_TEST(files_that_are_not_a_caches_are_never_touched)
{
    static const char *const names[] = {
        "cache/thesis.txt",
        "cache/ab/notes",
        "cache/ab/ab.file",
        "cache/ab/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.file",
        "cache/01/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef.file",
        "cache/01/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.provenance",
        "cache/01/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.x/y.provenance",
    };
    Failure failure = { 0 };
    entries_begin();
    entries_enter("a", "a", "bytes");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert(file_write(entries_path(names[i]), "mine", 4, &failure));
    ck_assert_uint_eq(prune("0"), 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(entries_has(entries_path(names[i])), "%s", names[i]);
    entries_end();
}
END_TEST

START_TEST(what_is_used_after_the_survey_stays)
{
    CacheSurvey survey;
    CachePlan plan;
    Failure failure = { 0 };
    entries_begin();
    entries_enter("a", "a", "bytes");
    entries_age(entries_action("a"), 5);
    ck_assert(cache_survey(&survey, entries_cache, time(NULL), &entries_arena, &failure));
    ck_assert(cache_plan(&plan, &survey, (CacheKeep){ 0 }, time(NULL), &entries_arena, &failure));
    ck_assert_uint_eq(plan.actions, 1);
    ck_assert(entries_restore("again", "a"));
    cache_prune(&survey, &plan, time(NULL));
    ck_assert(entries_restore("again", "a"));
    entries_end();
}
END_TEST

START_TEST(what_a_build_has_too_frees_nothing)
{
    CacheSurvey survey;
    CachePlan plan;
    Failure failure = { 0 };
    struct stat status;
    entries_begin();
    entries_enter("a", "a", "some bytes");
    entries_enter("b", "b", "others");
    ck_assert_int_eq(unlink(entries_path("b")), 0);
    ck_assert(stat(entries_content("some bytes"), &status) == 0);
    bool linked = status.st_nlink > 1; // not where the file system has reflinks
    ck_assert(cache_survey(&survey, entries_cache, time(NULL), &entries_arena, &failure));
    ck_assert(cache_plan(&plan, &survey, (CacheKeep){ 0 }, time(NULL), &entries_arena, &failure));
    ck_assert_uint_eq(plan.bytes - plan.freed, linked ? 10 : 0);
    ck_assert_uint_eq(plan.bytes, survey.bytes);
    entries_end();
}
END_TEST

START_TEST(a_limit_prunes_to_a_tenth_less_and_only_when_it_is_passed)
{
    char name[16], text[1100];
    CachePlan pruned;
    Failure failure = { 0 };
    entries_begin();
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "%04u", i);
        memcpy(text, name, 4);
        entries_enter(name, name, text);
        entries_age(entries_action(name), 100 - i);
    }
    uint64_t all = held();
    ck_assert(cache_limit(entries_cache, 0, &pruned, time(NULL), &entries_arena, &failure));
    ck_assert(cache_limit(entries_cache, all, &pruned, time(NULL), &entries_arena, &failure));
    ck_assert_uint_eq(held(), all);
    ck_assert(cache_limit(entries_cache, all - 1, &pruned, time(NULL), &entries_arena, &failure));
    ck_assert_uint_le(held(), all - all / 10);
    ck_assert_uint_ge(held(), all - all / 5);
    ck_assert(!entries_has(entries_action("0000")) && entries_has(entries_action("0019")));
    entries_end();
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "cache_prune", a_size_and_an_age_are_told_apart, bytes_are_told_in_units_of_1024,
        what_was_not_used_for_longest_goes_first, what_a_recipe_stands_for_goes_last,
        a_recipe_pins_what_its_last_make_stands_for, a_pin_that_no_make_renews_ends,
        bytes_go_with_the_last_key_that_has_them, files_of_a_manifest_stay_and_go_with_it,
        a_manifest_without_one_of_its_files_goes_once_it_is_settled,
        provenance_that_is_not_as_a_stage_writes_it_refers_to_nothing,
        bytes_that_nothing_refers_to_yet_stay, files_that_are_not_a_caches_are_never_touched,
        what_is_used_after_the_survey_stays, what_a_build_has_too_frees_nothing,
        a_limit_prunes_to_a_tenth_less_and_only_when_it_is_passed);
}
