#include "peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int by_value (const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;
    return (x > y) - (x < y);
}

static void answer_times (uint64_t *times, long count, uint64_t ns, uint64_t cpu)
{
    qsort (times, (size_t) count, sizeof *times, by_value);
    answer ("{\"event\":\"result\",\"count\":%ld,\"ns\":%llu,"
            "\"p50\":%llu,\"p99\":%llu,\"max\":%llu,\"cpuUs\":%llu}",
            count, (unsigned long long) ns, (unsigned long long) times[(long) ((count - 1) * 0.5)],
            (unsigned long long) times[(long) ((count - 1) * 0.99)], (unsigned long long) times[count - 1],
            (unsigned long long) cpu);
}

static void ask_on_command (void *socket, size_t size)
{
    char *body = calloc (1, size ? size : 1);
    char verb[16];
    long count;
    zmq_msg_t reply;
    zmq_msg_init (&reply);
    while (next_command (verb, sizeof verb, &count)) {
        uint64_t *times = malloc ((size_t) count * sizeof *times);
        check (times != NULL, "malloc");
        uint64_t cpu = cpu_us ();
        uint64_t start = now_ns ();
        uint64_t before = start;
        for (long i = 0; i < count; i++) {
            check (zmq_send (socket, body, size, 0) >= 0, "zmq_send");
            check (receive_body (socket, &reply) == size, "size of the reply");
            uint64_t after = now_ns ();
            times[i] = after - before;
            before = after;
        }
        answer_times (times, count, before - start, cpu_us () - cpu);
        free (times);
    }
}

static void echo_for_ever (void *socket)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (;;) {
        receive_body (socket, &message);
        check (zmq_msg_send (&message, socket, 0) >= 0, "zmq_msg_send");
    }
}

void role_req (void *context)
{
    void *socket = open_socket (context, ZMQ_REQ);
    check (zmq_connect (socket, option ("endpoint", "")) == 0, "zmq_connect");
    answer ("{\"event\":\"ready\"}");
    ask_on_command (socket, (size_t) option_number ("size", 1));
}

void role_rep (void *context)
{
    void *socket = open_socket (context, ZMQ_REP);
    bind_any (socket);
    echo_for_ever (socket);
}

static void *echo_thread (void *socket)
{
    echo_for_ever (socket);
    return NULL;
}

/*  A round trip between two threads of one process: REQ and REP, or two PAIRs. */
void role_inproc_latency (void *context)
{
    int pair = strcmp (option ("pattern", "reqrep"), "pair") == 0;
    void *echo = open_socket (context, pair ? ZMQ_PAIR : ZMQ_REP);
    void *asker = open_socket (context, pair ? ZMQ_PAIR : ZMQ_REQ);
    check (zmq_bind (echo, "inproc://latency") == 0, "zmq_bind");
    check (zmq_connect (asker, "inproc://latency") == 0, "zmq_connect");
    pthread_t thread;
    check (pthread_create (&thread, NULL, echo_thread, echo) == 0, "pthread_create");
    answer ("{\"event\":\"ready\"}");
    ask_on_command (asker, (size_t) option_number ("size", 1));
}
