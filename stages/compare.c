/*
 * compare: what differs first between two artifacts, or between two builds.
 */
#include "common/artifact/stage.h"
#include "common/audit/compare.h"

#include <sys/stat.h>

#define EXIT_DIFFERENT 1

static const Option options[] = {
    { "names", OPTION_TEXT, NULL,
      "of two folders, compare only these artifacts: a list of their paths in either, one a line" },
    { 0 },
};

static const Manual manual = {
    "compare", "Say what differs first: which tensor, record, line; of two builds, which artifact.",
    "FILE FILE|FOLDER FOLDER", options, .prints = true
};

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool compare_two_files(const char *a, const char *b, bool *same, Arena scratch,
                              Failure *failure)
{
    Difference difference;
    if (!compare_files(&difference, a, b, scratch, failure))
        return false;
    *same = !difference.found;
    if (*same)
        printf("%s and %s are the same\n", a, b);
    else
        printf("%s and %s differ: %s\n", a, b, difference.text);
    return true;
}

static bool compare(int argc, char **argv, bool *same, Failure *failure)
{
    Stage stage = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure);
    const char *const *path = stage.values.arguments;
    if (ok && stage.values.argument_count != 2)
        ok = fail(failure, EX_USAGE, "two files, or two folders; see --help");
    if (ok && is_folder(path[0]) && is_folder(path[1]))
        ok = compare_builds(path[0], path[1], option_text(&stage.values, "names"), stdout, same,
                            stage.arena, failure);
    else if (ok)
        ok = compare_two_files(path[0], path[1], same, stage.arena, failure);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    bool same = true;
    Failure failure = { 0 };
    if (!compare(argc, argv, &same, &failure))
        return failure_report(&failure, manual.name);
    return same ? EX_OK : EXIT_DIFFERENT;
}
