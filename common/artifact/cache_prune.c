#include "common/artifact/cache_prune.h"
#include "common/artifact/cache_log.h"
#include "common/base/parallel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GRAIN 16 // files removed in one piece: each may wait for a network

bool cache_keep_parse(CacheKeep *keep, const char *text, Failure *failure)
{
    static const char units[] = "KMGT";
    size_t digits = strspn(text, "0123456789");
    const char *unit = text + digits;
    *keep = (CacheKeep){ .amount = strtoull(text, NULL, 10) };
    bool ok = digits > 0 && digits <= 15 && (!*unit || !unit[1]);
    if (ok && *unit && strchr(units, *unit)) {
        unsigned bits = 10 * (unsigned)(1 + strchr(units, *unit) - units);
        ok = keep->amount <= UINT64_MAX >> bits;
        keep->amount <<= bits;
    } else if (ok && (*unit == 'd' || *unit == 'h')) {
        keep->by_age = true;
        keep->amount *= *unit == 'd' ? 86400 : 3600;
    } else if (*unit)
        ok = false;
    return ok
        || fail(failure, EX_USAGE, "%s: neither a size such as 10G nor an age such as 30d", text);
}

const char *cache_size_text(char text[CACHE_SIZE_TEXT_BYTES], uint64_t bytes)
{
    static const char units[] = "BKMGTPE";
    unsigned unit = 0;
    double amount = (double)bytes;
    while (amount >= 1023.5) {
        amount /= 1024;
        unit++;
    }
    snprintf(text, CACHE_SIZE_TEXT_BYTES, "%.*f%c", unit && amount < 9.95 ? 1 : 0, amount,
             units[unit]);
    return text;
}

/* Whether nobody can still be writing what belongs to a thing of this time. */
static bool is_settled(int64_t time, int64_t now)
{
    return time < now - CACHE_SETTLED_SECONDS;
}

/* 0: of no use; 1: goes when its turn comes; 2: last. */
static int rank_of(const CacheAction *action)
{
    return action->broken ? 0 : action->pinned ? 2 : 1;
}

