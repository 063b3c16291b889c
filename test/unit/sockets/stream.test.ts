import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Stream } from "../../../src/index.ts";
import { closing } from "../../peers/sockets.ts";

test("connect names the peer at once, and octets to it wait for the connection", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stream = closing(t, new Stream());
  stream.connect(`tcp://127.0.0.1:${port}`, { routingId: "web" });
  await stream.send(["web", "GET /"]);
  const [peer] = (await once(server, "connection")) as [Socket];
  t.after(() => peer.destroy());
  const [octets] = (await once(peer, "data")) as [Buffer];
  assert.equal(octets.toString(), "GET /");
  peer.write("200");
  const notice = await stream.receive();
  assert.deepEqual(notice.map(String), ["web", ""]);
  const answer = await stream.receive();
  assert.deepEqual(answer.map(String), ["web", "200"]);
});

test("two peers cannot have one name", (t) => {
  const stream = closing(t, new Stream());
  stream.connect("tcp://127.0.0.1:1", { routingId: "one" });
  assert.throws(() => stream.connect("tcp://127.0.0.1:2", { routingId: "one" }), { code: "EADDRINUSE" });
  assert.throws(() => stream.connect("tcp://127.0.0.1:2", { routingId: "" }), { code: "EINVAL" });
});

test("without a name the peer gets one", async (t) => {
  const [binder, connector] = [closing(t, new Stream()), closing(t, new Stream())];
  await binder.bind("tcp://127.0.0.1:*");
  connector.connect(binder.lastEndpoint as string);
  const [id, nothing] = await connector.receive();
  assert.deepEqual([id?.length, nothing?.length], [5, 0]);
});
