import type { CommandEntry } from "../command.ts";

/** All commands, in the order of the help. Each is loaded when it is called, so that the help is there at once. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "pub",
    summary: "publish messages to subscribers",
    load: async () => (await import("./send.ts")).pub,
  },
  {
    name: "sub",
    summary: "subscribe, and print what is published",
    load: async () => (await import("./receive.ts")).sub,
  },
  {
    name: "push",
    summary: "hand out messages, each to one of the peers",
    load: async () => (await import("./send.ts")).push,
  },
  {
    name: "pull",
    summary: "print what is handed out",
    load: async () => (await import("./receive.ts")).pull,
  },
  {
    name: "req",
    summary: "ask, and print the replies",
    load: async () => (await import("./request.ts")).req,
  },
  {
    name: "rep",
    summary: "print requests and answer them",
    load: async () => (await import("./request.ts")).rep,
  },
  {
    name: "dealer",
    summary: "send and receive, in any order, with any number of peers",
    load: async () => (await import("./exchange.ts")).dealer,
  },
  {
    name: "router",
    summary: "receive from peers by name, and send to them",
    load: async () => (await import("./exchange.ts")).router,
  },
  {
    name: "pair",
    summary: "send and receive with one peer",
    load: async () => (await import("./exchange.ts")).pair,
  },
  {
    name: "stream",
    summary: "send and receive octets over plain TCP",
    load: async () => (await import("./stream.ts")).stream,
  },
  {
    name: "proxy",
    summary: "forward messages between two sockets",
    load: async () => (await import("./proxy.ts")).proxy,
  },
  {
    name: "bench",
    summary: "measure throughput and latency on this machine",
    load: async () => (await import("./bench.ts")).bench,
  },
  {
    name: "keygen",
    summary: "make a pair of keys for CURVE, in certificate files",
    load: async () => (await import("./keygen.ts")).keygen,
  },
  {
    name: "bench-player",
    summary: "one process of a measurement",
    isHidden: true,
    load: async () => (await import("./bench-player.ts")).benchPlayer,
  },
  {
    name: "ps",
    summary: "list the processes here that can be inspected",
    load: async () => (await import("./ps.ts")).ps,
  },
  {
    name: "doctor",
    summary: "find out what is wrong with running sockets, or with an endpoint",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "top",
    summary: "watch sockets: peers, rates, queues, drops",
    load: async () => (await import("./top.ts")).top,
  },
  {
    name: "monitor",
    summary: "print what happens to running sockets",
    load: async () => (await import("./monitor.ts")).monitor,
  },
  {
    name: "inspect",
    summary: "show the sockets of processes and their peers; --web: live, in a browser",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  {
    name: "version",
    summary: "show the versions of the package, of Node and of the protocol",
    load: async () => (await import("./version.ts")).version,
  },
  {
    name: "help",
    summary: "show the help of a command",
    load: async () => (await import("./help.ts")).help,
  },
];
