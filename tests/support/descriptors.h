/* SPDX-License-Identifier: MIT */
/*
 * Resources that a test could leak: descriptors, child processes, threads.
 */
#pragma once

/* Returns: the number of open descriptors of this process. */
unsigned count_descriptors(void);

/* Returns: the number of its children, including zombies. */
unsigned count_children(void);

/*
 * End the idle threads that GLib keeps for 15 s for the next pool.  A thread that ends at the same
 * time as the program looks like a leak, since GLib before 2.76 frees its data late.
 */
void end_unused_threads(void);
