#include "peer.h"

#include <stdlib.h>
#include <string.h>

#define PROBE "~probe"
#define PROBE_SIZE 6

/*  Publishes `size` zero bytes, or, with `topics`, a topic chosen from an even sample of the subscribed ones.
    */
void role_pub (void *context)
{
    size_t size = (size_t) option_number ("size", 100);
    long topics = option_number ("topics", 0);
    long samples = topics ? option_number ("samples", 65536) : 1;
    if (topics && samples > topics)
        samples = topics;
    if (topics)
        size = TOPIC_SIZE;
    char *bodies = calloc ((size_t) samples, size);
    check (bodies != NULL, "calloc");
    if (topics)
        for (long i = 0; i < samples; i++)
            write_topic (bodies + (size_t) i * size,
                         (uint32_t) ((double) i * (double) topics / (double) samples));
    enum send_style style = send_style_for (size);

    void *socket = open_socket (context, ZMQ_PUB);
    int no_drop = 1;
    check (zmq_setsockopt (socket, ZMQ_XPUB_NODROP, &no_drop, sizeof no_drop) == 0, "ZMQ_XPUB_NODROP");
    bind_any (socket);

    char verb[16];
    long count;
    while (next_command (verb, sizeof verb, &count)) {
        if (strcmp (verb, "probe") == 0) {
            check (zmq_send (socket, PROBE, PROBE_SIZE, 0) >= 0, "zmq_send");
            answer ("{\"event\":\"probed\"}");
        } else if (strcmp (verb, "memory") == 0) {
            answer_memory ();
        } else {
            uint64_t cpu = cpu_us ();
            long at = 0;
            for (long i = 0; i < count; i++) {
                send_body (socket, bodies + (size_t) at * size, size, style);
                if (++at == samples)
                    at = 0;
            }
            answer ("{\"event\":\"sent\",\"cpuUs\":%llu}", (unsigned long long) (cpu_us () - cpu));
        }
    }
}

static void subscribe (void *socket, long topics)
{
    char topic[TOPIC_SIZE];
    for (long i = 0; i < topics; i++) {
        write_topic (topic, (uint32_t) i);
        check (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, topic, TOPIC_SIZE) == 0, "ZMQ_SUBSCRIBE");
    }
    /*  Last, and after connect subscriptions stay in order: who sees the probe is subscribed to everything.
        */
    check (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, PROBE, PROBE_SIZE) == 0, "ZMQ_SUBSCRIBE");
}

static void *open_subscriber (void *context, long topics)
{
    void *socket = open_socket (context, ZMQ_SUB);
    /*  libzmq drops subscriptions beyond the send high-water mark of the subscriber. */
    int unlimited = 0;
    if (topics)
        check (zmq_setsockopt (socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited) == 0, "ZMQ_SNDHWM");
    check (zmq_connect (socket, option ("endpoint", "")) == 0, "zmq_connect");
    if (!topics)
        check (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "", 0) == 0, "ZMQ_SUBSCRIBE");
    else
        subscribe (socket, topics);
    return socket;
}

/*  Every subscriber gets every message, so the sockets are read in turn, a burst from each, with a plain
    blocking receive: no poll over all of them. The burst is well below the high-water mark, so the publisher
    never waits for a socket whose turn comes later. */
#define BURST 100

void role_sub (void *context)
{
    long sockets = option_number ("sockets", 1);
    size_t size = (size_t) option_number ("size", 100);
    long topics = option_number ("topics", 0);
    if (topics)
        size = TOPIC_SIZE;
    check (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, (int) sockets + 16) == 0, "ZMQ_MAX_SOCKETS");
    void **subs = calloc ((size_t) sockets, sizeof *subs);
    for (long i = 0; i < sockets; i++)
        subs[i] = open_subscriber (context, topics);
    answer ("{\"event\":\"ready\"}");

    char verb[16];
    long count;
    zmq_msg_t message;
    zmq_msg_init (&message);
    while (next_command (verb, sizeof verb, &count)) {
        if (strcmp (verb, "sync") == 0) {
            for (long i = 0; i < sockets; i++)
                receive_body (subs[i], &message);
            answer ("{\"event\":\"synced\"}");
            continue;
        }
        if (strcmp (verb, "memory") == 0) {
            answer_memory ();
            continue;
        }
        answer ("{\"event\":\"armed\"}");
        uint64_t bytes = 0, cpu = 0, start = 0;
        for (long done = 0; done < count;) {
            long burst = count - done < BURST ? count - done : BURST;
            for (long s = 0; s < sockets; s++)
                for (long i = 0; i < burst;) {
                    size_t got = receive_body (subs[s], &message);
                    if (got == PROBE_SIZE)
                        continue;
                    if (!start) {
                        cpu = cpu_us ();
                        start = now_ns ();
                    }
                    bytes += got;
                    i++;
                }
            done += burst;
        }
        uint64_t end = now_ns ();
        check (bytes == (uint64_t) count * (uint64_t) sockets * size, "bytes received");
        answer ("{\"event\":\"result\",\"count\":%lld,\"bytes\":%llu,\"ns\":%llu,\"cpuUs\":%llu}",
                (long long) count * sockets, (unsigned long long) bytes, (unsigned long long) (end - start),
                (unsigned long long) (cpu_us () - cpu));
    }
}
