/* split: a deterministic part of an index, by shard, video or segment. */
#include "common/artifact/artifact.h"
#include "common/data/subset.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    { "index", OPTION_TEXT, NULL, "what to split", OPTION_INPUT, .required = true },
    { "by", OPTION_CHOICE, "video", "what stays whole", .choices = SUBSET_UNIT_WORDS },
    { "parts", OPTION_TEXT, NULL, "shares of the parts, such as 26,6 or 0.8,0.2",
      .required = true },
    { "part", OPTION_SIZE, "0", "which of them, from 0", .maximum = SUBSET_MOST_PARTS - 1 },
    { "seed", OPTION_SIZE, NULL, "of the draw; by shard without it: in the order of their names" },
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

static bool refuse_empty(const Subset *subset, Failure *failure)
{
    return subset->record_count > 0
        || fail(failure, EX_DATAERR, "the part has no records; give it a larger share of --parts");
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
