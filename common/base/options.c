#include "common/base/options.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_name(const char *name, size_t length, const char *option)
{
    return strlen(option) == length && memcmp(name, option, length) == 0;
}

static OptionValue *find(const OptionValues *values, const char *name, size_t length)
{
    for (size_t i = 0; i < values->count; i++)
        if (is_name(name, length, values->entries[i].option->name))
            return &values->entries[i];
    return NULL;
}

/* Levenshtein's distance between two short names, for "did you mean". */
static size_t distance(const char *a, size_t a_length, const char *b)
{
    size_t row[64], b_length = strlen(b);
    if (a_length >= 64 || b_length >= 64)
        return 64;
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t shorter = row[j - 1] < row[j] ? row[j - 1] : row[j];
            row[j] = change < shorter + 1 ? change : shorter + 1;
        }
    }
    return row[b_length];
}

static bool fail_unknown(const OptionValues *values, const char *name, size_t length,
                         Failure *failure)
{
    const char *nearest = NULL;
    size_t best = length / 3 + 2;
    for (size_t i = 0; i < values->count; i++) {
        size_t d = distance(name, length, values->entries[i].option->name);
        if (d < best) {
            best = d;
            nearest = values->entries[i].option->name;
        }
    }
    if (nearest)
        return fail(failure, EX_USAGE, "--%.*s: no such option; did you mean --%s?", (int)length,
                    name, nearest);
    return fail(failure, EX_USAGE, "--%.*s: no such option; see --help", (int)length, name);
}

static bool check_range(const Option *option, double number, Failure *failure)
{
    if (option->minimum == 0 && option->maximum == 0)
        return true;
    if (number >= option->minimum && number <= option->maximum)
        return true;
    return fail(failure, EX_USAGE, "--%s %g: must be from %g to %g", option->name, number,
                option->minimum, option->maximum);
}

/* The shortest text that reads back as the same number, so that 0.10 and 1e-1 are one key. */
static const char *canonical_real(double number, Arena *arena, Failure *failure)
{
    char text[32];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return arena_format(arena, failure, "%s", text);
}

static const char *canonical_size(const Option *option, const char *text, Arena *arena,
                                  Failure *failure)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno) {
        fail(failure, EX_USAGE, "--%s %s: must be a whole number from 0", option->name, text);
        return NULL;
    }
    if (!check_range(option, (double)number, failure))
        return NULL;
    return arena_format(arena, failure, "%llu", number);
}

/* The place of a word among an option's choices; -1 where it is none of them. */
static int place_of_choice(const Option *option, const char *text)
{
    size_t length = strlen(text);
    int place = 0;
    for (const char *word = option->choices; word; word = strchr(word, '|'), place++) {
        word += *word == '|';
        if (length == strcspn(word, "|") && memcmp(word, text, length) == 0)
            return place;
    }
    return -1;
}

static const char *canonical_choice(const Option *option, const char *text, Failure *failure)
{
    if (place_of_choice(option, text) >= 0)
        return text;
    fail(failure, EX_USAGE, "--%s %s: must be one of %s", option->name, text, option->choices);
    return NULL;
}

/* The text in the one form that equal values share; NULL with the failure filled. */
static const char *canonical(const Option *option, const char *text, Arena *arena, Failure *failure)
{
    if (option->kind == OPTION_SIZE)
        return canonical_size(option, text, arena, failure);
    if (option->kind == OPTION_CHOICE)
        return canonical_choice(option, text, failure);
    if (option->kind != OPTION_REAL)
        return text;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || !isfinite(number)) {
        fail(failure, EX_USAGE, "--%s %s: must be a number", option->name, text);
        return NULL;
    }
    return check_range(option, number, failure) ? canonical_real(number, arena, failure) : NULL;
}

/* Set an option from the command line: inputs collect, everything else is replaced. */
static bool set(OptionValue *entry, const char *text, Arena *arena, Failure *failure)
{
    const char *value = canonical(entry->option, text, arena, failure);
    if (!value)
        return false;
    bool collects = entry->option->role == OPTION_INPUT && entry->given;
    entry->count = collects ? entry->count : 0;
    entry->values[entry->count++] = value;
    entry->given = true;
    return true;
}

/* One entry for each option of the tables, at its default, with room for `room` values. */
static bool list_entries(OptionValues *values, const Option *const tables[], size_t table_count,
                         size_t room, Arena *arena, Failure *failure)
{
    size_t count = 0;
    for (size_t t = 0; t < table_count; t++)
        for (const Option *option = tables[t]; option->name; option++)
            count++;
    if (!arena_array(arena, values->entries, count, failure))
        return false;
    for (size_t t = 0; t < table_count; t++)
        for (const Option *option = tables[t]; option->name; option++) {
            if (find(values, option->name, strlen(option->name)))
                return fail(failure, EX_SOFTWARE, "--%s is declared twice", option->name);
            OptionValue *entry = &values->entries[values->count++];
            *entry = (OptionValue){ .option = option };
            if (!arena_array(arena, entry->values, room, failure))
                return false;
            const char *initial = option->kind == OPTION_FLAG ? "0" : option->initial;
            if (initial && !(entry->values[0] = canonical(option, initial, arena, failure)))
                return false;
            entry->count = initial != NULL;
        }
    return true;
}

