"""The twin of driver.ts for pyzmq: one JSON command per line on stdin, one JSON answer per line on stdout."""

import asyncio
import errno
import hashlib
import json
import sys
import time

import zmq
import zmq.asyncio
from zmq.utils.monitor import parse_monitor_message

DEFAULT_TIMEOUT_MS = 5000
SHORT_FRAME_SIZE = 64
PATTERN_PERIOD = 251
TIMER_SLACK = 0.002
LINE_LIMIT = 64 * 1024 * 1024

OPTIONS = {
    "routingId": zmq.ROUTING_ID,
    "linger": zmq.LINGER,
    "sendTimeout": zmq.SNDTIMEO,
    "receiveTimeout": zmq.RCVTIMEO,
    "sendHighWaterMark": zmq.SNDHWM,
    "receiveHighWaterMark": zmq.RCVHWM,
    "reconnectInterval": zmq.RECONNECT_IVL,
    "reconnectMaxInterval": zmq.RECONNECT_IVL_MAX,
    "handshakeInterval": zmq.HANDSHAKE_IVL,
    "heartbeatInterval": zmq.HEARTBEAT_IVL,
    "heartbeatTimeout": zmq.HEARTBEAT_TIMEOUT,
    "heartbeatTimeToLive": zmq.HEARTBEAT_TTL,
    "maxMessageSize": zmq.MAXMSGSIZE,
    "immediate": zmq.IMMEDIATE,
    "mandatory": zmq.ROUTER_MANDATORY,
    "handover": zmq.ROUTER_HANDOVER,
    "probeRouter": zmq.PROBE_ROUTER,
    "correlate": zmq.REQ_CORRELATE,
    "relaxed": zmq.REQ_RELAXED,
    "conflate": zmq.CONFLATE,
    "noDrop": zmq.XPUB_NODROP,
    "manual": zmq.XPUB_MANUAL,
    "welcomeMessage": zmq.XPUB_WELCOME_MSG,
    "invertMatching": zmq.INVERT_MATCHING,
    "notify": zmq.STREAM_NOTIFY,
    "ipv6": zmq.IPV6,
    "handshakeInterval": zmq.HANDSHAKE_IVL,
    "plainServer": zmq.PLAIN_SERVER,
    "plainUsername": zmq.PLAIN_USERNAME,
    "plainPassword": zmq.PLAIN_PASSWORD,
    "curveServer": zmq.CURVE_SERVER,
    "curvePublicKey": zmq.CURVE_PUBLICKEY,
    "curveSecretKey": zmq.CURVE_SECRETKEY,
    "curveServerKey": zmq.CURVE_SERVERKEY,
    "zapDomain": zmq.ZAP_DOMAIN,
    "socksProxy": zmq.SOCKS_PROXY,
}

VERBOSITY = {"allSubs": zmq.XPUB_VERBOSE, "allSubsUnsubs": zmq.XPUB_VERBOSER}

EVENTS = {
    zmq.EVENT_CONNECTED: "connect",
    zmq.EVENT_CONNECT_DELAYED: "connect:delay",
    zmq.EVENT_CONNECT_RETRIED: "connect:retry",
    zmq.EVENT_LISTENING: "bind",
    zmq.EVENT_BIND_FAILED: "bind:error",
    zmq.EVENT_ACCEPTED: "accept",
    zmq.EVENT_ACCEPT_FAILED: "accept:error",
    zmq.EVENT_CLOSED: "close",
    zmq.EVENT_CLOSE_FAILED: "close:error",
    zmq.EVENT_DISCONNECTED: "disconnect",
    zmq.EVENT_MONITOR_STOPPED: "end",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "handshake:error:other",
    zmq.EVENT_HANDSHAKE_SUCCEEDED: "handshake",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "handshake:error:protocol",
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "handshake:error:auth",
}

PROTOCOL_ERRORS = {
    int(getattr(zmq, name)): name.replace("PROTOCOL_ERROR_", "ERR_")
    for name in dir(zmq)
    if name.startswith("PROTOCOL_ERROR_")
}


def describe_failure(kind, value):
    """The code of an error as the other peers tell it."""
    if kind == "handshake:error:protocol":
        return PROTOCOL_ERRORS.get(value, hex(value))
    if kind == "handshake:error:auth":
        return str(value)
    return errno.errorcode.get(value, str(value))


