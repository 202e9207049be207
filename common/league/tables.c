#include "common/league/tables.h"
#include "common/base/elementary.h"
#include "common/base/parallel.h"
#include "common/data/npy.h"
#include "common/league/names.h"

#include <inttypes.h>
#include <stdlib.h>

#define VIDEOS_A_PIECE 256

typedef struct Counting {
    const World *world;
    uint64_t *counts;
    Failure failure;
} Counting;

static bool count_piece(Counting *counting, size_t begin, size_t end, Failure *failure)
{
    Arena arena = { 0 };
    VideoPlan *plan;
    bool ok = arena_open(&arena, ARENA_LARGE, failure) && arena_array(&arena, plan, 1, failure);
    for (size_t i = begin; ok && i < end; i++) {
        ok = plan_video(plan, counting->world, PARTITION_TRAIN, i, arena, failure);
        for (size_t j = 0; ok && j < plan->label_count; j++) {
#pragma omp atomic
            counting->counts[plan->labels[j]]++;
        }
    }
    arena_close(&arena);
    return ok;
}

static void count_body(void *context, size_t begin, size_t end)
{
    Counting *counting = context;
    Failure failure = { 0 };
    if (!count_piece(counting, begin, end, &failure)) {
#pragma omp critical(league_counting)
        fail(&counting->failure, failure.code, "%s", failure.message);
    }
}

bool count_labels(uint64_t *counts, const World *world, Failure *failure)
{
    Counting counting = { .world = world, .counts = counts };
    parallel_for(world->parameters.train_videos, VIDEOS_A_PIECE, count_body, &counting);
    return counting.failure.code == EX_OK
        || fail(failure, counting.failure.code, "%s", counting.failure.message);
}

typedef struct Counted {
    uint64_t videos;
    uint32_t class;
} Counted;

static int by_videos(const void *a, const void *b)
{
    const Counted *x = a, *y = b;
    if (x->videos != y->videos)
        return x->videos > y->videos ? -1 : 1;
    return x->class < y->class ? -1 : 1;
}

static bool write_class(AtomicFile *file, const World *world, const Counted *row, Failure *failure)
{
    char name[LEAGUE_NAME_BYTES], id[LEAGUE_NAME_BYTES], parent[LEAGUE_NAME_BYTES];
    uint32_t above = world->parent_class[world->slot[row->class]];
    league_class_name(name, row->class);
    league_class_name(parent, above);
    league_knowledge_graph_id(id, row->class);
    return atomic_file_print(
        file, failure, "%" PRIu32 ",%" PRIu64 ",%s,%s,,%s,,,%s%s\n", row->class, row->videos, id,
        name, league_vertical_name(world_vertical_of(world, row->class)),
        above == row->class ? "A parent class of a synthetic league" : "A synthetic class under ",
        above == row->class ? "" : parent);
}

bool write_vocabulary(AtomicFile *file, const World *world, const uint64_t *counts, Arena scratch,
                      Failure *failure)
{
    Counted *rows;
    if (!arena_array(&scratch, rows, world->classes, failure))
        return false;
    for (size_t c = 0; c < world->classes; c++)
        rows[c] = (Counted){ counts[c], (uint32_t)c };
    qsort(rows, world->classes, sizeof *rows, by_videos);
    bool ok = atomic_file_print(file, failure,
                                "Index,TrainVideoCount,KnowledgeGraphId,Name,WikiUrl,Vertical1,"
                                "Vertical2,Vertical3,WikiDescription\n");
    for (size_t i = 0; ok && i < world->classes; i++)
        ok = write_class(file, world, &rows[i], failure);
    return ok;
}

bool write_segment_classes(AtomicFile *file, const World *world, Failure *failure)
{
    bool ok = atomic_file_print(file, failure, "Index\n");
    for (size_t i = 0; ok && i < world->parameters.segment_classes; i++)
        ok = atomic_file_print(file, failure, "%" PRIu32 "\n", world->segment_class[i]);
    return ok;
}

bool write_eigenvalues(AtomicFile *file, Failure *failure)
{
    float values[LEAGUE_EIGENVALUES];
    for (size_t i = 0; i < LEAGUE_EIGENVALUES; i++) {
        double j = (double)(i + 1);
        values[i] = (float)elementary_exp(2.501 - 0.674 * elementary_log(j) - 2.098 * j / 1024);
    }
    return npy_write(file, values, LEAGUE_EIGENVALUES, failure);
}

static bool write_ratings(AtomicFile *file, const VideoPlan *plan, const char *id, Failure *failure)
{
    for (size_t i = 0; i < plan->rating_count; i++) {
        const Rating *rating = &plan->ratings[i];
        if (!atomic_file_print(file, failure, "%s:%" PRId64 ",%" PRId64 ",%d,%s\n", id,
                               rating->start, rating->label, rating->score > 0,
                               plan->is_private[i] ? "private" : "public"))
            return false;
    }
    return true;
}

bool write_truth(AtomicFile *file, const World *world, Arena scratch, Failure *failure)
{
    char id[LEAGUE_ID_BYTES + 1];
    VideoPlan *plan;
    if (!arena_array(&scratch, plan, 1, failure))
        return false;
    for (uint64_t i = 0; i < world->parameters.test_videos; i++) {
        league_id(id, &world->parameters, PARTITION_TEST, i);
        if (!plan_video(plan, world, PARTITION_TEST, i, scratch, failure)
            || !write_ratings(file, plan, id, failure))
            return false;
    }
    return true;
}
