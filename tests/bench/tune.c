/*
 * tune FOLDER [SEEDS [TRIALS [NAME]]]: how well weights are found with a given number of trials.
 *
 * Ways of choosing trials on the same functions with the same seeds: the search by a Gaussian process with
 * either acquisition (of MAP also without points around the members' own values), points drawn evenly, and
 * BOBYQA of NLopt from a drawn point, where the library is there. A line each: how far below the maximum
 * the best trial is (of MAP, its value, and what the same weights reach on ratings that were held out),
 * mean, spread and worst over the seeds. Submissions to fuse are written to FOLDER.
 */
#include "common/base/elementary.h"
#include "common/base/philox.h"
#include "common/rank/ensemble_search.h"
#include "common/rank/truth_csv.h"

#ifdef HAVE_NLOPT
#include <nlopt.h>
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_TRIALS ((size_t)512)
#define MOST_SEEDS ((size_t)64)
#define MEMBERS ((size_t)9)
#define TWO_PI 6.28318530717958647692

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A function to be maximised over points from 0 to 1. */
typedef struct Target Target;
struct Target {
    const char *name;
    size_t dimensions, shares;
    double maximum; // NAN: not known
    double (*value)(const Target *target, const double *point);
    EnsembleMap *map, *held_out; // of MAP: tuned on, and looked at in the end
};

/* Branin's function, negative: maxima of -0.397887 at three points. */
static double branin(const Target *target, const double *point)
{
    (void)target;
    double x = 15 * point[0] - 5, y = 15 * point[1];
    double a = y - 5.1 / (TWO_PI * TWO_PI) * x * x + 10 / TWO_PI * x - 6;
    return -(a * a + 10 * (1 - 2 / (8 * TWO_PI)) * cos(x) + 10);
}

static double hartmann6(const Target *target, const double *point)
{
    (void)target;
    static const double alpha[4] = { 1, 1.2, 3, 3.2 };
    static const double a[4][6] = { { 10, 3, 17, 3.5, 1.7, 8 },
                                    { 0.05, 10, 17, 0.1, 8, 14 },
                                    { 3, 3.5, 1.7, 10, 17, 8 },
                                    { 17, 8, 0.05, 10, 0.1, 14 } };
    static const double p[4][6] = { { 0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886 },
                                    { 0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991 },
                                    { 0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650 },
                                    { 0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381 } };
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        double inner = 0;
        for (int j = 0; j < 6; j++)
            inner += a[i][j] * (point[j] - p[i][j]) * (point[j] - p[i][j]);
        sum += alpha[i] * exp(-inner);
    }
    return sum;
}

/* Nine weights of which only the shares count: a hill at the paper's weights, bent and with ripples. */
static double shares9(const Target *target, const double *point)
{
    static const double best[9] = { 0.0022, 0.0281, 0.049,  0.1388, 0.0597,
                                    0.1967, 0.2003, 0.1706, 0.1546 };
    double sum = 0, distance = 0, product = 1;
    for (size_t i = 0; i < target->dimensions; i++)
        sum += point[i];
    for (size_t i = 0; i < target->dimensions; i++) {
        double difference = (sum > 0 ? point[i] / sum : 1.0 / 9) - best[i];
        distance += (1 + (double)(i % 3)) * difference * difference;
        product *= cos(12 * difference);
    }
    return exp(-10 * distance) + 0.05 * product - 1.05;
}

static const EnsembleSpace of_ranks = { MEMBERS, 0.1, 10 };

static double fused_map(const Target *target, const double *point)
{
    double equal[SEARCH_MOST_DIMENSIONS], sum = 0;
    for (size_t i = 0; i < MEMBERS; i++) {
        equal[i] = 1;
        sum += point[i];
    }
    return ensemble_map_value(target->map, sum > 0 ? point : equal, ensemble_w0(&of_ranks, point));
}

/* ---- ways of choosing trials ---- */

