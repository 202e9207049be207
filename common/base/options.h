/*
 * Options: tables of what a program or a model can be told, and the values it was told.
 *
 * A table says name, kind, default and help of each option; the command line, --help, the canonical
 * text that enters a step's key, and the metadata of a checkpoint all come from it.
 */
#ifndef PODIUM_BASE_OPTIONS_H
#define PODIUM_BASE_OPTIONS_H

#include "common/base/arena.h"

#include <stdint.h>
#include <stdio.h>

typedef enum OptionKind {
    OPTION_TEXT,
    OPTION_SIZE,   // a whole number from 0
    OPTION_REAL,   // a finite number
    OPTION_FLAG,   // present or not: takes no value, the default is "0"
    OPTION_CHOICE, // one of the words of `choices`
} OptionKind;

typedef enum OptionRole {
    OPTION_SETTING,  // what changes the result: part of the step's key
    OPTION_VOLATILE, // what doesn't: threads, log level, checkpoint interval
    OPTION_INPUT,    // a file (or, repeated, several) whose content is part of the key
    OPTION_OUTPUT,   // a file that the program writes
} OptionRole;

typedef struct Option {
    const char *name; // as typed after the dashes; NULL ends a table
    OptionKind kind;
    const char *initial; // the default as text; NULL: none, see `required`
    const char *help;
    OptionRole role;
    double minimum, maximum; // inclusive range of a number; both 0: any
    const char *choices;     // "a|b|c" for OPTION_CHOICE
    bool required;           // must be given
} Option;

/* What one option was told. Repeated options give several values, in order. */
typedef struct OptionValue {
    const Option *option;
    const char *
        *values;  // canonical text of each; borrowed from argv, from the table or from the arena
    size_t count; // 0: not given and no default
    bool given;   // false: the default
} OptionValue;

typedef struct OptionValues {
    OptionValue *entries;
    size_t count;
    const char **arguments; // what is not an option, in order
    size_t argument_count;
} OptionValues;

/*
 * Parse a command line against several tables taken together.
 *
 *   tables   `table_count` tables; a name may occur once in all of them (EX_SOFTWARE otherwise)
 *   values   lives in the arena
 *   failure  EX_USAGE: unknown option (the nearest name is suggested), missing value, not a number,
 *            out of range, not one of the choices, required but not given
 */
bool options_parse(OptionValues *values, const Option *const tables[], size_t table_count, int argc,
                   char *const argv[], Arena *arena, Failure *failure);

/* The last value of --name on a command line that is not parsed yet; NULL where it isn't given. */
const char *options_peek(const char *name, int argc, char *const argv[]);

/* Values by name. Asking for a name or a kind that is in no table is our own mistake: an assertion.
 */
size_t option_size(const OptionValues *values, const char *name);
double option_real(const OptionValues *values, const char *name);
bool option_flag(const OptionValues *values, const char *name);
int option_choice(const OptionValues *values, const char *name); // the word's place among .choices
const char *option_text(const OptionValues *values,
                        const char *name); // NULL: no default, not given
const OptionValue *option_entry(const OptionValues *values, const char *name); // for repeated ones

/* Print one table as --help shows it: name, value, help, default and range; a line each. */
void options_describe(const Option *table, FILE *to);

#endif
