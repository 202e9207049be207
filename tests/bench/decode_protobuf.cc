/*
 * Bench: the peer of decode.c: the same shard through the C++ protobuf library with arenas, the
 * same checksums, the frames copied to the same matrix.
 *
 *   decode_protobuf FILE
 */
#include "bench/example.pb.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <google/protobuf/arena.h>
#include <isa-l/crc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

static const int PASSES = 9;
static const size_t FRAMES = 300, RGB = 1024, AUDIO = 128;

static uint32_t masked(const uint8_t *bytes, size_t size)
{
    uint32_t crc = ~crc32_iscsi(const_cast<unsigned char *>(bytes), static_cast<int>(size), ~0u);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void copy(const bench::FeatureList &list, uint8_t *to)
{
    for (const bench::Feature &feature : list.feature()) {
        const std::string &value = feature.bytes_list().value(0);
        memcpy(to, value.data(), value.size());
        to += RGB + AUDIO;
    }
}

static bool decode(const uint8_t *bytes, size_t size, std::vector<uint8_t> &matrix, unsigned &sum)
{
    // one arena, reset for each record, whose first block already holds a record
    std::vector<char> block(1 << 20);
    google::protobuf::ArenaOptions options;
    options.initial_block = block.data();
    options.initial_block_size = block.size();
    google::protobuf::Arena arena(options);
    for (size_t at = 0; at < size;) {
        uint64_t length;
        uint32_t head, tail;
        memcpy(&length, bytes + at, 8);
        memcpy(&head, bytes + at + 8, 4);
        if (masked(bytes + at, 8) != head)
            return false;
        memcpy(&tail, bytes + at + 12 + length, 4);
        if (masked(bytes + at + 12, length) != tail)
            return false;
        arena.Reset();
        auto *example = google::protobuf::Arena::CreateMessage<bench::SequenceExample>(&arena);
        if (!example->ParseFromArray(bytes + at + 12, static_cast<int>(length)))
            return false;
        const auto &lists = example->feature_lists().feature_list();
        copy(lists.at("rgb"), matrix.data());
        copy(lists.at("audio"), matrix.data() + RGB);
        sum += matrix[at % matrix.size()];
        at += length + 16;
    }
    return true;
}

static bool pass(const char *path, std::vector<uint8_t> &matrix, size_t &size, unsigned &sum)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY);
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return false;
    size = static_cast<size_t>(status.st_size);
    void *map = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (map == MAP_FAILED)
        return false;
    bool ok = decode(static_cast<const uint8_t *>(map), size, matrix, sum);
    munmap(map, size);
    return ok;
}

int main(int argc, char **argv)
{
    size_t size = 0;
    unsigned sum = 0;
    std::vector<double> seconds;
    std::vector<uint8_t> matrix(FRAMES * (RGB + AUDIO));
    for (int i = -1; argc == 2 && i < PASSES; i++) {
        auto started = std::chrono::steady_clock::now();
        if (!pass(argv[1], matrix, size, sum)) {
            fprintf(stderr, "decode_protobuf: %s: can't be decoded\n", argv[1]);
            return 65;
        }
        std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
        if (i >= 0)
            seconds.push_back(taken.count());
    }
    if (seconds.empty())
        return 64;
    std::sort(seconds.begin(), seconds.end());
    printf("decode-protobuf %.0f MB/s\n", static_cast<double>(size) / seconds[PASSES / 2] / 1e6);
    fprintf(stderr, "check %u\n", sum);
    return 0;
}
