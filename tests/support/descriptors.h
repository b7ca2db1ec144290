/* SPDX-License-Identifier: MIT */
/*
 * What a test could leave behind.
 */
#pragma once

/* Returns: the number of descriptors this process has open. */
unsigned count_descriptors(void);

/* Returns: the number of its children, living or dead and not waited for. */
unsigned count_children(void);

/*
 * Ends the idle threads that GLib keeps for 15 s for the next pool.  One that happens to end as
 * the program does looks like a leak: what GLib (before 2.76) keeps for it is on its way to be
 * freed.
 */
void end_unused_threads(void);
