// inproc under a seeded scheduler (hostile input J07): bind, unbind, connect, disconnect, send and close in any order and
// out of the middle of each other. Nothing may be lost, doubled or out of order, nobody may wait for a wake-up that never
// comes, and only a name that is taken may throw.

import { test } from "node:test";
import { ZmqError } from "../../src/base/errors.ts";
import { installPlatform } from "../../src/base/platform.ts";
import { InprocTransport } from "../../src/transports/inproc.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";
import { Actor, randomFrom } from "./inproc-actor.ts";

installPlatform(nodePlatform);

const NAMES = ["a", "b", "c"];
const SEQUENCE_COUNT = 1500;
const STEP_COUNT = 40;

function run(seed: number): void {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const transport = new InprocTransport();
  const history: string[] = [];
  let depth = 0;
  let isLastAct = false;

  const act = (): void => {
    const actor = pick(actors);
    const name = pick(NAMES);
    const chance = random();
    history.push(`${actor.typeName} ${chance.toFixed(3)} ${name}`);
    if (chance < 0.15) {
      if (actor.isClosed) return;
      try {
        transport.bind(name, actor);
      } catch (error) {
        if (!(error instanceof ZmqError && error.code === "EADDRINUSE")) throw error;
      }
    } else if (chance < 0.25) transport.unbind(name, actor);
    else if (chance < 0.45) {
      if (!actor.isClosed) actor.links.push(transport.connect(name, actor, null));
    } else if (chance < 0.52) actor.links.at(Math.floor(random() * actor.links.length))?.disconnect();
    else if (chance < 0.95) {
      const pipes = [...actor.traffic.keys()];
      if (pipes.length > 0) actor.send(pick(pipes));
    } else if (chance < 0.97) actor.close(transport);
    else {
      actor.options.sendHighWaterMark = Math.floor(random() * 4);
      for (const pipe of actor.traffic.keys()) transport.optionsChanged(actor, pipe);
    }
  };

  const interrupt = (): void => {
    if (isLastAct || depth >= 3 || random() > 0.2) return;
    depth++;
    act();
    depth--;
  };

  const actors = Array.from({ length: 4 }, (_, i) => new Actor(`actor ${i}`, i, interrupt));
  try {
    for (let i = 0; i < STEP_COUNT; i++) act();
    // The last act: a socket that binds every name and closes nothing takes what still waits.
    isLastAct = true;
    const heir = new Actor("heir", 0, () => undefined);
    for (const actor of actors) transport.release(actor);
    for (const name of NAMES) transport.bind(name, heir);
    for (const actor of [...actors, heir]) actor.check();
  } catch (error) {
    throw new Error(`seed ${seed}: ${history.slice(-12).join("; ")}`, { cause: error });
  }
}

test(`inproc holds in ${SEQUENCE_COUNT} random orders (J07)`, (t) => {
  const given = process.env.INPROC_SEED;
  const first = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
  const count = given === undefined ? Number(process.env.INPROC_ORDERS ?? SEQUENCE_COUNT) : 1;
  t.diagnostic(`seeds ${first} to ${first + count - 1}; INPROC_SEED runs one, INPROC_ORDERS that many`);
  for (let i = 0; i < count; i++) run(first + i);
});
