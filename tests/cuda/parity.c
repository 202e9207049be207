#include "cuda/parity.h"

#include <stdio.h>

const char *parity_plugin;

/* test PLUGIN: without a GPU nothing can be said, and that is said aloud. */
int parity_main(int argc, char *argv[], int (*run)(void))
{
    Device device = { 0 };
    Failure failure = { 0 };
    if (argc != 2) {
        fprintf(stderr, "usage: %s PLUGIN\n", argv[0]);
        return EX_USAGE;
    }
    parity_plugin = argv[1];
    if (!device_open_plugin(&device, parity_plugin, PRECISION_FLOAT32, &failure))
        return failure_report(&failure, argv[0]);
    printf("%s\n", device.numerics);
    device_close(&device);
    return run();
}
