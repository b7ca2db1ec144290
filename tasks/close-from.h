/* SPDX-License-Identifier: MIT */
#pragma once

/* Close all descriptors from `first` on, in a process with one thread. */
void dag__close_from(int first);