/* A run of one way: its best value and point. */
typedef struct Run {
    const Target *target;
    uint64_t seed;
    size_t trials;
    double most, best[SEARCH_MOST_DIMENSIONS];
    Arena arena;
    Failure *failure;
} Run;

static double try(Run *run, const double *point)
{
    double value = run->target->value(run->target, point);
    if (value > run->most)
        memcpy(run->best, point, run->target->dimensions * sizeof *point);
    run->most = value > run->most ? value : run->most;
    return value;
}

/* `around`: points around the members' own values are among the first ones. */
static void by_process(Run *run, Acquisition acquisition, bool around)
{
    const Target *target = run->target;
    double *points = NULL, alone[MEMBERS], point[SEARCH_MOST_DIMENSIONS];
    size_t first = around ? target->dimensions : 0;
    Search search;
    Trial trial;
    if (first
        && !ensemble_first_points(&of_ranks, target->map, run->seed, first, alone, &points,
                                  &run->arena, run->failure))
        return;
    SearchSettings settings = { .dimensions = target->dimensions,
                                .shares = target->shares,
                                .trials = run->trials,
                                .initial = points,
                                .initial_count = first,
                                .drawn = 2 * target->dimensions - first,
                                .acquisition = acquisition,
                                .seed = run->seed };
    if (!search_create(&search, &settings, &run->arena, run->failure))
        return;
    while (search.count < run->trials) {
        search_next(&search, point, &trial);
        trial.value = try(run, point);
        search_tell(&search, point, trial);
    }
}

static void by_improvement(Run *run)
{
    by_process(run, ACQUISITION_IMPROVEMENT, run->target->map);
}

static void by_improvement_from_anywhere(Run *run)
{
    by_process(run, ACQUISITION_IMPROVEMENT, false);
}

static void by_bound(Run *run)
{
    by_process(run, ACQUISITION_BOUND, run->target->map);
}

static void draw(const Run *run, const char *purpose, size_t trial, double *point)
{
    PhiloxKey key = philox_key(run->seed, purpose);
    for (size_t i = 0; i < run->target->dimensions; i++) {
        uint32_t words[4];
        philox(key, trial, i, words);
        point[i] = philox_uniform(words[0]);
    }
}

static void by_chance(Run *run)
{
    double point[SEARCH_MOST_DIMENSIONS];
    for (size_t i = 0; i < run->trials; i++) {
        draw(run, "bench/chance", i, point);
        try(run, point);
    }
}

#ifdef HAVE_NLOPT
static double try_for_nlopt(unsigned n, const double *x, double *gradient, void *run)
{
    (void)n;
    (void)gradient;
    return try(run, x);
}

static void by_bobyqa(Run *run)
{
    double point[SEARCH_MOST_DIMENSIONS], value;
    nlopt_opt opt = nlopt_create(NLOPT_LN_BOBYQA, (unsigned)run->target->dimensions);
    draw(run, "bench/start", 0, point);
    nlopt_set_lower_bounds1(opt, 0);
    nlopt_set_upper_bounds1(opt, 1);
    nlopt_set_max_objective(opt, try_for_nlopt, run);
    nlopt_set_maxeval(opt, (int)run->trials);
    nlopt_set_initial_step1(opt, 0.25);
    nlopt_optimize(opt, point, &value);
    nlopt_destroy(opt);
}
#endif

static const struct Way {
    const char *name;
    void (*run)(Run *run);
    bool of_map; // elsewhere it is the same as another
} ways[] = {
    { "improvement", by_improvement },
    { "improvement-from-anywhere", by_improvement_from_anywhere, .of_map = true },
    { "bound", by_bound },
    { "chance", by_chance },
#ifdef HAVE_NLOPT
    { "bobyqa", by_bobyqa },
#endif
};

/* ---- reports ---- */

