#include "peer.h"

#include <string.h>

/*  A ROUTER with many idle connections: all work is in libzmq's I/O thread. */
void role_server (void *context)
{
    void *socket = open_socket (context, ZMQ_ROUTER);
    bind_any (socket);
    char verb[16];
    long number;
    while (next_command (verb, sizeof verb, &number)) {
        /*  Lets the socket take in the new pipes, as any call would in a program that uses it. */
        int events;
        size_t size = sizeof events;
        zmq_getsockopt (socket, ZMQ_EVENTS, &events, &size);
        if (strcmp (verb, "memory") == 0)
            answer_memory ();
    }
}
