#include "common/league/world.h"
#include "common/base/elementary.h"
#include "common/base/parallel.h"
#include "common/league/draws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Training videos of the class of a rank, as published (spec/data-and-metrics 9.2). */
static const struct {
    double rank, videos;
} published[] = {
    { 1, 788288 },  { 2, 539945 }, { 3, 415890 },  { 6, 236948 }, { 11, 144667 },
    { 21, 75819 },  { 51, 33321 }, { 101, 14920 }, { 201, 7921 }, { 501, 2751 },
    { 1001, 1147 }, { 1501, 634 }, { 2001, 416 },  { 3001, 221 }, { 3862, 123 },
};
#define PUBLISHED (sizeof published / sizeof *published)

/* base^exponent for a real exponent. */
static double power(double base, double exponent)
{
    return elementary_exp(exponent * elementary_log(base));
}

/* Between two published ranks, a straight line of logarithms. */
static double published_weight(size_t rank)
{
    size_t i = 1;
    while (i < PUBLISHED - 1 && (double)rank > published[i].rank)
        i++;
    double x0 = elementary_log(published[i - 1].rank), x1 = elementary_log(published[i].rank);
    double y0 = elementary_log(published[i - 1].videos), y1 = elementary_log(published[i].videos);
    double x = elementary_log((double)rank);
    return elementary_exp(y0 + (y1 - y0) * (x - x0) / (x1 - x0));
}

static double weight_of_rank(const LeagueParameters *p, size_t rank)
{
    return draw_rounded(65536
                        * (p->zipf > 0 ? power((double)rank + p->shift, -p->zipf)
                                       : published_weight(rank) / published[0].videos));
}

/* The parent that has a place of the tree: places are dealt out evenly. */
static size_t parent_of_place(const World *world, size_t place)
{
    return place * world->parents / world->parameters.leaves;
}

typedef struct Node {
    double weight;
    uint32_t slot;
    bool is_parent;
    size_t order; // what decides between equal weights
} Node;

