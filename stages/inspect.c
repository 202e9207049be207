/*
 * inspect: print any artifact: what is in it, with digests of its data.
 */
#include "common/artifact/stage.h"
#include "common/audit/chain.h"
#include "common/data/inspect.h"

#include <signal.h>

static const Option options[] = {
    { "records", OPTION_TEXT, NULL, "which records, events or rows: 0:10, 5: or 7 (default: all)" },
    { "chain", OPTION_FLAG, "0", "print what it was made from, back to raw shards" },
    { 0 },
};

static const Manual manual = { "inspect", "Print any artifact: its records, tensors or rows.",
                               "FILE...", options, .prints = true };

static bool inspect(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    InspectRange range = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure);
    const char *records = ok ? option_text(&stage.values, "records") : NULL;
    if (ok && stage.values.argument_count == 0)
        ok = fail(failure, EX_USAGE, "no file; say which: inspect FILE");
    ok = ok && (!records || inspect_range_parse(&range, records, failure));
    for (size_t i = 0; ok && i < stage.values.argument_count; i++)
        ok = option_flag(&stage.values, "chain")
            ? chain_print(stage.values.arguments[i], stdout, stage.arena, failure)
            : inspect_file(stage.values.arguments[i], range, stdout, stage.arena, failure);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    signal(SIGPIPE, SIG_IGN); // a reader that has seen enough (head) is no failure
    return inspect(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
