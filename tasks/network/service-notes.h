/* SPDX-License-Identifier: MIT */
/*
 * Facts about a service that its answers tell during a run.  Everything is for the I/O thread.
 */
#pragma once

#include "http-config.h"
#include "transfers.h"

/* The facts; at first all 0. */
typedef struct ServiceNotes {
    bool is_exhausted;            /* its quota is used up */
    unsigned changes;             /* ChatChanges: fields that it has refused */
    unsigned n_answers, n_output; /* of models: answers, and their tokens */
} ServiceNotes;

/* Return the notes of the service.  They live as long as the engine. */
static inline ServiceNotes *
service_notes(Transfers *transfers, const DagDeclared *service)
{
    return transfers_note(transfers, service, sizeof(ServiceNotes));
}
