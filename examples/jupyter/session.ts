import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

// What both sides of Jupyter's messaging protocol (5.3) share: the connection file, and signed messages.

/** What messages hold: JSON. */
export type Fields = Readonly<Record<string, unknown>>;

export type Channel = "shell" | "iopub" | "stdin" | "control" | "hb";

/** A connection file: where a kernel is, and the key that signs what is said to it. */
export type Connection = Readonly<Record<`${Channel}_port`, number>> & {
  readonly transport: string;
  readonly ip: string;
  readonly key: string;
};

export function endpointOf(connection: Connection, channel: Channel): string {
  const { transport, ip } = connection;
  const port = connection[`${channel}_port`];
  return transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`;
}

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
}

export interface Message {
  /** The routing ids that a ROUTER puts in front, or a topic. */
  readonly idents: readonly Uint8Array[];
  readonly header: Header;
  /** The header of the request that this belongs to. */
  readonly parent: Partial<Header>;
  readonly content: Fields;
}

/** What a message is made of. */
export interface Draft {
  readonly type: string;
  readonly content: Fields;
  readonly parent?: Message | undefined;
  readonly idents?: readonly (string | Uint8Array)[];
}

const DELIMITER = "<IDS|MSG>";

/** idents, delimiter, signature, header, parent header, metadata, content: a frame each. */
export class Session {
  readonly #id: string;
  readonly #key: string;

  constructor(key: string) {
    this.#id = randomUUID();
    this.#key = key;
  }

  pack({ type, content, parent, idents = [] }: Draft): { id: string; frames: (string | Uint8Array)[] } {
    const id = randomUUID();
    const header = {
      msg_id: id,
      msg_type: type,
      session: this.#id,
      username: "zeromq-ts",
      date: new Date().toISOString(),
      version: "5.3",
    };
    const parts = [header, parent?.header ?? {}, {}, content].map((part) =>
      Buffer.from(JSON.stringify(part)),
    );
    return { id, frames: [...idents, DELIMITER, this.#sign(parts), ...parts] };
  }

  /** Throws for what is no message, or was not signed with the key. */
  unpack(frames: readonly Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
    const [signature, ...parts] = frames.slice(at + 1, at + 6);
    if (at < 0 || signature === undefined || parts.length < 4)
      throw new Error("This is no message of Jupyter.");
    const expected = Buffer.from(this.#sign(parts));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
      throw new Error("A message was not signed with the key of the connection file.");
    const [header, parent, , content] = parts.map((part) => JSON.parse(part.toString()) as Fields);
    return { idents: frames.slice(0, at), header, parent, content } as unknown as Message;
  }

  /** An empty key means that nothing is signed. */
  #sign(parts: readonly Uint8Array[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}
