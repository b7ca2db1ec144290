/* SPDX-License-Identifier: MIT */
/*
 * A program's output and its error messages come through two pipes, and pipes do not tell which of
 * two writes came first.  But the kernel queues a signal for each write to a pipe (F_SETSIG), in
 * order, with the descriptor in it.  The signals go to this thread, which has them blocked and only
 * takes them from the queue.
 *
 * A signal does not say how much was written.  So the pipes are divided into packets (O_DIRECT): a
 * read returns one write of the program, or the next 4096 bytes of a larger one.
 *
 * Everything that the kernel does not support, or that goes wrong, costs the order and nothing else:
 * each byte comes from its own pipe.  If the queue overflows, or the program blocks on a full pipe,
 * which sends a signal too, a few lines may be out of order, until a pipe is empty again.
 *
 * One pipe for both would keep the order for nothing.  But then the output that another task reads
 * could not be told from the errors, and a message would stand in the middle of a line whose other
 * half is in the buffer of the program.
 */
#include "arrivals.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_SIZE 4096 /* PIPE_BUF: the kernel divides larger writes */

/* After so many bytes of one stream, its packets become a cost without a use: the other stream is
 * silent. */
#define WHOLE_SIZE 1048576

/* The kernel sends the signal after the bytes are there: a microsecond later, if it is not
 * interrupted. */
#define SIGNAL_DELAY_NS 50000

/* Programs that use such signals begin with SIGRTMIN. */
static int
arrival_signal(void)
{
    return SIGRTMAX - 1;
}

/* If the queue is full, the kernel sends SIGIO instead. */
static sigset_t
arrival_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, arrival_signal());
    sigaddset(&set, SIGIO);
    return set;
}

/* Divide the pipe into packets, or do not. */
static bool
set_packets(const Pipe *pair, bool in_packets)
{
    return fcntl(pair->write_fd, F_SETFL, in_packets ? O_DIRECT : 0) == 0;
}

/* Return the number of this thread, for which a system call would be due each time. */
static pid_t
this_thread(void)
{
    static _Thread_local pid_t number;

    if (number == 0)
        number = gettid();
    return number;
}

/* Let the kernel queue signals of the pipe for this thread, once O_ASYNC is set, and divide the pipe into
 * packets.  Both stay so from task to task.  Returns: false with errno set. */
static bool
prepare(Pipe *pair)
{
    const struct f_owner_ex owner = {F_OWNER_TID, this_thread()};

    if (pair->receiver == owner.pid)
        return true;
    if (fcntl(pair->read_fd, F_SETSIG, arrival_signal()) < 0 ||
        fcntl(pair->read_fd, F_SETOWN_EX, &owner) < 0 || !set_packets(pair, true))
        return false;
    pair->receiver = owner.pid;
    return true;
}

/* Let the kernel queue signals.  Returns: false with errno set. */
static bool
watch(Pipe *pair)
{
    return prepare(pair) && fcntl(pair->read_fd, F_SETFL, O_NONBLOCK | O_ASYNC) == 0;
}

static void
unwatch(Pipe *pair)
{
    fcntl(pair->read_fd, F_SETFL, O_NONBLOCK);
    /* The program may have left O_NONBLOCK behind, which the next one does not expect. */
    if (!set_packets(pair, pair->receiver != 0))
        pair->receiver = 0;
}

/* Take the next signal from the queue, waiting for up to `wait_ns`.  Returns: its number, or -1. */
static int
take_signal(const sigset_t *set, siginfo_t *info, long wait_ns)
{
    const struct timespec wait = {0, wait_ns};
    int number;

    do
        number = sigtimedwait(set, info, &wait);
    while (number < 0 && errno == EINTR);
    return number;
}

void
dag__arrivals_begin(Arrivals *arrivals, Pipe *output, Pipe *errors)
{
    sigset_t set = arrival_signals();

    *arrivals = (Arrivals){.pipes = {output, errors}, .unfinished = -1};
    pthread_sigmask(SIG_BLOCK, &set, &arrivals->mask);
    arrivals->is_known = watch(output) && watch(errors);
}

