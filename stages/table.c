/* table: a table of the dataset, taken as it is, so that its content decides what follows from it. */
#include "common/artifact/artifact.h"
#include "common/base/sha256.h"
#include "common/data/layout.h"

static const Option options[] = {
    { "data", OPTION_TEXT, NULL, "folder of the dataset", OPTION_VOLATILE, .required = true },
    { "name", OPTION_TEXT, NULL, "of the table: segment_label_ids.csv, eigenvals.npy, truth.csv",
      .required = true },
    { 0 },
};
static const Manual manual = { "table", "Take a table of the dataset.", NULL, options };

static bool enter_content(Stage *stage, const char *bytes, size_t size, Failure *failure)
{
    char sha256[SHA256_HEX_BYTES];
    sha256_of(bytes, size, sha256);
    return stage_input_known(stage, "table", option_text(&stage->values, "name"), sha256, failure);
}

static bool table(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Artifact output = { 0 };
    const char *path;
    char *bytes; // a copy: what enters the key is what is written, even where the file changes
    size_t size;
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && layout_table(&path, option_text(&stage.values, "data"),
                        option_text(&stage.values, "name"), &stage.arena, failure)
        && file_read(path, &stage.arena, &bytes, &size, failure)
        && enter_content(&stage, bytes, size, failure)
        && artifact_create(&output, &stage, "table", failure)
        && atomic_file_write(&output.file, bytes, size, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return table(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
