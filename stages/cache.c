/*
 * cache: what is in a cache of artifacts, and less of it.
 */
#include "common/artifact/cache_log.h"
#include "common/artifact/cache_pin.h"
#include "common/artifact/cache_print.h"
#include "common/artifact/stage.h"
#include "common/base/parallel.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAITING_THREADS 16 // answers of a network that are waited for at once

static const Option options[] = {
    { "size", OPTION_TEXT, "0", "what the cache may hold: 20G; 0: any" },
    { "keep", OPTION_TEXT, NULL,
      "say what would go, for this much to stay (10G), or what was used in this time (30d)" },
    { "remove", OPTION_FLAG, "0", "with --keep: remove it" },
    { "list", OPTION_FLAG, "0", "with --keep: name each entry" },
    { "after-make", OPTION_FLAG, "0", "keep the cache below --size; pin what ARTIFACTs stand for" },
    { "recipe", OPTION_TEXT, NULL,
      "with --after-make: whose ARTIFACTs these are; none: as before" },
    { "made-in", OPTION_TEXT, ".",
      "with --after-make: the folder that tells this recipe from those "
      "of the same name elsewhere" },
    { "journal", OPTION_TEXT, NULL, "with --after-make: what steps did, a line each" },
    { 0 },
};

static const Manual manual = { "cache", "Say what a cache of artifacts holds; prune it.",
                               "FOLDER [ARTIFACT]...", options, .prints = true };

/* Note what the make did: "made NAME" or "restored NAME", a line for each. */
static void note_make(const char *folder, const char *journal)
{
    char line[512];
    uint64_t made = 0, restored = 0;
    FILE *file = journal ? fopen(journal, "re") : NULL;
    while (file && fgets(line, sizeof line, file)) {
        made += strncmp(line, "made ", 5) == 0;
        restored += strncmp(line, "restored ", 9) == 0;
    }
    if (file)
        fclose(file);
    if (made + restored)
        cache_log_make(folder, made, restored);
}

/* A make that ended well: nothing that goes wrong here is worth failing it. */
static bool after_make(const Stage *stage, const char *folder, uint64_t most_bytes, int64_t now,
                       Arena arena, Failure *failure)
{
    CachePlan pruned;
    const OptionValues *values = &stage->values;
    const char *recipe = option_text(values, "recipe");
    if (access(folder, F_OK) != 0)
        return true;
    note_make(folder, option_text(values, "journal"));
    if (recipe)
        cache_pin(folder, recipe, option_text(values, "made-in"), values->arguments + 1,
                  values->argument_count - 1, arena);
    if (!cache_limit(folder, most_bytes, &pruned, now, &arena, failure))
        return false;
    if (pruned.actions)
        fprintf(stderr, "cache: held more than %s; %zu entries are gone, %s\n",
                CACHE_SIZE_TEXT(most_bytes), pruned.actions, CACHE_SIZE_TEXT(pruned.bytes));
    return true;
}

static bool prune(const Stage *stage, const CacheSurvey *survey, CacheKeep keep, int64_t now,
                  Arena arena, Failure *failure)
{
    CachePlan plan;
    if (!cache_plan(&plan, survey, keep, now, &arena, failure)
        || !cache_print_plan(stdout, survey, &plan, now, option_flag(&stage->values, "list"), arena,
                             failure))
        return false;
    if (option_flag(&stage->values, "remove"))
        cache_prune(survey, &plan, now);
    return true;
}

static bool look(const Stage *stage, const char *folder, uint64_t most_bytes, int64_t now,
                 Arena arena, Failure *failure)
{
    CacheSurvey survey;
    CacheKeep keep;
    const char *kept = option_text(&stage->values, "keep");
    if ((kept && !cache_keep_parse(&keep, kept, failure))
        || !cache_survey(&survey, folder, now, &arena, failure))
        return false;
    cache_log_looked(folder, survey.bytes);
    return kept ? prune(stage, &survey, keep, now, arena, failure)
                : cache_print_status(stdout, &survey, most_bytes, now, arena, failure);
}

static bool cache(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    CacheKeep size = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure);
    const OptionValues *values = &stage.values;
    if (ok && values->argument_count == 0)
        ok = fail(failure, EX_USAGE, "no folder; say which: cache FOLDER");
    ok = ok && cache_keep_parse(&size, option_text(values, "size"), failure);
    if (ok && size.by_age)
        ok = fail(failure, EX_USAGE, "--size %s: must be a size", option_text(values, "size"));
    parallel_threads(WAITING_THREADS);
    if (ok)
        ok = (option_flag(values, "after-make") ? after_make : look)(
            &stage, values->arguments[0], size.amount, time(NULL), stage.arena, failure);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return cache(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
