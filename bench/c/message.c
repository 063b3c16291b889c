#include "peer.h"

#include <string.h>

/*  The keys of bench/peer/curve-keys.ts. */
static void set_curve (void *socket, const char *role)
{
    const char *server_public = "^3h*#PSl+v!1B}t.Y-orBeW64HwR@EI/Dvf/D16h";
    if (strcmp (role, "server") == 0) {
        int yes = 1;
        check (zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &yes, sizeof yes) == 0, "ZMQ_CURVE_SERVER");
        check (zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, "H}7mTV/xf86zWabUcDw{iyo]Dh0xB2gHXh:5-qy5", 40) == 0,
               "ZMQ_CURVE_SECRETKEY");
    } else if (strcmp (role, "client") == 0) {
        check (zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, server_public, 40) == 0, "ZMQ_CURVE_SERVERKEY");
        check (zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, "tzeeH@BQr>kpNNwjXiCO7]Xg!y0)90F-U@4@WWg)", 40) == 0,
               "ZMQ_CURVE_PUBLICKEY");
        check (zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, "CwE)MkN9j--XwI1biPGKlPxhN6H0F}[R@Dpw^.D[", 40) == 0,
               "ZMQ_CURVE_SECRETKEY");
    }
}

void *open_socket (void *context, int type)
{
    void *socket = zmq_socket (context, type);
    check (socket != NULL, "zmq_socket");
    int linger = 0;
    zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
    set_curve (socket, option ("curve", ""));
    return socket;
}

void announce_bound (void *socket, const char *event)
{
    char endpoint[256];
    size_t size = sizeof endpoint;
    check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "ZMQ_LAST_ENDPOINT");
    answer ("{\"event\":\"%s\",\"endpoint\":\"%s\"}", event, endpoint);
}

void bind_any (void *socket)
{
    check (zmq_bind (socket, option ("endpoint", "tcp://127.0.0.1:*")) == 0, "zmq_bind");
    announce_bound (socket, "ready");
}

enum send_style send_style_for (size_t size)
{
    const char *style = option ("style", "auto");
    if (strcmp (style, "copy") == 0)
        return SEND_COPY;
    if (strcmp (style, "size") == 0)
        return SEND_SIZE;
    if (strcmp (style, "blank") == 0)
        return SEND_BLANK;
    if (strcmp (style, "data") == 0)
        return SEND_DATA;
    /*  By reference as soon as the body would need an allocation of any weight: the strongest opponent. */
    return size >= 4096 ? SEND_DATA : SEND_COPY;
}

static void keep_body (void *data, void *hint)
{
    (void) data;
    (void) hint;
}

void send_body (void *socket, char *body, size_t size, enum send_style style)
{
    if (style == SEND_COPY) {
        check (zmq_send (socket, body, size, 0) >= 0, "zmq_send");
        return;
    }
    zmq_msg_t message;
    if (style == SEND_DATA) {
        check (zmq_msg_init_data (&message, body, size, keep_body, NULL) == 0, "zmq_msg_init_data");
    } else {
        check (zmq_msg_init_size (&message, size) == 0, "zmq_msg_init_size");
        if (style == SEND_SIZE)
            memcpy (zmq_msg_data (&message), body, size);
    }
    check (zmq_msg_send (&message, socket, 0) >= 0, "zmq_msg_send");
}

size_t receive_body (void *socket, zmq_msg_t *message)
{
    int size = zmq_msg_recv (message, socket, 0);
    check (size >= 0, "zmq_msg_recv");
    return (size_t) size;
}
