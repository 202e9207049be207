/*
 * Stored network: a network's specification in the metadata of its checkpoint, so that whoever uses
 * a checkpoint takes the network from it and repeats nothing.
 *
 *   model             "moe"
 *   features          "mean_rgb:1024,mean_audio:128"
 *   option/NAME       the value of each option of the model and of the network
 */
#ifndef PODIUM_MODELS_LAYERS_STORED_NETWORK_H
#define PODIUM_MODELS_LAYERS_STORED_NETWORK_H

#include "common/data/safetensors.h"
#include "models/layers/network.h"

/* Note a specification; its values must hold the options of the model and of the network. */
bool network_spec_note(const NetworkSpec *spec, SafetensorsWriter *writer, Failure *failure);

/*
 * Read the specification back.
 *
 *   spec     lives in the arena
 *   failure  EX_DATAERR: says what is missing, or what this version does not know
 */
bool network_spec_recall(NetworkSpec *spec, const SafetensorsReader *reader, Arena *arena,
                         Failure *failure);

/* The source file of the spec's model ("models/resnet_like.c"), which a step's key names. */
const char *network_unit(const NetworkSpec *spec, Arena *arena, Failure *failure);

#endif
