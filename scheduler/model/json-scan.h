/* SPDX-License-Identifier: MIT */
/*
 * A JSON text (RFC 8259), byte by byte.  The state between two bytes is known, so that a text with
 * references can be checked before their values are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 1000

/* Zeroed, it is before the first byte. */
typedef struct JsonScan {
    uint8_t state;    /* a State of json-scan.c */
    uint8_t left;     /* hexadecimal digits of an escape */
    bool is_key;      /* the string is the name of a member */
    const char *word; /* the rest of true, false or null */
    uint16_t depth;   /* of arrays and objects around the next byte */
    uint8_t is_object[JSON_MAX_DEPTH / 8 + 1]; /* bit by level */
} JsonScan;

/* Take the next byte.  Returns: false if no JSON text goes on like this. */
bool dag__json_scan_push(JsonScan *scan, char byte);

/* Return true if the text may end here. */
bool dag__json_scan_may_end(const JsonScan *scan);

/* Return true if the next byte is within a string, and not within an escape. */
bool dag__json_scan_is_in_string(const JsonScan *scan);

/* Return true if a value may begin with the next byte. */
bool dag__json_scan_may_begin(const JsonScan *scan);

/* Take a whole value in the place of the next byte, where one may begin. */
void dag__json_scan_push_value(JsonScan *scan);
