/*
 * Checkpoint: a graph's parameters and statistics in a safetensors file, under their own names.
 *
 *   NAME                  F32, the parameter's shape
 *   optimizer/mean/NAME   F32, and optimizer/square/NAME: what the optimiser keeps, if it was saved
 *   __metadata__          kind, format, optimizer/step, and what the writer notes: all that is
 *                         needed to build the network again
 */
#ifndef PODIUM_LEARN_CHECKPOINT_H
#define PODIUM_LEARN_CHECKPOINT_H

#include "common/data/safetensors.h"
#include "common/learn/optimiser.h"

#define CHECKPOINT_KIND "checkpoint"
#define CHECKPOINT_FORMAT "1"
#define CHECKPOINT_OTHER "progress/" // tensors of these names are no parameters

/*
 * Write a checkpoint.
 *
 *   writer     holds what the caller declared and noted; kind and format are added, staging lives in
 *              its arena
 *   optimiser  saved too; NULL: not
 */
bool checkpoint_write(SafetensorsWriter *writer, AtomicFile *file, const char *kind,
                      const Parameters *parameters, const Optimiser *optimiser, Failure *failure);

/*
 * Open a checkpoint and look at its kind and format. Close it with safetensors_close.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: not a checkpoint, damaged, or of another format
 */
bool checkpoint_open(SafetensorsReader *reader, const char *path, const char *kind, Arena *arena,
                     Failure *failure);

/*
 * Fill the parameters of a graph from a checkpoint, which must have exactly these, in these shapes.
 *
 *   failure  EX_DATAERR: a tensor is missing, has another shape or is unknown to the graph (names
 *            it): it is the checkpoint of another model
 */
bool checkpoint_load(const SafetensorsReader *reader, Parameters *parameters, Failure *failure);

/* Fill an optimiser's state. EX_DATAERR: it was not saved, or is another optimiser's. */
bool checkpoint_load_optimiser(const SafetensorsReader *reader, Optimiser *optimiser, Arena scratch,
                               Failure *failure);

#endif