static void print_values(const char *target, const char *way, const char *what,
                         const double *values, size_t count)
{
    double mean = 0, square = 0, worst = INFINITY;
    for (size_t i = 0; i < count; i++) {
        mean += values[i] / (double)count;
        worst = values[i] < worst ? values[i] : worst;
    }
    for (size_t i = 0; i < count; i++)
        square += (values[i] - mean) * (values[i] - mean);
    printf("tune-%s-%s%s mean %.6f spread %.6f worst %.6f\n", target, way, what, mean,
           count > 1 ? sqrt(square / (double)(count - 1)) : 0, worst);
}

static void run_way(const Target *target, const struct Way *way, size_t seeds, size_t trials,
                    Arena arena, Failure *failure)
{
    double values[MOST_SEEDS], held_out[MOST_SEEDS], began = cpu_seconds();
    Target other = *target;
    other.map = target->held_out;
    for (size_t seed = 0; seed < seeds; seed++) {
        Run run = { target, seed, trials, -INFINITY, { 0 }, arena, failure };
        way->run(&run);
        values[seed] = run.most - (isnan(target->maximum) ? 0 : target->maximum);
        held_out[seed] = target->held_out ? target->value(&other, run.best) : 0;
    }
    double seconds = (cpu_seconds() - began) / (double)seeds;
    print_values(target->name, way->name, "", values, seeds);
    if (target->held_out)
        print_values(target->name, way->name, "-held-out", held_out, seeds);
    printf("tune-%s-%s-cpu %.3f s\n", target->name, way->name, seconds);
    fflush(stdout);
}

static void compare(const Target *target, size_t seeds, size_t trials, Arena arena,
                    Failure *failure)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (target->map || !ways[i].of_map)
            run_way(target, &ways[i], seeds, trials, arena, failure);
}

/* ---- submissions of members that are good in different ways ---- */
#define CLASSES ((size_t)40)
#define SEGMENTS ((size_t)800)
#define RATED ((size_t)120) // of a class, in each truth

static double normal(PhiloxKey key, uint64_t major, uint64_t minor)
{
    uint32_t words[4];
    philox(key, major, minor, words);
    return elementary_normal_quantile(philox_uniform(words[0]) + 0x1p-25);
}

typedef struct Ranked {
    double score;
    size_t segment;
} Ranked;

static int falling(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    int order = (x->score < y->score) - (x->score > y->score);
    return order ? order : (x->segment > y->segment) - (x->segment < y->segment);
}

/* Whether a segment is of the class: about half of the rated ones, few of the others. */
static bool relevant(size_t class, size_t segment)
{
    return normal(philox_key(1, "bench/truth"), class, segment) > (segment < 2 * RATED ? 0 : 1.6);
}

/* Members share noise by family (of three), and differ in how much they see. */
static double score_of(size_t member, size_t class, size_t segment)
{
    static const double sees[MEMBERS] = { 0.5, 0.8, 0.9, 1.0, 1.05, 1.2, 1.25, 1.2, 1.3 };
    size_t cell = class * SEGMENTS + segment;
    double family = normal(philox_key(2, "bench/family"), member / 3, cell);
    double own = normal(philox_key(3, "bench/member"), member, cell);
    double hard = normal(philox_key(4, "bench/hard"), 0, cell);
    return sees[member] * relevant(class, segment) + 0.5 * hard + 0.7 * family + 0.6 * own;
}

static void write_member(const char *path, size_t member)
{
    static Ranked list[SEGMENTS];
    FILE *file = fopen(path, "w");
    fprintf(file, "Class,Segments\n");
    for (size_t class = 0; class < CLASSES; class ++) {
        for (size_t i = 0; i < SEGMENTS; i++)
            list[i] = (Ranked){ score_of(member, class, i), i };
        qsort(list, SEGMENTS, sizeof *list, falling);
        fprintf(file, "%zu,", class);
        for (size_t i = 0; i < SEGMENTS; i++)
            fprintf(file, "%s%c%03zu:%zu", i ? " " : "", 'a' + (char)(list[i].segment % 26),
                    list[i].segment / 20, 5 * (list[i].segment % 20));
        fprintf(file, "\n");
    }
    fclose(file);
}

