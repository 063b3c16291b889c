import { loadLibrary } from "../bench/library.ts";
import type { Part, Said } from "../bench/part.ts";
import { SECRET_KEY_VARIABLE } from "../bench/part.ts";
import { makePlayer } from "../bench/player.ts";
import type { Command } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import { abortable, splitLines } from "../messaging/input.ts";

/** One process of `zmq bench`, which starts it: `run N` on stdin, what was measured on stdout. */
export const benchPlayer: Command = defineCommand({
  usage: "PART",
  options: {},
  examples: [],
  async run({ positionals: [text], io, console }) {
    if (text === undefined) throw new UsageError("It is started by zmq bench.");
    const part = JSON.parse(text) as Part;
    const say = (said: Said): Promise<void> => console.printJson(said);
    const secretKey = io.environment[SECRET_KEY_VARIABLE];
    const player = await makePlayer(await loadLibrary(part.library), part, secretKey);
    try {
      await say({ event: "ready", endpoint: player.endpoint });
      for await (const lines of splitLines(abortable(io.stdin, io.signal), "\n")) {
        for (const line of lines) await say(await player.run(Number(line.toString().split(" ")[1]), say));
      }
    } finally {
      player.close();
    }
    return EXIT.ok;
  },
});
