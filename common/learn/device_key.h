/*
 * Device key: what a device decides of a result, as fields of the step's key.
 */
#ifndef PODIUM_LEARN_DEVICE_KEY_H
#define PODIUM_LEARN_DEVICE_KEY_H

#include "common/artifact/stage.h"
#include "common/tensor/load.h"

/*
 * Enter "numerics", and for a plugin its units: those that every run needs (common/tensor/cuda), and the
 * .cu twin of each op that the stage's units reach. So a new kernel reruns what used its op, on a GPU.
 * Call it when the stage has named its units.
 */
bool device_enter_key(Stage *stage, const Device *device, Failure *failure);

#endif
