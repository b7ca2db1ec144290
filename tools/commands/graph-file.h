/* SPDX-License-Identifier: MIT */
/*
 * Names of graphs that are typed wrong.
 */
#pragma once

#include <glib.h>

/*
 * Return the path of a file ".xml" beside `path`, which does not exist, whose name is nearest to it:
 * hello.xml for hello, helo.xml or hello.xm.  Free with g_free(); NULL if no name is near.
 */
char *graph_file_near(const char *path);
