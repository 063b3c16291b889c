import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadAssets } from "../../../../src/cli/web/assets.ts";
import type { StateSource } from "../../../../src/cli/web/feed.ts";
import { WebServer } from "../../../../src/cli/web/server.ts";
import { state } from "./states.ts";

interface Served {
  readonly server: WebServer;
  readonly port: number;
  readonly token: string;
  /** How often the source was asked. */
  reads(): number;
  get(path: string, headers?: Record<string, string>, method?: string): Promise<IncomingMessage>;
  /** With the cookie that the token is good for. */
  enter(): Promise<Record<string, string>>;
}

async function serve(t: TestContext, read?: StateSource["read"]): Promise<Served> {
  let readCount = 0;
  const source = {
    read: () => {
      readCount++;
      return read?.() ?? Promise.resolve(state(readCount));
    },
  };
  const server = new WebServer({ source, periodMs: 40 });
  t.after(() => server.close());
  const url = new URL(await server.listen(0));
  assert.equal(url.hostname, "127.0.0.1");
  const get: Served["get"] = (path, headers = {}, method = "GET") =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port: url.port, path, method, headers, agent: false });
      t.after(() => sent.destroy());
      sent.on("response", resolve).on("error", reject).end();
    });
  const token = url.searchParams.get("token") ?? "";
  const enter = async (): Promise<Record<string, string>> => {
    const answer = await get(`/?token=${token}`);
    assert.equal(answer.statusCode, 303);
    assert.equal(answer.headers.location, "/", "the token leaves the address bar");
    return { Cookie: answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "" };
  };
  return { server, port: Number(url.port), token, reads: () => readCount, get, enter };
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return text;
}

/** Reads events until so many have come. */
async function events(answer: IncomingMessage, count: number): Promise<string> {
  let text = "";
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.split("event: ").length > count) break;
  }
  return text;
}

test("without the token nothing is answered, whatever is asked for", async (t) => {
  const { get, enter, port, reads } = await serve(t);
  for (const path of ["/", "/main.js", "/state", "/events", "/nothing", "/?token=x"])
    assert.equal((await get(path)).statusCode, 403, path);
  const cookie = await enter();
  assert.equal((await get("/", { ...cookie, Host: `evil.example:${port}` })).statusCode, 403);
  assert.equal((await get("/", { ...cookie, Origin: "http://evil.example" })).statusCode, 403);
  const post = await get("/", cookie, "POST");
  assert.deepEqual([post.statusCode, post.headers.allow], [405, "GET"]);
  assert.equal(reads(), 0);
});

test("every answer has the headers that keep a page to itself", async (t) => {
  const { get, enter, token } = await serve(t);
  const cookie = await enter();
  const answers = [
    await get("/"),
    await get(`/?token=${token}`),
    await get("/", cookie),
    await get("/state", cookie),
  ];
  for (const { headers, url } of [...answers, await get("/events", cookie), await get("/nothing", cookie)]) {
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'/, url);
    assert.match(policy, /script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|data:/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(headers["x-powered-by"], undefined);
  }
});

test("the page and its files are served; no script stands in the page itself", async (t) => {
  const { get, enter } = await serve(t);
  const cookie = await enter();
  const page = await bodyOf(await get("/", cookie));
  assert.doesNotMatch(page, /<script(?![^>]*src=)|<style| style=| on\w+=|https?:\/\//);
  for (const [, path] of page.matchAll(/(?:src|href)="([^"#]+)"/g)) {
    const answer = await get(`/${path}`, cookie);
    assert.equal(answer.statusCode, 200, path);
    answer.resume();
  }
  const plot = await bodyOf(await get("/uplot.js", cookie));
  assert.match(plot, /The MIT License \(MIT\)[\s\S]+Leon Sorokin/);
  for (const path of ["/../server.js", "/%2e%2e/server.js", "/index.html", "/main.js.map", "/page/main.js"])
    assert.equal((await get(path, cookie)).statusCode, 404, path);
});

test("all that is served of the built package is under 150 KB", (t) => {
  const folder = join(process.cwd(), "dist", "cli", "web", "page");
  const assets = [...loadAssets(folder)];
  for (const name of ["/", "/main.js", "/page.css", "/graph.css", "/uplot.js", "/uplot.css", "/icon.svg"])
    assert.ok(
      assets.some(([path]) => path === name),
      `${name} is not in the package`,
    );
  const total = assets.reduce((sum, [, { body }]) => sum + body.length, 0);
  t.diagnostic(`${assets.length} files, ${total} octets`);
  assert.ok(total < 150_000, `${total} octets`);
});

test("a state once, and one after the other", async (t) => {
  const { get, enter } = await serve(t);
  const cookie = await enter();
  assert.equal(JSON.parse(await bodyOf(await get("/state", cookie))).sequence, 1);
  const answer = await get("/events", cookie);
  assert.match(answer.headers["content-type"] ?? "", /^text\/event-stream/);
  const text = await events(answer, 3);
  assert.match(text, /^retry: \d+\n\nevent: state\ndata: \{"sequence":2,/);
  assert.match(text, /event: state\ndata: \{"sequence":4,.*\}\n\n$/);
});

test("nobody is asked while no page listens", async (t) => {
  const { server, get, enter, reads } = await serve(t);
  const cookie = await enter();
  await sleep(150);
  assert.equal(reads(), 0);
  const answer = await get("/events", cookie);
  await events(answer, 2);
  answer.destroy();
  while (server.pageCount > 0) await sleep(5);
  await sleep(60);
  const readCount = reads();
  assert.ok(readCount >= 2);
  await sleep(200);
  assert.equal(reads(), readCount);
});

test("a source that fails is told of, and asked again", async (t) => {
  let count = 0;
  const { get, enter } = await serve(t, () =>
    ++count === 1 ? Promise.reject(new Error("no\nnews")) : Promise.resolve(state(count)),
  );
  const cookie = await enter();
  const text = await events(await get("/events", cookie), 2);
  assert.match(text, /event: trouble\ndata: "no\\nnews"\n\nevent: state/);
  count = 0;
  assert.equal((await get("/state", cookie)).statusCode, 500);
});

test("so many pages are served and no more, and closing ends them", async (t) => {
  const { server, get, enter } = await serve(t);
  const cookie = await enter();
  const pages = [];
  for (let count = 0; count < 16; count++) pages.push(await get("/events", cookie));
  assert.equal((await get("/events", cookie)).statusCode, 503);
  const ends = pages.map(
    (page) =>
      new Promise((resolve) =>
        page
          .on("close", resolve)
          .on("error", () => undefined)
          .resume(),
      ),
  );
  await server.close();
  await Promise.all(ends);
});

test("a port that is taken is an error with its code", async (t) => {
  const { port } = await serve(t);
  const second = new WebServer({ source: { read: () => Promise.resolve(state(0)) } });
  await assert.rejects(second.listen(port), { code: "EADDRINUSE" });
});