static int by_turn(const void *x, const void *y)
{
    const CacheAction *a = *(const CacheAction *const *)x, *b = *(const CacheAction *const *)y;
    if (rank_of(a) != rank_of(b))
        return rank_of(a) - rank_of(b);
    if (a->used != b->used)
        return a->used < b->used ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Count the bytes that nothing refers to any longer. */
static void count_content(CachePlan *plan, const CacheContent *content)
{
    plan->contents++;
    plan->bytes += content->bytes;
    plan->freed += content->linked ? 0 : content->bytes;
}

static void let_go(CachePlan *plan, const CacheSurvey *survey, const CacheAction *action)
{
    plan->goes[action - survey->actions] = true;
    plan->actions++;
    plan->bytes += action->bytes;
    plan->freed += action->bytes;
    for (size_t i = 0; i < action->content_count; i++)
        if (--plan->references[action->contents[i]] == 0)
            count_content(plan, &survey->contents[action->contents[i]]);
}

static bool must_go(const CachePlan *plan, const CacheSurvey *survey, const CacheAction *action,
                    CacheKeep keep, int64_t now)
{
    if (action->broken)
        return is_settled(action->used, now);
    if (keep.by_age)
        return !action->pinned && action->used < now - (int64_t)keep.amount;
    return survey->bytes - plan->bytes > keep.amount;
}

bool cache_plan(CachePlan *plan, const CacheSurvey *survey, CacheKeep keep, int64_t now_seconds,
                Arena *arena, Failure *failure)
{
    const CacheAction **order;
    *plan = (CachePlan){ 0 };
    if (!arena_array(arena, plan->goes, survey->action_count, failure)
        || !arena_array(arena, plan->references, survey->content_count, failure)
        || !arena_array(arena, order, survey->action_count, failure))
        return false;
    for (size_t i = 0; i < survey->content_count; i++) {
        const CacheContent *content = &survey->contents[i];
        plan->references[i] = content->references;
        if (content->references == 0 && is_settled(content->changed, now_seconds))
            count_content(plan, content);
    }
    for (size_t i = 0; i < survey->action_count; i++)
        order[i] = &survey->actions[i];
    if (survey->action_count)
        qsort(order, survey->action_count, sizeof *order, by_turn);
    for (size_t i = 0; i < survey->action_count; i++)
        if (must_go(plan, survey, order[i], keep, now_seconds))
            let_go(plan, survey, order[i]);
    return true;
}

/* Remove an action, unless it was used or entered anew since the survey. */
static bool remove_action(const CacheSurvey *survey, const CacheAction *action)
{
    char path[CACHE_PATH_BYTES];
    struct stat status;
    snprintf(path, sizeof path, "%s/%.2s/%s", survey->folder, action->name, action->name);
    return lstat(path, &status) != 0
        || (status.st_mtim.tv_sec == action->used && unlink(path) == 0);
}

/* What the pieces of a removal share. */
typedef struct Removal {
    const CacheSurvey *survey;
    CachePlan *plan;
    int64_t now;
} Removal;

static void remove_actions(void *context, size_t begin, size_t end)
{
    const Removal *removal = context;
    for (size_t i = begin; i < end; i++)
        if (removal->plan->goes[i] && !remove_action(removal->survey, &removal->survey->actions[i]))
            removal->plan->goes[i] = false;
}

static void remove_contents(void *context, size_t begin, size_t end)
{
    char path[CACHE_PATH_BYTES];
    const Removal *removal = context;
    for (size_t i = begin; i < end; i++) {
        const CacheContent *content = &removal->survey->contents[i];
        if (removal->plan->references[i]
            || (!content->references && !is_settled(content->changed, removal->now)))
            continue;
        cache_content_path(path, removal->survey->folder, content->sha256);
        unlink(path);
    }
}

static void remove_leftovers(const CacheSurvey *survey)
{
    char path[CACHE_PATH_BYTES];
    for (size_t i = 0; i < survey->leftover_count; i++) {
        const char *name = survey->leftovers[i];
        snprintf(path, sizeof path, "%s/%.2s/%s", survey->folder, name + 1, name);
        unlink(path);
    }
}

/* Actions go before the bytes that they promise; bytes of those that stayed stay too. */
void cache_prune(const CacheSurvey *survey, CachePlan *plan, int64_t now_seconds)
{
    Removal removal = { survey, plan, now_seconds };
    parallel_for(survey->action_count, GRAIN, remove_actions, &removal);
    for (size_t i = 0; i < survey->content_count; i++)
        plan->references[i] = 0;
    for (size_t i = 0; i < survey->action_count; i++)
        for (size_t j = 0; !plan->goes[i] && j < survey->actions[i].content_count; j++)
            plan->references[survey->actions[i].contents[j]]++;
    parallel_for(survey->content_count, GRAIN, remove_contents, &removal);
    remove_leftovers(survey);
    cache_log_looked(survey->folder, survey->bytes - plan->bytes);
}

bool cache_limit(const char *folder, uint64_t most_bytes, CachePlan *pruned, int64_t now_seconds,
                 Arena *arena, Failure *failure)
{
    uint64_t held;
    CacheSurvey survey;
    *pruned = (CachePlan){ 0 };
    if (most_bytes == 0 || access(folder, W_OK) != 0
        || (cache_log_held(folder, &held) && held <= most_bytes))
        return true;
    if (!cache_survey(&survey, folder, now_seconds, arena, failure))
        return false;
    if (survey.bytes <= most_bytes) {
        cache_log_looked(folder, survey.bytes);
        return true;
    }
    CacheKeep keep = { .amount = most_bytes - most_bytes / 10 };
    if (!cache_plan(pruned, &survey, keep, now_seconds, arena, failure))
        return false;
    cache_prune(&survey, pruned, now_seconds);
    return true;
}
