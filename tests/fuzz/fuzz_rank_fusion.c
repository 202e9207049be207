/*
 * Rank fusion: a submission and itself, fused with other weights, give its own lists.
 */
#include "harness.h"
#include "memory_file.h"

#include "common/rank/class_fusion.h"
#include "common/rank/rows_in_step.h"

#include <string.h>

#define AGAIN "input-again"

/* A list's segments are the ranking's. */
static void compare(const ClassFusion *work)
{
    TextKey keys[64];
    ClassRow row = work->rows[0];
    size_t rank = 0;
    for (size_t count; (count = segments_next(&row, keys, 64)) > 0;)
        for (size_t i = 0; i < count; i++, rank++) {
            uint64_t word;
            CHECK(rank < work->ranking.count);
            TextEntry text =
                segment_scores_text(&work->scores, segment_ranking_id(&work->ranking, rank), &word);
            CHECK(text.length == keys[i].length
                  && memcmp(text.text, keys[i].text, text.length) == 0);
        }
    CHECK(rank == work->ranking.count);
}

static void fuse(const RankFusion *fusion, Arena *arena)
{
    ClassFusion work;
    Failure failure = { 0 };
    bool ok = class_fusion_open(&work, fusion, 64, arena, &failure);
    for (size_t class = 0; ok && class < fusion->files[0].count; class ++) {
        ok = class_fusion_run(&work, class, &failure);
        if (ok)
            compare(&work);
    }
    check_outcome(ok, &failure);
    class_fusion_close(&work);
}

/* How many classes files have that are in step; 0: they aren't. */
static size_t classes_in_step(const char *const *paths, Arena scratch)
{
    RowsInStep rows;
    ClassRow next[2];
    Failure failure = { 0 };
    size_t classes = 0;
    CHECK(rows_in_step_open(&rows, paths, 2, &scratch, &failure));
    while (rows_in_step_next(&rows, next)) {
        CHECK(next[0].end - next[0].at == next[1].end - next[1].at);
        classes++;
    }
    classes = rows_in_step_done(&rows) ? classes : 0;
    rows_in_step_close(&rows);
    return classes;
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    static const char *const paths[] = { INPUT, AGAIN };
    static const double weights[] = { 0.3, 2 };
    RankFusion fusion = { .weights = weights, .count = 2, .top = 100000, .w0 = 6.058 };
    Failure failure = { 0 };
    memory_file(AGAIN, bytes, size);
    bool ok = rank_fusion_open(&fusion, paths, arena, &failure);
    check_outcome(ok, &failure);
    size_t in_step = classes_in_step(paths, *arena);
    CHECK(in_step == 0 || (ok && in_step == fusion.files[0].count));
    if (ok)
        fuse(&fusion, arena);
    rank_fusion_close(&fusion);
}

const Harness harness = { "rank_fusion", try, NULL, 64, 1 << 24 };