static int by_weight(const void *a, const void *b)
{
    const Node *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Leaves by rank, then parents with the sum of their leaves; sorted by weight. */
static void draw_nodes(const World *world, Node *nodes)
{
    const LeagueParameters *p = &world->parameters;
    PhiloxKey tree = philox_key(p->seed, "tree");
    double total = 0;
    for (size_t rank = 0; rank < p->leaves; rank++)
        total += weight_of_rank(p, rank + 1);
    for (size_t i = 0; i < world->parents; i++)
        nodes[p->leaves + i] = (Node){ 0, (uint32_t)i, true, p->leaves + i };
    for (size_t rank = 0; rank < p->leaves; rank++) {
        size_t place = (size_t)philox_permute(tree, 0, p->leaves, rank);
        size_t slot = parent_of_place(world, place);
        double weight = weight_of_rank(p, rank + 1) / total;
        nodes[rank] = (Node){ weight, (uint32_t)slot, false, rank };
        nodes[p->leaves + slot].weight += weight;
    }
    qsort(nodes, world->classes, sizeof *nodes, by_weight);
}

/* Number the classes, and list each parent's leaves. */
static void take_nodes(World *world, const Node *nodes)
{
    for (size_t c = 0; c < world->classes; c++) {
        world->weight[c] = nodes[c].weight;
        world->slot[c] = nodes[c].slot;
        if (nodes[c].is_parent)
            world->parent_class[nodes[c].slot] = (uint32_t)c;
        else
            world->first[nodes[c].slot + 1]++;
    }
    for (size_t slot = 0; slot < world->parents; slot++)
        world->first[slot + 1] += world->first[slot];
    for (size_t c = 0, row = 0; c < world->classes; c++) {
        if (nodes[c].is_parent)
            continue;
        size_t at = world->first[nodes[c].slot];
        while (
            world->members[at]) // class 0 is a parent: the heaviest leaf weighs less than its own
            at++;
        world->members[at] = (uint32_t)c;
        world->row[c] = (uint32_t)row++;
    }
}

static bool grow_tree(World *world, Arena *arena, Failure *failure)
{
    Node *nodes;
    Arena scratch;
    if (!arena_array(arena, world->weight, world->classes, failure)
        || !arena_array(arena, world->slot, world->classes, failure)
        || !arena_array(arena, world->parent_class, world->parents, failure)
        || !arena_array(arena, world->members, world->parameters.leaves, failure)
        || !arena_array(arena, world->first, world->parents + 1, failure)
        || !arena_array(arena, world->row, world->classes, failure))
        return false;
    scratch = *arena; // behind what stays
    if (!arena_array(&scratch, nodes, world->classes, failure))
        return false;
    draw_nodes(world, nodes);
    take_nodes(world, nodes);
    return true;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Some of the most frequent leaves, by a permutation of their ranks. */
static void draw_segment_classes(World *world)
{
    const LeagueParameters *p = &world->parameters;
    PhiloxKey key = philox_key(p->seed, "segment-classes");
    for (size_t i = 0; i < p->segment_classes; i++) {
        size_t rank = (size_t)philox_permute(key, 0, p->segment_classes_from, i);
        for (size_t c = 0; c < world->classes; c++)
            if (world_is_leaf(world, (uint32_t)c) && world->row[c] == rank)
                world->segment_class[i] = (uint32_t)c;
    }
    qsort(world->segment_class, p->segment_classes, sizeof(uint32_t), by_number);
}

static void draw_traits(World *world)
{
    const LeagueParameters *p = &world->parameters;
    for (size_t c = 0; c < world->classes; c++) {
        size_t row = world->row[c];
        if (!world_is_leaf(world, (uint32_t)c))
            continue;
        Draws precision = draws_begin(p->seed, "precision", c);
        Draws prevalence = draws_begin(p->seed, "prevalence", c);
        Draws audible = draws_begin(p->seed, "audible", c);
        world->precision[row] = draw_beta_of(&precision, p->precision, p->precision_sd);
        world->prevalence[row] = draw_beta_of(&prevalence, p->prevalence, p->prevalence_sd);
        world->audible[row] = draw_chance(&audible, p->audible);
    }
}

/* sum += sqrt(variance) times a named direction, on the dims from `begin` to `end`. */
static void add_direction(const World *world, const char *purpose, size_t id, double factor,
                          size_t begin, size_t end, float *sum)
{
    float scale[LEAGUE_WIDTH] = { 0 };
    for (size_t k = begin; k < end; k++)
        scale[k] = (float)factor * DRAW_NORMAL_SCALE;
    draw_add_normals(philox_key(world->parameters.seed, purpose), id, 0, LEAGUE_WIDTH, sum, scale,
                     sum);
}

/* What a leaf looks like in each of its looks, what it sounds like, and where it is usually seen. */
static void draw_leaf(World *world, uint32_t class)
{
    const LeagueParameters *p = &world->parameters;
    size_t row = world->row[class], rgb = LEAGUE_RGB, all = LEAGUE_WIDTH;
    float common[LEAGUE_WIDTH] = { 0 };
    float *context = world->context + row * LEAGUE_WIDTH;
    double own = sqrt(p->class_variance);
    add_direction(world, "vertical", world_vertical_of(world, class), sqrt(p->vertical_variance), 0,
                  rgb, common);
    add_direction(world, "parent", world->slot[class], sqrt(p->parent_variance), 0, rgb, common);
    for (size_t l = 0; l < LEAGUE_LOOKS; l++) {
        float *look = world->look + (row * LEAGUE_LOOKS + l) * LEAGUE_WIDTH;
        memcpy(look, common, sizeof common);
        add_direction(world, "class", class, own, 0, rgb, look);
        add_direction(world, "look", class * LEAGUE_LOOKS + l, sqrt(p->look_variance), 0, rgb,
                      look);
        if (world->audible[row])
            add_direction(world, "class", class, sqrt(p->audio_variance), rgb, all, look);
    }
    memcpy(context, common, sizeof common);
    add_direction(world, "class", class, p->context_share * own, 0, rgb, context);
    add_direction(world, "context", class, sqrt(p->context_variance), 0, rgb, context);
}

static void draw_leaves(void *context, size_t begin, size_t end)
{
    World *world = context;
    for (size_t c = begin; c < end; c++)
        if (world_is_leaf(world, (uint32_t)c))
            draw_leaf(world, (uint32_t)c);
}

static void draw_backgrounds(World *world)
{
    const LeagueParameters *p = &world->parameters;
    for (size_t b = 0; b < p->backgrounds; b++)
        add_direction(world, "background", b, sqrt(p->class_variance + p->context_variance), 0,
                      LEAGUE_RGB, world->background + b * LEAGUE_WIDTH);
}

/* The profile of one stream, and what is left of a frame's variance for its noise. */
static void draw_profile(World *world, size_t begin, size_t end, double sd, double decay,
                         double variance)
{
    for (size_t k = begin; k < end; k++) {
        double s = draw_rounded(sd * power((double)(k - begin + 1), -decay));
        double left = variance - s * s;
        double floor = world->parameters.noise_floor;
        world->sd[k] = (float)s;
        world->noise[k] = (float)sqrt(left > floor ? left : floor);
    }
}

bool world_create(World *world, const LeagueParameters *parameters, Arena *arena, Failure *failure)
{
    const LeagueParameters *p = parameters;
    *world = (World){ .parameters = *p, .parents = p->verticals * p->parents };
    world->classes = p->leaves + world->parents;
    if (!grow_tree(world, arena, failure)
        || !arena_array(arena, world->precision, p->leaves, failure)
        || !arena_array(arena, world->prevalence, p->leaves, failure)
        || !arena_array(arena, world->audible, p->leaves, failure)
        || !arena_array(arena, world->look, p->leaves * LEAGUE_LOOKS * LEAGUE_WIDTH, failure)
        || !arena_array(arena, world->context, p->leaves * LEAGUE_WIDTH, failure)
        || !arena_array(arena, world->background, p->backgrounds * LEAGUE_WIDTH, failure)
        || !arena_array(arena, world->segment_class, p->segment_classes, failure))
        return false;
    draw_profile(world, 0, LEAGUE_RGB, p->rgb_sd, p->rgb_decay, p->frame_variance);
    draw_profile(world, LEAGUE_RGB, LEAGUE_WIDTH, p->audio_sd, p->audio_decay,
                 p->audio_frame_variance);
    draw_segment_classes(world);
    draw_traits(world);
    parallel_for(world->classes, 16, draw_leaves, world);
    draw_backgrounds(world);
    return true;
}

Leaves world_siblings(const World *world, uint32_t class)
{
    size_t slot = world->slot[class];
    return (Leaves){ world->members + world->first[slot],
                     world->first[slot + 1] - world->first[slot] };
}

Leaves world_vertical(const World *world, uint32_t class)
{
    size_t parents = world->parameters.parents;
    size_t begin = world_vertical_of(world, class) * parents;
    return (Leaves){ world->members + world->first[begin],
                     world->first[begin + parents] - world->first[begin] };
}

Leaves world_leaves(const World *world)
{
    return (Leaves){ world->members, world->parameters.leaves };
}
