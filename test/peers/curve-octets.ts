import nacl from "tweetnacl";

/**
 * CURVE's commands as 26/CURVEZMQ describes them, made by tweetnacl alone: nothing here is ours, so that what both sides
 * of our own get wrong alike is seen.
 */
export interface Keys {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

export function newKeys(): Keys {
  return nacl.box.keyPair();
}

/** What two keys share, by their octets: a test makes many handshakes with few keys. */
const shared = new Map<string, Uint8Array>();
const SHARED_MAX = 100;

function shareOf(theirs: Uint8Array, ours: Uint8Array): Uint8Array {
  const name = `${Buffer.from(theirs).toString("hex")} ${Buffer.from(ours).toString("hex")}`;
  let key = shared.get(name);
  if (key === undefined) {
    key = nacl.box.before(theirs, ours);
    if (shared.size >= SHARED_MAX) shared.delete(shared.keys().next().value as string);
    shared.set(name, key);
  }
  return key;
}

function sealTo(text: Uint8Array, full: Uint8Array, theirs: Uint8Array, ours: Uint8Array): Uint8Array {
  return nacl.box.after(text, full, shareOf(theirs, ours));
}

function openFrom(
  box: Uint8Array,
  full: Uint8Array,
  theirs: Uint8Array,
  ours: Uint8Array,
): Uint8Array | null {
  return nacl.box.open.after(box, full, shareOf(theirs, ours));
}

function ascii(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

export function shortNonce(count: bigint): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(count);
  return octets;
}

const longNonce = (): Uint8Array => nacl.randomBytes(16);

function nonce(prefix: string, octets: Uint8Array): Uint8Array {
  return Buffer.concat([ascii(prefix), octets]);
}

export interface InitiateChanges {
  readonly cookie?: Uint8Array;
  readonly count?: bigint;
  /** What is vouched for: C' and S. */
  readonly vouched?: readonly Uint8Array[];
  /** Whose vouch it is. */
  readonly voucher?: Keys;
  readonly claimed?: Uint8Array;
  readonly metadata?: Uint8Array;
  /** The whole text of the box. */
  readonly text?: Uint8Array;
}

/** A client that says what a test wants. */
export class CurveClientPeer {
  readonly permanent: Keys;
  readonly transient: Keys;
  readonly serverKey: Uint8Array;
  serverTransientKey: Uint8Array;
  cookie: Uint8Array;
  count: bigint;

  constructor(serverKey: Uint8Array, permanent: Keys = newKeys(), transient: Keys = newKeys()) {
    this.permanent = permanent;
    this.transient = transient;
    this.serverKey = serverKey;
    this.serverTransientKey = new Uint8Array(32);
    this.cookie = new Uint8Array(96);
    this.count = 0n;
  }

  hello(count = ++this.count, signature: Uint8Array = new Uint8Array(64)): Buffer {
    const short = shortNonce(count);
    const box = sealTo(signature, nonce("CurveZMQHELLO---", short), this.serverKey, this.transient.secretKey);
    return Buffer.concat([
      ascii("\x05HELLO\x01\x00"),
      Buffer.alloc(72),
      this.transient.publicKey,
      short,
      box,
    ]);
  }

  /** Whether it opens. */
  takeWelcome(welcome: Uint8Array): boolean {
    const box = welcome.subarray(24);
    const text = openFrom(
      box,
      nonce("WELCOME-", welcome.subarray(8, 24)),
      this.serverKey,
      this.transient.secretKey,
    );
    if (text === null || welcome.length !== 168) return false;
    this.serverTransientKey = text.slice(0, 32);
    this.cookie = text.slice(32);
    return true;
  }

  initiate(changes: InitiateChanges = {}): Buffer {
    const short = shortNonce(changes.count ?? ++this.count);
    const vouchNonce = longNonce();
    const vouched = Buffer.concat(changes.vouched ?? [this.transient.publicKey, this.serverKey]);
    const voucher = changes.voucher ?? this.permanent;
    const vouch = sealTo(vouched, nonce("VOUCH---", vouchNonce), this.serverTransientKey, voucher.secretKey);
    const text =
      changes.text ??
      Buffer.concat([
        changes.claimed ?? this.permanent.publicKey,
        vouchNonce,
        vouch,
        changes.metadata ?? Buffer.from("0b536f636b65742d547970650000000450555348", "hex"),
      ]);
    const box = sealTo(
      text,
      nonce("CurveZMQINITIATE", short),
      this.serverTransientKey,
      this.transient.secretKey,
    );
    return Buffer.concat([ascii("\x08INITIATE"), changes.cookie ?? this.cookie, short, box]);
  }

