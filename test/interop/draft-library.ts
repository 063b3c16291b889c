/**
 * The draft types for the commands: `zeromq/draft`, ours or the native package's, with messages as arrays of frames. A
 * routing id is a first frame of four octets then, a group is a first frame, and groups are joined as topics are subscribed to.
 */

interface Plain {
  send(frame: Buffer): Promise<void>;
  receive(): Promise<Buffer[]>;
}

interface Routed {
  send(frame: Buffer, options: { routingId: number }): Promise<void>;
  receive(): Promise<[Buffer, { routingId: number }]>;
}

interface Grouping {
  send(frame: Buffer, options: { group: Buffer }): Promise<void>;
}

interface Grouped {
  join(...groups: Buffer[]): void;
  leave(...groups: Buffer[]): void;
  receive(): Promise<[Buffer, { group: Buffer }]>;
}

type Made<T> = new (options: Record<string, unknown>) => T;

/** A module with the classes of `zeromq` v6 and, by their names, those of its drafts. */
export function withDrafts(module: object, draft: object): object {
  const classes = draft as Record<string, Made<never>>;
  const plain = ["Client", "Channel", "Scatter", "Gather"].map((name) => [name, framed(classes[name])]);
  const routed = ["Server", "Peer"].map((name) => [name, addressed(classes[name])]);
  const grouped = [
    ["Radio", radio(classes["Radio"])],
    ["Dish", dish(classes["Dish"])],
    ["Datagram", classes["Datagram"]],
  ];
  return { ...module, ...Object.fromEntries([...plain, ...routed, ...grouped]) };
}

function framed(SocketClass: Made<Plain> | undefined): unknown {
  if (SocketClass === undefined) return undefined;
  return class extends SocketClass {
    override send(frames: unknown): Promise<void> {
      return super.send((frames as Buffer[])[0] as Buffer);
    }
  };
}

function addressed(SocketClass: Made<Routed> | undefined): unknown {
  if (SocketClass === undefined) return undefined;
  return class extends SocketClass {
    override send(frames: unknown): Promise<void> {
      const [id, body] = frames as [Buffer, Buffer];
      return super.send(body, { routingId: id.readUInt32BE() });
    }

    override async receive(): Promise<never> {
      const [body, { routingId }] = await super.receive();
      const id = Buffer.alloc(4);
      id.writeUInt32BE(routingId);
      return [id, body] as never;
    }
  };
}

function radio(SocketClass: Made<Grouping> | undefined): unknown {
  if (SocketClass === undefined) return undefined;
  return class extends SocketClass {
    override send(frames: unknown): Promise<void> {
      const [group, body] = frames as [Buffer, Buffer];
      return super.send(body, { group });
    }
  };
}

function dish(SocketClass: Made<Grouped> | undefined): unknown {
  if (SocketClass === undefined) return undefined;
  return class extends SocketClass {
    subscribe(...groups: Buffer[]): void {
      this.join(...groups);
    }

    unsubscribe(...groups: Buffer[]): void {
      this.leave(...groups);
    }

    override async receive(): Promise<never> {
      const [body, { group }] = await super.receive();
      return [group, body] as never;
    }
  };
}
