import { bytesKey } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { SocketType } from "../base/socket-type.ts";
import type { SocketCore } from "../core/socket.ts";
import { SOCKET_CLASSES } from "../core/socket-groups.ts";
import type { ProxyStatistics } from "./proxy-statistics.ts";
import { encodeStatistics } from "./proxy-statistics.ts";

/** What a proxy is told to do. */
export interface Steered {
  pause(): void;
  resume(): void;
  terminate(): void;
  statistics(): ProxyStatistics;
}

/** The socket types that may steer a proxy, and whether they can answer. */
const ANSWERS: ReadonlyMap<SocketType, boolean> = new Map([
  [SocketType.Pair, true],
  [SocketType.Reply, true],
  [SocketType.Dealer, true],
  [SocketType.Pull, false],
  [SocketType.Subscriber, false],
]);

/** Commands that are obeyed before the event loop gets a turn. */
const BURST_MAX = 100;
/** The longest command, and a little more: what is longer is none, and need not become text. */
const COMMAND_SIZE_MAX = 16;

/**
 * The commands that come in at a proxy's control socket, each a message of one frame: PAUSE, RESUME, TERMINATE and
 * STATISTICS. STATISTICS is answered by eight frames. A REP answers everything else with an empty frame; other types do
 * not answer. What is no command is passed over, where libzmq ends the proxy if it has more than one frame.
 */
export class ProxyControl {
  readonly core: SocketCore;
  readonly #steered: Steered;

  constructor(core: SocketCore, steered: Steered) {
    if (!ANSWERS.has(core.type)) {
      const types = [...ANSWERS.keys()].map((type) => SOCKET_CLASSES[type]).join(", ");
      const why = `A ${SOCKET_CLASSES[core.type]} cannot be the control of a Proxy.`;
      throw new ZmqError("EINVAL", why, { remedy: `Give it one of these: ${types}.` });
    }
    this.core = core;
    this.#steered = steered;
  }

  /** Obeys what has come. Answers whether there may be more. */
  serve(): boolean {
    const { pattern } = this.core;
    for (let count = 0; count < BURST_MAX; count++) {
      const message = pattern.canReceive() ? pattern.receive() : undefined;
      if (message === undefined) return false;
      if (this.#obey(commandOf(message))) return false;
    }
    return true;
  }

  /** Answers whether the proxy is over. */
  #obey(command: string): boolean {
    if (command === "STATISTICS") {
      if (ANSWERS.get(this.core.type)) this.#answer(encodeStatistics(this.#steered.statistics()));
      else this.#answerEmpty();
      return false;
    }
    // Before it is done: the last thing that it does may be to end all this.
    this.#answerEmpty();
    if (command === "PAUSE") this.#steered.pause();
    if (command === "RESUME") this.#steered.resume();
    if (command === "TERMINATE") this.#steered.terminate();
    return command === "TERMINATE";
  }

  /** A REP owes an answer to each request. */
  #answerEmpty(): void {
    if (this.core.type === SocketType.Reply) this.#answer([platform.allocate(0)]);
  }

  /** Who asks and does not read what he is told goes without: the proxy waits for nobody. */
  #answer(message: Message): void {
    if (!this.core.pattern.send(message)) this.core.countDrop("hwm");
  }
}

function commandOf(message: Message): string {
  const [frame] = message;
  if (message.length !== 1 || frame === undefined || frame.length > COMMAND_SIZE_MAX) return "";
  return bytesKey(frame);
}
