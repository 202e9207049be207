#include "common/learn/initialise.h"
#include "common/base/elementary.h"
#include "common/base/parallel.h"
#include "common/base/philox.h"

#define WORDS ((size_t)4)                   // of one Philox counter
#define PIECE ((size_t)1 << 14)             // a multiple of WORDS
#define BELOW_TWO_SIGMA 0.02275013194817921 // Phi(-2)

typedef struct Draw {
    real *values;
    size_t first;
    Initializer initializer;
    PhiloxKey key;
} Draw;

static double transform(Initializer how, uint32_t word)
{
    double u = ((double)word + 0.5) * 0x1p-32;
    switch (how.kind) {
    case INITIALIZE_UNIFORM:
        return how.a + (how.b - how.a) * u;
    case INITIALIZE_NORMAL:
        return how.a + how.b * elementary_normal_quantile(u);
    case INITIALIZE_TRUNCATED_NORMAL:
        u = BELOW_TWO_SIGMA + (1 - 2 * BELOW_TWO_SIGMA) * u;
        return how.a + how.b * elementary_normal_quantile(u);
    case INITIALIZE_CONSTANT:
    case INITIALIZE_GIVEN: // draws nothing
        break;
    }
    return how.a;
}

static void draw_piece(void *context, size_t begin, size_t end)
{
    const Draw *draw = context;
    for (size_t i = begin; i < end; i += WORDS) {
        uint32_t words[WORDS];
        philox(draw->key, 0, (draw->first + i) / WORDS, words);
        for (size_t j = 0; j < WORDS && i + j < end; j++)
            draw->values[i + j] = (real)transform(draw->initializer, words[j]);
    }
}

void initialise(real *values, size_t first, size_t count, Initializer initializer, uint64_t seed,
                const char *name)
{
    Draw draw = { values, first, initializer, philox_key(seed, name) };
    for (size_t i = 0; initializer.kind == INITIALIZE_GIVEN && i < count; i++)
        values[i] = (real)initializer.values[first + i];
    if (initializer.kind == INITIALIZE_GIVEN)
        return;
    parallel_for(count, PIECE, draw_piece, &draw);
}
