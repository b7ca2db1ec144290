/* SPDX-License-Identifier: MIT */
/*
 * The quota of processor time that the control groups of this process leave it.
 */
#pragma once

/*
 * Return the quota in processors, such as 0.5, or 0 if there is none.  `root` precedes the names of
 * all files that are read: "" outside of tests.
 */
double dag__cpu_quota(const char *root);

/* Return the number of workers for `n_processors` under a quota (0: none): at least 1, and a part of
 * a processor counts as one. */
unsigned dag__workers_for_quota(unsigned n_processors, double quota);
