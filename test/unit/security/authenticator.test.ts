import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError, ZmqError } from "../../../src/base/errors.ts";
import type { Answer, Authentication } from "../../../src/security/authenticator.ts";
import { ADMITTED, Inquiry } from "../../../src/security/authenticator.ts";

const NOBODY = { mechanism: "NULL", credentials: [] };

test("an answer that comes later is told, once; whatever comes after it is not heard", () => {
  const answers: Answer[] = [];
  const inquiry = new Inquiry((_request, answer) => void answers.push(answer));
  let told = 0;
  inquiry.ask(NOBODY, () => told++);
  assert.deepEqual([inquiry.status, inquiry.verdict, told], [0, null, 0]);
  answers[0]?.({ ...ADMITTED, userId: "joe" });
  answers[0]?.({ ...ADMITTED, status: 400 });
  answers[0]?.(new ZmqError("EPIPE", "Gone."));
  assert.deepEqual([inquiry.status, inquiry.verdict?.userId, told], [200, "joe", 1]);
});

test("an answer that comes out of the call itself is not told: who asked looks", () => {
  const inquiry = new Inquiry((_request, answer) => void answer(ADMITTED));
  inquiry.ask(NOBODY, () => assert.fail("told"));
  assert.equal(inquiry.status, 200);
});

test("an error instead of a verdict is thrown where the status is asked for", () => {
  const error = new ZmqError("EFAULT", "Nobody.");
  const inquiry = new Inquiry((_request, answer) => void answer(error));
  inquiry.ask(NOBODY, () => undefined);
  assert.throws(() => inquiry.status, error);
  assert.equal(inquiry.verdict, null);
});

test("a question whose connection is over is withdrawn, once, and one that was answered is not", () => {
  const answers: Answer[] = [];
  let count = 0;
  const ask = (_request: Authentication, answer: Answer) => {
    answers.push(answer);
    return () => void count++;
  };
  const [open, answered, unasked] = [new Inquiry(ask), new Inquiry(ask), new Inquiry(ask)];
  for (const inquiry of [open, answered]) inquiry.ask(NOBODY, () => undefined);
  answers[1]?.(ADMITTED);
  for (const inquiry of [unasked, answered]) inquiry.close();
  assert.equal(count, 0);
  open.close();
  open.close();
  assert.equal(count, 1);
});

test("a refusal has the status, whom it concerns and the text, made printable", () => {
  const refusal = (request: Authentication, text: string): AuthError => {
    const inquiry = new Inquiry((_request, answer) => void answer({ ...ADMITTED, status: 500, text }));
    inquiry.ask(request, () => undefined);
    return inquiry.refusal();
  };
  const error = refusal(NOBODY, 'no\n"way"');
  assert.ok(error instanceof AuthError);
  assert.equal(error.status, 500);
  assert.equal(error.message, "The authenticator refused the peer (NULL) with status 500: \"no?'way'\".");
  const joe = { mechanism: "PLAIN", credentials: [Buffer.from('j"oe\n'), Buffer.from("secret")] };
  assert.equal(
    refusal(joe, "").message,
    'The authenticator refused the peer (PLAIN, user "j\'oe?") with status 500.',
  );
  const key = { mechanism: "CURVE", credentials: [new Uint8Array(32)] };
  assert.equal(
    refusal(key, "").message,
    `The authenticator refused the peer (CURVE, key ${"0".repeat(40)}) with status 500.`,
  );
});
