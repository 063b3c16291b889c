import assert from "node:assert/strict";
import { test } from "node:test";
import { identifyForeign } from "../../../../src/services/probe/foreign.ts";

test("what is known is named by what it says first", () => {
  const speakers: [Uint8Array, string | null][] = [
    [Buffer.from("HTTP/1.1 400 Bad Request\r\n"), "HTTP"],
    [Buffer.from("<html><head>"), "HTTP"],
    [Buffer.from([0x15, 0x03, 0x01, 0, 2, 2, 70]), "TLS"],
    [Buffer.from([0x16, 0x03, 0x03, 0, 50]), "TLS"],
    [Buffer.from("SSH-2.0-OpenSSH_9.2\r\n"), "SSH"],
    [Buffer.from("220 mail.example.org ESMTP Postfix\r\n"), "SMTP or FTP"],
    [Buffer.from("-ERR unknown command\r\n"), "Redis or POP3"],
    [Buffer.from('INFO {"server_id":"x"}\r\n'), "NATS"],
    [Buffer.from("AMQP\0\0\x09\x01"), "AMQP"],
    [Buffer.from([0x15, 0x04, 0x01]), null],
    [Buffer.from([0x15]), null],
    [Buffer.from("hello"), null],
    [new Uint8Array(0), null],
  ];
  for (const [octets, protocol] of speakers) assert.equal(identifyForeign(octets).protocol, protocol);
});

test("what it said is shown printable and short", () => {
  assert.equal(identifyForeign(Buffer.from("hello\r\nworld")).shown, '"hello"');
  assert.equal(identifyForeign(Buffer.from([1, 2, 0xff])).shown, "octets 0102ff");
  assert.ok(identifyForeign(Buffer.from("x".repeat(1000))).shown.length < 60);
  assert.equal(
    identifyForeign(Buffer.from("\x1b[31mred")).shown,
    `octets ${Buffer.from("\x1b[31mred").toString("hex")}`,
  );
});
