import assert from "node:assert/strict";
import { test } from "node:test";
import type { AbsentOption } from "../../../src/core/absent-options.ts";
import {
  ABSENT_CONTEXT_OPTIONS,
  ABSENT_SOCKET_OPTIONS,
  findAbsent,
  plainOptionName,
  refuseAbsent,
} from "../../../src/core/absent-options.ts";
import { CONTEXT_OPTIONS } from "../../../src/core/context-options.ts";
import type { OptionRow } from "../../../src/core/option-row.ts";
import { READONLY_OPTIONS, SOCKET_OPTIONS } from "../../../src/core/option-table.ts";

/** The numbers of libzmq 4.3.6's socket options; what is left out was never given, or is another option's older name. */
const SOCKET_NUMBERS = new Set(Array.from({ length: 121 }, (_, index) => index + 4));
for (const hole of [10, 20, 26, 29, 30, 67, 82, 83]) SOCKET_NUMBERS.delete(hole);
const CONTEXT_NUMBERS = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 42, 70]);

function numbersOf(rows: Readonly<Record<string, OptionRow<unknown> | string>>): number[] {
  return Object.values(rows).flatMap((row) => {
    const libzmq = typeof row === "string" ? row : (row.libzmq ?? "");
    return [...libzmq.matchAll(/ZMQ_\w+ (\d+)/g)].map(([, number]) => Number(number));
  });
}

const absentNumbers = (absent: readonly AbsentOption[]): number[] =>
  absent.map(({ libzmq }) => Number(libzmq.split(" ")[1]));

test("every option of libzmq's sockets is honoured, refused or absent with a reason, and nothing is twice", () => {
  const known = [...numbersOf(SOCKET_OPTIONS as never), ...numbersOf(READONLY_OPTIONS)];
  const all = [...known, ...absentNumbers(ABSENT_SOCKET_OPTIONS)];
  assert.deepEqual([...new Set(all)].sort(byNumber), [...SOCKET_NUMBERS].sort(byNumber));
  assert.equal(new Set(all).size, all.length, `twice: ${all.filter((one, i) => all.indexOf(one) !== i)}`);
});

test("every option of libzmq's contexts is, too", () => {
  const all = [...numbersOf(CONTEXT_OPTIONS as never), ...absentNumbers(ABSENT_CONTEXT_OPTIONS)];
  assert.deepEqual([...new Set(all)].sort(byNumber), [...CONTEXT_NUMBERS].sort(byNumber));
});

function byNumber(a: number, b: number): number {
  return a - b;
}

test("a name is found in whatever form it is written", () => {
  for (const name of ["ZMQ_FD", "FD", "fd", "zmq_fd"]) {
    assert.equal(findAbsent(ABSENT_SOCKET_OPTIONS, name)?.libzmq, "ZMQ_FD 14", name);
  }
  assert.equal(findAbsent(ABSENT_SOCKET_OPTIONS, "ipcFilterUid")?.libzmq, "ZMQ_IPC_FILTER_UID 59");
  assert.equal(findAbsent(ABSENT_SOCKET_OPTIONS, "linger"), undefined);
  assert.equal(plainOptionName("ZMQ_RECONNECT_IVL"), "reconnectivl");
});

test("each reason ends a sentence, and what is instead is one", () => {
  for (const { libzmq, why, instead } of [...ABSENT_SOCKET_OPTIONS, ...ABSENT_CONTEXT_OPTIONS]) {
    assert.match(libzmq, /^ZMQ_[A-Z0-9_]+ \d+$/);
    assert.match(why, /^\S.*[^.]$/, libzmq);
    if (instead !== undefined) assert.match(instead, /\.$/, libzmq);
  }
});

test("it is refused with libzmq's name, the reason, and what there is instead", () => {
  assert.throws(() => refuseAbsent(ABSENT_SOCKET_OPTIONS, "rcvmore"), {
    code: "ENOTSUP",
    message:
      "ZMQ_RCVMORE is no option here: a message comes with all its frames. There is instead: The length of what receive() gives.",
  });
  assert.throws(() => refuseAbsent(ABSENT_CONTEXT_OPTIONS, "ZMQ_MSG_T_SIZE"), {
    code: "ENOTSUP",
    message: /^ZMQ_MSG_T_SIZE is no option here: .*There is nothing instead\.$/,
  });
  refuseAbsent(ABSENT_SOCKET_OPTIONS, "linger");
});
