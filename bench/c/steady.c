#include "peer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define EVENTS_ENDPOINT "inproc://events"

static void set_number (void *socket, int name, int value)
{
    check (zmq_setsockopt (socket, name, &value, sizeof value) == 0, "zmq_setsockopt");
}

/*  Events so far: how often the connection was made, and how often it was lost. */
static void count_events (void *events, long *connects, long *disconnects)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    while (zmq_msg_recv (&frame, events, ZMQ_DONTWAIT) >= 2) {
        uint16_t event;
        memcpy (&event, zmq_msg_data (&frame), sizeof event);
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            ++*connects;
        if (event == ZMQ_EVENT_DISCONNECTED)
            ++*disconnects;
        /*  The second frame is the endpoint. */
        check (zmq_msg_recv (&frame, events, 0) >= 0, "zmq_msg_recv");
    }
}

static void sleep_until (uint64_t when)
{
    struct timespec time = {(time_t) (when / 1000000000u), (long) (when % 1000000000u)};
    clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

/*  Numbered messages at a steady rate, heartbeats, and an account of what became of the connection. */
void role_steady_push (void *context)
{
    void *socket = open_socket (context, ZMQ_PUSH);
    int beat = (int) option_number ("heartbeat", 500);
    long rate = option_number ("rate", 1000);
    set_number (socket, ZMQ_HEARTBEAT_IVL, beat);
    set_number (socket, ZMQ_RECONNECT_IVL, 50);
    set_number (socket, ZMQ_LINGER, -1);
    int wanted = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED;
    check (zmq_socket_monitor (socket, EVENTS_ENDPOINT, wanted) == 0, "zmq_socket_monitor");
    void *events = open_socket (context, ZMQ_PAIR);
    check (zmq_connect (events, EVENTS_ENDPOINT) == 0, "zmq_connect");
    check (zmq_connect (socket, option ("endpoint", "")) == 0, "zmq_connect");
    answer ("{\"event\":\"ready\"}");

    char verb[16];
    long count, connects = 0, disconnects = 0;
    while (next_command (verb, sizeof verb, &count)) {
        uint64_t start = now_ns ();
        for (long i = 0; i < count; i++) {
            sleep_until (start + (uint64_t) i * 1000000000u / (uint64_t) rate);
            char body[16];
            int size = snprintf (body, sizeof body, "%ld", i);
            check (zmq_send (socket, body, (size_t) size, 0) >= 0, "zmq_send");
        }
        uint64_t ns = now_ns () - start;
        count_events (events, &connects, &disconnects);
        answer ("{\"event\":\"sent\",\"count\":%ld,\"ns\":%llu,\"connects\":%ld,\"disconnects\":%ld}", count,
                (unsigned long long) ns, connects, disconnects);
    }
}
