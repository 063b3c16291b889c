#include "peer.h"

#include <stdlib.h>
#include <string.h>

void role_push (void *context)
{
    size_t size = (size_t) option_number ("size", 10);
    enum send_style style = send_style_for (size);
    char *body = calloc (1, size ? size : 1);
    void *socket = open_socket (context, ZMQ_PUSH);
    check (zmq_connect (socket, option ("endpoint", "")) == 0, "zmq_connect");
    answer ("{\"event\":\"ready\"}");

    char verb[16];
    long count;
    while (next_command (verb, sizeof verb, &count)) {
        uint64_t cpu = cpu_us ();
        for (long i = 0; i < count; i++)
            send_body (socket, body, size, style);
        answer ("{\"event\":\"sent\",\"cpuUs\":%llu}", (unsigned long long) (cpu_us () - cpu));
    }
}

void role_pull (void *context)
{
    void *socket = open_socket (context, ZMQ_PULL);
    bind_any (socket);

    char verb[16];
    long count;
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (next_command (verb, sizeof verb, &count)) {
        answer ("{\"event\":\"armed\"}");
        uint64_t bytes = receive_body (socket, &message);
        uint64_t cpu = cpu_us ();
        uint64_t start = now_ns ();
        for (long i = 1; i < count; i++)
            bytes += receive_body (socket, &message);
        uint64_t end = now_ns ();
        answer ("{\"event\":\"result\",\"count\":%ld,\"bytes\":%llu,\"ns\":%llu,\"cpuUs\":%llu}", count,
                (unsigned long long) bytes, (unsigned long long) (end - start),
                (unsigned long long) (cpu_us () - cpu));
    }
}
