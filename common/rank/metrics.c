#include "common/rank/metrics.h"

#include <inttypes.h>
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

char *metrics_of_map(const SegmentMapResult *result, size_t top, Arena *arena, Failure *failure)
{
    return arena_format(arena, failure,
                        "{\"metric\": \"map\", \"top\": %zu, \"map\": %.10g, \"classes\": %" PRIu64
                        ", \"ratings\": %" PRIu64 ", \"positives\": %" PRIu64 "}\n",
                        top, result->map, result->classes, result->ratings, result->positives);
}

char *metrics_by_class(const ClassMetrics *metrics, size_t *size, Arena *arena, Failure *failure)
{
    static const char header[] = "Class,AveragePrecision,Positives\n";
    enum { ROW_BYTES = 64 }; // 10 + 17 + 20 digits, commas and a newline
    size_t room = sizeof header + metrics->count * ROW_BYTES;
    char *text, *at;
    if (!arena_array(arena, text, room, failure))
        return NULL;
    at = text + snprintf(text, room, "%s", header);
    for (size_t i = 0; i < metrics->count; i++)
        if (metrics->positives[i])
            at += snprintf(at, ROW_BYTES, "%zu,%.10g,%" PRIu64 "\n",
                           metrics->classes ? metrics->classes[i] : i, metrics->values[i],
                           metrics->positives[i]);
    *size = (size_t)(at - text);
    return text;
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
