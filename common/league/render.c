#include "common/league/render.h"
#include "common/league/draws.h"

#include <math.h>
#include <string.h>

#define COUNTERS_A_FRAME (LEAGUE_WIDTH / 2) // each gives two normals
#define STYLE_ROW 0
#define SHOT_ROW 1
#define SCENE_ROW 1001
#define CLIP 2.0f
#define BYTES_A_UNIT (255.0f / 4)
#define UNBIASED_MEAN (-1.9921875) // what byte 0 stands for

/* What a video's frames are made from; rows of the model's width. */
typedef struct Canvas {
    const World *world;
    const VideoPlan *plan;
    PhiloxKey video, noise;
    float amplitude[LEAGUE_WIDTH]; // A s
    float style[LEAGUE_WIDTH];
    float scene_sd[LEAGUE_WIDTH]; // of a sum of bytes, as all that follow
    float shot_sd[LEAGUE_WIDTH];
    float noise_sd[LEAGUE_WIDTH];
    float scene[LEAGUE_WIDTH];   // A s (content + style)
    float shot[LEAGUE_WIDTH];    // that and the shot
    uint32_t sums[LEAGUE_WIDTH]; // of the bytes of all frames
} Canvas;

bool frames_create(Frames *frames, Arena *arena, Failure *failure)
{
    return arena_array(arena, frames->rgb, LEAGUE_MOST_FRAMES * LEAGUE_RGB, failure)
        && arena_array(arena, frames->audio, LEAGUE_MOST_FRAMES * LEAGUE_AUDIO, failure)
        && arena_array(arena, frames->mean, LEAGUE_WIDTH, failure);
}

static void add_row(const Canvas *canvas, uint64_t row, const float *from, const float *scale,
                    float *to)
{
    draw_add_normals(canvas->video, canvas->plan->id, (row + 1) << 16, LEAGUE_WIDTH, from, scale,
                     to);
}

static void begin_canvas(Canvas *canvas)
{
    const LeagueParameters *p = &canvas->world->parameters;
    float style_sd[LEAGUE_WIDTH], none[LEAGUE_WIDTH] = { 0 };
    float scene_sd = (float)sqrt(p->scene) * DRAW_NORMAL_SCALE;
    float shot_sd = (float)sqrt(p->shot) * DRAW_NORMAL_SCALE;
    for (size_t k = 0; k < LEAGUE_WIDTH; k++) {
        bool rgb = k < LEAGUE_RGB;
        float s = canvas->world->sd[k];
        canvas->amplitude[k] =
            (float)(rgb ? canvas->plan->amplitude : canvas->plan->audio_amplitude) * s;
        style_sd[k] = (float)sqrt(rgb ? p->style : p->style_audio) * DRAW_NORMAL_SCALE;
        canvas->scene_sd[k] = scene_sd;
        canvas->shot_sd[k] = s * shot_sd;
        canvas->noise_sd[k] = canvas->world->noise[k] * DRAW_NORMAL_SCALE;
    }
    add_row(canvas, STYLE_ROW, none, style_sd, canvas->style);
}

static void add_scaled(float *sum, const float *row, float factor)
{
    for (size_t k = 0; k < LEAGUE_WIDTH; k++)
        sum[k] += factor * row[k];
}

static void paint_scene(Canvas *canvas, size_t number)
{
    const VideoPlan *plan = canvas->plan;
    const World *world = canvas->world;
    const Scene *scene = &plan->scenes[number];
    float *content = canvas->scene;
    double shown = __builtin_popcount(scene->shown);
    memset(content, 0, sizeof canvas->scene);
    add_scaled(content,
               scene->is_own ? world_context(world, plan->topics[scene->setting].class)
                             : world->background + scene->setting * LEAGUE_WIDTH,
               (float)world->parameters.setting);
    for (size_t i = 0; i < plan->topic_count; i++)
        if (scene->shown >> i & 1)
            add_scaled(content, world_look(world, plan->topics[i].class, plan->topics[i].look),
                       (float)(plan->topics[i].strength / sqrt(shown)));
    add_row(canvas, SCENE_ROW + number, content, canvas->scene_sd, content);
    for (size_t k = 0; k < LEAGUE_WIDTH; k++)
        content[k] = canvas->amplitude[k] * (content[k] + canvas->style[k]);
}

/* One frame, part of its width: the noise, the clip and the byte. This is where the time goes. */
static void paint_frame(Canvas *canvas, size_t frame, size_t begin, size_t end, uint8_t *bytes)
{
    uint64_t counter = frame * COUNTERS_A_FRAME + begin / 2;
    for (size_t k = begin; k < end; k += DRAW_NORMALS_A_BLOCK) {
        float sums[DRAW_NORMALS_A_BLOCK];
        draw_sums(canvas->noise, canvas->plan->id, counter, sums);
        counter += DRAW_COUNTERS_A_BLOCK;
        for (size_t i = 0; i < DRAW_NORMALS_A_BLOCK; i++) {
            float x = canvas->shot[k + i] + canvas->noise_sd[k + i] * sums[i];
            x = x < -CLIP ? -CLIP : x;
            x = x > CLIP ? CLIP : x;
            uint32_t byte = (uint32_t)(int32_t)rintf((x + CLIP) * BYTES_A_UNIT);
            canvas->sums[k + i] += byte;
            bytes[k - begin + i] = (uint8_t)byte;
        }
    }
}

static void take_means(const Canvas *canvas, float *mean)
{
    double grid = 255.0 * (double)canvas->plan->frames;
    for (size_t k = 0; k < LEAGUE_WIDTH; k++)
        mean[k] = (float)((double)(4 * canvas->sums[k]) / grid + UNBIASED_MEAN);
}

void render_video(Frames *frames, const World *world, const VideoPlan *plan)
{
    uint64_t seed = world->parameters.seed;
    Canvas canvas = { .world = world, .plan = plan };
    canvas.video = philox_key(seed, "video");
    canvas.noise = philox_key(seed, "noise");
    begin_canvas(&canvas);
    for (size_t j = 0; j < plan->scene_count; j++) {
        const Scene *scene = &plan->scenes[j];
        paint_scene(&canvas, j);
        for (size_t t = scene->first; t < scene->first + scene->frames; t++) {
            if (plan->cut[t])
                add_row(&canvas, SHOT_ROW + t, canvas.scene, canvas.shot_sd, canvas.shot);
            paint_frame(&canvas, t, 0, LEAGUE_RGB, frames->rgb + t * LEAGUE_RGB);
            paint_frame(&canvas, t, LEAGUE_RGB, LEAGUE_WIDTH, frames->audio + t * LEAGUE_AUDIO);
        }
    }
    take_means(&canvas, frames->mean);
}
