import { version as apiVersion, capability, packageVersion } from "../../index.ts";
import type { Command } from "../command.ts";
import { defineCommand, EXIT } from "../command.ts";

export const version: Command = defineCommand({
  usage: "[options]",
  options: {},
  examples: ["zmq version", "zmq version --json"],
  async run({ console }) {
    const facts = {
      package: packageVersion,
      api: apiVersion,
      protocol: "ZMTP 3.1",
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      capability,
    };
    await console.result(
      facts,
      `zeromq-ts ${facts.package}, ZeroMQ API ${facts.api}, ${facts.protocol}, Node ${facts.node}, ${facts.platform}`,
    );
    return EXIT.ok;
  },
});