/* argv[*at] is "--name", "--name=value"; *at moves on over what belongs to it. */
static bool parse_one(OptionValues *values, int argc, char *const argv[], int *at, Arena *arena,
                      Failure *failure)
{
    const char *name = argv[*at] + 2;
    size_t length = strcspn(name, "=");
    OptionValue *entry = find(values, name, length);
    if (!entry)
        return fail_unknown(values, name, length, failure);
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    if (entry->option->kind == OPTION_FLAG)
        return value ? fail(failure, EX_USAGE, "--%.*s takes no value", (int)length, name)
                     : set(entry, "1", arena, failure);
    if (!value && *at + 1 >= argc)
        return fail(failure, EX_USAGE, "--%s needs a value", name);
    return set(entry, value ? value : argv[++*at], arena, failure);
}

bool options_parse(OptionValues *values, const Option *const tables[], size_t table_count, int argc,
                   char *const argv[], Arena *arena, Failure *failure)
{
    *values = (OptionValues){ 0 };
    if (!list_entries(values, tables, table_count, (size_t)argc + 1, arena, failure)
        || !arena_array(arena, values->arguments, (size_t)argc + 1, failure))
        return false;
    bool only_arguments = false;
    for (int at = 1; at < argc; at++) {
        if (!only_arguments && strcmp(argv[at], "--") == 0)
            only_arguments = true;
        else if (only_arguments || argv[at][0] != '-' || argv[at][1] == 0)
            values->arguments[values->argument_count++] = argv[at];
        else if (argv[at][1] != '-')
            return fail(failure, EX_USAGE, "%s: options begin with two dashes; see --help",
                        argv[at]);
        else if (!parse_one(values, argc, argv, &at, arena, failure))
            return false;
    }
    for (size_t i = 0; i < values->count; i++)
        if (values->entries[i].option->required && !values->entries[i].given)
            return fail(failure, EX_USAGE, "--%s must be given; see --help",
                        values->entries[i].option->name);
    return true;
}

const char *options_peek(const char *name, int argc, char *const argv[])
{
    const char *found = NULL;
    size_t length = strlen(name);
    for (int at = 1; at < argc && strcmp(argv[at], "--") != 0; at++) {
        if (strncmp(argv[at], "--", 2) != 0 || strncmp(argv[at] + 2, name, length) != 0)
            continue;
        const char *rest = argv[at] + 2 + length;
        if (*rest == '=')
            found = rest + 1;
        else if (*rest == 0 && at + 1 < argc)
            found = argv[++at];
    }
    return found;
}

const OptionValue *option_entry(const OptionValues *values, const char *name)
{
    OptionValue *entry = find(values, name, strlen(name));
    assert(entry);
    return entry;
}

/* The value of an option of one kind, or NULL. */
static const char *value_of(const OptionValues *values, const char *name, OptionKind kind)
{
    const OptionValue *entry = option_entry(values, name);
    (void)kind; // without assertions
    assert(entry->option->kind == kind || kind == OPTION_TEXT);
    return entry->count ? entry->values[entry->count - 1] : NULL;
}

size_t option_size(const OptionValues *values, const char *name)
{
    const char *text = value_of(values, name, OPTION_SIZE);
    return text ? strtoull(text, NULL, 10) : 0;
}

double option_real(const OptionValues *values, const char *name)
{
    const char *text = value_of(values, name, OPTION_REAL);
    return text ? strtod(text, NULL) : 0;
}

bool option_flag(const OptionValues *values, const char *name)
{
    return *value_of(values, name, OPTION_FLAG) == '1';
}

int option_choice(const OptionValues *values, const char *name)
{
    const OptionValue *entry = option_entry(values, name);
    const char *word = value_of(values, name, OPTION_CHOICE);
    return word ? place_of_choice(entry->option, word) : 0;
}

const char *option_text(const OptionValues *values, const char *name)
{
    return value_of(values, name, OPTION_TEXT);
}

void options_describe(const Option *table, FILE *to)
{
    static const char *const words[] = { "TEXT", "N", "NUMBER", "", "" };
    for (const Option *option = table; option->name; option++) {
        char left[96];
        bool file = option->role == OPTION_INPUT || option->role == OPTION_OUTPUT;
        const char *word = option->kind == OPTION_CHOICE ? option->choices
            : file                                       ? "FILE"
                                                         : words[option->kind];
        snprintf(left, sizeof left, "--%s %s", option->name, word);
        fprintf(to, "  %-28s %s", left, option->help);
        if (option->required)
            fprintf(to, " (required)");
        else if (option->initial && option->kind != OPTION_FLAG)
            fprintf(to, " [%s]", option->initial);
        if (option->minimum != 0 || option->maximum != 0)
            fprintf(to, " (%g to %g)", option->minimum, option->maximum);
        fputc('\n', to);
    }
}
