/* SPDX-License-Identifier: MIT */
#pragma once

#include <libxml/xmlerror.h>

/* Return the message for an error of the parser, in one line of UTF-8; free with g_free(). */
char *dag__syntax_message(const xmlError *problem);
