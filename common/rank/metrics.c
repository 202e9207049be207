#include "common/rank/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

char *metrics_of_gap(const GapResult *result, size_t top, Arena *arena, Failure *failure)
{
    return arena_format(arena, failure,
                        "{\"metric\": \"gap\", \"top\": %zu, \"gap\": %.10g, \"hit_at_1\": %.10g, "
                        "\"perr\": %.10g, \"map\": %.10g, \"classes\": %" PRIu64
                        ", \"videos\": %" PRIu64 ", \"positives\": %" PRIu64 "}\n",
                        top, result->gap, result->hit_at_1, result->perr, result->map,
                        result->classes, result->videos, result->positives);
}

static char *map_fields(const SegmentMapResult *result, Arena *arena, Failure *failure)
{
    return arena_format(arena, failure,
                        "\"map\": %.10g, \"classes\": %" PRIu64 ", \"ratings\": %" PRIu64
                        ", \"positives\": %" PRIu64,
                        result->map, result->classes, result->ratings, result->positives);
}

char *metrics_of_map(const SegmentMapResult *result, size_t parts, size_t top, Arena *arena,
                     Failure *failure)
{
    char *text = arena_format(arena, failure, "{\"metric\": \"map\", \"top\": %zu", top);
    const char *between = "";
    if (text && parts == 1) {
        char *fields = map_fields(&result[0], arena, failure);
        return fields ? arena_format(arena, failure, "%s, %s}\n", text, fields) : NULL;
    }
    text = text ? arena_format(arena, failure, "%s, \"parts\": {", text) : NULL;
    for (TruthPart part = 0; text && part < parts; part++) {
        if (!result[part].classes)
            continue;
        char *fields = map_fields(&result[part], arena, failure);
        text = fields ? arena_format(arena, failure, "%s%s\"%s\": {%s}", text, between,
                                     truth_part_name(part), fields)
                      : NULL;
        between = ", ";
    }
    return text ? arena_format(arena, failure, "%s}}\n", text) : NULL;
}

/* A table of CSV in memory: its rows are appended, none longer than ROW_BYTES. */
typedef struct Table {
    char *text, *at, *end;
    size_t parts;
} Table;

enum { ROW_BYTES = 128 }; // a header, or 20 digits and twice 24 + 20 digits and commas

static bool begin_table(Table *table, size_t rows, size_t parts, Arena *arena, Failure *failure)
{
    *table = (Table){ .parts = parts };
    bool ok = arena_array(arena, table->text, (rows + 1) * ROW_BYTES, failure);
    table->at = table->text;
    table->end = table->text + (ok ? (rows + 1) * ROW_BYTES : 0);
    return ok;
}

__attribute__((format(printf, 2, 3))) static void append(Table *table, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    table->at += vsnprintf(table->at, (size_t)(table->end - table->at), format, arguments);
    va_end(arguments);
}

/* ",NAME" of a table without parts; ",NAME-public" of one with. */
static void append_name(Table *table, const char *name, TruthPart part)
{
    append(table, ",%s%s%s", name, table->parts > 1 ? "-" : "",
           table->parts > 1 ? truth_part_name(part) : "");
}

static char *finish_table(const Table *table, size_t *size)
{
    *size = (size_t)(table->at - table->text);
    return table->text;
}

static bool has_positives(const ClassMetrics *metrics, size_t class)
{
    bool any = false;
    for (TruthPart part = 0; part < metrics->parts; part++)
        any |= metrics->positives[part][class] > 0;
    return any;
}

char *metrics_by_class(const ClassMetrics *metrics, size_t *size, Arena *arena, Failure *failure)
{
    Table table;
    if (!begin_table(&table, metrics->count, metrics->parts, arena, failure))
        return NULL;
    append(&table, "Class");
    for (TruthPart part = 0; part < metrics->parts; part++) {
        append_name(&table, "AveragePrecision", part);
        append_name(&table, "Positives", part);
    }
    append(&table, "\n");
    for (size_t i = 0; i < metrics->count; i++) {
        if (!has_positives(metrics, i))
            continue;
        append(&table, "%zu", metrics->classes ? metrics->classes[i] : i);
        for (TruthPart part = 0; part < metrics->parts; part++)
            if (metrics->positives[part][i])
                append(&table, ",%.10g,%" PRIu64, metrics->values[part][i],
                       metrics->positives[part][i]);
            else
                append(&table, ",,");
        append(&table, "\n");
    }
    return finish_table(&table, size);
}

char *metrics_by_rank(const SegmentMap *map, const SegmentMapResult *result, size_t *size,
                      Arena *arena, Failure *failure)
{
    Table table;
    size_t parts = map->truth->parts, ranks = 0;
    for (TruthPart part = 0; part < parts; part++)
        ranks = map->ranks[part] > ranks ? map->ranks[part] : ranks;
    if (!begin_table(&table, ranks, parts, arena, failure))
        return NULL;
    append(&table, "Rank");
    for (TruthPart part = 0; part < parts; part++)
        append_name(&table, "Precision", part);
    append(&table, "\n");
    for (size_t rank = 1; rank <= ranks; rank++) {
        append(&table, "%zu", rank);
        for (TruthPart part = 0; part < parts; part++)
            if (rank <= map->ranks[part])
                append(&table, ",%.10g",
                       segment_map_precision(map, part, rank, result[part].classes));
            else
                append(&table, ",");
        append(&table, "\n");
    }
    return finish_table(&table, size);
}

void ignored_report(const Ignored *ignored, const char *program, const char *path)
{
    const struct {
        uint64_t count;
        const char *what;
    } kinds[] = {
        { ignored->repeated_rows, "repeated rows (the first counts)" },
        { ignored->repeated_entries, "repeated entries (the first counts)" },
        { ignored->unknown_ids, "unknown ids (ignored)" },
        { ignored->unknown_classes, "unknown classes (ignored)" },
        { ignored->beyond, "entries beyond the limit (cut)" },
        { ignored->missing, "rows missing (they score 0)" },
    };
    const char *between = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].count) {
            if (!*between)
                fprintf(stderr, "%s: %s: ", program, path);
            fprintf(stderr, "%s%" PRIu64 " %s", between, kinds[i].count, kinds[i].what);
            between = ", ";
        }
    if (*between)
        fputc('\n', stderr);
}
