#include "common/league/plan.h"
#include "common/base/elementary.h"
#include "common/league/draws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SCENE 3
#define MOST_FALSE_LABELS 64
#define LN10 2.30258509299404568402
#define FIRST_RATED 30 // seconds: nothing before was rated, nor the last two segments
#define RATED_AFTER 3  // segments from the last rated start to the end
#define SHOWN_FRAMES 3 // of five: what a rater takes for "present"

/* Share of videos by length, for each 10 s from 120 s on (spec/data-and-metrics 9.7). */
static const double lengths[] = { .049, .048, .046, .042, .043, .042, .046, .042, .038,
                                  .043, .043, .038, .035, .031, .032, .030, .026, .023 };
#define LENGTHS (sizeof lengths / sizeof *lengths)
#define SHORTEST 120
#define BIN_SECONDS 10

typedef struct Drawing {
    VideoPlan *plan;
    const World *world;
    const LeagueParameters *p;
    Draws draws;
    double *weights; // [leaves]
    bool has_banned;
    uint32_t banned; // class that can't be a topic
} Drawing;

static size_t draw_length(Drawing *d)
{
    const LeagueParameters *p = d->p;
    double total = 0;
    if (p->length_from)
        return p->length_from + draw_below(&d->draws, p->length_to - p->length_from + 1);
    if (draw_chance(&d->draws, p->full_length))
        return LEAGUE_MOST_FRAMES;
    for (size_t i = 0; i < LENGTHS; i++)
        total += lengths[i];
    size_t bin = draw_weighted(&d->draws, lengths, LENGTHS, total);
    return SHORTEST + BIN_SECONDS * bin + draw_below(&d->draws, BIN_SECONDS);
}

static bool is_topic(const Drawing *d, uint32_t class)
{
    for (size_t i = 0; i < d->plan->topic_count; i++)
        if (d->plan->topics[i].class == class)
            return true;
    return false;
}

/* The weight with which a leaf is drawn: as a topic, or as a false label. */
typedef double LeafWeight(const Drawing *d, uint32_t class);

static double topic_weight(const Drawing *d, uint32_t class)
{
    bool out = (d->has_banned && class == d->banned) || is_topic(d, class);
    return out ? 0 : d->world->weight[class];
}

static double false_weight(const Drawing *d, uint32_t class)
{
    double precision = d->world->precision[d->world->row[class]];
    return is_topic(d, class) ? 0 : d->world->weight[class] * (1 - precision);
}

static double plain_weight(const Drawing *d, uint32_t class)
{
    return d->world->weight[class];
}

static double fill_weights(Drawing *d, Leaves leaves, LeafWeight *weight)
{
    double total = 0;
    for (size_t i = 0; i < leaves.count; i++) {
        d->weights[i] = weight(d, leaves.class[i]);
        total += d->weights[i];
    }
    return total;
}

/* A leaf by weight; where all are out, by the classes' own weights (spec/league 1.3). */
static uint32_t pick(Drawing *d, Leaves leaves, LeafWeight *weight)
{
    double total = fill_weights(d, leaves, weight);
    if (total == 0)
        total = fill_weights(d, leaves, plain_weight);
    return leaves.class[draw_weighted(&d->draws, d->weights, leaves.count, total)];
}

static void add_topic(Drawing *d, uint32_t class)
{
    d->plan->topics[d->plan->topic_count++] = (Topic){ .class = class };
}

/* The class that the video is rated for decides its first topic. */
static void draw_first_topic(Drawing *d, Partition partition, uint64_t number)
{
    const World *world = d->world;
    VideoPlan *plan = d->plan;
    if (partition == PARTITION_TRAIN) {
        add_topic(d, pick(d, world_leaves(world), topic_weight));
        return;
    }
    plan->rated = world->segment_class[number % d->p->segment_classes];
    plan->genuine = draw_chance(&d->draws, world->precision[world->row[plan->rated]]);
    if (plan->genuine) {
        add_topic(d, plan->rated);
        return;
    }
    d->has_banned = true;
    d->banned = plan->rated;
    bool sibling = draw_chance(&d->draws, d->p->false_sibling);
    Leaves from = sibling ? world_siblings(world, plan->rated) : world_leaves(world);
    add_topic(d, pick(d, from, topic_weight));
}

