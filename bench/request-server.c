/* SPDX-License-Identifier: MIT */
/*
 * A server on a free port of 127.0.0.1.  It prints the port, and ends when its standard input does.
 *
 *     request-server
 *
 *     /bytes/N          N bytes
 *     /wait/MS          "ok" after so long
 *     /hold             no answer
 *     /stream/N/MS/…    a stream of N events of a chat service, so far apart
 *     /limited          429 for 200 ms after each 100 answers, with Retry-After: 0.2
 *     /post/ID          "ok"; from the second request on a connection on, every other one is read and not answered
 *     /report           JSON: requests, answers of 200, requests whose ID came before, and those under way; and
 *                       forgets them
 *
 * One thread waits for all connections.  Answers that are due later are in a queue, since all those of a run are
 * late by the same time.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_FDS   20000
#define MAX_IDS   1000000
#define MAX_BYTES (1 << 20)

/* Of a request with its body, which is forgotten. */
#define MAX_REQUEST 65536

#define EVENT "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n"
#define LAST                                                                               \
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"      \
    "data: [DONE]\n\n"

typedef struct Connection {
    bool is_open;
    unsigned n_requests;
    unsigned n_events; /* of a stream, still to come */
    int64_t pause_ns;  /* before each of them, or before the answer */
    int64_t due_ns;
    int next; /* in the queue, by descriptor; -1: the last one */
    size_t n_read;
    char *request; /* [MAX_REQUEST] */
} Connection;

static Connection connections[MAX_FDS]; /* by descriptor */
static int first_late = -1, last_late = -1, epoll_fd;
static uint8_t seen[MAX_IDS];
static char filler[MAX_BYTES];
static unsigned n_requests, n_answers, n_duplicates, n_held, n_in_window;
static int64_t closed_until_ns;

static _Noreturn void
die(const char *operation)
{
    fprintf(stderr, "request-server: %s: %s\n", operation, strerror(errno));
    exit(1);
}

static int64_t
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void
close_connection(int fd)
{
    n_held -= connections[fd].pause_ns < 0;
    connections[fd].is_open = false;
    free(connections[fd].request);
    connections[fd].request = NULL;
    close(fd);
}

/* Write all: answers fit into the buffer of a socket. */
static void
put(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN)
            usleep(100);
        else if (n < 0)
            return;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
}

static void
answer(int fd, unsigned status, const char *header, const char *body, size_t size)
{
    char head[256];
    int length =
        snprintf(head, sizeof head, "HTTP/1.1 %u x\r\nContent-Length: %zu\r\n%s\r\n",
                 status, size, header);
    static char whole[MAX_BYTES + 256];

    memcpy(whole, head, (size_t)length);
    memcpy(whole + length, body, size);
    put(fd, whole, (size_t)length + size);
    n_answers += status == 200;
}

static void
delay(int fd, int64_t ns)
{
    Connection *connection = &connections[fd];

    connection->due_ns = now() + ns;
    connection->next = -1;
    if (last_late >= 0)
        connections[last_late].next = fd;
    else
        first_late = fd;
    last_late = fd;
}

static void
report(int fd)
{
    char text[128];
    int length = snprintf(text, sizeof text,
                          "{\"requests\": %u, \"answers\": %u, \"duplicates\": %u, "
                          "\"held\": %u}\n",
                          n_requests, n_answers, n_duplicates, n_held);

    answer(fd, 200, "", text, (size_t)length);
    n_requests = n_answers = n_duplicates = n_in_window = 0;
    memset(seen, 0, sizeof seen);
}

static void
answer_limited(int fd)
{
    if (now() < closed_until_ns) {
        answer(fd, 429, "Retry-After: 0.2\r\n", "", 0);
        return;
    }
    answer(fd, 200, "", "ok", 2);
    if (++n_in_window % 100 == 0)
        closed_until_ns = now() + 200000000;
}

static void
answer_post(int fd, unsigned long id)
{
    n_duplicates += id < MAX_IDS && seen[id];
    if (id < MAX_IDS)
        seen[id] = 1;
    if (connections[fd].n_requests > 1 && n_requests % 2 == 0)
        close_connection(fd);
    else
        answer(fd, 200, "", "ok", 2);
}

