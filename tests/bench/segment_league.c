/*
 * segment_league CLASSES ENTRIES FOLDER: a submission of 2019's size and a truth to score it by.
 *
 * Two million segments; each class lists ENTRIES different ones and has 240 ratings, every other
 * one of a listed segment.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

static int write_submission(FILE *file, uint64_t classes, uint64_t entries)
{
    char *line = malloc(entries * 16 + 32);
    if (!line)
        return 1;
    fputs("Class,Segments\n", file);
    for (uint64_t class = 0; class < classes; class ++) {
        size_t size = (size_t)sprintf(line, "%llu,", (unsigned long long)class);
        for (uint64_t i = 0; i < entries; i++) {
            uint64_t segment = entry_of(class, i);
            size += id_of(line + size, segment);
            size += (size_t)sprintf(line + size, ":%u%c", start_of(segment),
                                    i + 1 < entries ? ' ' : '\n');
        }
        fwrite(line, 1, size, file);
    }
    free(line);
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

int main(int argc, char **argv)
{
    char path[1024];
    if (argc != 4)
        return 64;
    uint64_t classes = strtoull(argv[1], NULL, 10), entries = strtoull(argv[2], NULL, 10);
    snprintf(path, sizeof path, "%s/submission.csv", argv[3]);
    FILE *submission = fopen(path, "w");
    snprintf(path, sizeof path, "%s/truth.csv", argv[3]);
    FILE *truth = fopen(path, "w");
    if (!submission || !truth || entries < RATINGS || entries + RATINGS > SEGMENTS)
        return 73;
    return write_submission(submission, classes, entries) || write_truth(truth, classes, entries);
}
