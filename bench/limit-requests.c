/* SPDX-License-Identifier: MIT */
/*
 * The limit: requests by libcurl without anything around them.
 *
 *     limit-requests [-c CONNECTIONS] [--threads] N URL
 *
 * Get the URL N times, over up to so many connections (64); a "%" in it is the number of the request, which is a POST
 * then.  One thread waits for all by epoll and curl_multi_socket_action().  With --threads, a pool of threads has an
 * easy handle each, as programs without an event loop do.
 */
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#define MAX_CONNECTIONS 4096

static const char *url;
static unsigned n_wanted, n_connections = 64, n_ended;
static atomic_uint n_begun;
static atomic_size_t n_bytes;
static int epoll_fd;
static long timeout_ms = -1; /* of libcurl; -1: none */

static _Noreturn void
die(const char *operation, const char *problem)
{
    fprintf(stderr, "limit-requests: %s: %s\n", operation, problem);
    exit(1);
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *data)
{
    (void)bytes;
    (void)data;
    n_bytes += size * n;
    return size * n;
}

/* Prepare the next request.  Return false if there is none. */
static bool
prepare(CURL *easy)
{
    unsigned number = n_begun++;
    const char *percent = strchr(url, '%');
    char text[256];

    if (number >= n_wanted)
        return false;
    if (percent)
        snprintf(text, sizeof text, "%.*s%u%s", (int)(percent - url), url, number,
                 percent + 1);
    curl_easy_setopt(easy, CURLOPT_URL, percent ? text : url);
    if (percent)
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, "x");
    return true;
}

static CURL *
new_easy(void)
{
    CURL *easy = curl_easy_init();

    if (!easy)
        die("curl_easy_init", strerror(ENOMEM));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    return easy;
}

/* Thread. */
static void *
get_some(void *data)
{
    CURL *easy = new_easy();

    (void)data;
    while (prepare(easy)) {
        CURLcode code = curl_easy_perform(easy);

        if (code != CURLE_OK)
            die(url, curl_easy_strerror(code));
    }
    curl_easy_cleanup(easy);
    return NULL;
}

static void
run_threads(void)
{
    static pthread_t threads[MAX_CONNECTIONS];

    for (unsigned i = 0; i < n_connections; i++)
        if (pthread_create(&threads[i], NULL, get_some, NULL) != 0)
            die("pthread_create", strerror(errno));
    for (unsigned i = 0; i < n_connections; i++)
        pthread_join(threads[i], NULL);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
    struct epoll_event event = {.data.fd = fd};

    (void)easy;
    (void)data;
    (void)known;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events =
        (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0)
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    return 0;
}

static int
on_timer(CURLM *multi, long ms, void *data)
{
    (void)multi;
    (void)data;
    timeout_ms = ms;
    return 0;
}

/* Let the handles that have ended begin the next requests. */
static void
read_ends(CURLM *multi)
{
    CURLMsg *message;
    int n_left;

    while ((message = curl_multi_info_read(multi, &n_left))) {
        CURL *easy = message->easy_handle;

        if (message->data.result != CURLE_OK)
            die(url, curl_easy_strerror(message->data.result));
        n_ended++;
        curl_multi_remove_handle(multi, easy);
        if (prepare(easy))
            curl_multi_add_handle(multi, easy);
        else
            curl_easy_cleanup(easy);
    }
}

/* Wait, and let libcurl handle the descriptors that are ready. */
static void
act(CURLM *multi)
{
    struct epoll_event events[64];
    int n = epoll_wait(epoll_fd, events, 64, (int)timeout_ms), n_left;

    if (n == 0)
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &n_left);
    for (int i = 0; i < n; i++) {
        int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

        curl_multi_socket_action(multi, events[i].data.fd, what, &n_left);
    }
}

static void
run_loop(void)
{
    CURLM *multi = curl_multi_init();

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)n_connections);
    for (unsigned i = 0; i < n_connections && i < n_wanted; i++) {
        CURL *easy = new_easy();

        prepare(easy);
        curl_multi_add_handle(multi, easy);
    }
    while (n_ended < n_wanted) {
        act(multi);
        read_ends(multi);
    }
    curl_multi_cleanup(multi);
}

int
main(int argc, char **argv)
{
    struct rlimit limit;
    bool has_threads = false;
    int i = 1;

    for (; i + 2 < argc; i++) {
        if (strcmp(argv[i], "--threads") == 0)
            has_threads = true;
        else if (strcmp(argv[i], "-c") == 0)
            n_connections = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            break;
    }
    if (i + 2 != argc || n_connections < 1 || n_connections > MAX_CONNECTIONS)
        die("usage", "limit-requests [-c CONNECTIONS] [--threads] N URL");
    n_wanted = (unsigned)strtoul(argv[i], NULL, 10);
    url = argv[i + 1];
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (has_threads)
        run_threads();
    else
        run_loop();
    printf("%zu bytes\n", (size_t)n_bytes);
    return 0;
}
