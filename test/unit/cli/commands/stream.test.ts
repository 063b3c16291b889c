import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { ANY, zmq, zmqReading } from "../fake-io.ts";

/** A server that answers in capitals and hangs up. */
async function serve(t: TestContext): Promise<string> {
  const server = createServer((socket) => {
    socket.once("data", (octets) => socket.end(octets.toString().toUpperCase()));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a client sends what it has, prints what comes as it is, and ends with the other side", async (t) => {
  const endpoint = await serve(t);
  const args = await zmq(t, "stream", endpoint, "hello").ends(EXIT.ok);
  assert.equal(args.out.text, "HELLO");
  const read = await zmqReading(t, "a\r\nb", "stream", endpoint, "--hex").ends(EXIT.ok);
  assert.equal(read.out.text, `${Buffer.from("A\r\nB").toString("hex")}\n`);
  const json = await zmq(t, "stream", endpoint, "x", "--json").ends(EXIT.ok);
  const [{ frames }] = json.out.values as [{ frames: unknown[] }];
  assert.equal(frames[1], "X");
});

test("a server echoes, and sends stdin to all who are connected", async (t) => {
  const echo = zmq(t, "stream", ANY, "--echo");
  const { port } = new URL(await echo.endpoint());
  const client = connect(Number(port), "127.0.0.1");
  t.after(() => client.destroy());
  client.write("ping");
  const [octets] = await new Promise<[Buffer]>((resolve) =>
    client.once("data", (chunk: Buffer) => resolve([chunk])),
  );
  assert.equal(octets.toString(), "ping");
  echo.io.interrupt();
  await echo.ends(EXIT.ok);
});

test("it ends when nothing has come for --timeout, and when nobody is there", async (t) => {
  await zmqReading(t, "", "stream", ANY, "--timeout", "30ms").ends(EXIT.nothing);
  await zmq(t, "stream", "tcp://127.0.0.1:1", "x", "--wait", "30ms").ends(EXIT.nothing);
  await zmq(t, "stream", ANY, "--echo", "x").ends(EXIT.usage);
});
