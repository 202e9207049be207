/*
 * The dataset's tables of classes.
 */
#include "harness.h"

#include "common/data/vocabulary.h"

#include <string.h>

static void read_vocabulary(Arena arena)
{
    Failure failure = { 0 };
    Vocabulary vocabulary;
    bool ok = vocabulary_read(&vocabulary, INPUT, &arena, &failure);
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < vocabulary.count; i++) {
        const VocabularyClass *class = &vocabulary.classes[i];
        CHECK(class->index < VOCABULARY_MOST_CLASSES);
        CHECK(vocabulary_class(&vocabulary, class->index) == class);
        touch(class->name, strlen(class->name) + 1);
    }
}

static void read_classes(Arena arena)
{
    Failure failure = { 0 };
    uint32_t *classes;
    size_t count;
    bool ok = segment_classes_read(&classes, &count, INPUT, &arena, &failure);
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < count; i++)
        CHECK(classes[i] < VOCABULARY_MOST_CLASSES && (!i || classes[i - 1] < classes[i]));
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    (void)bytes;
    (void)size;
    read_vocabulary(*arena);
    read_classes(*arena);
}

const Harness harness = { "vocabulary", try, NULL, 256, 1 << 20 };
