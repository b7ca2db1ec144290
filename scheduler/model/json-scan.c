/* SPDX-License-Identifier: MIT */
/*
 * A state machine with a stack of one bit per level: the level is an object, or an array.
 */
#include "model/json-scan.h"

typedef enum State {
    VALUE,        /* a value follows */
    VALUE_OR_END, /* after "[" */
    KEY,          /* the name of a member follows */
    KEY_OR_END,   /* after "{" */
    COLON,
    AFTER, /* a value has ended */
    STRING,
    ESCAPE, /* after "\" */
    HEX,    /* in the digits after "\u" */
    WORD,   /* in true, false or null */
    MINUS,
    ZERO,
    DIGITS,
    POINT,
    FRACTION,
    EXPONENT, /* after "e" */
    EXPONENT_SIGN,
    EXPONENT_DIGITS,
} State;

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_hex(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool
go_to(JsonScan *scan, State state)
{
    scan->state = (uint8_t)state;
    return true;
}

static bool
is_in_object(const JsonScan *scan)
{
    unsigned level = scan->depth - 1U;

    return scan->is_object[level / 8] >> (level % 8) & 1;
}

static bool
enter(JsonScan *scan, bool is_object)
{
    unsigned level = scan->depth;

    if (scan->depth == JSON_MAX_DEPTH)
        return false;
    scan->depth++;
    scan->is_object[level / 8] &= (uint8_t) ~(1U << level % 8);
    scan->is_object[level / 8] |= (uint8_t)((unsigned)is_object << level % 8);
    return go_to(scan, is_object ? KEY_OR_END : VALUE_OR_END);
}

static bool
leave(JsonScan *scan)
{
    scan->depth--;
    return go_to(scan, AFTER);
}

static bool
begin_string(JsonScan *scan, bool is_key)
{
    scan->is_key = is_key;
    return go_to(scan, STRING);
}

static bool
begin_word(JsonScan *scan, const char *rest)
{
    scan->word = rest;
    return go_to(scan, WORD);
}

static bool
begin_value(JsonScan *scan, char byte)
{
    switch (byte) {
    case '{':
    case '[':
        return enter(scan, byte == '{');
    case '"':
        return begin_string(scan, false);
    case 't':
        return begin_word(scan, "rue");
    case 'f':
        return begin_word(scan, "alse");
    case 'n':
        return begin_word(scan, "ull");
    case '-':
        return go_to(scan, MINUS);
    default:
        return is_blank(byte) ||
               (is_digit(byte) && go_to(scan, byte == '0' ? ZERO : DIGITS));
    }
}

static bool
end_value(JsonScan *scan, char byte)
{
    scan->state = AFTER;
    if (is_blank(byte))
        return true;
    if (scan->depth == 0)
        return false;
    if (byte == ',')
        return go_to(scan, is_in_object(scan) ? KEY : VALUE);
    return byte == (is_in_object(scan) ? '}' : ']') && leave(scan);
}

static bool
push_key(JsonScan *scan, char byte)
{
    if (byte == '}' && scan->state == KEY_OR_END)
        return leave(scan);
    return is_blank(byte) || (byte == '"' && begin_string(scan, true));
}

static bool
push_in_string(JsonScan *scan, char byte)
{
    if (byte == '"')
        return go_to(scan, scan->is_key ? COLON : AFTER);
    if (byte == '\\')
        return go_to(scan, ESCAPE);
    return (unsigned char)byte >= ' ';
}

static bool
push_escape(JsonScan *scan, char byte)
{
    if (scan->state == HEX) {
        if (--scan->left == 0)
            scan->state = STRING;
        return is_hex(byte);
    }
    scan->left = 4;
    switch (byte) {
    case 'u':
        return go_to(scan, HEX);
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return go_to(scan, STRING);
    default:
        return false;
    }
}

static bool
push_in_word(JsonScan *scan, char byte)
{
    if (*scan->word != byte)
        return false;
    return *++scan->word || go_to(scan, AFTER);
}

/* Return the state after a digit in a number. */
static State
after_digit(State state, char digit)
{
    switch (state) {
    case MINUS:
        return digit == '0' ? ZERO : DIGITS;
    case POINT:
        return FRACTION;
    case EXPONENT:
    case EXPONENT_SIGN:
        return EXPONENT_DIGITS;
    default:
        return state;
    }
}

static bool
push_in_number(JsonScan *scan, char byte)
{
    State state = (State)scan->state;
    bool is_integer = state == ZERO || state == DIGITS;
    bool may_end = is_integer || state == FRACTION || state == EXPONENT_DIGITS;

    if (is_digit(byte) && state != ZERO)
        return go_to(scan, after_digit(state, byte));
    if (byte == '.' && is_integer)
        return go_to(scan, POINT);
    if ((byte == 'e' || byte == 'E') && (is_integer || state == FRACTION))
        return go_to(scan, EXPONENT);
    if ((byte == '+' || byte == '-') && state == EXPONENT)
        return go_to(scan, EXPONENT_SIGN);
    return may_end && end_value(scan, byte);
}

bool
dag__json_scan_push(JsonScan *scan, char byte)
{
    switch ((State)scan->state) {
    case VALUE_OR_END:
        if (byte == ']')
            return leave(scan);
        return begin_value(scan, byte);
    case VALUE:
        return begin_value(scan, byte);
    case KEY:
    case KEY_OR_END:
        return push_key(scan, byte);
    case COLON:
        return is_blank(byte) || (byte == ':' && go_to(scan, VALUE));
    case AFTER:
        return end_value(scan, byte);
    case STRING:
        return push_in_string(scan, byte);
    case ESCAPE:
    case HEX:
        return push_escape(scan, byte);
    case WORD:
        return push_in_word(scan, byte);
    default:
        return push_in_number(scan, byte);
    }
}

bool
dag__json_scan_may_end(const JsonScan *scan)
{
    State state = (State)scan->state;

    return scan->depth == 0 && (state == AFTER || state == ZERO || state == DIGITS ||
                                state == FRACTION || state == EXPONENT_DIGITS);
}

bool
dag__json_scan_is_in_string(const JsonScan *scan)
{
    return scan->state == STRING;
}

bool
dag__json_scan_may_begin(const JsonScan *scan)
{
    return scan->state == VALUE || scan->state == VALUE_OR_END;
}

void
dag__json_scan_push_value(JsonScan *scan)
{
    scan->state = AFTER;
}