  /** What is in a READY, or `null`. */
  openReady(ready: Uint8Array): Uint8Array | null {
    const box = ready.subarray(14);
    const full = nonce("CurveZMQREADY---", ready.subarray(6, 14));
    return openFrom(box, full, this.serverTransientKey, this.transient.secretKey);
  }

  message(flags: number, body: string | Uint8Array, count = ++this.count): Buffer {
    return sealMessage("C", flags, body, count, this.serverTransientKey, this.transient.secretKey);
  }

  openMessage(sealed: Uint8Array): Uint8Array | null {
    return openMessage("S", sealed, this.serverTransientKey, this.transient.secretKey);
  }
}

/** A server that says what a test wants. */
export class CurveServerPeer {
  readonly permanent: Keys;
  readonly transient: Keys;
  readonly sentCookie: Buffer;
  clientTransientKey: Uint8Array;
  /** Of the last INITIATE that opened. */
  vouchNonce: Uint8Array;
  count: bigint;

  constructor(permanent: Keys = newKeys(), transient: Keys = newKeys()) {
    this.permanent = permanent;
    this.transient = transient;
    this.sentCookie = Buffer.from(nacl.randomBytes(96));
    this.clientTransientKey = new Uint8Array(32);
    this.vouchNonce = new Uint8Array(16);
    this.count = 0n;
  }

  /** Whether it is a HELLO for this server. */
  takeHello(hello: Uint8Array): boolean {
    this.clientTransientKey = hello.slice(80, 112);
    const full = nonce("CurveZMQHELLO---", hello.subarray(112, 120));
    const text = openFrom(hello.subarray(120), full, this.clientTransientKey, this.permanent.secretKey);
    return hello.length === 200 && text !== null && text.every((octet) => octet === 0);
  }

  welcome(transientKey: Uint8Array = this.transient.publicKey): Buffer {
    const octets = longNonce();
    const text = Buffer.concat([transientKey, this.sentCookie]);
    const box = sealTo(text, nonce("WELCOME-", octets), this.clientTransientKey, this.permanent.secretKey);
    return Buffer.concat([ascii("\x07WELCOME"), octets, box]);
  }

  /** C, what it vouched for, and the metadata; `null` for an INITIATE that does not open. */
  openInitiate(
    initiate: Uint8Array,
  ): { client: Uint8Array; vouched: Uint8Array; metadata: Uint8Array } | null {
    const full = nonce("CurveZMQINITIATE", initiate.subarray(105, 113));
    const { secretKey } = this.transient;
    const text = openFrom(initiate.subarray(113), full, this.clientTransientKey, secretKey);
    if (text === null) return null;
    const client = text.slice(0, 32);
    this.vouchNonce = text.slice(32, 48);
    const vouchNonce = nonce("VOUCH---", this.vouchNonce);
    const vouched = openFrom(text.subarray(48, 128), vouchNonce, client, secretKey);
    return vouched === null ? null : { client, vouched, metadata: text.slice(128) };
  }

  ready(
    metadata: Uint8Array = Buffer.from("0b536f636b65742d547970650000000450554c4c", "hex"),
    count = ++this.count,
  ): Buffer {
    const short = shortNonce(count);
    const full = nonce("CurveZMQREADY---", short);
    const box = sealTo(metadata, full, this.clientTransientKey, this.transient.secretKey);
    return Buffer.concat([ascii("\x05READY"), short, box]);
  }

  message(flags: number, body: string | Uint8Array, count = ++this.count): Buffer {
    return sealMessage("S", flags, body, count, this.clientTransientKey, this.transient.secretKey);
  }

  openMessage(sealed: Uint8Array): Uint8Array | null {
    return openMessage("C", sealed, this.clientTransientKey, this.transient.secretKey);
  }
}

function sealMessage(
  from: "C" | "S",
  flags: number,
  body: string | Uint8Array,
  count: bigint,
  theirs: Uint8Array,
  ours: Uint8Array,
): Buffer {
  const short = shortNonce(count);
  const text = Buffer.concat([Uint8Array.of(flags), typeof body === "string" ? ascii(body) : body]);
  const box = sealTo(text, nonce(`CurveZMQMESSAGE${from}`, short), theirs, ours);
  return Buffer.concat([ascii("\x07MESSAGE"), short, box]);
}

/** Flags and body. */
function openMessage(
  from: "C" | "S",
  sealed: Uint8Array,
  theirs: Uint8Array,
  ours: Uint8Array,
): Uint8Array | null {
  const full = nonce(`CurveZMQMESSAGE${from}`, sealed.subarray(8, 16));
  return openFrom(sealed.subarray(16), full, theirs, ours);
}
