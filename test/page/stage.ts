// What the live page shows in its tests: two processes that exchange messages, lose some and wait for nobody, and the
// command that serves the page of them.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Program } from "../process/program.ts";
import { launch } from "../process/program.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));
const PATIENCE_MS = 110_000;

export interface Stage {
  readonly address: string;
  readonly producerPid: number;
  readonly consumerPid: number;
  endConsumer(): Promise<void>;
  endServer(): Promise<void>;
  close(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const runtime = mkdtempSync(join(tmpdir(), "zmq-run-"));
  const env = { XDG_RUNTIME_DIR: runtime, ZEROMQ_TS_INSPECT: "1" };
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, env);
  const producer = launch(produce, [], { patienceMs: PATIENCE_MS });
  const consumer = launch(consume, [await producer.said("jobs "), await producer.said("news ")], {
    patienceMs: PATIENCE_MS,
  });
  const pids = await Promise.all([producer, consumer].map(async (one) => Number(await one.said("pid "))));
  const server = serve(pids);
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  const end = async (program: Program): Promise<void> => {
    program.kill();
    await program.ended;
  };
  const [producerPid, consumerPid] = pids as [number, number];
  return {
    address: await server.address,
    producerPid,
    consumerPid,
    endConsumer: () => end(consumer),
    endServer: server.end,
    async close() {
      await Promise.all([server.end(), end(producer), end(consumer)]);
      rmSync(runtime, { recursive: true, force: true });
    },
  };
}

/** The command as users call it. */
function serve(pids: readonly number[]): { readonly address: Promise<string>; end(): Promise<void> } {
  const child = spawn(
    process.execPath,
    [MAIN, "inspect", "--web", "--no-open", "--quiet", ...pids.map(String)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const exited = new Promise<void>((resolve) => {
    child.on("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  const address = new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const found = /^(http\S+)\n/.exec(text);
      if (found !== null) resolve(found[1] as string);
    });
    child.on("error", reject);
    child.on("exit", () => reject(new Error(`the command ended: ${text}`)));
  });
  return {
    address,
    end() {
      child.kill("SIGINT");
      return exited;
    },
  };
}

type Zmq = typeof import("../../src/index.ts");

/** Hands out jobs, publishes more news than a stalled subscriber takes, and writes to somebody who is not there. */
async function produce(zmq: Zmq, say: (text: string) => void): Promise<void> {
  process.title = "producer";
  const jobs = new zmq.Push({ linger: 0 });
  await jobs.bind("tcp://127.0.0.1:*");
  const news = new zmq.Publisher({ linger: 0, sendHighWaterMark: 10 });
  await news.bind("tcp://127.0.0.1:*");
  const nobody = new zmq.Push({ linger: 0 });
  nobody.connect("tcp://127.0.0.1:1");
  say(`jobs ${jobs.lastEndpoint}`);
  say(`news ${news.lastEndpoint}`);
  say(`pid ${process.pid}`);
  const page = Buffer.alloc(100_000);
  setInterval(() => {
    for (let count = 0; count < 20; count++) jobs.trySend("job");
    for (let count = 0; count < 5; count++) news.trySend(["news", page]);
    nobody.trySend("hello?");
  }, 50);
}

/** Does the jobs, and never reads the news that it asked for. */
async function consume(zmq: Zmq, say: (text: string) => void, jobsAt: string, newsAt: string): Promise<void> {
  process.title = "consumer";
  const news = new zmq.Subscriber({ linger: 0, receiveHighWaterMark: 10 });
  news.connect(newsAt);
  news.subscribe("");
  const jobs = new zmq.Pull({ linger: 0 });
  jobs.connect(jobsAt);
  say(`pid ${process.pid}`);
  for await (const _job of jobs) if (news.closed) break;
}
