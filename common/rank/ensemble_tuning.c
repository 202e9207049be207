#include "common/rank/ensemble_tuning.h"
#include "common/base/json_text.h"
#include "common/base/progress.h"
#include "common/learn/interrupts.h"
#include "common/rank/weights_file.h"
#include "common/search/search_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Twice as many points as dimensions before a process is asked: half of them around the members' values. */
static bool begin(Tuning *tuning, Arena *arena, Failure *failure)
{
    const TuningSettings *settings = &tuning->settings;
    size_t dimensions = ensemble_dimensions(&settings->space);
    double *points;
    SearchSettings search = { .dimensions = dimensions,
                              .shares = settings->space.members,
                              .trials = settings->trials,
                              .initial_count = dimensions,
                              .drawn = dimensions,
                              .acquisition = settings->acquisition,
                              .seed = settings->seed };
    if (!arena_array(arena, tuning->alone, settings->space.members, failure)
        || !ensemble_first_points(&settings->space, tuning->map, settings->seed, dimensions,
                                  tuning->alone, &points, arena, failure))
        return false;
    search.initial = points;
    return search_create(&tuning->search, &search, arena, failure)
        && search_state_load(&tuning->search, settings->state_path, *arena, failure);
}

/* Write the state, unless what it is of has changed; and stop, where a signal asks for it. */
static bool keep(const Tuning *tuning, Arena scratch, Failure *failure)
{
    const TuningSettings *settings = &tuning->settings;
    if ((settings->check && !settings->check(settings->check_context, failure))
        || !search_state_save(&tuning->search, settings->state_path, scratch, failure))
        return false;
    return !interrupts_came()
        || fail(failure, EX_TEMPFAIL,
                "stopped by a signal after trial %zu; run the same command again to go on",
                tuning->search.count);
}

static const char *note_of(const Search *search, char note[32])
{
    snprintf(note, 32, "MAP %.5f", search->values[search_best(search)]);
    return note;
}

bool tuning_run(Tuning *tuning, const TuningSettings *settings, EnsembleMap *map, Arena *arena,
                Failure *failure)
{
    double point[SEARCH_MOST_DIMENSIONS];
    char note[32];
    Trial trial;
    Progress progress;
    *tuning = (Tuning){ .settings = *settings, .map = map };
    if (!begin(tuning, arena, failure))
        return false;
    Search *search = &tuning->search;
    progress_begin(&progress, "tune", "trials", search->count, settings->trials);
    while (search->count < settings->trials) {
        search_next(search, point, &trial);
        trial.value = ensemble_map_value(map, point, ensemble_w0(&settings->space, point));
        search_tell(search, point, trial);
        if (!keep(tuning, *arena, failure))
            return false;
        progress_update(&progress, search->count, note_of(search, note));
    }
    progress_end(&progress, search->count, note_of(search, note));
    return true;
}

/* "members": { "A": 0.7, ... }, each number printed with `digits`. */
static void print_members(FILE *to, const Tuning *tuning, const char *key, const double *numbers,
                          const char *digits)
{
    fprintf(to, " \"%s\": {", key);
    for (size_t i = 0; i < tuning->settings.space.members; i++) {
        fputs(i ? ", " : " ", to);
        json_text_string(to, tuning->settings.names[i], strlen(tuning->settings.names[i]));
        fputs(": ", to);
        fprintf(to, digits, numbers[i]); // NOLINT(clang-diagnostic-format-nonliteral): ours
    }
    fputs(" }", to);
}

static void print_weights(FILE *to, const Tuning *tuning)
{
    const Search *search = &tuning->search;
    const EnsembleMap *map = tuning->map;
    size_t best = search_best(search);
    const double *point = search->points + best * search->settings.dimensions;
    fprintf(to, "{ \"kind\": \"%s\", \"format\": %d, \"fusion\": \"%s\",", WEIGHTS_KIND,
            WEIGHTS_FORMAT, map->of_ranks ? "ranks" : "scores");
    if (map->of_ranks)
        fprintf(to, " \"w0\": %.4f,", ensemble_w0(&tuning->settings.space, point));
    print_members(to, tuning, "weights", point, "%.6f");
    fprintf(to,
            ",\n  \"map\": %.10g, \"equal\": %.10g, \"top\": %zu, \"trial\": %zu, \"trials\": "
            "%zu, \"classes\": %zu, \"positives\": %llu, \"ratings\": %llu,\n ",
            search->values[best], search->values[0], map->top, best + 1, search->count,
            map->class_count, (unsigned long long)map->positives, (unsigned long long)map->rated);
    print_members(to, tuning, "members", tuning->alone, "%.10g");
    fputs(" }\n", to);
}

bool tuning_write_weights(const Tuning *tuning, AtomicFile *file, Failure *failure)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return fail(failure, EX_OSERR, "out of memory for the weights");
    print_weights(to, tuning);
    bool ok = fclose(to) == 0 || fail(failure, EX_OSERR, "out of memory for the weights");
    ok = ok && atomic_file_write(file, text, size, failure);
    free(text);
    return ok;
}

/* A number, or nothing where there is none. */
static bool print_number(AtomicFile *file, double number, Failure *failure)
{
    return isnan(number) ? atomic_file_print(file, failure, ",")
                         : atomic_file_print(file, failure, ",%.9g", number);
}

static bool write_trial(const Tuning *tuning, size_t number, double best, AtomicFile *file,
                        Failure *failure)
{
    const Search *search = &tuning->search;
    const Trial *trial = &search->trials[number];
    const double *point = search->points + number * search->settings.dimensions;
    double w0 = tuning->map->of_ranks ? ensemble_w0(&tuning->settings.space, point) : (double)NAN;
    bool ok = atomic_file_print(file, failure, "%zu", number + 1)
        && print_number(file, trial->value, failure) && print_number(file, best, failure)
        && print_number(file, trial->expected, failure)
        && print_number(file, trial->deviation, failure) && print_number(file, w0, failure);
    for (size_t i = 0; ok && i < tuning->settings.space.members; i++)
        ok = print_number(file, point[i], failure);
    return ok && atomic_file_print(file, failure, "\n");
}

bool tuning_write_trials(const Tuning *tuning, AtomicFile *file, Failure *failure)
{
    const Search *search = &tuning->search;
    double best = -INFINITY;
    bool ok = atomic_file_print(file, failure, "trial,map,best,expected,deviation,w0");
    for (size_t i = 0; ok && i < tuning->settings.space.members; i++)
        ok = atomic_file_print(file, failure, ",weight/%s", tuning->settings.names[i]);
    ok = ok && atomic_file_print(file, failure, "\n");
    for (size_t i = 0; ok && i < search->count; i++) {
        best = search->values[i] > best ? search->values[i] : best;
        ok = write_trial(tuning, i, best, file, failure);
    }
    return ok;
}
