#include "common/rank/class_fusion.h"
#include "common/rank/list_check.h"
#include "common/rank/segment_code.h"
#include "common/rank/segment_name.h"

#include <stdio.h>

#define MOST_SHARE_BITS 16  // only names of one hash could ask for more
#define SAMPLE_BITS 4       // from 1 part of 2^bits it is foreseen where the best segments end
#define TEXTS ((size_t)256) // segments that are rendered at a time
#define TEXT_BYTES ((size_t)1 << 20)  // a row of the contest's
#define CHECK_BYTES ((size_t)1 << 26) // of address space, for a table of a list
#define LONGEST_NAME ((size_t)SEGMENT_MOST_ID_BYTES + 12)

bool class_fusion_open(ClassFusion *work, const RankFusion *fusion, size_t part, Arena *arena,
                       Failure *failure)
{
    *work = (ClassFusion){ .fusion = fusion };
    if (!arena_array(arena, work->readers, fusion->count, failure)
        || !arena_array(arena, work->rows, fusion->count, failure))
        return false;
    while (fusion->files && work->opened < fusion->count) {
        size_t file = work->opened++;
        if (!csv_open(&work->readers[file], fusion->files[file].path, SUBMISSION_2019_HEADER,
                      failure))
            return false;
    }
    work->text = malloc(TEXT_BYTES);
    return (work->text || fail(failure, EX_OSERR, "out of memory for a row"))
        && segment_scores_open(&work->scores, fusion->count, part, failure)
        && segment_ranking_open(&work->ranking, fusion->top, failure);
}

void class_fusion_close(ClassFusion *work)
{
    segment_ranking_close(&work->ranking);
    segment_scores_close(&work->scores);
    free(work->text);
    while (work->opened > 0)
        csv_close(&work->readers[--work->opened]);
}

static bool read_rows(ClassFusion *work, size_t class, Failure *failure)
{
    for (size_t file = 0; file < work->fusion->count; file++) {
        const ClassPlace *place = &work->fusion->files[file].classes[class];
        ClassRow *row = &work->rows[file];
        if (!class_row_at(row, &work->readers[file], place->place, failure))
            return false;
        if (row->class != place->class)
            return fail(failure, EX_TEMPFAIL, "%s: changed while it was read; run again",
                        work->readers[file].path);
    }
    return true;
}

/* How fusing a class, or a share of it, ends. */
typedef enum Outcome {
    DONE,
    FAULTY,  // something is wrong with a list
    NO_ROOM, // more names than fit, or than memory has (then failure is filled)
} Outcome;

static Outcome add_list(ClassFusion *work, size_t file, Failure *failure)
{
    size_t listed;
    if (!segment_scores_add(&work->scores, &work->rows[file], rank_points(work->fusion, file),
                            LIST_MOST_SEGMENTS, &listed, failure))
        return NO_ROOM;
    return listed <= LIST_MOST_SEGMENTS ? DONE : FAULTY;
}

/* Whether all names that were summed are segments, and known. */
static bool check_names(const SegmentScores *scores, const KnownVideos *known)
{
    if (!known && scores->texts.count == 0)
        return true;
    for (size_t i = 1; i <= scores->count; i++) {
        uint64_t word;
        TextEntry text = segment_scores_text(scores, scores->ids[i], &word);
        if (segment_fault(text.text, text.length, known))
            return false;
    }
    return true;
}

/* Sum, check and rank the names of a part. */
static Outcome fuse_part(ClassFusion *work, size_t part, Failure *failure)
{
    SegmentScores *scores = &work->scores;
    if (!segment_scores_sum(scores, part) || !check_names(scores, work->fusion->known))
        return FAULTY;
    return segment_ranking_add(&work->ranking, scores->ids + 1, scores->sums + 1, scores->count,
                               failure)
        ? DONE
        : NO_ROOM;
}

static Outcome fuse_share(ClassFusion *work, uint64_t share, Failure *failure)
{
    Outcome outcome = DONE;
    segment_scores_begin(&work->scores, work->share_bits, share);
    for (size_t file = 0; outcome == DONE && file < work->fusion->count; file++)
        outcome = add_list(work, file, failure);
    for (size_t part = 0; outcome == DONE && part < SEGMENT_PARTS; part++) {
        if (share == 0 && part == SEGMENT_PARTS >> SAMPLE_BITS)
            segment_ranking_foresee(&work->ranking, ldexp(1, -SAMPLE_BITS - (int)work->share_bits));
        outcome = fuse_part(work, part, failure);
    }
    return outcome;
}