static void write_truth(const char *path, size_t first)
{
    FILE *file = fopen(path, "w");
    fprintf(file, "VideoId,Start,Class,Relevant\n");
    for (size_t class = 0; class < CLASSES; class ++)
        for (size_t i = first; i < first + RATED; i++)
            fprintf(file, "%c%03zu,%zu,%zu,%d\n", 'a' + (char)(i % 26), i / 20, 5 * (i % 20), class,
                    relevant(class, i));
    fclose(file);
}

static bool read_map(EnsembleMap *map, SegmentTruth *truth, const char *path,
                     const char *const *members, Arena *arena, Failure *failure)
{
    return segment_truth_read_csv(truth, path, arena, failure)
        && ensemble_map_of_submissions(map, (EnsembleTruth){ truth, 0, 100000 }, members, MEMBERS,
                                       arena, failure);
}

/* What the members were written to. */
typedef struct Files {
    char members[MEMBERS][1024], truths[2][1024];
    SegmentTruth ratings[2];
    EnsembleMap tuned, held_out;
} Files;

static bool write_files(Files *files, const char *folder, Arena *arena, Failure *failure)
{
    const char *members[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        snprintf(files->members[i], sizeof files->members[i], "%s/member-%zu.csv", folder, i);
        write_member(files->members[i], i);
        members[i] = files->members[i];
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(files->truths[i], sizeof files->truths[i], "%s/truth-%zu.csv", folder, i);
        write_truth(files->truths[i], i * RATED);
    }
    return read_map(&files->tuned, &files->ratings[0], files->truths[0], members, arena, failure)
        && read_map(&files->held_out, &files->ratings[1], files->truths[1], members, arena,
                    failure);
}

/* What needs no search: equal weights, the best member, what an evaluation takes. */
static void print_plain(const Target *target)
{
    const double equal[MEMBERS + 1] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5 };
    double most = 0, began = cpu_seconds();
    Target other = *target;
    other.map = target->held_out;
    for (size_t i = 0; i < MEMBERS; i++) {
        double alone[MEMBERS + 1] = { 0 };
        alone[i] = 1;
        double value = fused_map(target, alone);
        most = value > most ? value : most;
    }
    printf("tune-%s-evaluation %.3f ms\n", target->name,
           (cpu_seconds() - began) * 1000 / (double)MEMBERS);
    printf("tune-%s-best-member %.6f\ntune-%s-equal %.6f\ntune-%s-equal-held-out %.6f\n",
           target->name, most, target->name, fused_map(target, equal), target->name,
           fused_map(&other, equal));
}

int main(int argc, char **argv)
{
    static Files files;
    Arena arena = { 0 };
    Failure failure = { 0 };
    size_t seeds = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
    size_t trials = argc > 3 ? strtoul(argv[3], NULL, 10) : 60;
    if (argc < 2 || seeds < 1 || seeds > MOST_SEEDS || trials < 1 || trials > MOST_TRIALS)
        return EX_USAGE;
#ifndef HAVE_NLOPT
    fprintf(stderr, "bench-tune: NLopt is absent (libnlopt-dev): no BOBYQA beside the others\n");
#endif
    if (!arena_open(&arena, (size_t)1 << 34, &failure)
        || !write_files(&files, argv[1], &arena, &failure))
        return failure_report(&failure, "tune");
    const Target targets[] = {
        { "branin", 2, 0, -0.39788735772973816, branin, NULL, NULL },
        { "hartmann6", 6, 0, 3.32236801141551, hartmann6, NULL, NULL },
        { "shares9", 9, 9, 0, shares9, NULL, NULL },
        { "map", MEMBERS + 1, MEMBERS, NAN, fused_map, &files.tuned, &files.held_out },
    };
    print_plain(&targets[3]);
    for (size_t i = 0; i < sizeof targets / sizeof *targets && failure.code == EX_OK; i++)
        if (argc < 5 || strcmp(argv[4], targets[i].name) == 0)
            compare(&targets[i], seeds, trials, arena, &failure);
    arena_close(&arena);
    return failure_report(&failure, "tune");
}
