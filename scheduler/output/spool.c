/* SPDX-License-Identifier: MIT */
/*
 * A spool begins in memory.  When it outgrows that, all of it moves to a file without a name,
 * which goes away with dagrun however that ends.  When the file fails (no space, read-only, no
 * descriptor), the spool keeps its head, wherever that is, and of all that follows the last
 * 64 KiB, in a ring:
 *
 *     size       = all bytes there ever were
 *     n_head     = those from the first one on that are in memory, or in the file
 *     the ring   = the last MIN(size - n_head, 64 KiB) of the others, once there is a ring
 *
 * What is in memory of all spools together is bounded too: beyond that, a spool moves to its
 * file earlier.  Otherwise thousands of tasks whose reader pauses would take a megabyte each.
 */
#include "output/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Once all spools of the process hold so much, only small ones stay in memory, and if there is
 * no file for them either, they lose bytes when all hold the second amount. */
#define ALL_MEMORY      (64 * DAG__SPOOL_MEMORY)
#define ALL_MEMORY_HARD (4 * ALL_MEMORY)
#define SMALL_MEMORY    4096

/* The least that is allocated: most tasks say a line or nothing. */
#define LEAST_ROOM 256

/* How much is read from the file at once. */
#define READ_SIZE 262144

struct DagSpool {
    uint64_t size;     /* said, lost bytes included */
    uint64_t n_head;   /* from the first one on, in memory or in the file */
    char *memory;      /* [room]; NULL: empty, or in the file */
    size_t room;       /* counted in all_room */
    char *ring;        /* [DAG__SPOOL_TAIL], byte i of the spool at i % its size; or NULL */
    off_t file_start;  /* where the head begins in the file */
    int fd;            /* the file, or -1 */
    int problem;       /* why bytes are lost, errno */
    int log_problem;   /* why bytes are not in the log, errno */
    bool is_in_file;   /* the head is, and not in memory */
    bool is_log;       /* the file has a name, and gets every byte at once */
    bool is_read_only; /* the file cannot be written to any more */
    bool spill_failed; /* so it stays in memory as long as it may */
};

static atomic_size_t all_room; /* of all spools of the process */

DagSpool *
dag__spool_new(void)
{
    DagSpool *spool = g_new0(DagSpool, 1);

    spool->fd = -1;
    return spool;
}

static void
set_room(DagSpool *spool, size_t room)
{
    if (room > 0)
        spool->memory = g_realloc(spool->memory, room);
    else
        g_clear_pointer(&spool->memory, g_free);
    atomic_fetch_add_explicit(&all_room, room - spool->room, memory_order_relaxed);
    spool->room = room;
}

static void
close_file(DagSpool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}

void
dag__spool_free(DagSpool *spool)
{
    if (!spool)
        return;
    set_room(spool, 0);
    close_file(spool);
    g_free(spool->ring);
    g_free(spool);
}

void
dag__spool_set_log(DagSpool *spool, int fd, int problem)
{
    g_assert(spool->size == 0 && spool->fd < 0);
    spool->fd = fd;
    spool->is_log = fd >= 0;
    spool->log_problem = fd < 0 ? problem : 0;
    if (fd >= 0)
        spool->file_start = lseek(fd, 0, SEEK_END);
}

