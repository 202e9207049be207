#include "common/rank/class_fusion.h"
#include "common/rank/list_check.h"
#include "common/rank/segment_name.h"

#include <stdio.h>

#define MOST_SHARE_BITS 16            // only names of one hash could ask for more
#define CHUNK_BYTES ((size_t)1 << 14) // of a row that is being written
#define CHECK_BYTES ((size_t)1 << 26) // of address space, for a table of a list
#define LONGEST_NAME (SEGMENT_MOST_ID_BYTES + 12)

bool class_fusion_open(ClassFusion *work, const RankFusion *fusion, size_t part, Arena *arena,
                       Failure *failure)
{
    *work = (ClassFusion){ .fusion = fusion };
    if (!arena_array(arena, work->readers, fusion->count, failure)
        || !arena_array(arena, work->rows, fusion->count, failure))
        return false;
    while (work->opened < fusion->count) {
        size_t file = work->opened++;
        if (!csv_open(&work->readers[file], fusion->files[file].path, SUBMISSION_2019_HEADER,
                      failure))
            return false;
    }
    return segment_scores_open(&work->scores, fusion->count, part, failure)
        && segment_ranking_open(&work->ranking, fusion->top, failure);
}

void class_fusion_close(ClassFusion *work)
{
    segment_ranking_close(&work->ranking);
    segment_scores_close(&work->scores);
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
    for (size_t i = 0; i < scores->count; i++) {
        uint64_t word, id = scores->entries[i].id;
        if (!known && segment_word_is_name(id))
            continue;
        TextEntry text = segment_scores_text(scores, id, &word);
        if (segment_fault(text.text, text.length, known))
            return false;
    }
    return true;
}

static Outcome fuse_share(ClassFusion *work, uint64_t share, Failure *failure)
{
    segment_scores_begin(&work->scores, work->share_bits, share);
    for (size_t file = 0; file < work->fusion->count; file++) {
        Outcome outcome = add_list(work, file, failure);
        if (outcome != DONE)
            return outcome;
    }
    if (!segment_scores_sum(&work->scores) || !check_names(&work->scores, work->fusion->known))
        return FAULTY;
    return segment_ranking_add(&work->ranking, &work->scores, failure) ? DONE : NO_ROOM;
}

static Outcome fuse_shares(ClassFusion *work, Failure *failure)
{
    Outcome outcome = DONE;
    segment_ranking_begin(&work->ranking);
    for (uint64_t share = 0; outcome == DONE && share >> work->share_bits == 0; share++)
        outcome = fuse_share(work, share, failure);
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

bool class_fusion_run(ClassFusion *work, size_t class, Failure *failure)
{
    if (!read_rows(work, class, failure))
        return false;
    Outcome outcome = fuse_shares(work, failure);
    while (outcome == NO_ROOM && failure->code == EX_OK && work->share_bits < MOST_SHARE_BITS) {
        work->share_bits++; // and so for the classes that follow
        outcome = fuse_shares(work, failure);
    }
    if (outcome == NO_ROOM)
        return fail(failure, EX_DATAERR, "%s:%zu: too many ids are too much alike; rename them",
                    work->readers[0].path, work->readers[0].line);
    return outcome == DONE ? segment_ranking_finish(&work->ranking, &work->scores, failure)
                           : refuse(work, failure);
}

/* Write an id's text; its length. There is room for LONGEST_NAME bytes, and so for a word. */
static inline size_t put_text(char *to, const SegmentScores *scores, uint64_t id)
{
    uint64_t word;
    TextEntry text = segment_scores_text(scores, id, &word);
    if (text.length <= sizeof word)
        memcpy(to, text.text, sizeof word);
    else
        memcpy(to, text.text, text.length);
    return text.length;
}

bool class_fusion_write(const ClassFusion *work, size_t class, AtomicFile *file, Failure *failure)
{
    char chunk[CHUNK_BYTES];
    const SegmentRanking *ranking = &work->ranking;
    uint32_t number = work->fusion->files[0].classes[class].class;
    size_t size = (size_t)snprintf(chunk, sizeof chunk, "%u,", number);
    for (size_t rank = 0; rank < ranking->count; rank++) {
        segment_ranking_prefetch(ranking, rank);
        if (rank > 0)
            chunk[size++] = ' ';
        size += put_text(chunk + size, &work->scores, segment_ranking_id(ranking, rank));
        if (size + LONGEST_NAME + 1 > CHUNK_BYTES) {
            if (!atomic_file_write(file, chunk, size, failure))
                return false;
            size = 0;
        }
    }
    chunk[size++] = '\n';
    return atomic_file_write(file, chunk, size, failure);
}
