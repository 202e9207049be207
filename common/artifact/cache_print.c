#include "common/artifact/cache_print.h"
#include "common/artifact/cache_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DAY_SECONDS 86400

/* Actions of one kind. Bytes of several kinds count for the first. */
typedef struct KindRow {
    const char *kind;
    size_t entries;
    uint64_t bytes;
    int64_t oldest;
} KindRow;

typedef struct KindTable {
    KindRow *rows;
    size_t count;
    bool *counted; // [content_count]
} KindTable;

static KindRow *row_of(KindTable *table, const char *kind)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].kind, kind) == 0)
            return &table->rows[i];
    table->rows[table->count] = (KindRow){ .kind = kind, .oldest = INT64_MAX };
    return &table->rows[table->count++];
}

static void add_action(KindTable *table, const CacheSurvey *survey, const CacheAction *action,
                       const size_t *references)
{
    KindRow *row = row_of(table, action->broken ? "(incomplete)" : action->kind);
    row->entries++;
    row->bytes += action->bytes;
    row->oldest = action->used < row->oldest ? action->used : row->oldest;
    for (size_t i = 0; i < action->content_count; i++) {
        size_t content = action->contents[i];
        if (!table->counted[content] && (!references || !references[content]))
            row->bytes += survey->contents[content].bytes;
        table->counted[content] = true;
    }
}

static int by_bytes(const void *x, const void *y)
{
    const KindRow *a = x, *b = y;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return strcmp(a->kind, b->kind);
}

/* Actions by kind, the largest first: all, or those that go. */
static bool count_kinds(KindTable *table, const CacheSurvey *survey, const CachePlan *plan,
                        Arena *arena, Failure *failure)
{
    *table = (KindTable){ 0 };
    if (!arena_array(arena, table->rows, survey->action_count + 1, failure)
        || !arena_array(arena, table->counted, survey->content_count, failure))
        return false;
    for (size_t i = 0; i < survey->action_count; i++)
        if (!plan || plan->goes[i])
            add_action(table, survey, &survey->actions[i], plan ? plan->references : NULL);
    qsort(table->rows, table->count, sizeof *table->rows, by_bytes);
    return true;
}

static const char *age_text(char text[32], int64_t now, int64_t then)
{
    int64_t seconds = now > then ? now - then : 0;
    const char *unit = seconds < 2 * DAY_SECONDS ? "hours" : "days";
    snprintf(text, 32, "%" PRId64 " %s", seconds / (seconds < 2 * DAY_SECONDS ? 3600 : DAY_SECONDS),
             unit);
    return text;
}
#define AGE_TEXT(now, then) age_text((char[32]){ 0 }, now, then)

static void print_kinds(FILE *to, const KindTable *table, int64_t now)
{
    if (table->count)
        fprintf(to, "  %-16s %8s %8s  %s\n", "kind", "entries", "size", "longest not used");
    for (size_t i = 0; i < table->count; i++) {
        const KindRow *row = &table->rows[i];
        fprintf(to, "  %-16s %8zu %8s  %s\n", row->kind, row->entries, CACHE_SIZE_TEXT(row->bytes),
                AGE_TEXT(now, row->oldest));
    }
}

static bool print_prune(FILE *to, const CacheSurvey *survey, unsigned days, int64_t now,
                        Arena arena, Failure *failure)
{
    CachePlan plan;
    CacheKeep keep = { true, (uint64_t)days * DAY_SECONDS };
    if (!cache_plan(&plan, survey, keep, now, &arena, failure))
        return false;
    fprintf(to, "make cache-prune KEEP=%ud: %zu entries, %s; frees %s\n", days, plan.actions,
            CACHE_SIZE_TEXT(plan.bytes), CACHE_SIZE_TEXT(plan.freed));
    return true;
}

static void print_pinned(FILE *to, const CacheSurvey *survey)
{
    size_t pinned = 0;
    for (size_t i = 0; i < survey->action_count; i++)
        pinned += survey->actions[i].pinned;
    if (pinned)
        fprintf(to, "pinned, to go last: %zu entries, by %s\n", pinned, survey->pins.recipes);
}

static void print_makes(FILE *to, const char *folder)
{
    CacheMakes makes = cache_log_makes(folder);
    if (makes.count)
        fprintf(to,
                "the last %zu makes with work to do: %" PRIu64 " artifacts made, %" PRIu64
                " restored\n",
                makes.count, makes.made, makes.restored);
}

bool cache_print_status(FILE *to, const CacheSurvey *survey, uint64_t most_bytes,
                        int64_t now_seconds, Arena arena, Failure *failure)
{
    KindTable table;
    uint64_t alone = 0;
    for (size_t i = 0; i < survey->content_count; i++)
        alone += survey->contents[i].linked ? 0 : survey->contents[i].bytes;
    if (!count_kinds(&table, survey, NULL, &arena, failure))
        return false;
    fprintf(to, "%s: %zu entries, %s of %s; %s of it is nowhere else\n", survey->folder,
            survey->action_count, CACHE_SIZE_TEXT(survey->bytes),
            most_bytes ? CACHE_SIZE_TEXT(most_bytes) : "any size", CACHE_SIZE_TEXT(alone));
    print_kinds(to, &table, now_seconds);
    print_pinned(to, survey);
    print_makes(to, survey->folder);
    return !survey->action_count
        || (print_prune(to, survey, 7, now_seconds, arena, failure)
            && print_prune(to, survey, 30, now_seconds, arena, failure));
}

bool cache_print_plan(FILE *to, const CacheSurvey *survey, const CachePlan *plan,
                      int64_t now_seconds, bool each, Arena arena, Failure *failure)
{
    KindTable table;
    if (!count_kinds(&table, survey, plan, &arena, failure))
        return false;
    for (size_t i = 0; each && i < survey->action_count; i++) {
        const CacheAction *action = &survey->actions[i];
        if (plan->goes[i])
            fprintf(to, "  %.12s %-12s %-44s not used for %s%s\n", action->key, action->kind,
                    action->artifact, AGE_TEXT(now_seconds, action->used),
                    action->pinned ? ", pinned" : "");
    }
    print_kinds(to, &table, now_seconds);
    fprintf(to, "%s: %zu of %zu entries, %s of %s; frees %s\n", survey->folder, plan->actions,
            survey->action_count, CACHE_SIZE_TEXT(plan->bytes), CACHE_SIZE_TEXT(survey->bytes),
            CACHE_SIZE_TEXT(plan->freed));
    return true;
}
