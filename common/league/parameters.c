#include "common/league/parameters.h"

#include <string.h>

#define LEAST_RATED_FRAMES 61 // five starts that are rated: 30 to 50, and two segments after them
#define IDS_OF_A_SHARD ((size_t)3844)

#define TEXT(x) #x
#define SAYS(help, tiny, small, paper) help " [" TEXT(tiny) ", " TEXT(small) ", " TEXT(paper) "]"
#define COUNT_OPTION(name, field, least, most, tiny, small, paper, help)                           \
    { name, OPTION_SIZE, NULL, SAYS(help, tiny, small, paper), .minimum = least, .maximum = most },
#define REAL_OPTION(name, field, least, most, tiny, small, paper, help)                            \
    { name, OPTION_REAL, NULL, SAYS(help, tiny, small, paper), .minimum = least, .maximum = most },

const Option league_options[] = {
    { "scale", OPTION_CHOICE, "small", "how large; the defaults of all below are in brackets",
      .choices = LEAGUE_SCALES },
    { "seed", OPTION_SIZE, "1", "of all draws" },
    LEAGUE_COUNTS(COUNT_OPTION) LEAGUE_REALS(REAL_OPTION){ 0 },
};

#define DEFAULT(name, field, least, most, tiny, small, paper, help)                                \
    parameters.field = scale == LEAGUE_TINY ? (tiny) : scale == LEAGUE_SMALL ? (small) : (paper);

LeagueParameters league_defaults(LeagueScale scale, uint64_t seed)
{
    LeagueParameters parameters = { .seed = seed, .scale = scale };
    LEAGUE_COUNTS(DEFAULT)
    LEAGUE_REALS(DEFAULT)
    return parameters;
}

/* A Beta distribution of that mean can't have a larger spread. */
static bool fits_beta(double mean, double sd)
{
    return sd == 0 || mean == 1 || sd * sd < mean * (1 - mean);
}

static bool check_videos(const char *what, size_t videos, size_t shards, Failure *failure)
{
    return videos >= shards
        || fail(failure, EX_USAGE, "--%s-shards %zu: more than the %zu videos", what, shards,
                videos);
}

static bool check_ids(const LeagueParameters *p, Failure *failure)
{
    size_t most = p->train_videos / p->train_shards + p->validate_videos / p->validate_shards
        + p->test_videos / p->test_shards + 3;
    return check_videos("train", p->train_videos, p->train_shards, failure)
        && check_videos("validate", p->validate_videos, p->validate_shards, failure)
        && check_videos("test", p->test_videos, p->test_shards, failure)
        && (most <= IDS_OF_A_SHARD
            || fail(failure, EX_USAGE,
                    "the shards of one name would have %zu videos, and there are %zu ids for them; "
                    "give more --train-shards",
                    most, IDS_OF_A_SHARD));
}

bool league_check(const LeagueParameters *p, Failure *failure)
{
    if (p->verticals * p->parents * 2 > p->leaves)
        return fail(failure, EX_USAGE, "--leaves %zu: fewer than two for each of %zu parents",
                    p->leaves, p->verticals * p->parents);
    if (p->segment_classes_from > p->leaves)
        return fail(failure, EX_USAGE, "--segment-classes-from %zu: there are %zu leaves",
                    p->segment_classes_from, p->leaves);
    if (p->segment_classes > p->segment_classes_from)
        return fail(failure, EX_USAGE, "--segment-classes %zu: drawn from %zu leaves only",
                    p->segment_classes, p->segment_classes_from);
    if (p->most_extra_topics + 2 > p->leaves)
        return fail(failure, EX_USAGE, "--most-extra-topics %zu: there are %zu leaves",
                    p->most_extra_topics, p->leaves);
    if ((p->length_from || p->length_to)
        && (p->length_from < LEAST_RATED_FRAMES || p->length_to < p->length_from))
        return fail(
            failure, EX_USAGE,
            "--length-from %zu --length-to %zu: must rise, from %d s on: shorter videos have "
            "no five segments that are rated",
            p->length_from, p->length_to, LEAST_RATED_FRAMES);
    if (p->strength_to < p->strength_from)
        return fail(failure, EX_USAGE, "--strength-to %g: below --strength-from %g", p->strength_to,
                    p->strength_from);
    if (!fits_beta(p->precision, p->precision_sd))
        return fail(failure, EX_USAGE, "--precision-sd %g: too large for a mean of %g",
                    p->precision_sd, p->precision);
    if (!fits_beta(p->prevalence, p->prevalence_sd))
        return fail(failure, EX_USAGE, "--prevalence-sd %g: too large for a mean of %g",
                    p->prevalence_sd, p->prevalence);
    return check_ids(p, failure);
}

static LeagueScale scale_of_word(const char *word)
{
    return strcmp(word, "tiny") == 0 ? LEAGUE_TINY
        : strcmp(word, "small") == 0 ? LEAGUE_SMALL
                                     : LEAGUE_PAPER;
}

#define TAKE_COUNT(name, field, ...)                                                               \
    if (option_entry(values, name)->count)                                                         \
        parameters->field = option_size(values, name);
#define TAKE_REAL(name, field, ...)                                                                \
    if (option_entry(values, name)->count)                                                         \
        parameters->field = option_real(values, name);

bool league_parameters(LeagueParameters *parameters, const OptionValues *values, Failure *failure)
{
    LeagueScale scale = scale_of_word(option_text(values, "scale"));
    *parameters = league_defaults(scale, option_size(values, "seed"));
    LEAGUE_COUNTS(TAKE_COUNT)
    LEAGUE_REALS(TAKE_REAL)
    return league_check(parameters, failure);
}
