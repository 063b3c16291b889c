import * as zmq from "../src/index.ts";

/** A streamer that somebody else steers: it pauses, resumes, says what went through, and ends when it is told to. */
const front = new zmq.Pull();
const back = new zmq.Push();
const control = new zmq.Reply();
for (const socket of [front, back, control]) await socket.bind("tcp://127.0.0.1:*");
const proxy = new zmq.Proxy(front, back, { control });
const running = proxy.run();

const source = new zmq.Push();
source.connect(front.lastEndpoint!);
const sink = new zmq.Pull();
sink.connect(back.lastEndpoint!);
const steerer = new zmq.Request();
steerer.connect(control.lastEndpoint!);

await source.send("first");
console.log(`received: ${(await sink.receive())[0]}`);

await steerer.request("PAUSE");
await source.send("second");
const early = await sink.receive({ timeoutMs: 200 }).catch((error: zmq.ZmqError) => error.code);
console.log(`while it is paused: ${early}`);

await steerer.request("RESUME");
console.log(`received: ${(await sink.receive())[0]}`);

// Eight numbers of 64 bits, in this machine's order: frames and bytes, of the front end received and sent, then of the back end.
const frames = await steerer.request("STATISTICS");
const [framesIn, bytesIn, , , , , framesOut, bytesOut] = frames.map((frame) => frame.readBigUInt64LE());
console.log(`${framesIn} frames and ${bytesIn} bytes came in, ${framesOut} and ${bytesOut} went out`);

await steerer.request("TERMINATE");
await running;
console.log(
  `in its own process, proxy.statistics(): ${proxy.statistics().backEnd.sent.messages} messages sent`,
);
for (const socket of [source, sink, steerer, control]) await socket.close();
