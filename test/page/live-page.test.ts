// The live page in a real browser, of two real processes: what is there, not how it is painted.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "puppeteer-core";
import type { WatchedPage } from "./browser.ts";
import { launchBrowser, openPage, skip } from "./browser.ts";
import { contrastFaults, focusState, hasInk, tabStops } from "./in-page.ts";
import type { Stage } from "./stage.ts";
import { setStage } from "./stage.ts";

const PATIENCE_MS = 20_000;

let stage: Stage;
let browser: Browser;
let watched: WatchedPage;
let page: Page;

if (skip === false) {
  before(async () => {
    [stage, browser] = await Promise.all([setStage(), launchBrowser()]);
    watched = await openPage(browser, stage.address);
    page = watched.page;
    // Rates are there from the second state on.
    await page.waitForFunction(
      () => Number(document.querySelector("#throughput")?.getAttribute("data-points")) >= 3,
      {
        timeout: PATIENCE_MS,
      },
    );
  });
  after(async () => {
    await browser?.close();
    await stage?.close();
  });
}

function texts(selector: string): Promise<string[]> {
  return page.$$eval(selector, (found) => found.map((one) => one.textContent ?? ""));
}

function waitForText(selector: string, pattern: RegExp): Promise<unknown> {
  const found = (css: string, source: string): boolean =>
    new RegExp(source).test(document.querySelector(css)?.textContent ?? "");
  return page.waitForFunction(found, { timeout: PATIENCE_MS }, selector, pattern.source);
}

test("the address in the bar has no token, and without the cookie there is nothing", { skip }, async () => {
  assert.equal(new URL(page.url()).search, "");
  const context = await browser.createBrowserContext();
  const stranger = await context.newPage();
  const answer = await stranger.goto(new URL("/", stage.address).href);
  assert.equal(answer?.status(), 403);
  await context.close();
  assert.equal(await page.evaluate(() => document.cookie), "", "no script reads the cookie");
});

test("the picture has the processes, their sockets, and arrows with rates", { skip }, async () => {
  const boxes = await page.$$eval("#graph .box.process", (found) =>
    found.map((one) => one.getAttribute("aria-label")),
  );
  const wanted = [
    `Process ${stage.consumerPid}, consumer, 2 sockets`,
    `Process ${stage.producerPid}, producer, 3 sockets`,
  ];
  assert.deepEqual(boxes.sort(), wanted.sort());
  assert.deepEqual((await texts("#graph .box.process .type")).sort(), ["PUB", "PULL", "PUSH", "PUSH", "SUB"]);
  const arrows = await page.$$eval("#graph .arrow", (found) =>
    found.map((one) => ({
      name: one.getAttribute("aria-label") ?? "",
      state: one.getAttribute("class") ?? "",
      rate: Number(one.getAttribute("data-rate")),
    })),
  );
  assert.equal(arrows.length, 3);
  const jobs = arrows.find(
    ({ name }) => name.startsWith("PUSH in producer") && name.includes("to PULL in consumer"),
  );
  assert.ok(jobs !== undefined && jobs.rate > 100, `20 jobs each 50 ms: ${JSON.stringify(arrows)}`);
  const news = arrows.find(
    ({ name }) => name.includes("PUB in producer") && name.includes("to SUB in consumer"),
  );
  assert.match(news?.state ?? "", /losing/);
  assert.match(news?.name ?? "", /[\d,]+ lost/);
  assert.ok(arrows.some(({ state }) => state.includes("dead")));
  assert.deepEqual(await texts("#graph .box.absent .title"), ["no answer"]);
});

test("bars show how full the queues are, and move", { skip }, async () => {
  const full = await page.$$eval("#graph .bar.full", (found) =>
    found.map((one) => one.getAttribute("data-hwm")),
  );
  assert.ok(full.includes("10"), `the publisher's queue is full at 10: ${full}`);
  await waitForText("#queues .queue.full .queue-number", /^10 \/ 10 · [\d,]+ lost$/);
  const waiting = (): Promise<number[]> =>
    page.$$eval("#queues [role=meter]", (found) =>
      found
        .filter((one) => one.getAttribute("aria-label")?.includes("tcp://127.0.0.1:1"))
        .map((one) => Number(one.getAttribute("aria-valuenow"))),
    );
  const [first = 0] = await waiting();
  const grew = (least: number): boolean =>
    [...document.querySelectorAll("#queues [role=meter]")].some(
      (one) =>
        one.getAttribute("aria-label")?.includes("tcp://127.0.0.1:1") === true &&
        Number(one.getAttribute("aria-valuenow")) > least,
    );
  await page.waitForFunction(grew, { timeout: PATIENCE_MS }, first);
});

