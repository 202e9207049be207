/*
 * World: the classes of a league, their tree, and what each looks and sounds like.
 *
 * Verticals have parents, parents have leaves; classes are leaves and parents, numbered by weight,
 * the most frequent first. Videos are about leaves; their parents follow.
 *
 * Source: spec/league 2.
 */
#ifndef PODIUM_LEAGUE_WORLD_H
#define PODIUM_LEAGUE_WORLD_H

#include "common/base/arena.h"
#include "common/league/parameters.h"

typedef struct World {
    LeagueParameters parameters;
    size_t classes, parents; // parents: of all verticals
    double *weight;          // [classes], sums to 1 over the leaves
    uint32_t *slot;          // [classes]: number of its parent, or of itself; 0 .. parents - 1
    uint32_t *parent_class;  // [parents]
    uint32_t *members;       // [leaves]: classes, parent by parent, ascending in each
    size_t *first;           // [parents + 1]: of a parent's members
    uint32_t *row;           // [classes]: of a leaf in what follows, which is [leaves]
    double *precision, *prevalence;
    bool *audible;
    float *look;               // [leaves, LEAGUE_LOOKS, LEAGUE_WIDTH]
    float *context;            // [leaves, LEAGUE_WIDTH]
    float *background;         // [backgrounds, LEAGUE_WIDTH]
    uint32_t *segment_class;   // [segment_classes], ascending
    float sd[LEAGUE_WIDTH];    // the profile
    float noise[LEAGUE_WIDTH]; // sd of a frame's noise
} World;

/*
 * Draw a world.
 *
 *   cost    4.6 KB for each look and context: 70 MB for the 3,812 leaves of scale paper
 */
bool world_create(World *world, const LeagueParameters *parameters, Arena *arena, Failure *failure);

/* Leaves to draw from: of a parent, of a vertical, or all. */
typedef struct Leaves {
    const uint32_t *class;
    size_t count;
} Leaves;
Leaves world_siblings(const World *world, uint32_t class);
Leaves world_vertical(const World *world, uint32_t class);
Leaves world_leaves(const World *world);

static inline bool world_is_leaf(const World *world, uint32_t class)
{
    return world->parent_class[world->slot[class]] != class;
}
static inline size_t world_vertical_of(const World *world, uint32_t class)
{
    return world->slot[class] / world->parameters.parents;
}
static inline const float *world_look(const World *world, uint32_t class, size_t look)
{
    return world->look + (world->row[class] * LEAGUE_LOOKS + look) * LEAGUE_WIDTH;
}
static inline const float *world_context(const World *world, uint32_t class)
{
    return world->context + world->row[class] * LEAGUE_WIDTH;
}

#endif
