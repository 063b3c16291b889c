import type { Command } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import { readGuide, sectionOf } from "../guide-section.ts";
import { commandHelp, generalHelp } from "../help.ts";

const FINDINGS = "missing-messages.md";

export const help: Command = defineCommand({
  usage: "[COMMAND|CODE]",
  details:
    "Shows what a command takes, or what the code of a finding means: those that explain() and zmq doctor tell.",
  options: {},
  examples: ["zmq help", "zmq help sub", "zmq help late-subscriber"],
  async run({ positionals: [name], io, commands }) {
    if (name === undefined) {
      await io.stdout.write(generalHelp(io.stdout, commands));
      return EXIT.ok;
    }
    const entry = commands.find((one) => one.name === name);
    if (entry !== undefined) {
      await io.stdout.write(commandHelp(io.stdout, entry, await entry.load()));
      return EXIT.ok;
    }
    const section = sectionOf(readGuide(FINDINGS) ?? "", name.toLowerCase());
    if (section === undefined) throw new UsageError(`There is no command and no finding "${name}".`);
    await io.stdout.write(`${section}\n`);
    return EXIT.ok;
  },
});
