import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Feed } from "../../../../src/cli/web/feed.ts";
import type { PageState } from "../../../../src/cli/web/page-state.ts";
import { state } from "./states.ts";

/** What a feed sees of a page. */
class FakePage extends EventEmitter {
  readonly texts: string[] = [];
  writableNeedDrain = false;
  isDestroyed = false;

  write(text: string): boolean {
    this.texts.push(text);
    return true;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }

  get stateCount(): number {
    return this.texts.filter((text) => text.startsWith("event: state")).length;
  }
}

function add(feed: Feed): FakePage {
  const page = new FakePage();
  feed.add(page as unknown as ServerResponse);
  return page;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, "it never came");
    await sleep(2);
  }
}

test("each page gets each state, and a page that does not keep up gets none until it does", async (t) => {
  const feed = new Feed({ read: () => Promise.resolve(state(0)) }, 10);
  t.after(() => feed.close());
  const [quick, slow] = [add(feed), add(feed)];
  await until(() => quick.stateCount > 0 && slow.stateCount > 0);
  slow.writableNeedDrain = true;
  const had = slow.stateCount;
  await until(() => quick.stateCount > had + 4);
  assert.equal(slow.stateCount, had);
  slow.writableNeedDrain = false;
  await until(() => slow.stateCount > had);
});

test("a slow source is asked once at a time, however many pages come", async (t) => {
  const answers: ((value: PageState) => void)[] = [];
  const feed = new Feed({ read: () => new Promise((resolve) => answers.push(resolve)) }, 5);
  t.after(() => feed.close());
  const pages = [add(feed), add(feed), add(feed)];
  await sleep(40);
  assert.equal(answers.length, 1);
  answers[0]?.(state(0));
  await until(() => answers.length === 2);
  assert.deepEqual(
    pages.map(({ stateCount }) => stateCount),
    [1, 1, 1],
  );
});

test("closing ends the pages, also while the source is being asked", async () => {
  let answer: ((value: PageState) => void) | undefined;
  const feed = new Feed({ read: () => new Promise((resolve) => (answer = resolve)) }, 5);
  const page = add(feed);
  feed.close();
  assert.deepEqual([page.isDestroyed, feed.pageCount], [true, 0]);
  answer?.(state(0));
  await sleep(20);
  assert.equal(page.stateCount, 0);
});