void
dag__arrivals_end(Arrivals *arrivals)
{
    sigset_t set = arrival_signals();
    siginfo_t info;

    for (int i = 0; i < 2; i++)
        unwatch(arrivals->pipes[i]);
    /* A signal that stays would end the process when it is unblocked. */
    while (take_signal(&set, &info, 0) > 0)
        ;
    pthread_sigmask(SIG_SETMASK, &arrivals->mask, NULL);
}

/* Move signals from the kernel's queue to our own.  Returns: false if there are none in either. */
static bool
collect(Arrivals *arrivals, long wait_ns)
{
    sigset_t set = arrival_signals();
    siginfo_t info;

    if (arrivals->n_taken == arrivals->n_queued)
        arrivals->n_taken = arrivals->n_queued = 0;
    while (arrivals->n_queued < DAG__MAX_ARRIVALS &&
           take_signal(&set, &info, wait_ns) > 0) {
        wait_ns = 0;
        for (uint8_t i = 0; i < 2; i++)
            if (info.si_signo != SIGIO && info.si_fd == arrivals->pipes[i]->read_fd) {
                arrivals->queue[arrivals->n_queued++] = i;
                arrivals->n_left[i]++;
            }
    }
    return arrivals->n_taken < arrivals->n_queued;
}

/* Return whether a pipe holds bytes, or may. */
static bool
any_bytes(const Arrivals *arrivals)
{
    int n = 0;

    for (int i = 0; i < 2 && n == 0; i++)
        if (ioctl(arrivals->pipes[i]->read_fd, FIONREAD, &n) < 0)
            return true;
    return n > 0;
}

/* Note that `n` bytes of a stream were read. */
static void
count(Arrivals *arrivals, int stream, size_t n)
{
    if (stream != arrivals->stream) {
        for (int i = 0; i < 2; i++)
            if (arrivals->is_whole[i])
                arrivals->is_whole[i] = !set_packets(arrivals->pipes[i], true);
        arrivals->stream = stream;
        arrivals->n_in_a_row = 0;
    }
    arrivals->n_in_a_row += n;
    if (arrivals->is_known && !arrivals->is_whole[stream] &&
        arrivals->n_in_a_row >= WHOLE_SIZE)
        arrivals->is_whole[stream] = set_packets(arrivals->pipes[stream], false);
    arrivals->unfinished =
        arrivals->is_known && n > 0 && n % PACKET_SIZE == 0 ? stream : -1;
}

/* Return the number of bytes read from a pipe; 0 if it is empty. */
static size_t
read_pipe(Arrivals *arrivals, int stream, char *buffer, size_t size)
{
    ssize_t n;

    do
        n = read(arrivals->pipes[stream]->read_fd, buffer, size);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return 0;
    count(arrivals, stream, (size_t)n);
    return (size_t)n;
}

size_t
dag__arrivals_read(Arrivals *arrivals, char *buffer, size_t size, int *stream_out)
{
    size_t n = 0;

    collect(arrivals, 0);
    /* The rest of a write that is larger than a packet, for which there is one signal only. */
    *stream_out = arrivals->unfinished;
    if (*stream_out >= 0 && arrivals->n_left[*stream_out] == 0) {
        n = read_pipe(arrivals, *stream_out, buffer, size);
        if (n > 0)
            return n;
    }
    arrivals->unfinished = -1;
    if (arrivals->n_taken == arrivals->n_queued) {
        if (!any_bytes(arrivals))
            return 0;
        collect(arrivals, SIGNAL_DELAY_NS);
    }
    while (n == 0 && arrivals->n_taken < arrivals->n_queued) {
        *stream_out = arrivals->queue[arrivals->n_taken++];
        arrivals->n_left[*stream_out]--;
        n = read_pipe(arrivals, *stream_out, buffer, size);
    }
    for (int i = 0; n == 0 && i < 2; i++) { /* without a signal */
        *stream_out = i;
        n = read_pipe(arrivals, i, buffer, size);
    }
    return n;
}
