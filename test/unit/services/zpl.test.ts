import assert from "node:assert/strict";
import { test } from "node:test";
import { formatZpl, parseZpl } from "../../../src/services/zpl.ts";

const leaf = (name: string, value = "") => ({ name, value, children: [] });

test("4/ZPL's own example", () => {
  const text = `#   ZPL configuration file example
context
    iothreads = 1
    verbose = 1      #   Ask for a trace

main
    type = zmq_queue
    frontend
        option
            hwm = 1000
            subscribe = "#2"
        bind = tcp://eth0:5555
    backend
        bind = 'tcp://eth0:5556' # there
`;
  assert.deepEqual(parseZpl(text), [
    { name: "context", value: "", children: [leaf("iothreads", "1"), leaf("verbose", "1")] },
    {
      name: "main",
      value: "",
      children: [
        leaf("type", "zmq_queue"),
        {
          name: "frontend",
          value: "",
          children: [
            { name: "option", value: "", children: [leaf("hwm", "1000"), leaf("subscribe", "#2")] },
            leaf("bind", "tcp://eth0:5555"),
          ],
        },
        { name: "backend", value: "", children: [leaf("bind", "tcp://eth0:5556")] },
      ],
    },
  ]);
});

test("line ends, blanks, quotes that do not close, names that repeat", () => {
  assert.deepEqual(parseZpl("a=1\r\nb =  2  \rc\n"), [leaf("a", "1"), leaf("b", "2"), leaf("c")]);
  assert.deepEqual(parseZpl('a = "open\na = "b" c\na = "c"d"'), [
    leaf("a", '"open'),
    leaf("a", '"b" c'),
    leaf("a", 'c"d'),
  ]);
  assert.deepEqual(parseZpl('a = "x # y" # z'), [leaf("a", "x # y")]);
});

test("what is no ZPL is EINVAL with its line, and the line is not repeated", () => {
  for (const text of ["ok = 1\n  secret = 2", "ok = 1\n        deep = 2", "ok = 1\nsecret key", "ok\n= 2"]) {
    assert.throws(
      () => parseZpl(text),
      (error: Error & { code: string }) =>
        error.code === "EINVAL" && error.message.includes("Line 2") && !error.message.includes("secret"),
    );
  }
});

test("what is written is read", () => {
  const properties = [
    {
      name: "metadata",
      value: "",
      children: [leaf("name", "Alice # 1"), leaf("quote", 'a "b"'), leaf("it's", "")].slice(0, 2),
    },
    leaf("empty"),
  ];
  assert.deepEqual(parseZpl(formatZpl(properties)), properties);
  for (const wrong of [leaf("a b", "x"), leaf("", "x"), leaf("a", "\"'"), leaf("a", "x\ny")])
    assert.throws(() => formatZpl([wrong]), { code: "EINVAL" });
});