/* Returns: how many bytes were written; fewer than all with errno set. */
static size_t
write_file(int fd, const char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = write(fd, bytes + done, size - done);

        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

/* Returns: a file without a name in `directory`, or -1 with errno set. */
static int
open_nameless(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;

    /* A file system that knows no such files: one whose name is gone at once. */
    g_autofree char *path = g_build_filename(directory, "dagrun-XXXXXX", NULL);

    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

/*
 * Who sets TMPDIR wants it there and nowhere else.  Otherwise not in /tmp first, which may be
 * memory.  Returns: -1 with errno set.
 */
static int
open_spill(void)
{
    const char *wanted = g_getenv("TMPDIR");
    int fd;

    if (wanted && *wanted)
        return open_nameless(wanted);
    fd = open_nameless("/var/tmp");
    return fd >= 0 ? fd : open_nameless("/tmp");
}

/* Moves what is in memory to a file.  Returns: false with errno set, nothing having changed. */
static bool
spill(DagSpool *spool)
{
    int fd = open_spill();

    if (fd < 0)
        return false;
    if (write_file(fd, spool->memory, spool->n_head) < spool->n_head) {
        int saved = errno;

        close(fd);
        errno = saved;
        return false;
    }
    spool->fd = fd;
    spool->is_in_file = true;
    set_room(spool, 0);
    return true;
}

static void
append_to_memory(DagSpool *spool, const char *bytes, size_t size)
{
    size_t needed = spool->n_head + size;

    if (needed > spool->room)
        set_room(spool,
                 MAX(MAX(needed, LEAST_ROOM), MIN(2 * spool->room, DAG__SPOOL_MEMORY)));
    memcpy(spool->memory + spool->n_head, bytes, size);
    spool->n_head += size;
}

/* What comes after the head and cannot be kept, but for its end. */
static void
append_to_ring(DagSpool *spool, const char *bytes, size_t size)
{
    uint64_t from = spool->size - size;

    if (!spool->ring)
        spool->ring = g_malloc(DAG__SPOOL_TAIL);
    if (size > DAG__SPOOL_TAIL) {
        from += size - DAG__SPOOL_TAIL;
        bytes += size - DAG__SPOOL_TAIL;
        size = DAG__SPOOL_TAIL;
    }

    size_t at = from % DAG__SPOOL_TAIL;
    size_t n = MIN(size, DAG__SPOOL_TAIL - at);

    memcpy(spool->ring + at, bytes, n);
    memcpy(spool->ring, bytes + n, size - n);
}

/* From now on, only the end of what comes is kept; `bytes` are the first of it. */
static void
give_up(DagSpool *spool, const char *bytes, size_t size, int problem)
{
    spool->problem = problem;
    append_to_ring(spool, bytes, size);
}

static void
append_to_file(DagSpool *spool, const char *bytes, size_t size)
{
    size_t n = write_file(spool->fd, bytes, size);

    spool->n_head += n;
    if (n == size)
        return;
    if (spool->is_log)
        spool->log_problem = errno;
    give_up(spool, bytes + n, size - n, errno);
}

/* Writes to the log besides. */
static void
append_to_log(DagSpool *spool, const char *bytes, size_t size)
{
    if (write_file(spool->fd, bytes, size) == size)
        return;
    spool->log_problem = errno;
    spool->is_log = false;
    close_file(spool);
}

static bool
fits_in_memory(const DagSpool *spool, size_t size)
{
    uint64_t needed = spool->n_head + size;

    if (needed <= SMALL_MEMORY || needed <= spool->room)
        return true;
    return needed <= DAG__SPOOL_MEMORY &&
           atomic_load_explicit(&all_room, memory_order_relaxed) <
               (spool->spill_failed ? ALL_MEMORY_HARD : ALL_MEMORY);
}

/* Makes the head one in a file.  Returns: false with errno set. */
static bool
leave_memory(DagSpool *spool)
{
    if (!spool->is_log)
        return spill(spool);
    /* The log has it all. */
    spool->is_in_file = true;
    set_room(spool, 0);
    return true;
}

void
dag__spool_write(DagSpool *spool, const void *bytes, size_t size)
{
    spool->size += size;
    if (spool->ring) {
        append_to_ring(spool, bytes, size);
        return;
    }
    if (!spool->is_in_file && !fits_in_memory(spool, size) && !leave_memory(spool)) {
        spool->spill_failed = true;
        if (!fits_in_memory(spool, size)) {
            give_up(spool, bytes, size, errno);
            return;
        }
    }
    if (spool->is_in_file) {
        append_to_file(spool, bytes, size);
        return;
    }
    if (spool->is_log)
        append_to_log(spool, bytes, size);
    append_to_memory(spool, bytes, size);
}

/* Some file systems tell only when a file is closed that there was no space. */
static void
close_log(DagSpool *spool)
{
    int fd = spool->is_in_file ? dup(spool->fd) : spool->fd;

    if (fd >= 0 && close(fd) < 0 && errno != EINTR)
        spool->log_problem = errno;
    if (!spool->is_in_file)
        spool->fd = -1;
}

void
dag__spool_finish(DagSpool *spool)
{
    if (spool->is_log)
        close_log(spool);
    if (spool->room > spool->n_head + SMALL_MEMORY)
        set_room(spool, spool->n_head);
}

/* Returns: a memfd that nobody can alter, or -1 with errno set. */
static int
seal_memory(const DagSpool *spool, const char *name)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    g_autofree char *label = g_strndup(name, 200); /* the kernel allows 249 */
    int fd = memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -1;
    if (write_file(fd, spool->memory, spool->n_head) < spool->n_head ||
        fcntl(fd, F_ADD_SEALS, seals) < 0) {
        int saved = errno;

        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

/* Returns: the same file, open for reading only, and as far as possible such that it cannot be
 * opened for anything else; or -1 with errno set. */
static int
reopen_read_only(const DagSpool *spool)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", spool->fd);
    int flags = 0, fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    fchmod(fd, 0400);
    /* Permissions do not hold back the superuser, who alone can set this; it may also fail,
     * for then nothing worse happens than what a reader does on purpose. */
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
        flags |= FS_IMMUTABLE_FL;
        ioctl(fd, FS_IOC_SETFLAGS, &flags);
    }
    return fd;
}

int
dag__spool_share(DagSpool *spool, const char *name)
{
    int fd;

    g_assert(!spool->ring && !spool->is_log);
    if (spool->is_read_only)
        return spool->fd;
    fd = spool->is_in_file ? reopen_read_only(spool) : seal_memory(spool, name);
    if (fd < 0)
        return -1;
    close_file(spool);
    set_room(spool, 0);
    spool->fd = fd;
    spool->is_in_file = spool->is_read_only = true;
    return fd;
}

uint64_t
dag_spool_size(const DagSpool *spool)
{
    return spool->size;
}

/* Returns: how many of the last bytes are in the ring. */
static uint64_t
n_in_ring(const DagSpool *spool)
{
    return spool->ring ? MIN(spool->size - spool->n_head, DAG__SPOOL_TAIL) : 0;
}

uint64_t
dag_spool_n_lost(const DagSpool *spool)
{
    return spool->size - spool->n_head - n_in_ring(spool);
}

int
dag_spool_problem(const DagSpool *spool)
{
    return dag_spool_n_lost(spool) > 0 ? spool->problem : 0;
}

int
dag_spool_log_problem(const DagSpool *spool)
{
    return spool->log_problem;
}

/* Copies `size` bytes of the ring, from byte `from` of the spool on. */
static void
read_ring(const DagSpool *spool, uint64_t from, char *out, size_t size)
{
    size_t at = from % DAG__SPOOL_TAIL;
    size_t n = MIN(size, DAG__SPOOL_TAIL - at);

    memcpy(out, spool->ring + at, n);
    memcpy(out + n, spool->ring, size - n);
}

/* Copies `size` bytes of the head, from byte `from` on.  Returns: how many; fewer than all with
 * errno set. */
static size_t
read_head(const DagSpool *spool, uint64_t from, char *out, size_t size)
{
    size_t done = 0;

    if (!spool->is_in_file) {
        memcpy(out, spool->memory + from, size);
        return size;
    }
    while (done < size) {
        ssize_t n = pread(spool->fd, out + done, size - done,
                          spool->file_start + (off_t)(from + done));

        if (n == 0)
            errno = ESTALE; /* a log that somebody has cut */
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

size_t
dag_spool_tail(const DagSpool *spool, void *out, size_t size)
{
    uint64_t n_ring = n_in_ring(spool), n_head;
    char *to = out;

    if (size <= n_ring || dag_spool_n_lost(spool) > 0) {
        size = MIN(size, n_ring);
        if (size > 0)
            read_ring(spool, spool->size - size, to, size);
        return size;
    }
    n_head = MIN(size - n_ring, spool->n_head);
    if (n_head > 0 && read_head(spool, spool->n_head - n_head, to, n_head) < n_head)
        n_head = 0;
    if (n_ring > 0)
        read_ring(spool, spool->n_head, to + n_head, n_ring);
    return n_head + n_ring;
}

/* Gives the head to `take`.  Returns: false to stop; *problem_out as of dag_spool_read(). */
static bool
give_head(const DagSpool *spool, DagSpoolTaker take, void *data, int *problem_out)
{
    g_autofree char *buffer = NULL;

    if (!spool->is_in_file)
        return spool->n_head == 0 || take(spool->memory, spool->n_head, data);
    posix_fadvise(spool->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    buffer = g_malloc(READ_SIZE);
    for (uint64_t from = 0; from < spool->n_head;) {
        size_t wanted = MIN(spool->n_head - from, READ_SIZE);
        size_t n = read_head(spool, from, buffer, wanted);

        if (n < wanted)
            *problem_out = errno;
        if (n > 0 && !take(buffer, n, data))
            return false;
        from += n;
        if (n < wanted)
            return take(NULL, spool->n_head - from, data);
    }
    return true;
}

int
dag_spool_read(const DagSpool *spool, DagSpoolTaker take, void *data)
{
    uint64_t n_lost = dag_spool_n_lost(spool), n_ring = n_in_ring(spool);
    g_autofree char *tail = NULL;
    int problem = 0;

    if (!give_head(spool, take, data, &problem) ||
        (n_lost > 0 && !take(NULL, n_lost, data)) || n_ring == 0)
        return problem;
    tail = g_malloc(n_ring);
    read_ring(spool, spool->size - n_ring, tail, n_ring);
    take(tail, n_ring, data);
    return problem;
}
