/* SPDX-License-Identifier: MIT */
/*
 * Locks and condition variables of GLib, visible to ThreadSanitizer.  GLib is not instrumented, so
 * the sanitizer sees neither g_mutex_lock() nor g_cond_wait(); these wrappers report the
 * synchronization.  Every lock of the library goes through them.  A canary test proves that races are still
 * found.
 */
#pragma once

#include <glib.h>

#if defined(__SANITIZE_THREAD__)
#define DAG__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DAG__TSAN 1
#endif
#endif

#ifdef DAG__TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define dag__tsan_acquire(address) __tsan_acquire(address)
#define dag__tsan_release(address) __tsan_release(address)
#else
#define dag__tsan_acquire(address) ((void)(address))
#define dag__tsan_release(address) ((void)(address))
#endif

/* Fields that different threads write lie two of these apart: some processors fetch lines in
 * pairs. */
#define CACHE_LINE 64

/* Hint to the processor that this is a spin loop. */
static inline void
dag__pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

/* Spin briefly before sleeping: a lock is held for about 1 µs, and sleeping costs two system
 * calls and a wake-up. */
#define DAG__TRIES  128
#define DAG__PAUSES 8

static inline void
dag__lock(GMutex *lock)
{
    for (int i = 0; i < DAG__TRIES; i++) {
        if (g_mutex_trylock(lock)) {
            dag__tsan_acquire(lock);
            return;
        }
        for (int pause = 0; pause < DAG__PAUSES; pause++)
            dag__pause();
    }
    g_mutex_lock(lock);
    dag__tsan_acquire(lock);
}

static inline void
dag__unlock(GMutex *lock)
{
    dag__tsan_release(lock);
    g_mutex_unlock(lock);
}

/* Wait until `time_ns` by dag_clock_ns() at most; may return early. */
static inline void
dag__wait_until(GCond *cond, GMutex *lock, int64_t time_ns)
{
    dag__tsan_release(lock);
    g_cond_wait_until(cond, lock, time_ns / 1000 + 1);
    dag__tsan_acquire(lock);
}

static inline void
dag__wait(GCond *cond, GMutex *lock)
{
    dag__tsan_release(lock);
    g_cond_wait(cond, lock);
    dag__tsan_acquire(lock);
}
