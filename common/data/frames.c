#include "common/data/frames.h"

#include <stdio.h>
#include <string.h>

#define DRAWS_A_BLOCK 2 // of 64 bits each, in four words of Philox

/* "random:60": whether the text is this word and a number of frames. */
static bool parse_count(FrameSampling *sampling, const char *text, const char *word,
                        FrameChoice choice)
{
    size_t length = strlen(word);
    int end = 0;
    if (strncmp(text, word, length) != 0 || text[length] < '0' || text[length] > '9'
        || sscanf(text + length, "%5zu%n", &sampling->count, &end) != 1
        || text[length + (size_t)end])
        return false;
    sampling->choice = choice;
    return sampling->count >= 1 && sampling->count <= FRAMES_MOST_DRAWN;
}

bool frames_parse(FrameSampling *sampling, const char *text, Failure *failure)
{
    *sampling = (FrameSampling){ 0 };
    return strcmp(text, "all") == 0 || parse_count(sampling, text, "random:", FRAMES_RANDOM)
        || parse_count(sampling, text, "sequence:", FRAMES_SEQUENCE)
        || fail(failure, EX_USAGE,
                "--sample-frames %s: must be all, random:N or sequence:N with N from 1 to %zu",
                text, FRAMES_MOST_DRAWN);
}

bool frames_parse_thinning(FrameSampling *sampling, const char *text, Failure *failure)
{
    int end = 0;
    *sampling = (FrameSampling){ .choice = FRAMES_THINNED };
    if (sscanf(text, "%4zu:%4zu%n", &sampling->least, &sampling->most, &end) != 2 || text[end]
        || sampling->least == 0 || sampling->least > sampling->most)
        return fail(failure, EX_USAGE, "--downsample %s: must be A:B with 1 <= A <= B", text);
    return true;
}

size_t frames_bound(const FrameSampling *sampling, size_t n)
{
    if (n == 0 || sampling->choice == FRAMES_ALL)
        return n;
    if (sampling->choice == FRAMES_THINNED)
        return (n + sampling->least - 1) / sampling->least;
    return sampling->count;
}

FrameDraw frames_draw_batch(const FrameSampling *sampling, PhiloxKey key, uint64_t batch)
{
    uint32_t words[4];
    if (sampling->choice != FRAMES_THINNED)
        return (FrameDraw){ 0 };
    philox(key, batch, 0, words);
    size_t factor =
        sampling->least + philox_below(words[0], words[1], sampling->most - sampling->least + 1);
    return (FrameDraw){ .factor = factor, .offset = philox_below(words[2], words[3], factor) };
}

/* FNV-1a, 64 bits: what an id draws by. */
static uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3u;
    return hash;
}

PhiloxKey frames_sample_key(PhiloxKey key, const char *id, size_t id_length, uint32_t start,
                            uint64_t epoch)
{
    uint32_t words[4];
    philox(key, hash_bytes(id, id_length), epoch << 32 | start, words);
    return (PhiloxKey){ { words[0], words[1] } };
}

static size_t list_thinned(uint32_t *numbers, const FrameDraw *draw, size_t first, size_t n)
{
    size_t count = 0;
    if (n <= draw->offset) {
        numbers[0] = (uint32_t)(first + draw->offset % n);
        return 1;
    }
    for (size_t i = draw->offset; i < n; i += draw->factor)
        numbers[count++] = (uint32_t)(first + i);
    return count;
}

static void list_random(uint32_t *numbers, size_t count, PhiloxKey key, size_t first, size_t n)
{
    uint32_t words[4] = { 0 };
    for (size_t i = 0; i < count; i++) {
        size_t own = i % DRAWS_A_BLOCK;
        if (own == 0)
            philox(key, 0, i / DRAWS_A_BLOCK, words);
        numbers[i] = (uint32_t)(first + philox_below(words[2 * own], words[2 * own + 1], n));
    }
}

static void list_sequence(uint32_t *numbers, size_t count, PhiloxKey key, size_t first, size_t n)
{
    uint32_t words[4];
    philox(key, 0, 0, words);
    size_t start = philox_below(words[0], words[1], n > count ? n - count + 1 : 1);
    for (size_t i = 0; i < count; i++)
        numbers[i] = (uint32_t)(first + (start + i < n ? start + i : n - 1));
}

size_t frames_list(uint32_t *numbers, const FrameSampling *sampling, const FrameDraw *draw,
                   size_t first, size_t n)
{
    if (n == 0)
        return 0;
    switch (sampling->choice) {
    case FRAMES_THINNED:
        return list_thinned(numbers, draw, first, n);
    case FRAMES_RANDOM:
        list_random(numbers, sampling->count, draw->key, first, n);
        return sampling->count;
    case FRAMES_SEQUENCE:
        list_sequence(numbers, sampling->count, draw->key, first, n);
        return sampling->count;
    case FRAMES_ALL:
        break;
    }
    for (size_t i = 0; i < n; i++)
        numbers[i] = (uint32_t)(first + i);
    return n;
}
