/*
 * Update: one step of a parameter along its gradient, in one pass over memory.
 *
 *   g       = gradient_scale dw              clipping
 *   m       = keep_mean m + take_mean g      only where there is a mean; else m = g
 *   v       = keep_square v + take_square g^2
 *   w       = w - rate m / (sqrt(v) scale + epsilon)
 *
 * Adam in both of its forms and RMSprop are this with other numbers: see common/learn/optimiser.h.
 */
#ifndef PODIUM_TENSOR_UPDATE_H
#define PODIUM_TENSOR_UPDATE_H

#include "common/tensor/real.h"

typedef struct Device Device;

typedef struct Update {
    real *value;          // w [n]
    const real *gradient; // dw [n]
    real *mean;           // m [n], or NULL
    real *square;         // v [n]
    size_t n;
    real gradient_scale, keep_mean, take_mean, keep_square, take_square, rate, scale, epsilon;
} Update;

/* On the CPU, on all threads, at the speed of memory: elements are independent. */
void cpu_update(const Device *device, const Update *update);

/* ---- all parameters in one go, for a device that decides by itself how a gradient is clipped ---- */

typedef struct UpdateSlot {
    real *value, *gradient, *mean, *square; // mean is NULL for all or for none
    size_t n;
} UpdateSlot;

typedef enum UpdateClipping {
    UPDATE_CLIP_EACH,
    UPDATE_CLIP_TOGETHER,
    UPDATE_CLIP_NOT
} UpdateClipping;

/* What is the same for all parameters in one step. */
typedef struct UpdateNumbers {
    real keep_mean, take_mean, keep_square, take_square, rate, scale, epsilon;
    uint32_t clipping;           // UpdateClipping
    double clip_norm, clip_tiny; // each: c / max(|g|, c); together: min(1, c / (|g| + tiny))
} UpdateNumbers;

/*
 * What a run has to say. Once a loss or a gradient was not finite, no update changes anything any
 * more, so that the parameters stay as they were before that step.
 */
typedef struct RunResult {
    double loss;
    uint32_t stopped; // the loss or a gradient was not finite, in this run or in one before
    uint32_t faulty;  // 1 + the first slot whose gradient was not finite; 0: none
} RunResult;

#endif
