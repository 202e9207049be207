/*
 * Frames: which frames of its video, or of its segment, a sample has, as a list of their numbers.
 *
 *   all       every frame
 *   thinned   o, o + r, o + 2r, ...; where there are no more than o frames, frame o mod n alone
 *   random    k frames, each drawn by itself, so that some come more than once
 *   sequence  k frames that follow each other from a drawn one on; where there are fewer than k, the
 *             last one again
 *
 * Source: spec/models 1.4 (model_utils.py of the organisers' trainer) and 15.2.
 */
#ifndef PODIUM_DATA_FRAMES_H
#define PODIUM_DATA_FRAMES_H

#include "common/base/failure.h"
#include "common/base/philox.h"

#include <stdbool.h>

#define FRAMES_MOST_DRAWN ((size_t)10000) // of one sample

typedef enum FrameChoice {
    FRAMES_ALL,
    FRAMES_THINNED,
    FRAMES_RANDOM,
    FRAMES_SEQUENCE,
} FrameChoice;

/* How the frames of every sample are chosen. { 0 }: all of them. */
typedef struct FrameSampling {
    FrameChoice choice;
    size_t least, most; // thinned: r is between them, one r and one o below r for a batch
    size_t count;       // random, sequence: k
} FrameSampling;

/* Parse "all", "random:K" or "sequence:K", K from 1 to FRAMES_MOST_DRAWN. EX_USAGE. */
bool frames_parse(FrameSampling *sampling, const char *text, Failure *failure);

/* Parse "A:B", the least and the most of r; "1:1" is all. EX_USAGE: not 1 <= A <= B. */
bool frames_parse_thinning(FrameSampling *sampling, const char *text, Failure *failure);

/* The most frames that a sample of a video, or segment, of n frames gets; 0 where n is 0. */
size_t frames_bound(const FrameSampling *sampling, size_t n);

/* What a sample's draws are made of. */
typedef struct FrameDraw {
    size_t factor, offset; // thinned: r and o
    PhiloxKey key;         // random, sequence: of this sample in this epoch
} FrameDraw;

/* r and o of a batch. */
FrameDraw frames_draw_batch(const FrameSampling *sampling, PhiloxKey key, uint64_t batch);

/* The key of a sample: who it is, and when. */
PhiloxKey frames_sample_key(PhiloxKey key, const char *id, size_t id_length, uint32_t start,
                            uint64_t epoch);

/*
 * List the frames of a sample that has frames first .. first + n - 1 of its video.
 *
 *   numbers  [frames_bound(sampling, n)]
 *   returns  how many there are
 */
size_t frames_list(uint32_t *numbers, const FrameSampling *sampling, const FrameDraw *draw,
                   size_t first, size_t n);

#endif
