/* SPDX-License-Identifier: MIT */
/*
 * The tables of the store, and the steps that make them from those of earlier versions.
 */
#pragma once

#include <stddef.h>

/* The application id in the header of the file: "DAGR". */
#define STORE_APPLICATION 0x44414752

/* Step i makes version i + 1 from version i; version 0 is an empty file.  [dag__store_version] */
extern const char *const dag__store_steps[];

/* The version that this program reads and writes. */
extern const int dag__store_version;