/* Where all leaves of the vertical are topics already, there is nothing to repeat: no topic. */
static void draw_extra_topics(Drawing *d)
{
    uint32_t first = d->plan->topics[0].class;
    size_t count = draw_poisson(&d->draws, d->p->extra_topics, d->p->most_extra_topics);
    for (size_t i = 0; i < count; i++) {
        bool same = draw_chance(&d->draws, d->p->same_vertical);
        Leaves from = same ? world_vertical(d->world, first) : world_leaves(d->world);
        uint32_t class = pick(d, from, topic_weight);
        if (topic_weight(d, class) > 0)
            add_topic(d, class);
    }
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Sort and drop repeats; how many are left. */
static size_t make_set(int64_t *classes, size_t count)
{
    size_t kept = 0;
    if (count)
        qsort(classes, count, sizeof *classes, by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || classes[kept - 1] != classes[i])
            classes[kept++] = classes[i];
    return kept;
}

static void take_truth(Drawing *d)
{
    VideoPlan *plan = d->plan;
    for (size_t i = 0; i < plan->topic_count; i++) {
        uint32_t class = plan->topics[i].class;
        plan->truth[2 * i] = class;
        plan->truth[2 * i + 1] = d->world->parent_class[d->world->slot[class]];
    }
    plan->truth_count = make_set(plan->truth, 2 * plan->topic_count);
}

static void add_label(VideoPlan *plan, uint32_t class)
{
    plan->labels[plan->label_count++] = class;
}

static void draw_labels(Drawing *d, Partition partition)
{
    VideoPlan *plan = d->plan;
    const LeagueParameters *p = d->p;
    for (size_t i = 0; i < plan->topic_count; i++) {
        uint32_t class = plan->topics[i].class;
        if (draw_chance(&d->draws, p->recall))
            add_label(plan, class);
        if (draw_chance(&d->draws, p->recall))
            add_label(plan, d->world->parent_class[d->world->slot[class]]);
    }
    double mean = p->repeats * p->recall * (double)plan->truth_count * (1 / p->precision - 1);
    size_t count = draw_poisson(&d->draws, mean, MOST_FALSE_LABELS);
    uint32_t first = plan->topics[0].class;
    for (size_t i = 0; i < count; i++) {
        bool sibling = draw_chance(&d->draws, p->false_sibling);
        Leaves from = sibling ? world_siblings(d->world, first) : world_leaves(d->world);
        add_label(plan, pick(d, from, false_weight));
    }
    if (partition != PARTITION_TRAIN)
        add_label(plan, plan->rated);
    else if (plan->label_count == 0)
        add_label(plan, first);
    plan->label_count = make_set(plan->labels, plan->label_count);
}

static void draw_topic_traits(Drawing *d)
{
    const LeagueParameters *p = d->p;
    for (size_t i = 0; i < d->plan->topic_count; i++) {
        Topic *topic = &d->plan->topics[i];
        double v = d->world->prevalence[d->world->row[topic->class]];
        double k = p->prevalence_k;
        // a class that is always or never shown has no spread
        topic->share = v > 0 && v < 1 ? draw_beta(&d->draws, v * k, (1 - v) * k) : v;
        double u = draw_uniform(&d->draws), place = floor(3 * u * sqrt(u));
        topic->look = place < 2 ? (uint32_t)place : 2;
        topic->strength = draw_rounded(
            p->strength_from + (p->strength_to - p->strength_from) * draw_uniform(&d->draws));
    }
}

static void draw_scenes(Drawing *d)
{
    VideoPlan *plan = d->plan;
    double mean = d->p->scene_mean - LEAST_SCENE;
    for (size_t at = 0; at < plan->frames;) {
        Scene *scene = &plan->scenes[plan->scene_count++];
        size_t frames = LEAST_SCENE + draw_geometric(&d->draws, mean);
        scene->first = at;
        scene->frames = frames < plan->frames - at ? frames : plan->frames - at;
        at += scene->frames;
        for (size_t i = 0; i < plan->topic_count; i++)
            if (draw_chance(&d->draws, plan->topics[i].share))
                scene->shown |= (uint32_t)1 << i;
    }
    for (size_t i = 0; i < plan->topic_count; i++)
        plan->scenes[draw_below(&d->draws, plan->scene_count)].shown |= (uint32_t)1 << i;
}

static void draw_settings(Drawing *d)
{
    VideoPlan *plan = d->plan;
    for (size_t j = 0; j < plan->scene_count; j++) {
        Scene *scene = &plan->scenes[j];
        scene->is_own = draw_chance(&d->draws, d->p->own_context);
        if (!scene->is_own)
            scene->setting = draw_below(&d->draws, d->p->backgrounds);
        else if (!draw_chance(&d->draws, d->p->first_context))
            scene->setting = draw_below(&d->draws, plan->topic_count);
    }
}

/* A log-normal factor whose log10 has that sd, of the square: half of it on the factor itself. */
static double draw_amplitude(Draws *draws, double median_square, double sd)
{
    double z = draw_normal(draws);
    return draw_rounded(sqrt(median_square) * elementary_exp(0.5 * sd * z * LN10));
}

static void draw_cuts(Drawing *d)
{
    VideoPlan *plan = d->plan;
    for (size_t t = 1; t < plan->frames; t++)
        plan->cut[t] = draw_chance(&d->draws, 1 / d->p->shot_mean);
    for (size_t j = 0; j < plan->scene_count; j++)
        plan->cut[plan->scenes[j].first] = true;
}

/* Whether a topic is shown in most frames of a segment. */
static bool is_shown(const VideoPlan *plan, size_t topic, size_t start)
{
    size_t frames = 0;
    for (size_t j = 0; j < plan->scene_count; j++) {
        const Scene *scene = &plan->scenes[j];
        if (!(scene->shown >> topic & 1))
            continue;
        size_t begin = scene->first > start ? scene->first : start;
        size_t end = scene->first + scene->frames;
        if (end > start + LEAGUE_SEGMENT)
            end = start + LEAGUE_SEGMENT;
        frames += end > begin ? end - begin : 0;
    }
    return frames >= SHOWN_FRAMES;
}

static void draw_ratings(VideoPlan *plan, const LeagueParameters *p)
{
    Draws draws = draws_begin(p->seed, "rating", plan->id);
    size_t starts[LEAGUE_MOST_FRAMES / LEAGUE_SEGMENT];
    size_t segments = (plan->frames + LEAGUE_SEGMENT - 1) / LEAGUE_SEGMENT;
    size_t count = segments - RATED_AFTER - FIRST_RATED / LEAGUE_SEGMENT + 1;
    for (size_t i = 0; i < count; i++)
        starts[i] = FIRST_RATED + LEAGUE_SEGMENT * i;
    for (size_t i = 0; i < p->ratings_per_video; i++) {
        size_t at = i + draw_below(&draws, count - i), start = starts[at];
        starts[at] = starts[i];
        bool present = plan->genuine && is_shown(plan, 0, start);
        bool wrong = draw_chance(&draws, p->rater_error);
        plan->ratings[i] = (Rating){ (int64_t)start, (int64_t)(start + LEAGUE_SEGMENT), plan->rated,
                                     present != wrong };
        plan->is_private[i] = draw_chance(&draws, p->private_share);
    }
    plan->rating_count = p->ratings_per_video;
}

bool plan_video(VideoPlan *plan, const World *world, Partition partition, uint64_t number,
                Arena scratch, Failure *failure)
{
    Drawing d = { .plan = plan, .world = world, .p = &world->parameters };
    memset(plan, 0, sizeof *plan);
    plan->id = (uint64_t)partition << 48 | number;
    d.draws = draws_begin(d.p->seed, "video", plan->id);
    if (!arena_array(&scratch, d.weights, d.p->leaves, failure))
        return false;
    plan->frames = draw_length(&d);
    draw_first_topic(&d, partition, number);
    draw_extra_topics(&d);
    take_truth(&d);
    draw_labels(&d, partition);
    draw_topic_traits(&d);
    draw_scenes(&d);
    draw_settings(&d);
    plan->amplitude = draw_amplitude(&d.draws, d.p->amplitude, d.p->amplitude_sd);
    plan->audio_amplitude = draw_amplitude(&d.draws, 1, d.p->audio_amplitude_sd);
    draw_cuts(&d);
    if (partition != PARTITION_TRAIN)
        draw_ratings(plan, d.p);
    return true;
}
