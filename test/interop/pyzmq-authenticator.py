"""A server of libzmq behind pyzmq's own ThreadAuthenticator: one JSON command per line on stdin, one JSON answer per line on stdout."""

import json
import logging
import sys

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

logging.getLogger("zmq.auth").setLevel(logging.CRITICAL)
state = {"context": None, "authenticator": None, "server": None}


def stop(_options=None):
    if state["server"] is not None:
        state["server"].close(0)
        state["authenticator"].stop()
        state["context"].term()
    state.update(context=None, authenticator=None, server=None)
    return {}


def serve(options):
    """A PULL socket; what is in `options` is all that its peers are judged by. The name of a handler is free late: a new context."""
    stop()
    context = zmq.Context()
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    if options.get("allow"):
        authenticator.allow(*options["allow"].split())
    if options.get("deny"):
        authenticator.deny(*options["deny"].split())
    server = context.socket(zmq.PULL)
    server.zap_domain = b"global"
    if options["mechanism"] == "PLAIN":
        authenticator.configure_plain(domain="global", passwords={options["username"]: options["password"]})
        server.plain_server = True
    if options["mechanism"] == "CURVE":
        authenticator.configure_curve(domain="global", location=options.get("directory") or zmq.auth.CURVE_ALLOW_ANY)
        server.curve_publickey, server.curve_secretkey = zmq.auth.load_certificate(options["certificate"])
        server.curve_server = True
    port = server.bind_to_random_port("tcp://127.0.0.1")
    state.update(context=context, authenticator=authenticator, server=server)
    return {"endpoint": f"tcp://127.0.0.1:{port}"}


def receive(options):
    """The next message, and whom the authenticator took its sender for."""
    if not state["server"].poll(options["timeoutMs"]):
        return {"messages": []}
    frame = state["server"].recv(copy=False)
    try:
        user_id = frame.get("User-Id")
    except zmq.ZMQError:
        user_id = ""
    return {"messages": [[frame.bytes.decode(), user_id]]}


def knock(options):
    """A client that says who it is, and goes when that was sent or the time is over."""
    context = zmq.Context()
    client = context.socket(zmq.PUSH)
    client.linger = options["timeoutMs"]
    if "username" in options:
        client.plain_username = options["username"].encode()
        client.plain_password = options["password"].encode()
    if "certificate" in options:
        client.curve_publickey, client.curve_secretkey = zmq.auth.load_certificate(options["certificate"])
        client.curve_serverkey = options["serverKey"].encode()
    client.connect(options["endpoint"])
    client.send(b"hello")
    client.close()
    context.term()
    return {}


def create(options):
    zmq.auth.create_certificates(options["directory"], options["name"], {"organization": "iMatix & Co"})
    return {}


def load(options):
    return {"messages": [[key.decode() for key in zmq.auth.load_certificates(options["directory"])]]}


def load_pair(options):
    return {"messages": [[key.decode() if key else "" for key in zmq.auth.load_certificate(options["path"])]]}


COMMANDS = {
    "serve": serve,
    "receive": receive,
    "stop": stop,
    "knock": knock,
    "create": create,
    "load": load,
    "load-pair": load_pair,
}

for line in sys.stdin:
    command = json.loads(line)
    reply = {"id": command["id"]}
    try:
        reply.update(COMMANDS[command["op"]](command.get("options", {})))
    except Exception as error:  # whatever a command did wrong belongs into the report of the test
        reply["error"] = {"code": type(error).__name__, "message": str(error)}
    print(json.dumps(reply), flush=True)
stop()
