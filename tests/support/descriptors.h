/* SPDX-License-Identifier: MIT */
/*
 * What a test could leave behind.
 */
#pragma once

/* Returns: the number of descriptors this process has open. */
unsigned count_descriptors(void);

/* Returns: the number of its children, living or dead and not waited for. */
unsigned count_children(void);
