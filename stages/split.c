/* split: a deterministic part of an index, by shard, video or segment. */
#include "common/artifact/artifact.h"
#include "common/data/video_set.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    { "index", OPTION_TEXT, NULL, "what to split", OPTION_INPUT, .required = true },
    { "by", OPTION_CHOICE, "video", "what stays whole", .choices = SUBSET_UNIT_WORDS },
    { "parts", OPTION_TEXT, "1", "shares of the parts, such as 26,6 or 0.8,0.2" },
    { "part", OPTION_SIZE, "0", "which of them, from 0", .maximum = SUBSET_MOST_PARTS - 1 },
    { "seed", OPTION_SIZE, NULL, "of the draw; by shard without it: in the order of their names" },
    { "with-index", OPTION_TEXT, NULL,
      "keep only videos that this index has too, by id (repeatable: all of them)", OPTION_INPUT },
    { "with-split", OPTION_TEXT, NULL, "...or this part of it (repeatable)", OPTION_INPUT },
    { "without-index", OPTION_TEXT, NULL, "leave out the videos of this index, by id (repeatable)",
      OPTION_INPUT },
    { "without-split", OPTION_TEXT, NULL, "...or of this part of it (repeatable)", OPTION_INPUT },
    { "prove-disjoint", OPTION_TEXT, NULL, "another subset that must share nothing (repeatable)",
      OPTION_INPUT },
    { 0 },
};
static const Manual manual = { "split", "Draw a part of an index.", NULL, options };

static bool choose(SubsetChoice *choice, const OptionValues *values, Failure *failure)
{
    choice->by = subset_unit_of_word(option_text(values, "by"));
    choice->part = option_size(values, "part");
    choice->seeded = option_entry(values, "seed")->count > 0;
    choice->seed = choice->seeded ? option_size(values, "seed") : 0;
    return subset_parts_parse(choice, option_text(values, "parts"), failure);
}

static bool prove_disjoint(const Subset *subset, const ShardIndex *index, Stage *stage,
                           Failure *failure)
{
    const OptionValue *others = option_entry(&stage->values, "prove-disjoint");
    for (size_t i = 0; i < others->count; i++) {
        Subset other;
        Arena scratch = stage->arena;
        if (!subset_open(&other, others->values[i], index, &scratch, failure))
            return false;
        bool ok = subset_check_disjoint(subset, &other, index, failure);
        subset_close(&other);
        if (!ok)
            return false;
    }
    return true;
}

/* Which records stay: those whose videos another set has, or has not. */
typedef struct Wanted {
    const VideoTable *table;
    bool wanted;
} Wanted;

static bool is_wanted(const void *context, const ShardIndex *index, uint64_t record)
{
    const Wanted *wanted = context;
    return video_table_has(wanted->table, record_id(index, record), record_id_length(index, record))
        == wanted->wanted;
}

static bool keep_these(Subset *subset, const ShardIndex *index, const Videos *others, bool wanted,
                       Arena *arena, Failure *failure)
{
    VideoTable table;
    Arena scratch = { 0 };
    bool ok = arena_open(&scratch, ARENA_LARGE, failure)
        && video_table_make(&table, others, &scratch, failure)
        && subset_filter(subset, index, is_wanted, &(Wanted){ &table, wanted }, arena, failure);
    arena_close(&scratch);
    return ok;
}

/* The first part not yet taken that was drawn from an index, or NULL. */
static const char *part_of(const OptionValue *parts, bool *taken, const char *index, Arena scratch)
{
    for (size_t i = 0; i < parts->count; i++) {
        Videos videos;
        Failure none = { 0 };
        if (taken[i] || !videos_open(&videos, index, parts->values[i], &scratch, &none))
            continue;
        videos_close(&videos);
        taken[i] = true;
        return parts->values[i];
    }
    return NULL;
}

/* What --with-index and --with-split say, or those of "without": sets of videos. */
static bool keep_videos(Subset *subset, const ShardIndex *index, Stage *stage, const char *word,
                        bool wanted, Failure *failure)
{
    char name[32];
    bool *taken;
    Arena *arena = &stage->arena;
    snprintf(name, sizeof name, "%s-index", word);
    const OptionValue *indexes = option_entry(&stage->values, name);
    snprintf(name, sizeof name, "%s-split", word);
    const OptionValue *parts = option_entry(&stage->values, name);
    if (!arena_array(arena, taken, parts->count, failure))
        return false;
    for (size_t i = 0; i < indexes->count; i++) {
        Videos others;
        const char *part = part_of(parts, taken, indexes->values[i], *arena);
        if (!videos_open(&others, indexes->values[i], part, arena, failure))
            return false;
        bool ok = keep_these(subset, index, &others, wanted, arena, failure);
        videos_close(&others);
        if (!ok)
            return false;
    }
    for (size_t i = 0; i < parts->count; i++)
        if (!taken[i])
            return fail(failure, EX_USAGE, "--%s %s: a part of none of the indexes of --%s-index",
                        name, parts->values[i], word);
    return true;
}

static bool refuse_empty(const Subset *subset, Failure *failure)
{
    return subset->record_count > 0
        || fail(failure, EX_DATAERR,
                "the part has no records; give it a larger share of --parts, or other videos");
}

static bool split(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    ShardIndex index = { 0 };
    Subset subset = { 0 };
    SubsetChoice choice = { 0 };
    Artifact output = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && choose(&choice, &stage.values, failure)
        && artifact_create(&output, &stage, "subset", failure)
        && shard_index_open(&index, option_text(&stage.values, "index"), &stage.arena, failure)
        && subset_draw(&subset, &index, &choice, &stage.arena, failure)
        && keep_videos(&subset, &index, &stage, "with", true, failure)
        && keep_videos(&subset, &index, &stage, "without", false, failure)
        && refuse_empty(&subset, failure) && prove_disjoint(&subset, &index, &stage, failure)
        && subset_write(&subset, &index, &output.file, stage.arena, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    shard_index_close(&index);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return split(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
