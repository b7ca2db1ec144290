/* SPDX-License-Identifier: MIT */
/*
 * A spool begins in memory.  When it outgrows its limit, it moves to a file without a name, which
 * disappears with the process, however that ends.  If the file fails (no space, read-only, no
 * descriptor), the spool keeps its head where it is, and the last 64 KiB of the rest in a ring:
 *
 *     size       = number of bytes written
 *     n_head     = number of first bytes that are in memory or in the file
 *     the ring   = the last MIN(size - n_head, 64 KiB) bytes, if there is a ring
 *
 * A transcript may borrow its beginning from the output of the same task, so that a large text is
 * stored once: its first n_borrowed bytes are those of `source`.
 *
 * The memory of all spools together is limited as well: beyond that limit, a spool moves to its
 * file earlier.  Otherwise thousands of tasks with a paused reader would take a megabyte each.
 */
#include "output/spool.h"

#include "output/temporary.h"
#include "output/transcript.h"
#include "run/lock.h"

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

/* If all spools of the process hold ALL_MEMORY, only small ones stay in memory.  A spool that gets
 * no file may use memory until all hold ALL_MEMORY_HARD; then it loses bytes. */
#define ALL_MEMORY      (64 * DAG__SPOOL_MEMORY)
#define ALL_MEMORY_HARD (4 * ALL_MEMORY)
#define SMALL_MEMORY    4096

/* Smallest allocation: most tasks write a line or nothing. */
#define LEAST_CAPACITY 256

/* Number of bytes read from the file at once. */
#define READ_SIZE 262144

struct DagSpool {
    atomic_int n_owners;
    GMutex lock;         /* protects the storage of a spool that another one borrows from */
    DagSpool *source;    /* an owner's reference, or NULL */
    uint64_t n_borrowed; /* not counted in the fields below */
    uint64_t size;       /* bytes written, including lost ones */
    uint64_t n_head;     /* first bytes, in memory or in the file */
    char *memory;        /* [capacity]; NULL: empty, or in the file */
    size_t capacity;     /* of memory; counted in all_capacity */
    char *ring;        /* [DAG__SPOOL_TAIL], byte i of the spool at i % its size; or NULL */
    off_t file_start;  /* offset of the head in the file */
    StreamRuns *runs;  /* see dag__spool_runs() */
    int fd;            /* the file, or -1 */
    int problem;       /* errno of the error that lost bytes */
    int log_problem;   /* errno of the error that made the log incomplete */
    bool is_in_file;   /* the head is in the file, not in memory */
    bool is_log;       /* the file has a name and gets every byte at once */
    bool is_read_only; /* the file can no longer be written */
    bool spill_failed; /* stay in memory up to the hard limit */
};

static atomic_size_t all_capacity; /* sum over all spools of the process */

DagSpool *
dag__spool_new(void)
{
    DagSpool *spool = g_new0(DagSpool, 1);

    spool->fd = -1;
    spool->n_owners = 1;
    g_mutex_init(&spool->lock);
    return spool;
}

