/* SPDX-License-Identifier: MIT */
/*
 * Run a program to which the kernel refuses one system call, as an old kernel or the filter of a
 * container does:
 *
 *     refuse CALL ERRNO PROGRAM [ARGUMENT...]
 *     refuse --list
 *
 * All children inherit the filter.  Exit status 77: the kernel refuses filters.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SKIP 77

/* The flag of O_TMPFILE alone, without O_DIRECTORY. */
#define TMPFILE_FLAG (O_TMPFILE & ~O_DIRECTORY)

/* A call, or those calls of it that have all bits of `value` in an argument, and no others of
 * `mask`. */
typedef struct Call {
    const char *name;
    int number;
    unsigned argument; /* from 0; only if mask is not 0 */
    uint32_t mask, value;
} Call;

static const Call calls[] = {
    {"clone", SYS_clone, 0, 0, 0},
    {"clone3", SYS_clone3, 0, 0, 0},
    {"close_range", SYS_close_range, 0, 0, 0},
    {"dup3", SYS_dup3, 0, 0, 0},
    {"eventfd", SYS_eventfd2, 0, 0, 0},
    {"fallocate", SYS_fallocate, 0, 0, 0},
    {"fchmod", SYS_fchmod, 0, 0, 0},
    {"file-flags", SYS_ioctl, 1, UINT32_MAX, (uint32_t)FS_IOC_SETFLAGS},
    {"flock", SYS_flock, 0, 0, 0},
    {"fsync", SYS_fsync, 0, 0, 0},
    {"getrandom", SYS_getrandom, 0, 0, 0},
    {"inotify", SYS_inotify_init1, 0, 0, 0},
    {"linkat", SYS_linkat, 0, 0, 0},
    {"madvise", SYS_madvise, 0, 0, 0},
    {"memfd_create", SYS_memfd_create, 0, 0, 0},
    {"pidfd_open", SYS_pidfd_open, 0, 0, 0},
    {"pidfd_send_signal", SYS_pidfd_send_signal, 0, 0, 0},
    {"pipe-size", SYS_fcntl, 1, UINT32_MAX, F_SETPIPE_SZ},
    {"prctl", SYS_prctl, 0, 0, 0},
    {"prlimit", SYS_prlimit64, 0, 0, 0},
    {"rseq", SYS_rseq, 0, 0, 0},
    {"sched_getaffinity", SYS_sched_getaffinity, 0, 0, 0},
    {"seals", SYS_fcntl, 1, UINT32_MAX, F_ADD_SEALS},
    {"set_robust_list", SYS_set_robust_list, 0, 0, 0},
    {"setpgid", SYS_setpgid, 0, 0, 0},
    {"setsid", SYS_setsid, 0, 0, 0},
    {"signalfd", SYS_signalfd4, 0, 0, 0},
    {"splice", SYS_splice, 0, 0, 0},
    {"statx", SYS_statx, 0, 0, 0},
    {"subreaper", SYS_prctl, 0, UINT32_MAX, PR_SET_CHILD_SUBREAPER},
    {"timerfd", SYS_timerfd_create, 0, 0, 0},
    {"tmpfile", SYS_openat, 2, TMPFILE_FLAG, TMPFILE_FLAG},
    {"waitid", SYS_waitid, 0, 0, 0},
};

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))

/* Return the offset of the lower half of an argument. */
static uint32_t
offset_of(unsigned argument)
{
    uint32_t offset =
        (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));

    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? offset : offset + 4;
}

/* Returns: false with errno set. */
static bool
install(const Call *call, int error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->number, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset_of(call->argument)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, call->mask),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static const Call *
find(const char *name)
{
    for (size_t i = 0; i < N_CALLS; i++)
        if (strcmp(calls[i].name, name) == 0)
            return &calls[i];
    return NULL;
}

int
main(int argc, char **argv)
{
    const Call *call;

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < N_CALLS; i++)
            puts(calls[i].name);
        return 0;
    }
    call = argc > 3 ? find(argv[1]) : NULL;
    if (!call) {
        fprintf(stderr, "usage: refuse CALL ERRNO PROGRAM [ARGUMENT...]; refuse --list\n");
        return 2;
    }
    if (!install(call, (int)strtol(argv[2], NULL, 10))) {
        fprintf(stderr, "refuse: no filter: %s\n", strerror(errno));
        return SKIP;
    }
    execvp(argv[3], argv + 3);
    fprintf(stderr, "refuse: %s: %s\n", argv[3], strerror(errno));
    return 2;
}