static Outcome fuse_shares(ClassFusion *work, Failure *failure)
{
    Outcome outcome = DONE;
    segment_ranking_begin(&work->ranking);
    do {
        for (uint64_t share = 0; outcome == DONE && share >> work->share_bits == 0; share++)
            outcome = fuse_share(work, share, failure);
    } while (outcome == DONE && segment_ranking_again(&work->ranking));
    return outcome;
}

/* Find what is wrong. */
static bool refuse(const ClassFusion *work, Failure *failure)
{
    Arena scratch = { 0 };
    bool ok = arena_open(&scratch, CHECK_BYTES, failure);
    for (size_t file = 0; ok && file < work->fusion->count; file++)
        ok = list_check(&work->rows[file], &work->readers[file], work->fusion->known, scratch,
                        failure);
    arena_close(&scratch);
    return fail(failure, EX_TEMPFAIL, "%s: changed while it was read; run again",
                work->readers[0].path); // what was found stays
}

/* Fuse work->rows, in as many shares as they need. */
static Outcome fuse_rows(ClassFusion *work, Failure *failure)
{
    Outcome outcome = fuse_shares(work, failure);
    while (outcome == NO_ROOM && failure->code == EX_OK && work->share_bits < MOST_SHARE_BITS) {
        work->share_bits++; // and so for the classes that follow
        outcome = fuse_shares(work, failure);
    }
    if (outcome == DONE && !segment_ranking_finish(&work->ranking, &work->scores, failure))
        outcome = NO_ROOM;
    return outcome;
}

bool class_fusion_run_rows(ClassFusion *work, Failure *failure)
{
    return fuse_rows(work, failure) == DONE || fail(failure, EX_DATAERR, "a fault");
}

bool class_fusion_run(ClassFusion *work, size_t class, Failure *failure)
{
    if (!read_rows(work, class, failure))
        return false;
    Outcome outcome = fuse_rows(work, failure);
    if (outcome == NO_ROOM)
        return fail(failure, EX_DATAERR, "%s:%zu: too many ids are too much alike; rename them",
                    work->readers[0].path, work->readers[0].line);
    return outcome == DONE || refuse(work, failure);
}

/* Texts of some of the ranking's ids, a blank behind each; how many bytes. There is room for the longest. */
static size_t put_texts(char *to, const ClassFusion *work, size_t first, size_t count)
{
    uint64_t ids[TEXTS], bytes[TEXTS], lengths[TEXTS];
    char *at = to;
    for (size_t i = 0; i < count; i++) { // vector instructions; a text's number gives anything
        ids[i] = segment_ranking_id(&work->ranking, first + i);
        bytes[i] = segment_code_bytes(ids[i], &lengths[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (__builtin_expect(ids[i] > SEGMENT_CODE_MASK, 0)) {
            TextEntry text = segment_scores_text(&work->scores, ids[i], &bytes[i]);
            memcpy(at, text.text, text.length);
            lengths[i] = text.length;
        } else
            memcpy(at, &bytes[i], sizeof bytes[i]);
        at += lengths[i];
        *at++ = ' ';
    }
    return (size_t)(at - to);
}

/* Put segments from work->rendered on behind what is in the text, as far as there is room. */
static void render_more(ClassFusion *work)
{
    const SegmentRanking *ranking = &work->ranking;
    while (work->rendered < ranking->count
           && TEXT_BYTES - work->text_size >= TEXTS * (LONGEST_NAME + 1)) {
        size_t left = ranking->count - work->rendered, count = left < TEXTS ? left : TEXTS;
        work->text_size += put_texts(work->text + work->text_size, work, work->rendered, count);
        work->rendered += count;
    }
    work->whole = work->rendered == ranking->count;
    if (work->whole) {
        work->text_size -= ranking->count > 0; // the last blank
        work->text[work->text_size++] = '\n';
    }
}

void class_fusion_render(ClassFusion *work)
{
    work->rendered = 0;
    work->text_size = (size_t)snprintf(work->text, TEXT_BYTES, "%u,", work->rows[0].class);
    render_more(work);
}

bool class_fusion_write(ClassFusion *work, AtomicFile *file, Failure *failure)
{
    while (atomic_file_write(file, work->text, work->text_size, failure)) {
        if (work->whole)
            return true;
        work->text_size = 0;
        render_more(work);
    }
    return false;
}
