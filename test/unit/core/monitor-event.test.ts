import assert from "node:assert/strict";
import { test } from "node:test";
import { type MonitorEvent, MonitorHub } from "../../../src/core/monitor-event.ts";

const BIND: MonitorEvent = { type: "bind", address: "tcp://127.0.0.1:5555" };
const END: MonitorEvent = { type: "end" };

test("everyone who listens gets every event, in order, and nothing of before or after", () => {
  const hub = new MonitorHub();
  const heard: string[] = [];
  const listener = (name: string) => (event: MonitorEvent) => void heard.push(`${name} ${event.type}`);
  const [first, second] = [listener("first"), listener("second")];
  hub.emit(BIND);
  hub.add(first);
  hub.emit(BIND);
  hub.add(second);
  hub.emit(END);
  hub.remove(first);
  hub.emit(BIND);
  assert.deepEqual(heard, ["first bind", "first end", "second end", "second bind"]);
});

test("one who leaves out of an event disturbs no other", () => {
  const hub = new MonitorHub();
  const heard: string[] = [];
  const leaving = (): void => {
    heard.push("leaving");
    hub.remove(leaving);
  };
  hub.add(leaving);
  hub.add(() => heard.push("staying"));
  hub.emit(BIND);
  hub.emit(BIND);
  assert.deepEqual(heard, ["leaving", "staying", "staying"]);
});
