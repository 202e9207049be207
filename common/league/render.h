/*
 * Render: the frames of a planned video, as the dataset's bytes.
 *
 *   content = gamma setting + sum over the shown topics of strength / sqrt(shown) look
 *             + sqrt(scene) normals                                          a scene
 *   x       = A s (content + style) + s shot + noise normals                  a frame
 *   byte    = rint((clip(x, -2, 2) + 2) 255 / 4)
 *
 * Normals by "video", counters (ROW + 1) << 16: row 0 the style, row 1 + t the shot that begins at frame
 * t, row 1001 + j scene j; by "noise", counters t * 1152 / 2. Source: spec/league 3.7 to 3.9.
 */
#ifndef PODIUM_LEAGUE_RENDER_H
#define PODIUM_LEAGUE_RENDER_H

#include "common/league/plan.h"

typedef struct Frames {
    uint8_t *rgb;   // [LEAGUE_MOST_FRAMES, LEAGUE_RGB]
    uint8_t *audio; // [LEAGUE_MOST_FRAMES, LEAGUE_AUDIO]
    float *mean;    // [LEAGUE_WIDTH]: of the dequantised values (spec/data-and-metrics 3.5)
} Frames;

bool frames_create(Frames *frames, Arena *arena, Failure *failure);

/* Render all frames of a video. */
void render_video(Frames *frames, const World *world, const VideoPlan *plan);

#endif