def to_bytes(spec):
    if isinstance(spec, str):
        return spec.encode()
    if "hex" in spec:
        return bytes.fromhex(spec["hex"])
    size, seed = spec["size"], spec["seed"]
    block = bytes((index * 7 + seed) & 0xFF for index in range(PATTERN_PERIOD))
    return (block * (size // PATTERN_PERIOD + 1))[:size]


def report(frame):
    if len(frame) > SHORT_FRAME_SIZE:
        return f"[{len(frame)} bytes, sha1 {hashlib.sha1(frame).hexdigest()}]"
    if all(0x20 <= byte < 0x7F for byte in frame):
        return f"'{frame.decode('latin1')}'"
    return f"<{frame.hex()}>"


def set_options(socket, options):
    for name, value in options.items():
        if name == "verbosity":
            if value is not None:
                socket.setsockopt(VERBOSITY[value], 1)
        elif isinstance(value, (str, dict)):
            socket.setsockopt(OPTIONS[name], to_bytes(value))
        else:
            socket.setsockopt(OPTIONS[name], int(value))


async def receive_in_time(socket):
    """EAGAIN also comes early: when a message arrived that a REQ or a REP must pass over."""
    end = time.monotonic() + socket.rcvtimeo / 1000 - TIMER_SLACK
    while True:
        try:
            return await socket.recv_multipart()
        except zmq.Again:
            if time.monotonic() >= end:
                return None


class Driver:
    def __init__(self):
        self.context = zmq.asyncio.Context()
        self.sockets = {}
        self.events = {}
        self.watchers = {}
        self.last_number = 0

    async def run(self, command):
        op = command["op"].replace("-", "_")
        if op in ("version", "open", "close_all"):
            return await getattr(self, "do_" + op)(command)
        return await getattr(self, "do_" + op)(command, self.sockets[command["socket"]])

    async def do_version(self, command):
        return {"version": zmq.zmq_version()}

    async def do_open(self, command):
        socket = self.context.socket(getattr(zmq, command["type"]))
        set_options(socket, command.get("options", {}))
        self.last_number += 1
        number = self.last_number
        self.sockets[number] = socket
        self.events[number] = []
        if command.get("monitor"):
            self.watchers[number] = asyncio.create_task(self.watch(socket.get_monitor_socket(), self.events[number]))
        return {"socket": number}

    async def watch(self, monitor, events):
        while True:
            event = parse_monitor_message(await monitor.recv_multipart())
            if event["event"] not in EVENTS:
                continue
            seen = {"type": EVENTS[event["event"]], "address": event["endpoint"].decode()}
            if seen["type"] == "connect:retry":
                seen["interval"] = event["value"]
            if ":error" in seen["type"]:
                seen["error"] = {"code": describe_failure(seen["type"], event["value"]), "message": ""}
            events.append(seen)
            if seen["type"] == "end":
                return

    async def do_bind(self, command, socket):
        socket.bind(command["endpoint"])
        return {"endpoint": socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()}

    async def do_connect(self, command, socket):
        if "routingId" in command:
            socket.setsockopt(zmq.CONNECT_ROUTING_ID, command["routingId"].encode())
        socket.connect(command["endpoint"])
        return {}

    async def do_unbind(self, command, socket):
        socket.unbind(command["endpoint"])
        return {}

    async def do_disconnect(self, command, socket):
        socket.disconnect(command["endpoint"])
        return {}

    async def do_set(self, command, socket):
        set_options(socket, command["options"])
        return {}

    async def do_subscribe(self, command, socket):
        for topic in command["topics"]:
            socket.setsockopt(zmq.SUBSCRIBE, to_bytes(topic))
        return {}

    async def do_unsubscribe(self, command, socket):
        for topic in command["topics"]:
            socket.setsockopt(zmq.UNSUBSCRIBE, to_bytes(topic))
        return {}

    async def do_send(self, command, socket):
        socket.sndtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        for message in command["messages"]:
            await socket.send_multipart([to_bytes(frame) for frame in message])
        return {"count": len(command["messages"])}

    async def do_receive(self, command, socket):
        socket.rcvtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        messages = []
        while len(messages) < command.get("count", 1):
            message = await receive_in_time(socket)
            if message is None:
                break
            reported = [report(frame) for frame in message]
            if "skip" not in command or reported[0] != command["skip"]:
                messages.append(reported)
        return {"messages": messages}

    async def do_exchange(self, command, socket):
        socket.sndtimeo = socket.rcvtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        messages = []
        for message in command["messages"]:
            await socket.send_multipart([to_bytes(frame) for frame in message])
            answer = await receive_in_time(socket)
            if answer is None:
                break
            messages.append([report(frame) for frame in answer])
        return {"messages": messages}

    async def do_echo(self, command, socket):
        socket.sndtimeo = socket.rcvtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        count = 0
        while count < command.get("count", 1):
            message = await receive_in_time(socket)
            if message is None:
                break
            await socket.send_multipart(message)
            count += 1
        return {"count": count}

    async def do_collect(self, command, socket):
        socket.rcvtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        name, body = b"", b""
        while len(body) < command.get("size", 1):
            message = await receive_in_time(socket)
            if message is None:
                break
            name = message[0]
            body += message[1]
        return {"messages": [[report(name), report(body)]]}

    async def do_flood(self, command, socket):
        socket.sndtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        envelope = [to_bytes(frame) for frame in command.get("envelope", [])]
        tail = b"." * (command.get("size", 4) - 4)
        start = command.get("from", 0)
        began = time.monotonic()
        sent = 0
        try:
            while sent < command.get("count", 1):
                await socket.send_multipart(envelope + [(start + sent).to_bytes(4, "big") + tail])
                sent += 1
        except zmq.Again:
            pass
        return {"count": sent, "elapsedMs": (time.monotonic() - began) * 1000}

    async def do_round_trips(self, command, socket):
        socket.sndtimeo = socket.rcvtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        tail = b"." * (command.get("size", 4) - 4)
        began = time.monotonic()
        count = 0
        while count < command.get("count", 1):
            request = count.to_bytes(4, "big") + tail
            await socket.send(request)
            answer = await receive_in_time(socket)
            if answer is None:
                break
            if answer[-1] != request:
                raise RuntimeError(f"answer {count} is not what was sent")
            count += 1
        return {"count": count, "elapsedMs": (time.monotonic() - began) * 1000}

    async def do_drain(self, command, socket):
        socket.rcvtimeo = command.get("timeoutMs", DEFAULT_TIMEOUT_MS)
        pause = command.get("pauseMs", 0) / 1000
        received = size = missing = 0
        first = last = -1
        began = time.monotonic()
        while received < command.get("count", 1):
            message = await receive_in_time(socket)
            if message is None:
                break
            number = int.from_bytes(message[-1][:4], "big")
            if message[-1][4:] and message[-1][-1:] != b".":
                raise RuntimeError(f"message {number} is damaged")
            if number <= last:
                raise RuntimeError(f"message {number} came after message {last}")
            if received == 0:
                first = number
                began = time.monotonic()
            else:
                missing += number - last - 1
            last = number
            size += len(message[-1])
            received += 1
            if pause:
                await asyncio.sleep(pause)
        elapsed = (time.monotonic() - began) * 1000
        return {"count": received, "missing": missing, "first": first, "last": last, "bytes": size, "elapsedMs": elapsed}

    async def do_events(self, command, socket):
        return {"events": self.events[command["socket"]]}

    async def do_peers(self, command, socket):
        types = [event["type"] for event in self.events[command["socket"]]]
        return {"count": types.count("handshake") - types.count("disconnect")}

    async def do_close(self, command, socket, linger=None):
        number = command["socket"]
        watcher = self.watchers.pop(number, None)
        if watcher is not None:
            socket.disable_monitor()
            watcher.cancel()
        del self.sockets[number]
        socket.close(linger)
        return {}

    async def do_discard(self, command, socket):
        return await self.do_close(command, socket, linger=0)

    async def do_close_all(self, command):
        for number, socket in list(self.sockets.items()):
            await self.do_discard({"socket": number}, socket)
        return {}


async def answer(driver, line):
    command = json.loads(line)
    reply = {"id": command["id"]}
    try:
        reply.update(await driver.run(command))
    except zmq.ZMQError as error:
        reply["error"] = {"code": zmq.Errno(error.errno).name if error.errno else "", "message": str(error)}
    except Exception as error:  # whatever a command did wrong belongs into the report of the test
        reply["error"] = {"code": type(error).__name__, "message": str(error)}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


async def main():
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    driver = Driver()
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(driver, line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
