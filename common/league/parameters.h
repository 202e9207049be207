/*
 * Parameters of a league: what its world, its videos and its raters are like.
 *
 * Each is an option of `synthesize`; --scale chooses the defaults, which are those of spec/league
 * section 4. Shares and probabilities are between 0 and 1; variances are those of single dimensions
 * before the profile (2.5).
 */
#ifndef PODIUM_LEAGUE_PARAMETERS_H
#define PODIUM_LEAGUE_PARAMETERS_H

#include "common/base/options.h"

#define LEAGUE_RGB ((size_t)1024)
#define LEAGUE_AUDIO ((size_t)128)
#define LEAGUE_WIDTH (LEAGUE_RGB + LEAGUE_AUDIO)
#define LEAGUE_LOOKS ((size_t)3)
#define LEAGUE_MOST_TOPICS ((size_t)32) // of a video: a scene's topics are bits of a word
#define LEAGUE_MOST_FRAMES ((size_t)300)
#define LEAGUE_MOST_RATINGS ((size_t)5)
#define LEAGUE_MOST_SHARDS ((size_t)3844) // two characters of 62
#define LEAGUE_SEGMENT ((size_t)5)        // frames

typedef enum LeagueScale { LEAGUE_TINY, LEAGUE_SMALL, LEAGUE_PAPER } LeagueScale;
#define LEAGUE_SCALES "tiny|small|paper"

/* name, field, least, most, tiny, small, paper, help */
#define LEAGUE_COUNTS(X)                                                                           \
    X("verticals", verticals, 1, 25, 3, 5, 25, "top groups of classes; no classes themselves")     \
    X("parents", parents, 1, 64, 2, 2, 2, "parent classes of each vertical")                       \
    X("leaves", leaves, 4, 3900, 18, 50, 3812, "leaf classes, in all")                             \
    X("segment-classes", segment_classes, 2, 3900, 8, 30, 1000,                                    \
      "leaves that segments are rated for")                                                        \
    X("segment-classes-from", segment_classes_from, 2, 3900, 12, 40, 1780,                         \
      "they are drawn from so many of the most frequent leaves")                                   \
    X("train-videos", train_videos, 1, 14000000, 160, 4000, 3888919, "videos of 2/*/train")        \
    X("validate-videos", validate_videos, 1, 14000000, 48, 240, 47500, "videos of */validate")     \
    X("test-videos", test_videos, 1, 14000000, 64, 2100, 44800, "videos of */test")                \
    X("train-shards", train_shards, 1, LEAGUE_MOST_SHARDS, 4, 40, 3844, "files of each level")     \
    X("validate-shards", validate_shards, 1, LEAGUE_MOST_SHARDS, 2, 4, 3844,                       \
      "files of each level")                                                                       \
    X("test-shards", test_shards, 1, LEAGUE_MOST_SHARDS, 2, 12, 3844, "files of each level")       \
    X("length-from", length_from, 0, LEAGUE_MOST_FRAMES, 70, 0, 0,                                 \
      "seconds of the shortest video, at least 61; 0: as published")                               \
    X("length-to", length_to, 0, LEAGUE_MOST_FRAMES, 110, 0, 0,                                    \
      "seconds of the longest; 0: as published")                                                   \
    X("most-extra-topics", most_extra_topics, 0, 31, 4, 4, 20, "topics beside the first, at most") \
    X("backgrounds", backgrounds, 1, 10000, 40, 40, 40, "settings that belong to no class")        \
    X("ratings-per-video", ratings_per_video, 1, LEAGUE_MOST_RATINGS, 5, 5, 5,                     \
      "rated segments of a video")

