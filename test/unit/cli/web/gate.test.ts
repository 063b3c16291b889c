import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "../../../../src/cli/web/gate.ts";
import { Gate } from "../../../../src/cli/web/gate.ts";

const gate = new Gate(8080);

interface Ask {
  readonly method?: string;
  readonly url?: string;
  readonly host?: string;
  readonly cookie?: string;
  readonly origin?: string;
}

function judge({ method = "GET", url = "/", host = "127.0.0.1:8080", ...headers }: Ask): Verdict {
  return gate.judge({ method, url, headers: { host, ...headers } });
}

function cookieOf(verdict: Verdict): string {
  assert.equal(verdict.kind, "welcome");
  return verdict.kind === "welcome" ? verdict.cookie : "";
}

const cookie = cookieOf(judge({ url: `/?token=${gate.token}` })).split(";")[0] as string;

test("the token opens the door once, the cookie from then on", () => {
  assert.ok(gate.token.length >= 43, "256 bits");
  assert.equal(judge({ cookie }).kind, "in");
  assert.equal(judge({ cookie: `other=1; ${cookie}; more=2`, url: "/events" }).kind, "in");
  assert.equal(judge({ cookie, host: "localhost:8080" }).kind, "in");
});

test("the cookie is for no script, for no other site, and is not the token", () => {
  const full = cookieOf(judge({ url: `/?token=${gate.token}` }));
  assert.match(full, /; HttpOnly/);
  assert.match(full, /; SameSite=Strict/);
  assert.ok(!full.includes(gate.token));
  assert.notEqual(new Gate(8080).token, gate.token);
});

test("all others stay out", () => {
  const cases: [string, Ask][] = [
    ["no token", {}],
    ["an empty token", { url: "/?token=" }],
    ["a wrong token", { url: `/?token=${gate.token.slice(1)}x` }],
    ["the token elsewhere", { url: `/state?token=${gate.token}` }],
    ["the token as a cookie", { cookie: `zmq-inspect-8080=${gate.token}` }],
    ["the cookie of another page", { cookie: cookie.replace("8080", "8081") }],
    ["a wrong cookie", { cookie: `${cookie}x` }],
    ["a foreign name", { cookie, host: "evil.example:8080" }],
    ["another port", { cookie, host: "127.0.0.1:80" }],
    ["no port", { cookie, host: "127.0.0.1" }],
    ["a foreign origin", { cookie, origin: "http://evil.example" }],
    ["a foreign name with the token", { url: `/?token=${gate.token}`, host: "evil.example:8080" }],
  ];
  for (const [what, ask] of cases) {
    const verdict = judge(ask);
    assert.equal(verdict.kind === "out" ? verdict.status : verdict.kind, 403, what);
  }
  const none = gate.judge({ method: "GET", url: "/", headers: { cookie } });
  assert.equal(none.kind, "out", "no host");
});

test("there is nothing to change: GET alone", () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"]) {
    const verdict = judge({ method, cookie });
    assert.equal(verdict.kind === "out" ? verdict.status : verdict.kind, 405, method);
  }
});

test("an address that is none is answered, and lets nobody in", () => {
  for (const url of ["//", "//[", "http://[", "/%", "*", "\\"]) assert.equal(judge({ url }).kind, "out", url);
});
