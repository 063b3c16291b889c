#include "peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT "inproc://threads"

struct job
{
    void *socket;
    size_t size;
    /*  What bodies are filled with; NULL: they stay blank but for their marks. */
    char *filling;
    /*  Marks begin again after so many messages. */
    long period;
    long count;
};

/*  The first and the last octet say which message it is, as bench/peer/marks.ts has it. */
static void mark (char *body, size_t size, long index)
{
    body[0] = (char) index;
    body[size - 1] = (char) (index ^ 0xa5);
}

static int is_marked (const char *body, size_t size, long index)
{
    return body[0] == (char) index && body[size - 1] == (char) (index ^ 0xa5);
}

static void *send_marked (void *argument)
{
    struct job *job = argument;
    zmq_msg_t message;
    for (long i = 0, index = 0; i < job->count; i++) {
        check (zmq_msg_init_size (&message, job->size) == 0, "zmq_msg_init_size");
        char *body = zmq_msg_data (&message);
        if (job->filling)
            memcpy (body, job->filling, job->size);
        mark (body, job->size, index);
        check (zmq_msg_send (&message, job->socket, 0) >= 0, "zmq_msg_send");
        if (++index == job->period)
            index = 0;
    }
    return NULL;
}

static void set_marks (void *socket, int value)
{
    check (zmq_setsockopt (socket, ZMQ_SNDHWM, &value, sizeof value) == 0, "ZMQ_SNDHWM");
    check (zmq_setsockopt (socket, ZMQ_RCVHWM, &value, sizeof value) == 0, "ZMQ_RCVHWM");
}

/*  Throughput between two threads: one message allocated for each send, as libzmq's own throughput tool does,
    and handed over by pointer. Each is checked on arrival. */
void role_threads (void *context)
{
    struct job job;
    job.size = (size_t) option_number ("size", 10);
    job.period = option_number ("period", 256);
    job.filling = option_number ("filled", 0) ? calloc (1, job.size) : NULL;
    check (job.size >= 2, "two octets are marks");
    job.socket = open_socket (context, ZMQ_PUSH);
    void *pull = open_socket (context, ZMQ_PULL);
    set_marks (job.socket, (int) option_number ("hwm", 1000));
    set_marks (pull, (int) option_number ("hwm", 1000));
    check (zmq_bind (pull, ENDPOINT) == 0, "zmq_bind");
    check (zmq_connect (job.socket, ENDPOINT) == 0, "zmq_connect");
    answer ("{\"event\":\"ready\"}");

    char verb[16];
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (next_command (verb, sizeof verb, &job.count)) {
        answer ("{\"event\":\"armed\"}");
        uint64_t cpu = cpu_us ();
        uint64_t bytes = 0, start = now_ns ();
        pthread_t sender;
        check (pthread_create (&sender, NULL, send_marked, &job) == 0, "pthread_create");
        for (long i = 0, index = 0; i < job.count; i++) {
            size_t size = receive_body (pull, &message);
            check (size == job.size && is_marked (zmq_msg_data (&message), size, index),
                   "the message that is next");
            bytes += size;
            if (++index == job.period)
                index = 0;
        }
        uint64_t end = now_ns ();
        check (pthread_join (sender, NULL) == 0, "pthread_join");
        answer ("{\"event\":\"result\",\"count\":%ld,\"bytes\":%llu,\"ns\":%llu,\"cpuUs\":%llu}", job.count,
                (unsigned long long) bytes, (unsigned long long) (end - start),
                (unsigned long long) (cpu_us () - cpu));
    }
}
