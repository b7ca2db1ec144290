/* SPDX-License-Identifier: MIT */
/*
 * The first bytes are in a file without a name, if there are many, and the last ones in memory.
 */
#include "display/withheld.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* More than a screen of text; a person does not read much more while busy with a task. */
#define MAX_MEMORY 1048576

/* Bytes of one stream that follow each other. */
typedef struct Piece {
    int stream;
    uint64_t size;
} Piece;

static GArray *pieces;  /* of Piece; NULL: nothing is withheld */
static GString *memory; /* the last bytes */
static int file = -1;   /* the bytes before; -1: none */

/* Returns: -1 with errno set. */
static int
open_nameless(void)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dagrun.XXXXXX", NULL);
    int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0)
        return fd;
    fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        unlink(path);
    return fd;
}

/* Move bytes from the memory to the file, as many as it takes. */
static void
spill(void)
{
    size_t done = 0;
    ssize_t n = 1;

    if (file < 0)
        file = open_nameless();
    while (file >= 0 && n > 0 && done < memory->len) {
        n = write(file, memory->str + done, memory->len - done);
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno == EINTR)
            n = 1;
    }
    g_string_erase(memory, 0, (gssize)done);
}

void
withheld_add(int stream, const char *bytes, size_t size)
{
    Piece *last;

    if (!pieces) {
        pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
        memory = g_string_new(NULL);
    }
    last = pieces->len > 0 ? &g_array_index(pieces, Piece, pieces->len - 1) : NULL;
    if (last && last->stream == stream)
        last->size += size;
    else
        g_array_append_val(pieces, ((Piece){stream, size}));
    g_string_append_len(memory, bytes, (gssize)size);
    if (memory->len > MAX_MEMORY)
        spill();
}

bool
withheld_any(void)
{
    return pieces != NULL;
}

/* Return the next bytes, from the file and then from the memory, of which *n_taken are taken; at most
 * `size`, and 0 if a part of the file cannot be read. */
static size_t
take(char *buffer, size_t size, size_t *n_taken)
{
    ssize_t n = file >= 0 ? read(file, buffer, size) : 0;

    if (n > 0)
        return (size_t)n;
    size = MIN(size, memory->len - *n_taken);
    memcpy(buffer, memory->str + *n_taken, size);
    *n_taken += size;
    return size;
}

void
withheld_release(void (*write)(int stream, const char *bytes, size_t size))
{
    char buffer[65536];
    size_t n_taken = 0, n;

    if (!pieces)
        return;
    if (file >= 0)
        lseek(file, 0, SEEK_SET);
    for (guint i = 0; i < pieces->len; i++) {
        Piece piece = g_array_index(pieces, Piece, i);

        for (; piece.size > 0; piece.size -= n) {
            n = take(buffer, MIN(sizeof(buffer), piece.size), &n_taken);
            if (n == 0)
                break;
            write(piece.stream, buffer, n);
        }
    }
    if (file >= 0)
        close(file);
    file = -1;
    g_clear_pointer(&pieces, g_array_unref);
    g_string_free(memory, TRUE);
    memory = NULL;
}
