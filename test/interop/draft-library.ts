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

const ADAPTERS: Readonly<Record<string, (SocketClass: Made<never>) => unknown>> = {
  Client: framed,
  Channel: framed,
  Scatter: framed,
  Gather: framed,
  Server: addressed,
  Peer: addressed,
  Radio: radio,
  Dish: dish,
  Datagram: (SocketClass) => SocketClass,
};

/**
 * A module with the classes of `zeromq` v6 and, by their names, those of its drafts. These are loaded when the first is asked
 * for: the native package warns of them.
 */
export function withDrafts(module: object, load: () => object): object {
  const all = { ...module };
  for (const [name, adapt] of Object.entries(ADAPTERS)) {
    Object.defineProperty(all, name, {
      get() {
        const SocketClass = (load() as Record<string, Made<never> | undefined>)[name];
        return SocketClass === undefined ? undefined : adapt(SocketClass);
      },
    });
  }
  return all;
}

function framed(SocketClass: Made<Plain>): unknown {
  return class extends SocketClass {
    override send(frames: unknown): Promise<void> {
      return super.send((frames as Buffer[])[0] as Buffer);
    }
  };
}

function addressed(SocketClass: Made<Routed>): unknown {
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

function radio(SocketClass: Made<Grouping>): unknown {
  return class extends SocketClass {
    override send(frames: unknown): Promise<void> {
      const [group, body] = frames as [Buffer, Buffer];
      return super.send(body, { group });
    }
  };
}

function dish(SocketClass: Made<Grouped>): unknown {
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
