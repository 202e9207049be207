/*
 * verify: whether artifacts still are what their provenance says, and whether they were made fairly.
 */
#include "common/artifact/stage.h"
#include "common/artifact/check.h"
#include "common/audit/leaks.h"
#include "common/base/file.h"

#include <stdio.h>
#include <string.h>

#define EXIT_DIFFERENT 1

static const Option options[] = {
    { "changed", OPTION_FLAG, "0",
      "print only paths of those that are missing or altered; hash only what looks otherwise than "
      "when it was hashed last" },
    { "orphans", OPTION_FLAG, "0", "print only paths of those that --known doesn't have" },
    { "known", OPTION_TEXT, NULL,
      "a list of artifacts, a path a line: what isn't in it is orphaned" },
    { 0 },
};

static const Manual manual = {
    "verify",
    "Hash artifacts and compare with their provenance; find leaks of hidden truth and held-out "
    "videos.",
    "FILE|FOLDER...", options, .prints = true
};

/* What was found, counted. */
typedef struct Findings {
    size_t wrong, orphaned, outdated;
    LeakReport leaks;
} Findings;

/* For make: the paths of what has to be made again. */
static void print_changed(const ArtifactPaths *paths, Arena arena)
{
    for (size_t i = 0; i < paths->count; i++) {
        const char *file;
        Arena scratch = arena;
        if (artifact_check(paths->path[i], true, &file, &scratch) != ARTIFACT_INTACT)
            puts(paths->path[i]);
    }
}

static void check_files(Findings *findings, const Lineage *lineage, Arena arena)
{
    for (size_t i = 0; i < lineage->count; i++) {
        const char *file;
        Arena scratch = arena;
        ArtifactState state = artifact_check(lineage->nodes[i].path, false, &file, &scratch);
        if (state == ARTIFACT_INTACT)
            continue;
        printf("%-9s %s\n", artifact_state_word(state), file);
        findings->wrong++;
    }
}

/* What was made from another file than the one that is there now. */
static void check_inputs(Findings *findings, const Lineage *lineage)
{
    for (size_t i = 0; i < lineage->count; i++) {
        const LineageNode *node = &lineage->nodes[i];
        for (size_t j = 0; j < node->provenance.input_count; j++) {
            const ProvenanceInput *input = &node->provenance.inputs[j];
            size_t parent = node->parents[j];
            if (parent == LINEAGE_NONE || !lineage->nodes[parent].vouched
                || strcmp(lineage->nodes[parent].provenance.sha256, input->sha256) == 0)
                continue;
            printf("%-9s %s (%s is another now)\n", "outdated", node->path, input->artifact);
            findings->outdated++;
            break;
        }
    }
}

/* Whether a text of lines has this one. */
static bool has_line(const char *text, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = text; (at = strstr(at, line)); at += length)
        if ((at == text || at[-1] == '\n') && (at[length] == '\n' || at[length] == 0))
            return true;
    return false;
}

/* Print, after `word`, the artifacts that aren't in the list. */
static bool print_orphans(const ArtifactPaths *paths, const char *list, const char *word,
                          size_t *count, Arena arena, Failure *failure)
{
    char *text;
    size_t size;
    *count = 0;
    if (!list)
        return true;
    if (!file_read(list, &arena, &text, &size, failure))
        return false;
    for (size_t i = 0; i < paths->count; i++)
        if (!has_line(text, paths->path[i])) {
            printf("%s%s\n", word, paths->path[i]);
            ++*count;
        }
    return true;
}

static bool check_leaks(Findings *findings, const Lineage *lineage, Arena *arena, Failure *failure)
{
    const LeakReport *report = &findings->leaks;
    if (!leaks_find(&findings->leaks, lineage, arena, failure))
        return false;
    for (size_t i = 0; i < report->count; i++) {
        const Leak *leak = &report->leaks[i];
        const char *from = lineage->nodes[leak->from].path, *to = lineage->nodes[leak->to].path;
        if (leak->id)
            printf("%-9s video %s was learned by %s and judges in %s\n", "leaked", leak->id, from,
                   to);
        else
            printf("%-9s the hidden truth %s leads to %s\n", "leaked", from, to);
    }
    return true;
}

static bool check(const ArtifactPaths *paths, const char *known, bool *clean, Arena *arena,
                  Failure *failure)
{
    Lineage lineage;
    Findings found = { 0 };
    if (!lineage_read(&lineage, paths, arena, failure))
        return false;
    check_files(&found, &lineage, *arena);
    check_inputs(&found, &lineage);
    if (!print_orphans(paths, known, "orphaned  ", &found.orphaned, *arena, failure)
        || !check_leaks(&found, &lineage, arena, failure))
        return false;
    printf(
        "%zu artifacts: %zu wrong, %zu outdated, %zu orphaned; %zu leaks from hidden truth to %zu "
        "submissions or between %zu pairs of judging and learned videos\n",
        lineage.count, found.wrong, found.outdated, found.orphaned, found.leaks.count,
        found.leaks.submissions, found.leaks.pairs);
    *clean = !found.wrong && !found.outdated && !found.leaks.count;
    return true;
}

static bool verify(int argc, char **argv, bool *clean, Failure *failure)
{
    Stage stage = { 0 };
    size_t count;
    ArtifactPaths paths;
    bool ok = stage_begin(&stage, &manual, argc, argv, failure);
    const OptionValues *values = &stage.values;
    if (ok && values->argument_count == 0)
        ok = fail(failure, EX_USAGE, "no file; say which: verify FILE|FOLDER...");
    ok = ok
        && artifacts_find(&paths, (const char *const *)values->arguments, values->argument_count,
                          &stage.arena, failure);
    if (ok && option_flag(values, "changed"))
        print_changed(&paths, stage.arena);
    else if (ok && option_flag(values, "orphans"))
        ok = print_orphans(&paths, option_text(values, "known"), "", &count, stage.arena, failure);
    else if (ok)
        ok = check(&paths, option_text(values, "known"), clean, &stage.arena, failure);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    bool clean = true;
    Failure failure = { 0 };
    if (!verify(argc, argv, &clean, &failure))
        return failure_report(&failure, manual.name);
    return clean ? EX_OK : EXIT_DIFFERENT;
}
