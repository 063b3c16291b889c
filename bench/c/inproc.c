#include "peer.h"

#include <pthread.h>
#include <stdlib.h>

#define ENDPOINT "inproc://throughput"

struct job
{
    void *socket;
    char *body;
    size_t size;
    enum send_style style;
    long count;
};

static void *send_job (void *argument)
{
    struct job *job = argument;
    for (long i = 0; i < job->count; i++)
        send_body (job->socket, job->body, job->size, job->style);
    return NULL;
}

/*  Throughput between two threads: a new sending thread for each run takes over the PUSH socket (creating and
    joining a thread is the full fence that libzmq asks for), the main thread receives. */
void role_inproc (void *context)
{
    struct job job;
    job.size = (size_t) option_number ("size", 10);
    job.style = send_style_for (job.size);
    job.body = calloc (1, job.size ? job.size : 1);
    job.socket = open_socket (context, ZMQ_PUSH);
    void *pull = open_socket (context, ZMQ_PULL);
    check (zmq_bind (pull, ENDPOINT) == 0, "zmq_bind");
    check (zmq_connect (job.socket, ENDPOINT) == 0, "zmq_connect");
    answer ("{\"event\":\"ready\"}");

    char verb[16];
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (next_command (verb, sizeof verb, &job.count)) {
        uint64_t cpu = cpu_us ();
        pthread_t sender;
        check (pthread_create (&sender, NULL, send_job, &job) == 0, "pthread_create");
        uint64_t bytes = receive_body (pull, &message);
        uint64_t start = now_ns ();
        for (long i = 1; i < job.count; i++)
            bytes += receive_body (pull, &message);
        uint64_t end = now_ns ();
        check (pthread_join (sender, NULL) == 0, "pthread_join");
        answer ("{\"event\":\"result\",\"count\":%ld,\"bytes\":%llu,\"ns\":%llu,\"cpuUs\":%llu}", job.count,
                (unsigned long long) bytes, (unsigned long long) (end - start),
                (unsigned long long) (cpu_us () - cpu));
    }
}
