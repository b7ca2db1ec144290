/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD: the wall clock jumps by a day, forward and back, each time it is read.
 */
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define DAY_S 86400

static time_t
jump(void)
{
    static atomic_uint n_calls;

    return atomic_fetch_add(&n_calls, 1) % 2 ? DAY_S : 0;
}

int
clock_gettime(clockid_t clock, struct timespec *time_out)
{
    int status = (int)syscall(SYS_clock_gettime, clock, time_out);

    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time_out->tv_sec += jump();
    return status;
}

int
gettimeofday(struct timeval *restrict time_out, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *time_out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t
time(time_t *time_out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (time_out)
        *time_out = now.tv_sec;
    return now.tv_sec;
}
