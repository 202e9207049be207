/*
 * Vocabulary: the dataset's classes, from its CSV tables (RFC 4180, UTF-8).
 *
 *   vocabulary.csv          Index,TrainVideoCount,KnowledgeGraphId,Name,WikiUrl,Vertical1,...
 *   segment vocabulary      Index,KnowledgeGraphId,Name,PositiveSegmentCount,TotalSegmentCount
 *   segment_label_ids.csv   Index, then one class a line
 *
 * Columns are found by the names in the header line; any order, others are skipped.
 * Source: spec/data-and-metrics 5.2 to 5.4.
 */
#ifndef PODIUM_DATA_VOCABULARY_H
#define PODIUM_DATA_VOCABULARY_H

#include "common/base/arena.h"

#include <stdint.h>

#define VOCABULARY_MOST_CLASSES ((uint32_t)1 << 20) // larger indices are taken for damage

typedef struct VocabularyClass {
    uint32_t index;
    uint64_t train_videos; // 0 where the table has no such column
    uint64_t positive_segments, segments;
    const char *name; // "" where the table has none
    const char *knowledge_graph_id;
    const char *verticals[3]; // "" where it has fewer
} VocabularyClass;

typedef struct Vocabulary {
    VocabularyClass *classes; // sorted by index
    size_t count;
} Vocabulary;

/*
 * Read a vocabulary.
 *
 *   failure  EX_NOINPUT. EX_DATAERR, with the line: no column Index, an Index that is no number or
 *            occurs twice, a row with more or fewer fields than the header, a quote that isn't
 * closed
 */
bool vocabulary_read(Vocabulary *vocabulary, const char *path, Arena *arena, Failure *failure);

/* The class of that index, or NULL. */
const VocabularyClass *vocabulary_class(const Vocabulary *vocabulary, uint32_t index);

/*
 * Read a list of classes. Lines that aren't whole numbers are skipped, as the contest's reader
 * does.
 *
 *   classes  sorted, without repeats
 *   failure  EX_NOINPUT. EX_DATAERR: no class at all, or one beyond VOCABULARY_MOST_CLASSES
 */
bool segment_classes_read(uint32_t **classes, size_t *count, const char *path, Arena *arena,
                          Failure *failure);

#endif
