/** The twin of player.ts for pyzmq, run by `python3 -c`. */
export const PYTHON_PLAYER = `
import json, os, sys, time, zmq

part = json.loads(sys.argv[1])
context = zmq.Context()
role, endpoint, body = part["role"], part["endpoint"], b"." * part["size"]

def say(**said):
    print(json.dumps(said), flush=True)

def make(kind, binds):
    socket = context.socket(kind)
    socket.linger = 0
    if part["mechanism"] == "CURVE":
        secret = os.environ["ZMQ_BENCH_SECRET_KEY"].encode()
        public = zmq.curve_public(secret)
        socket.curve_secretkey, socket.curve_publickey = secret, public
        if binds:
            socket.curve_server = True
        else:
            socket.curve_serverkey = public
    socket.bind(endpoint) if binds else socket.connect(endpoint)
    return socket

def pull(socket, count):
    say(event="armed")
    socket.recv()
    began = time.perf_counter_ns()
    for _ in range(count - 1):
        socket.recv()
    say(event="result", count=count - 1, ns=time.perf_counter_ns() - began)

def push(socket, count):
    for _ in range(count):
        socket.send(body)
    say(event="sent")

def req(socket, count):
    trips = []
    for _ in range(count):
        began = time.perf_counter_ns()
        socket.send(body)
        socket.recv()
        trips.append(time.perf_counter_ns() - began)
    trips.sort()
    at = lambda share: trips[int((len(trips) - 1) * share)]
    say(event="result", count=count, ns=sum(trips), p50=at(0.5), p99=at(0.99))

kind, binds = {"pull": (zmq.PULL, True), "push": (zmq.PUSH, False), "rep": (zmq.REP, True), "req": (zmq.REQ, False)}[role]
socket = make(kind, binds)
say(event="ready", endpoint=socket.last_endpoint.decode().rstrip("\\0"))
if role == "rep":
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    poller.register(sys.stdin, zmq.POLLIN)
    while True:
        events = dict(poller.poll())
        if sys.stdin.fileno() in events:
            break
        socket.send(socket.recv())
else:
    for line in sys.stdin:
        {"pull": pull, "push": push, "req": req}[role](socket, int(line.split()[1]))
`;