static void
set_capacity(DagSpool *spool, size_t capacity)
{
    if (capacity > 0)
        spool->memory = g_realloc(spool->memory, capacity);
    else
        g_clear_pointer(&spool->memory, g_free);
    atomic_fetch_add_explicit(&all_capacity, capacity - spool->capacity,
                              memory_order_relaxed);
    spool->capacity = capacity;
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
    while (spool && atomic_fetch_sub(&spool->n_owners, 1) == 1) {
        DagSpool *source = spool->source;

        g_mutex_clear(&spool->lock);
        set_capacity(spool, 0);
        close_file(spool);
        g_free(spool->ring);
        dag__stream_runs_free(spool->runs);
        g_free(spool);
        spool = source;
    }
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

StreamRuns **
dag__spool_runs(DagSpool *spool)
{
    return &spool->runs;
}

size_t
dag__write_file(int fd, const char *bytes, size_t size)
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

/* Move the head from memory to a file.  Returns: false with errno set, and nothing changed. */
static bool
spill(DagSpool *spool)
{
    int fd = dag__temporary_open();

    if (fd < 0)
        return false;
    if (dag__write_file(fd, spool->memory, spool->n_head) < spool->n_head) {
        int saved = errno;

        close(fd);
        errno = saved;
        return false;
    }
    spool->fd = fd;
    spool->is_in_file = true;
    set_capacity(spool, 0);
    return true;
}

static void
append_to_memory(DagSpool *spool, const char *bytes, size_t size)
{
    size_t needed = spool->n_head + size;

    if (needed > spool->capacity)
        set_capacity(spool, MAX(MAX(needed, LEAST_CAPACITY),
                                MIN(2 * spool->capacity, DAG__SPOOL_MEMORY)));
    memcpy(spool->memory + spool->n_head, bytes, size);
    spool->n_head += size;
}

/* Append bytes after the head; only the last ones are kept. */
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

/* Keep only the end of the text from now on; `bytes` are the first that cannot be kept. */
static void
give_up(DagSpool *spool, const char *bytes, size_t size, int problem)
{
    spool->problem = problem;
    append_to_ring(spool, bytes, size);
}

static void
append_to_file(DagSpool *spool, const char *bytes, size_t size)
{
    size_t n = dag__write_file(spool->fd, bytes, size);

    spool->n_head += n;
    if (n == size)
        return;
    if (spool->is_log)
        spool->log_problem = errno;
    give_up(spool, bytes + n, size - n, errno);
}

/* Append to the log of a spool that is in memory. */
static void
append_to_log(DagSpool *spool, const char *bytes, size_t size)
{
    if (dag__write_file(spool->fd, bytes, size) == size)
        return;
    spool->log_problem = errno;
    spool->is_log = false;
    close_file(spool);
}

static bool
fits_in_memory(const DagSpool *spool, size_t size)
{
    uint64_t needed = spool->n_head + size;

    if (needed <= SMALL_MEMORY || needed <= spool->capacity)
        return true;
    return needed <= DAG__SPOOL_MEMORY &&
           atomic_load_explicit(&all_capacity, memory_order_relaxed) <
               (spool->spill_failed ? ALL_MEMORY_HARD : ALL_MEMORY);
}

/* Move the head to a file.  Returns: false with errno set. */
static bool
leave_memory(DagSpool *spool)
{
    if (!spool->is_log)
        return spill(spool);
    /* The log has all bytes. */
    spool->is_in_file = true;
    set_capacity(spool, 0);
    return true;
}

bool
dag__spool_borrow(DagSpool *spool, DagSpool *source, size_t size)
{
    if (spool->size > 0 || spool->is_log || source->ring ||
        source->size != spool->n_borrowed + size)
        return false;
    if (!spool->source) {
        spool->source = source;
        atomic_fetch_add(&source->n_owners, 1);
    }
    spool->n_borrowed += size;
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

/* Some file systems report a lack of space only when a file is closed. */
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
    if (spool->capacity > spool->n_head + SMALL_MEMORY)
        set_capacity(spool, spool->n_head);
}

/* Copy the head to a sealed memfd.  Returns: -1 with errno set. */
static int
seal_memory(const DagSpool *spool, const char *name)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    g_autofree char *label = g_strndup(name, 200); /* the kernel allows 249 */
    int fd = memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -1;
    if (dag__write_file(fd, spool->memory, spool->n_head) < spool->n_head ||
        fcntl(fd, F_ADD_SEALS, seals) < 0) {
        int saved = errno;

        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

/* Set or clear the flag that stops the superuser, too, from writing.  Only the superuser can do so,
 * and not on every file system; failure is harmless. */
static void
set_immutable(int fd, bool is_immutable)
{
    int flags = 0;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 ||
        ((flags & FS_IMMUTABLE_FL) != 0) == is_immutable)
        return;
    flags ^= FS_IMMUTABLE_FL;
    ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

/* Open the file again for reading only, and prevent opening it for writing as far as possible.
 * Returns: -1 with errno set. */
static int
reopen_read_only(const DagSpool *spool)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", spool->fd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    fchmod(fd, 0400);
    set_immutable(fd, true);
    return fd;
}

int
dag__spool_nameless(DagSpool *spool)
{
    if (!spool->is_in_file || spool->is_log || spool->fd < 0)
        return -1;
    if (spool->is_read_only)
        set_immutable(spool->fd, false);
    return spool->fd;
}

int
dag__spool_share(DagSpool *spool, const char *name)
{
    int fd;

    g_assert(!spool->ring && !spool->is_log && !spool->source);
    if (spool->is_read_only)
        return spool->fd;
    fd = spool->is_in_file ? reopen_read_only(spool) : seal_memory(spool, name);
    if (fd < 0)
        return -1;
    dag__lock(&spool->lock);
    close_file(spool);
    set_capacity(spool, 0);
    spool->fd = fd;
    spool->is_in_file = spool->is_read_only = true;
    dag__unlock(&spool->lock);
    return fd;
}

uint64_t
dag_spool_size(const DagSpool *spool)
{
    g_return_val_if_fail(spool, 0);
    return spool->n_borrowed + spool->size;
}

/* Return the number of bytes in the ring. */
static uint64_t
n_in_ring(const DagSpool *spool)
{
    return spool->ring ? MIN(spool->size - spool->n_head, DAG__SPOOL_TAIL) : 0;
}

uint64_t
dag_spool_n_lost(const DagSpool *spool)
{
    g_return_val_if_fail(spool, 0);
    return spool->size - spool->n_head - n_in_ring(spool);
}

int
dag_spool_problem(const DagSpool *spool)
{
    g_return_val_if_fail(spool, 0);
    return dag_spool_n_lost(spool) > 0 ? spool->problem : 0;
}

int
dag_spool_log_problem(const DagSpool *spool)
{
    g_return_val_if_fail(spool, 0);
    return spool->log_problem;
}

/* Copy `size` bytes of the ring, beginning with byte `from` of the spool. */
static void
read_ring(const DagSpool *spool, uint64_t from, char *out, size_t size)
{
    size_t at = from % DAG__SPOOL_TAIL;
    size_t n = MIN(size, DAG__SPOOL_TAIL - at);

    memcpy(out, spool->ring + at, n);
    memcpy(out + n, spool->ring, size - n);
}

/* Copy `size` bytes of the head, beginning with byte `from`.  Returns: the number of bytes copied;
 * fewer with errno set. */
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
            errno = ESTALE; /* another process truncated the log */
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

/* Copy the last bytes that are the spool's own. */
static size_t
own_tail(const DagSpool *spool, void *out, size_t size)
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

/* As read_head(), for bytes that are borrowed. */
static size_t
read_borrowed(const DagSpool *spool, uint64_t from, char *out, size_t size)
{
    size_t n;

    dag__lock(&spool->source->lock);
    n = read_head(spool->source, from, out, size);
    dag__unlock(&spool->source->lock);
    return n;
}

size_t
dag_spool_tail(const DagSpool *spool, void *out, size_t size)
{
    g_return_val_if_fail(spool && (out || size == 0), 0);

    size_t n_own = own_tail(spool, out, size), n;
    char *to = out;

    if (n_own < spool->size || n_own == size || spool->n_borrowed == 0)
        return n_own;
    n = MIN(size - n_own, spool->n_borrowed);
    memmove(to + n, to, n_own);
    if (read_borrowed(spool, spool->n_borrowed - n, to, n) == n)
        return n + n_own;
    memmove(to, to + n, n_own);
    return n_own;
}

/* Pass the borrowed bytes to `take`.  Returns: as take_head(). */
static bool
take_borrowed(const DagSpool *spool, DagSpoolTaker take, void *data, int *problem_out)
{
    g_autofree char *buffer = g_malloc(MIN(spool->n_borrowed, READ_SIZE));

    for (uint64_t from = 0; from < spool->n_borrowed;) {
        size_t wanted = MIN(spool->n_borrowed - from, READ_SIZE);
        size_t n = read_borrowed(spool, from, buffer, wanted);

        if (n < wanted)
            *problem_out = errno;
        if (n > 0 && !take(buffer, n, data))
            return false;
        from += n;
        if (n < wanted)
            return take(NULL, spool->n_borrowed - from, data);
    }
    return true;
}

/* Pass the head to `take`.  Returns: false to stop; *problem_out is as for dag_spool_read(). */
static bool
take_head(const DagSpool *spool, DagSpoolTaker take, void *data, int *problem_out)
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
    g_return_val_if_fail(spool && take, EINVAL);

    uint64_t n_lost = dag_spool_n_lost(spool), n_ring = n_in_ring(spool);
    g_autofree char *tail = NULL;
    int problem = 0;

    if (spool->n_borrowed > 0 && !take_borrowed(spool, take, data, &problem))
        return problem;
    if (!take_head(spool, take, data, &problem) ||
        (n_lost > 0 && !take(NULL, n_lost, data)) || n_ring == 0)
        return problem;
    tail = g_malloc(n_ring);
    read_ring(spool, spool->size - n_ring, tail, n_ring);
    take(tail, n_ring, data);
    return problem;
}
