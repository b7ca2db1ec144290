/* SPDX-License-Identifier: MIT */
/*
 * GObject introspection of dagrun: functions for other languages to load, plan and run a graph.
 * Each type has a reference count and keeps the objects alive that it uses, so they can be
 * released in any order.
 *
 * The functions are those of dagrun/dagrun.h with types that introspection supports: names of
 * tasks instead of numbers, no structs by value.  All types are immutable and usable by any
 * thread.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct _DagrunGraph DagrunGraph; /* a DagGraph */
typedef struct _DagrunPlan DagrunPlan;   /* a DagPlan and its graph */
typedef struct _DagrunRun DagrunRun;     /* a DagRun and its plan */

GType dagrun_graph_get_type(void);
GType dagrun_plan_get_type(void);
GType dagrun_run_get_type(void);

DagrunGraph *dagrun_graph_load(const char *path, GHashTable *settings, GError **error);
DagrunGraph *dagrun_graph_ref(DagrunGraph *self);
void dagrun_graph_unref(DagrunGraph *self);
const char *dagrun_graph_get_name(DagrunGraph *self);
char **dagrun_graph_get_tasks(DagrunGraph *self);

DagrunPlan *dagrun_plan_new(DagrunGraph *graph, const char *phase_rule, GError **error);
DagrunPlan *dagrun_plan_ref(DagrunPlan *self);
void dagrun_plan_unref(DagrunPlan *self);
guint dagrun_plan_get_n_phases(DagrunPlan *self);
char **dagrun_plan_get_phase(DagrunPlan *self, guint phase);
char *dagrun_plan_to_json(DagrunPlan *self);

DagrunRun *dagrun_run_new(DagrunPlan *plan, const char *strategy, guint n_workers,
                          gboolean keep_going, GError **error);
DagrunRun *dagrun_run_ref(DagrunRun *self);
void dagrun_run_unref(DagrunRun *self);
gboolean dagrun_run_get_succeeded(DagrunRun *self);
const char *dagrun_run_get_outcome(DagrunRun *self, const char *task);
char *dagrun_run_to_json(DagrunRun *self);

G_END_DECLS
