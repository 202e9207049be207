/*
 * Lineage: the input is the provenance of all artifacts of a build, which may be made from each
 * other, in circles too; and what is looked for in it.
 */
#include "harness.h"
#include "fixed_file.h"
#include "memory_file.h"

#include "common/audit/leaks.h"

static const char *paths[] = { "o/in/a.index", "o/in/b.safetensors", "o/in/c.json", "o/in/d.csv" };

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    static FixedFile index;
    ArtifactPaths artifacts = { paths, sizeof paths / sizeof *paths, 0 };
    Failure failure = { 0 };
    Lineage lineage;
    LeakReport report;
    fixed_file(&index, "tests/fuzz/seeds/index/rated.index");
    memory_file("o/in/a.index", index.bytes, index.size);
    char *text = arena_copy(arena, bytes, size, &failure);
    CHECK(text);
    provenance_seal(text, size); // which no mutation would get right
    memory_file("*.provenance", text, size);
    CHECK(lineage_read(&lineage, &artifacts, arena, &failure));
    for (size_t i = 0; i < lineage.count; i++)
        for (size_t j = 0; j < lineage.nodes[i].provenance.input_count; j++)
            CHECK(lineage.nodes[i].parents[j] == LINEAGE_NONE
                  || lineage.nodes[i].parents[j] < lineage.count);
    if (leaks_find(&report, &lineage, arena, &failure))
        for (size_t i = 0; i < report.count; i++)
            CHECK(report.leaks[i].from < lineage.count && report.leaks[i].to < lineage.count);
}

const Harness harness = { "lineage", try, NULL, 2048, 1 << 20 };
