/* SPDX-License-Identifier: MIT */
/*
 * In place of ICU, which libxml2 asks for encodings that neither itself nor iconv() knows.
 *
 * There are hardly any, but to load ICU, of 30 MB, and what that needs takes as long as to run a
 * small graph.  So where the program holds libxml2, it has functions of the same names as those of
 * ICU that libxml2 calls: there is no such encoding.
 */
#include <glib.h>
#include <unicode/ucnv.h> /* which puts the version behind each name */

UConverter *
ucnv_open(const char *name, UErrorCode *error)
{
    (void)name;
    *error = U_FILE_ACCESS_ERROR;
    return NULL;
}

/* All others are called with a converter only, or not at all. */

void
ucnv_close(UConverter *converter)
{
    (void)converter;
    g_assert_not_reached();
}

void
ucnv_convertEx(UConverter *to, UConverter *from, char **target, const char *target_end,
               const char **source, const char *source_end, UChar *pivot_start,
               UChar **pivot_source, UChar **pivot_target, const UChar *pivot_end,
               UBool reset, UBool flush, UErrorCode *error)
{
    (void)to, (void)from, (void)target, (void)target_end, (void)source, (void)source_end;
    (void)pivot_start, (void)pivot_source, (void)pivot_target, (void)pivot_end;
    (void)reset, (void)flush, (void)error;
    g_assert_not_reached();
}

void
ucnv_setToUCallBack(UConverter *converter, UConverterToUCallback action,
                    const void *context, UConverterToUCallback *old_action,
                    const void **old_context, UErrorCode *error)
{
    (void)converter, (void)action, (void)context, (void)old_action, (void)old_context;
    (void)error;
    g_assert_not_reached();
}

void
ucnv_setFromUCallBack(UConverter *converter, UConverterFromUCallback action,
                      const void *context, UConverterFromUCallback *old_action,
                      const void **old_context, UErrorCode *error)
{
    (void)converter, (void)action, (void)context, (void)old_action, (void)old_context;
    (void)error;
    g_assert_not_reached();
}

void
UCNV_TO_U_CALLBACK_STOP(const void *context, UConverterToUnicodeArgs *args,
                        const char *bytes, int32_t length, UConverterCallbackReason reason,
                        UErrorCode *error)
{
    (void)context, (void)args, (void)bytes, (void)length, (void)reason, (void)error;
    g_assert_not_reached();
}

void
UCNV_FROM_U_CALLBACK_STOP(const void *context, UConverterFromUnicodeArgs *args,
                          const UChar *units, int32_t length, UChar32 character,
                          UConverterCallbackReason reason, UErrorCode *error)
{
    (void)context, (void)args, (void)units, (void)length, (void)character, (void)reason;
    (void)error;
    g_assert_not_reached();
}
