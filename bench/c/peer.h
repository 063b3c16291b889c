/*  The C contender of the benchmarks: small programs on the public API of libzmq, one binary, one role per
    process. The other implementations speak the same protocol (bench/peer/control.ts): words on stdin, JSON
    lines on stdout. */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

/*  control.c: arguments, commands, answers, clocks */
const char *option (const char *key, const char *fallback);
long option_number (const char *key, long fallback);
/*  Waits for the next command. 0 when the driver has closed our stdin. */
int next_command (char *verb, size_t verb_size, long *number);
void answer (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
void answer_memory (void);
void die (const char *what);
void check (int ok, const char *what);
uint64_t now_ns (void);
uint64_t cpu_us (void);

/*  message.c: sockets and messages as every role uses them */
void *open_socket (void *context, int type);
void announce_bound (void *socket, const char *event);
void bind_any (void *socket);
/*  How a body gets into a message: "copy" (zmq_send), "size" (zmq_msg_init_size and memcpy), "blank"
    (zmq_msg_init_size and nothing written, what libzmq's own throughput tool does), "data"
    (zmq_msg_init_data, by reference, as both Node implementations do with large bodies). "auto": the
    strongest of them for the size. */
enum send_style { SEND_COPY, SEND_SIZE, SEND_BLANK, SEND_DATA };
enum send_style send_style_for (size_t size);
void send_body (void *socket, char *body, size_t size, enum send_style style);
size_t receive_body (void *socket, zmq_msg_t *message);

/*  topic.c: the distinct topics of the matching benchmark, as bench/peer/topic.ts makes them */
#define TOPIC_SIZE 15
void write_topic (char *into, uint32_t index);

/*  roles */
void role_push (void *context);
void role_pull (void *context);
void role_req (void *context);
void role_rep (void *context);
void role_pub (void *context);
void role_sub (void *context);
void role_server (void *context);
void role_inproc (void *context);
void role_inproc_latency (void *context);
void role_threads (void *context);
void role_steady_push (void *context);

#endif
