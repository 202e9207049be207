/*
 * Explain: whether a step has work to do, and why: what --explain prints, for make's status and why.
 *
 *   line 1   current    everything is there under this key
 *            restore    it comes from the cache
 *            make       it will be made
 *   others   what is otherwise than it was, fields separated by tabs:
 *            new                   it was never made
 *            missing PATH          a file of it is not there
 *            altered PATH          a file of it has other bytes
 *            unvouched PATH        its provenance is missing or can't be read
 *            field NAME OLD NEW    of the key; "" where there is none
 *            input ROLE NAME OLD NEW   a field input/ROLE/N, with the artifact's name
 */
#ifndef PODIUM_ARTIFACT_EXPLAIN_H
#define PODIUM_ARTIFACT_EXPLAIN_H

#include "common/artifact/stage.h"

#include <stdio.h>

/* Explain a stage whose key is complete. */
void explain(const Stage *stage, FILE *to);

#endif
