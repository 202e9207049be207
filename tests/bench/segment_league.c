/*
 * segment_league CLASSES ENTRIES FOLDER [MODELS]: a submission of 2019's size and a truth to score it by;
 * or model-1.csv, model-2.csv, ...: submissions of so many models, which agree more or less.
 *
 * Two million segments; each class lists ENTRIES different ones and has 240 ratings, every other
 * one of a listed segment. A model orders the first candidates of a class with an error of up to twice
 * a list's length, so that two thirds of two models' lists are the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VIDEOS UINT64_C(44700)
#define SEGMENTS_A_VIDEO UINT64_C(45)
#define SEGMENTS (VIDEOS * SEGMENTS_A_VIDEO)
#define RATINGS 240
#define STEP UINT64_C(1000003) // prime, so i * STEP visits each segment once

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static uint64_t entry_of(uint64_t class, uint64_t i)
{
    return (class * 7919 + i * STEP) % SEGMENTS;
}

static size_t id_of(char *to, uint64_t segment)
{
    uint64_t video = segment / SEGMENTS_A_VIDEO * 331 + 17; // spread over the 62^4 ids
    for (size_t i = 0; i < 4; i++, video /= 62)
        to[i] = alphabet[video % 62];
    return 4;
}

static unsigned start_of(uint64_t segment)
{
    return (unsigned)(segment % SEGMENTS_A_VIDEO * 5);
}

/* The list of a submission, or of model 1, 2, ...; false: no memory. */
static int make_list(uint32_t *list, uint64_t class, uint64_t entries, uint64_t model)
{
    uint64_t candidates = model ? 2 * entries : entries, taken = 0;
    uint32_t *count = calloc(2 * candidates + 1, sizeof *count), *place = malloc(candidates * 4);
    for (uint64_t i = 0; count && place && i < candidates; i++) {
        uint64_t draw = (i + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (class * 64 + model);
        draw = (draw ^ draw >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
        place[i] = (uint32_t)(i + (model ? (draw >> 33) % candidates : 0));
        count[place[i] + 1]++;
    }
    for (uint64_t i = 0; count && place && i < 2 * candidates; i++)
        count[i + 1] += count[i];
    for (uint64_t i = 0; count && place && i < candidates; i++) {
        uint32_t at = count[place[i]]++;
        if (at < entries) {
            list[at] = (uint32_t)entry_of(class, i);
            taken++;
        }
    }
    free(count);
    free(place);
    return taken == entries;
}

static int write_submission(FILE *file, uint64_t classes, uint64_t entries, uint64_t model)
{
    char *line = malloc(entries * 16 + 32);
    uint32_t *list = malloc(entries * sizeof *list);
    if (!line || !list)
        return 1;
    fputs("Class,Segments\n", file);
    for (uint64_t class = 0; class < classes; class ++) {
        size_t size = (size_t)sprintf(line, "%llu,", (unsigned long long)class);
        if (!make_list(list, class, entries, model))
            return 1;
        for (uint64_t i = 0; i < entries; i++) {
            size += id_of(line + size, list[i]);
            size += (size_t)sprintf(line + size, ":%u%c", start_of(list[i]),
                                    i + 1 < entries ? ' ' : '\n');
        }
        fwrite(line, 1, size, file);
    }
    free(line);
    free(list);
    return fclose(file);
}

static int write_truth(FILE *file, uint64_t classes, uint64_t entries)
{
    fputs("VideoId,Start,Class,Relevant\n", file);
    for (uint64_t class = 0; class < classes; class ++)
        for (uint64_t i = 0; i < RATINGS; i++) {
            char id[5] = { 0 };
            uint64_t place = i % 2 ? i * entries / RATINGS : entries + i;
            uint64_t segment = entry_of(class, place);
            id_of(id, segment);
            fprintf(file, "%s,%u,%llu,%d\n", id, start_of(segment), (unsigned long long)class,
                    i % 3 == 1);
        }
    return fclose(file);
}

static FILE *create(const char *folder, const char *name, unsigned long long number)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/", folder);
    size_t length = strlen(path);
    snprintf(path + length, sizeof path - length, name, number);
    FILE *file = fopen(path, "w");
    if (!file)
        exit(73);
    return file;
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5)
        return 64;
    uint64_t classes = strtoull(argv[1], NULL, 10), entries = strtoull(argv[2], NULL, 10);
    uint64_t models = argc == 5 ? strtoull(argv[4], NULL, 10) : 0;
    if (entries < RATINGS || 2 * entries > SEGMENTS)
        return 64;
    for (uint64_t model = 1; model <= models; model++)
        if (write_submission(create(argv[3], "model-%llu.csv", model), classes, entries, model))
            return 74;
    return models == 0
        && (write_submission(create(argv[3], "submission.csv", 0), classes, entries, 0)
            || write_truth(create(argv[3], "truth.csv", 0), classes, entries));
}