test("what was lost is a finding with its numbers and what to do", { skip }, async () => {
  const selector = '.finding[data-code="hwm-drop"]';
  await page.waitForSelector(selector, { timeout: PATIENCE_MS });
  const [text = ""] = await texts(selector);
  assert.match(text, /dropped/);
  assert.match(text, /\b10\b/);
  assert.match(text, /Fix /);
  assert.match(text, new RegExp(`Publisher .* in producer \\(${stage.producerPid}\\)`));
  const counted = async (): Promise<number> =>
    Number((await texts(`${selector} dl`))[0]?.match(/([\d,]+)/)?.[1]?.replaceAll(",", ""));
  const before = await counted();
  assert.ok(before > 0, text);
  const grew = (css: string, least: number): boolean =>
    Number(
      document
        .querySelector(`${css} dl`)
        ?.textContent?.match(/([\d,]+)/)?.[1]
        ?.replaceAll(",", ""),
    ) > least;
  await page.waitForFunction(grew, { timeout: PATIENCE_MS }, selector, before);
  // The worst first.
  const severities = await page.$$eval(".finding", (found) =>
    found.map((one) => one.className.split(" ")[1]),
  );
  const order = ["error", "warning", "info"];
  assert.deepEqual(
    severities,
    [...severities].sort((a, b) => order.indexOf(a ?? "") - order.indexOf(b ?? "")),
  );
});

test("charts are drawn, and say the same as tables", { skip }, async () => {
  await waitForText("#drops tbody", /hwm/);
  assert.deepEqual((await texts("#throughput tbody th")).sort(), [
    `consumer (${stage.consumerPid})`,
    `producer (${stage.producerPid})`,
  ]);
  for (const id of ["throughput", "drops"]) {
    assert.ok(await page.$eval(`#${id} canvas`, hasInk), `${id} is not empty`);
    assert.ok(
      (await texts(`#${id} tbody td`)).some((text) => text !== "0/s"),
      id,
    );
    assert.equal(await page.$eval(`#${id} .picture`, (one) => one.getAttribute("role")), "img");
  }
});

test("tables have all sockets and peers, and are sorted by their headings", { skip }, async () => {
  assert.equal((await texts("#sockets tbody tr")).length, 5);
  assert.equal((await texts("#peers tbody tr")).length, 5);
  const lost = await page.$("#sockets thead th:last-child button");
  await lost?.click();
  assert.deepEqual(
    await page.$$eval("#sockets [aria-sort]", (found) => found.map((one) => one.getAttribute("aria-sort"))),
    ["descending"],
  );
  assert.match((await texts("#sockets tbody tr"))[0] ?? "", /PUB/);
  await lost?.click();
  assert.doesNotMatch((await texts("#sockets tbody tr"))[0] ?? "", /PUB/);
  await lost?.click();
  assert.deepEqual(await texts("#sockets [aria-sort]"), []);
});

test("the keyboard reaches everything, and shows where it is", { skip }, async () => {
  const expected = await page.evaluate(tabStops);
  assert.ok(expected.length > 30, `${expected.length} stops`);
  assert.equal(new Set(expected).size, expected.length, "each by a name of its own");
  const reached = new Set<string>();
  // It begins where the test before clicked: twice around is enough.
  for (let count = 0; count < 2 * expected.length && reached.size < expected.length; count++) {
    await page.keyboard.press("Tab");
    const { name, isVisible } = await page.evaluate(focusState);
    if (name === "") continue;
    assert.ok(isVisible, `the focus cannot be seen on ${name}`);
    reached.add(name);
  }
  assert.deepEqual(
    expected.filter((name) => !reached.has(name)),
    [],
  );
});

test("Enter shows the details of a socket, which stay live; Escape goes back to it", { skip }, async () => {
  const selector = '#graph [role=button][aria-label^="PUB socket"]';
  await page.$eval(selector, (one) => (one as SVGElement).focus());
  await page.keyboard.press("Enter");
  await page.waitForSelector("#details[open]");
  assert.match((await texts("#details h2"))[0] ?? "", /Publisher/);
  const [before] = await texts("#details-facts");
  const changed = (text: string): boolean => document.querySelector("#details-facts")?.textContent !== text;
  await page.waitForFunction(changed, { timeout: PATIENCE_MS }, before ?? "");
  assert.match((await texts("#details-facts"))[0] ?? "", /lost: [\d,]+ hwm/);
  await page.keyboard.press("Escape");
  assert.equal(await page.$("#details[open]"), null);
  assert.ok(await page.$eval(selector, (one) => one === document.activeElement));
});