/* Begin the answer to a request for `path`. */
static void
handle(int fd, const char *path)
{
    Connection *connection = &connections[fd];
    unsigned long number = 0, pause_ms = 0;

    if (strncmp(path, "/report", 7) == 0) {
        report(fd);
        return;
    }
    n_requests++;
    connection->n_requests++;
    if (sscanf(path, "/bytes/%lu", &number) == 1 && number <= MAX_BYTES) {
        answer(fd, 200, "", filler, number);
    } else if (sscanf(path, "/wait/%lu", &pause_ms) == 1) {
        connection->pause_ns = (int64_t)pause_ms * 1000000;
        delay(fd, connection->pause_ns);
    } else if (strncmp(path, "/hold", 5) == 0) {
        connection->pause_ns = -1;
        n_held++;
    } else if (sscanf(path, "/stream/%lu/%lu", &number, &pause_ms) == 2) {
        static const char head[] = "HTTP/1.1 200 x\r\nContent-Type: text/event-stream\r\n"
                                   "Connection: close\r\n\r\n";

        put(fd, head, sizeof head - 1);
        connection->n_events = (unsigned)number;
        connection->pause_ns = (int64_t)pause_ms * 1000000;
        delay(fd, connection->pause_ns);
    } else if (strncmp(path, "/limited", 8) == 0) {
        answer_limited(fd);
    } else if (sscanf(path, "/post/%lu", &number) == 1) {
        answer_post(fd, number);
    } else {
        answer(fd, 404, "", "", 0);
    }
}

/* Send the answer or the event that is due. */
static void
go_on(int fd)
{
    Connection *connection = &connections[fd];

    if (!connection->is_open)
        return;
    if (connection->n_events == 0) {
        answer(fd, 200, "", "ok", 2);
        return;
    }
    put(fd, EVENT, sizeof EVENT - 1);
    if (--connection->n_events > 0) {
        delay(fd, connection->pause_ns);
        return;
    }
    put(fd, LAST, sizeof LAST - 1);
    n_answers++;
    close_connection(fd);
}

/* Return the size of the whole request, or 0 if a part of it is missing. */
static size_t
size_of(Connection *connection)
{
    char *end, *length;

    connection->request[connection->n_read] = '\0';
    end = strstr(connection->request, "\r\n\r\n");
    if (!end)
        return 0;
    length = strcasestr(connection->request, "\r\nContent-Length:");

    size_t size = (size_t)(end + 4 - connection->request) +
                  (length && length < end ? strtoul(length + 17, NULL, 10) : 0);

    return connection->n_read >= size ? size : 0;
}

/* Read from the connection, and answer whole requests. */
static void
read_from(int fd)
{
    Connection *connection = &connections[fd];
    ssize_t n = read(fd, connection->request + connection->n_read,
                     MAX_REQUEST - 1 - connection->n_read);
    size_t size;

    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            close_connection(fd);
        return;
    }
    connection->n_read += (size_t)n;
    while (connection->is_open && (size = size_of(connection)) > 0) {
        const char *path = strchr(connection->request, ' ');
        char copy[128] = "";

        if (path)
            strncpy(copy, path + 1, sizeof copy - 1);
        connection->n_read -= size;
        memmove(connection->request, connection->request + size, connection->n_read);
        handle(fd, copy);
    }
}

static void
accept_all(int listener)
{
    int fd, one = 1;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

        if (fd >= MAX_FDS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connections[fd] = (Connection){.is_open = true, .request = malloc(MAX_REQUEST)};
        if (!connections[fd].request || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
            die("epoll_ctl");
    }
}

static int
listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&address, size) < 0 ||
        listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)(void *)&address, &size) < 0)
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* Send the answers and events that are due.  Return the milliseconds until the next one is, or -1. */
static int
send_late(void)
{
    while (first_late >= 0 && connections[first_late].due_ns <= now()) {
        int fd = first_late;

        first_late = connections[fd].next;
        if (first_late < 0)
            last_late = -1;
        go_on(fd);
    }
    return first_late < 0
               ? -1
               : (int)((connections[first_late].due_ns - now() + 999999) / 1000000);
}

int
main(void)
{
    struct rlimit limit = {MAX_FDS, MAX_FDS};
    struct epoll_event events[256], event = {.events = EPOLLIN};
    int listener = listen_somewhere();

    setrlimit(RLIMIT_NOFILE, &limit); /* as many as are allowed, if it fails */
    memset(filler, 'x', sizeof filler);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    event.data.fd = listener;
    if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) < 0)
        die("epoll");
    event.data.fd = STDIN_FILENO;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0)
        die("epoll");
    for (;;) {
        int n = epoll_wait(epoll_fd, events, 256, send_late());

        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;

            if (fd == STDIN_FILENO)
                return 0;
            if (fd == listener)
                accept_all(listener);
            else if (connections[fd].is_open)
                read_from(fd);
        }
    }
}
