/* SPDX-License-Identifier: MIT */
/*
 * GLib's locks, visible to ThreadSanitizer.  GLib is not instrumented, so the sanitizer sees
 * neither g_mutex_lock() nor g_cond_wait(); these wrappers tell it what they order.  Every lock
 * of the library goes through them; a canary test proves that races are still seen.
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

/* What one processor writes should not share a line with what another one reads; two lines lie
 * between, since some fetch them in pairs. */
#define CACHE_LINE 64

/* Tells the processor that this is a loop that waits for another. */
static inline void
dag__pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

/* Fetches what will be read soon.  (GCC takes a function that does nothing but prefetch for one
 * without effects, and leaves out calls of it; the empty statement is one.) */
static inline void
dag__prefetch(const void *address)
{
    __builtin_prefetch(address);
    __asm__ volatile("");
}

/* Fetches what will be written soon, and takes it away from other processors right now.  (GCC
 * makes of `__builtin_prefetch(address, 1)` one that only reads, if it is to run anywhere; where
 * this instruction means nothing, it does nothing.) */
static inline void
dag__prefetch_write(const void *address)
{
#if defined(__x86_64__)
    __asm__("prefetchw %0" : : "m"(*(const char *)address));
#else
    __builtin_prefetch(address, 1);
#endif
}

/* A lock that is held for a microsecond is sooner free than a sleeper is awake, which takes two
 * system calls and a processor that comes back from idling.  So this tries for about as long. */
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

/* `time_ns` by dag_clock_ns(); may return early. */
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