test("a screen reader finds landmarks, headings, tables and meters by name", { skip }, async () => {
  const tree = await page.accessibility.snapshot({ interestingOnly: false });
  assert.ok(tree !== null);
  const found = new Map<string, string[]>();
  const visit = (node: typeof tree): void => {
    found.set(node.role, [...(found.get(node.role) ?? []), node.name ?? ""]);
    for (const child of node.children ?? []) visit(child);
  };
  visit(tree);
  const names = (role: string): string[] => found.get(role) ?? [];
  assert.equal(names("main").length, 1);
  assert.equal(names("banner").length, 1);
  const headings = [
    "ZeroMQ live",
    "Findings",
    "Topology",
    "Throughput",
    "Lost messages",
    "Queues",
    "Sockets",
    "Peers",
  ];
  for (const heading of headings)
    assert.ok(
      names("heading").some((name) => name.startsWith(heading)),
      `${heading}: ${names("heading")}`,
    );
  assert.ok(names("article").some((name) => name.includes("hwm-drop")));
  assert.ok(names("table").length >= 4, `${names("table")}`);
  assert.ok(names("columnheader").some((name) => name.startsWith("Endpoint")));
  assert.ok(names("meter").some((name) => name.startsWith("PUB in producer")));
  assert.ok(names("button").some((name) => name.startsWith("PUSH socket, tcp://")));
  assert.ok(names("button").some((name) => name.startsWith("PUB in producer")));
  assert.ok(
    names("image").every((name) => name.length > 20) && names("image").length === 2,
    `${names("image")}`,
  );
  for (const role of ["button", "meter", "table", "region", "image", "dialog"])
    assert.ok(
      names(role).every((name) => name !== ""),
      `a ${role} without a name`,
    );
});

test("new findings are said once and politely, numbers never", { skip }, async () => {
  const live = await page.$$eval("[aria-live], [role=status], [role=alert]", (found) =>
    found.map((one) => `${one.id} ${one.getAttribute("aria-live") ?? one.getAttribute("role")}`),
  );
  assert.deepEqual(live.sort(), ["announcer polite", "status status"]);
  assert.match(
    (await texts("#announcer"))[0] ?? "",
    /^(New (error|warning|note): |\d+ findings\. The worst: )/,
  );
  const before = await texts("#announcer, #status");
  const sequence = Number(await page.$eval("body", (one) => one.dataset["sequence"]));
  const later = (least: number): boolean => Number(document.body.dataset["sequence"]) > least;
  await page.waitForFunction(later, { timeout: PATIENCE_MS }, sequence + 1);
  assert.deepEqual(await texts("#announcer, #status"), before);
});

test("texts can be read in the light and in the dark", { skip }, async () => {
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    assert.deepEqual(await page.evaluate(contrastFaults), [], value);
  }
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  const moves = await page.$$eval("#graph .bar, .queue-fill, #graph .line", (found) =>
    found.map((one) => getComputedStyle(one).transitionDuration).filter((text) => text !== "0s"),
  );
  assert.deepEqual(moves, [], "nothing moves for those who do not want it");
  await page.emulateMediaFeatures([]);
});

test("it fits a narrow window", { skip }, async () => {
  await page.setViewport({ width: 400, height: 800 });
  const fits = (): boolean => {
    const frame = document.querySelector("#graph") as HTMLElement;
    return document.documentElement.scrollWidth <= 400 && frame.scrollWidth <= frame.clientWidth;
  };
  await page.waitForFunction(fits, { timeout: PATIENCE_MS });
  const lefts = await page.$$eval("#graph .frame", (found) => found.map((one) => one.getAttribute("x")));
  assert.equal(new Set(lefts).size, 1, "boxes stand below each other");
  await page.setViewport({ width: 1280, height: 800 });
});

test("boxes stay where they are while numbers change", { skip }, async () => {
  const places = (): Promise<string[]> =>
    page.$$eval("#graph .frame, #graph .line", (found) =>
      found.map((one) => `${one.getAttribute("x")} ${one.getAttribute("y")} ${one.getAttribute("d")}`),
    );
  await page.waitForFunction(() => (document.querySelector("#graph svg")?.clientWidth ?? 0) > 1000);
  const before = await places();
  const sequence = Number(await page.$eval("body", (one) => one.dataset["sequence"]));
  const later = (least: number): boolean => Number(document.body.dataset["sequence"]) > least;
  await page.waitForFunction(later, { timeout: PATIENCE_MS }, sequence + 2);
  assert.deepEqual(await places(), before);
});

test("a process that ends is shown as ended, and its connections as gone", { skip }, async () => {
  await stage.endConsumer();
  await page.waitForSelector("#graph .box.ended", { timeout: PATIENCE_MS });
  assert.match((await texts("#graph .box.ended .note"))[0] ?? "", /ended$/);
  await page.waitForFunction(() => document.querySelectorAll("#graph .arrow.live").length === 0, {
    timeout: PATIENCE_MS,
  });
});

test("nothing went wrong in the browser, and nobody else was asked for anything", { skip }, () => {
  assert.deepEqual(watched.complaints, []);
  assert.deepEqual(watched.foreignRequests, []);
});

test("a page whose server is gone says so", { skip }, async () => {
  await stage.endServer();
  await waitForText("#status", /^Connection lost/);
  assert.ok(await page.$eval("body", (one) => one.classList.contains("stale")));
});
