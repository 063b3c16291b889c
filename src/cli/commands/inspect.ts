import type { InspectedProcess } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import { Fleet, SWITCH_ON, toTarget } from "../inspecting/fleet.ts";
import type { Inspected } from "../inspecting/inspect-tables.ts";
import { inspectTables } from "../inspecting/inspect-tables.ts";
import { TIMEOUT_OPTION } from "../inspecting/options.ts";
import { openBrowser } from "../web/open-browser.ts";
import { ProcessWatch } from "../web/process-watch.ts";
import { WebServer } from "../web/server.ts";

const PORT_MAX = 65_535;

const OPTIONS = {
  web: { kind: "flag", short: "w", help: "serve a live page of it to this machine's browser, until Ctrl-C" },
  port: { kind: "number", initial: 0, help: "of the page; 0 is any that is free" },
  "no-open": { kind: "flag", help: "print the page's address and open no browser" },
  ...TIMEOUT_OPTION,
} as const satisfies OptionTable;

type InspectCall = Call<typeof OPTIONS>;

export const inspect: Command = defineCommand({
  usage: "[options] [PID...]",
  details: `The sockets of processes and their peers: those that are named, or all that can be inspected (see
zmq ps). With --json, one line for each process, with all that is known.

With --web, a page that shows them live: who is connected to whom and how much flows, how full the
queues are, what was lost and why, and what the solver finds. It is served to this machine alone, and
only to who has the address that is printed: the token in it is the key.`,
  options: OPTIONS,
  examples: [
    "zmq inspect 4711",
    "zmq inspect 4711 --json | jq .sockets",
    "zmq inspect --web",
    "zmq inspect --web 4711 4712 --port 8080 --no-open",
  ],
  run: (call) => (call.values.web ? serve(call) : show(call)),
});

async function show({ values, positionals, io, console }: InspectCall): Promise<number> {
  const targets = positionals.length === 0 ? [undefined] : positionals.map((text) => toTarget([text]));
  let shownCount = 0;
  for (const target of targets) {
    const fleet = new Fleet(target, values.timeout, console);
    try {
      await fleet.refresh();
      for (const inspected of (await fleet.ask(look)).values()) {
        const gap = shownCount++ === 0 ? "" : "\n";
        await console.result(toJson(inspected), gap + inspectTables(io.stdout, inspected));
      }
    } finally {
      await fleet.close();
    }
  }
  if (shownCount > 0) return EXIT.ok;
  if (positionals.length > 0) return EXIT.failure;
  console.note(SWITCH_ON);
  return EXIT.nothing;
}

async function look(process: InspectedProcess): Promise<Inspected> {
  const info = await process.info();
  return { pid: process.pid ?? info[0]?.list[0]?.pid ?? 0, info, sockets: await process.sockets() };
}

function toJson({ pid, info, sockets }: Inspected): object {
  return {
    pid,
    threads: info.flatMap(({ list }) => list),
    sockets: sockets.flatMap(({ threadId, list }) => list.map((socket) => ({ threadId, ...socket }))),
  };
}

async function serve({ values, positionals, io, console }: InspectCall): Promise<number> {
  if (values.port > PORT_MAX)
    throw new UsageError(`--port takes a number from 0 to ${PORT_MAX}, not ${values.port}.`);
  const pids = positionals.map((text) => {
    const target = toTarget([text]);
    if (typeof target !== "number") throw new UsageError(`--web takes process ids, not "${text}".`);
    return target;
  });
  const watch = new ProcessWatch(pids);
  const server = new WebServer({ source: watch });
  const address = await server.listen(values.port);
  try {
    await console.result({ address }, address);
    console.note("Open it in a browser of this machine. Ctrl-C ends it.");
    if (!values["no-open"]) openBrowser(address);
    if (!io.signal.aborted)
      await new Promise((resolve) => io.signal.addEventListener("abort", resolve, { once: true }));
    return EXIT.ok;
  } finally {
    await server.close();
    await watch.close();
  }
}
