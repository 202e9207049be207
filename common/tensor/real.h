/*
 * real: the number type of the CPU backend: float, or double where PODIUM_DOUBLE is defined (the
 * build that checks gradients against finite differences).
 */
#ifndef PODIUM_TENSOR_REAL_H
#define PODIUM_TENSOR_REAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef PODIUM_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#endif