#define LEAGUE_REALS(X)                                                                            \
    X("zipf", zipf, 0, 4, 1, 1, 0, "leaf weight (rank + shift)^-zipf; 0: the published counts")    \
    X("shift", shift, 0, 1000, 2, 2, 2, "see zipf")                                                \
    X("audible", audible, 0, 1, .4, .4, .4, "share of leaves with a sound of their own")           \
    X("extra-topics", extra_topics, 0, 30, 1.1, 1.1, 8.5, "topics beside the first, mean")         \
    X("same-vertical", same_vertical, 0, 1, .66, .66, .66, "share of them from its vertical")      \
    X("recall", recall, 0, 1, .6, .6, .145, "share of what is true that machine labels have")      \
    X("precision", precision, .01, 1, .788, .788, .788, "share of machine labels that are true")   \
    X("precision-sd", precision_sd, 0, .5, .15, .15, .15, "of it over classes")                    \
    X("repeats", repeats, 0, 10, 1.15, 1.15, 1.15, "false labels drawn for each one that stays")   \
    X("false-sibling", false_sibling, 0, 1, .5, .5, .5,                                            \
      "share of false labels of the same parent")                                                  \
    X("prevalence", prevalence, .01, .99, .61, .66, .66, "share of scenes that show a topic")      \
    X("prevalence-sd", prevalence_sd, 0, .5, .15, .15, .15, "of it over classes")                  \
    X("prevalence-k", prevalence_k, .1, 1000, 4, 4, 4, "how alike a class's videos are in it")     \
    X("scene-mean", scene_mean, 3, 1000, 18, 18, 18, "seconds of a scene")                         \
    X("shot-mean", shot_mean, 1, 1000, 3, 3, 3, "seconds of a shot")                               \
    X("vertical-variance", vertical_variance, 0, 10, .06, .06, .06, "aV")                          \
    X("parent-variance", parent_variance, 0, 10, .10, .10, .10, "aP")                              \
    X("class-variance", class_variance, 0, 10, .14, .07, .07, "aC")                                \
    X("look-variance", look_variance, 0, 10, .12, .26, .26, "aL")                                  \
    X("context-variance", context_variance, 0, 10, .20, .20, .20, "aX")                            \
    X("audio-variance", audio_variance, 0, 10, .30, .30, .30, "aA")                                \
    X("context-share", context_share, 0, 2, .85, 1, 1, "kappa: a context's part of its class")     \
    X("setting", setting, 0, 10, 1, 1, 1, "gamma: strength of a scene's setting")                  \
    X("own-context", own_context, 0, 1, .85, .85, .85, "p_ctx: scenes set in a topic's context")   \
    X("first-context", first_context, 0, 1, .6, .6, .6, "share of them in the first topic's")      \
    X("strength-from", strength_from, 0, 10, .3, .4, .4, "beta_lo: the faintest topic")            \
    X("strength-to", strength_to, 0, 10, .9, 1.1, 1.1, "beta_hi: the strongest topic")             \
    X("rater-error", rater_error, 0, .5, .03, .03, .03, "share of scores that are wrong")          \
    X("private", private_share, 0, 1, .6666, .6666, .6666, "share of the test's ratings")          \
    X("full-length", full_length, 0, 1, .301, .301, .301, "share of videos of 300 s")              \
    X("style", style, 0, 10, .54, .42, .42, "variance of a video's own style, rgb")                \
    X("style-audio", style_audio, 0, 10, 1, 1, 1, "the same, audio")                               \
    X("scene", scene, 0, 10, .10, .10, .10, "variance of a scene's own look")                      \
    X("shot", shot, 0, 10, .30, .30, .30, "variance of a shot's own look")                         \
    X("amplitude", amplitude, 0, 10, .741, .741, .741,                                             \
      "median square of a video's amplitude, rgb")                                                 \
    X("amplitude-sd", amplitude_sd, 0, 2, .37, .37, .37, "sd of its log10")                        \
    X("audio-amplitude-sd", audio_amplitude_sd, 0, 2, 0, .26, .26,                                 \
      "the same, audio; its median is 1")                                                          \
    X("rgb-sd", rgb_sd, 0, 10, .866, .866, .866, "profile of rgb: sd of dim k, rgb-sd k^-decay")   \
    X("rgb-decay", rgb_decay, 0, 2, .109, .109, .109, "see rgb-sd")                                \
    X("audio-sd", audio_sd, 0, 10, 1.113, 1.113, 1.113, "profile of audio")                        \
    X("audio-decay", audio_decay, 0, 2, .126, .126, .126, "see audio-sd")                          \
    X("frame-variance", frame_variance, 0, 10, .88, .88, .88, "of a frame's rgb beside its shot")  \
    X("audio-frame-variance", audio_frame_variance, 0, 10, 1.35, 1.35, 1.35, "the same, audio")    \
    X("noise-floor", noise_floor, 0, 10, .1, .1, .1, "least variance of a frame's noise")

#define LEAGUE_COUNT_FIELD(name, field, ...) size_t field;
#define LEAGUE_REAL_FIELD(name, field, ...) double field;
typedef struct LeagueParameters {
    uint64_t seed;
    LeagueScale scale;
    LEAGUE_COUNTS(LEAGUE_COUNT_FIELD)
    LEAGUE_REALS(LEAGUE_REAL_FIELD)
} LeagueParameters;

/* A table with "scale", "seed" and all parameters, for options_parse. */
extern const Option league_options[];

/*
 * Take the parameters from values: those that were given, the scale's for all others.
 *
 *   failure  EX_USAGE: some do not fit each other
 */
bool league_parameters(LeagueParameters *parameters, const OptionValues *values, Failure *failure);

/* The defaults of a scale. */
LeagueParameters league_defaults(LeagueScale scale, uint64_t seed);

/* Whether they fit each other. EX_USAGE. */
bool league_check(const LeagueParameters *parameters, Failure *failure);

#endif
