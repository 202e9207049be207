/*
 * Plan: all of a video but its frames: length, topics, labels, scenes, shots, ratings.
 *
 * Source: spec/league 3.1 to 3.8 and 3.10.
 */
#ifndef PODIUM_LEAGUE_PLAN_H
#define PODIUM_LEAGUE_PLAN_H

#include "common/data/layout.h"
#include "common/data/video.h"
#include "common/league/world.h"

#define PLAN_MOST_SCENES (LEAGUE_MOST_FRAMES / 3 + 1) // a scene has three frames or more
#define PLAN_MOST_LABELS ((size_t)256)

typedef struct Topic {
    uint32_t class; // a leaf
    uint32_t look;
    double share;    // of the scenes that show it
    double strength; // of its look where it is shown
} Topic;

typedef struct Scene {
    size_t first, frames;
    uint32_t shown; // a bit a topic
    bool is_own;    // set in the context of a topic
    size_t setting; // number of that topic, or of a background
} Scene;

typedef struct VideoPlan {
    uint64_t id; // of its draws: partition and number
    size_t frames;
    Topic topics[LEAGUE_MOST_TOPICS];
    size_t topic_count;
    int64_t truth[2 * LEAGUE_MOST_TOPICS]; // topics and their parents, ascending
    size_t truth_count;
    int64_t labels[PLAN_MOST_LABELS]; // what the machine says, ascending
    size_t label_count;
    Scene scenes[PLAN_MOST_SCENES];
    size_t scene_count;
    bool cut[LEAGUE_MOST_FRAMES]; // a new shot begins with this frame
    double amplitude, audio_amplitude;
    uint32_t rated; // class that it is rated for; not in train
    bool genuine;   // it is about that class
    Rating ratings[LEAGUE_MOST_RATINGS];
    bool is_private[LEAGUE_MOST_RATINGS];
    size_t rating_count; // 0 in train
} VideoPlan;

/*
 * Draw a video.
 *
 *   scratch  8 bytes for each leaf
 */
bool plan_video(VideoPlan *plan, const World *world, Partition partition, uint64_t number,
                Arena scratch, Failure *failure);

#endif
