import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { AcceptFilter } from "../core/accept-filter.ts";
import { mayConnect, parseAcceptFilter } from "../core/accept-filter.ts";
import type { Context } from "../core/context.ts";
import type { SocketCore } from "../core/socket.ts";
import { nodeCrypto } from "../crypto/node-crypto.ts";
import { equalSecrets } from "../crypto/octets.ts";
import { KEY_TEXT_SIZE, tryDecodeKey } from "../crypto/z85.ts";
import type { Verdict } from "../security/authenticator.ts";
import { encodeZapReply, parseZapRequest, ZAP_ENDPOINT } from "../security/zap.ts";
import { Router } from "../sockets/reqrep/router.ts";
import { coreOf } from "../sockets/socket.ts";
import type { AuthenticationCallback, AuthenticationRequest } from "./authentication-request.ts";
import { admit, describeRequest, refuse, verdictOf } from "./authentication-request.ts";
import { parseCertificate } from "./certificate.ts";
import type { ReadCertificate } from "./certificate-directory.ts";
import { CertificateDirectory } from "./certificate-directory.ts";
import { PasswordFile } from "./password-file.ts";

/** PLAIN: passwords by user name, a file of lines `name=password`, or a callback. Map and file may change at any time. */
export type PlainPolicy = ReadonlyMap<string, string> | { readonly file: string } | AuthenticationCallback;

/**
 * CURVE: every client, a set of public keys in Z85, a directory of certificate files, or a callback. Set and files may
 * change at any time.
 */
export type CurvePolicy =
  | "any"
  | ReadonlySet<string>
  | { readonly directory: string; readonly read?: ReadCertificate | undefined }
  | AuthenticationCallback;

/** Who may come in. */
export interface AuthenticatorOptions {
  /** Whose sockets it serves. Default: the default context. */
  readonly context?: Context | undefined;
  /** Addresses and ranges (`10.0.0.0/8`) that may come in, and nobody else; `"ipc"` stands for peers over ipc. */
  readonly allow?: Iterable<string> | undefined;
  /** Addresses and ranges that may not, where `allow` names none. */
  readonly deny?: Iterable<string> | undefined;
  /** Without it no client of PLAIN comes in. */
  readonly plain?: PlainPolicy | undefined;
  /** Without it no client of CURVE comes in. */
  readonly curve?: CurvePolicy | undefined;
  /** Told of what kept it from deciding: a file that cannot be read, a callback that threw. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

type Decide = (request: AuthenticationRequest) => Verdict | Promise<Verdict>;

/**
 * Decides which peers may come in to the sockets of a context, in all its threads: the ZAP handler (27/ZAP) of the
 * context, of which there is one. It decides from the moment that it was made until `close`, and does not keep the
 * process alive. Addresses are looked at first, then credentials; a peer that is refused is told 400.
 */
export class Authenticator {
  readonly #socket: Router;
  readonly #core: SocketCore;
  readonly #plain: Decide;
  readonly #curve: Decide;
  readonly #onError: (error: unknown) => void;
  readonly #warn: (error: unknown) => void;
  #allowed: AddressList;
  #denied: AddressList;
  #isReading: boolean;

  /** EADDRINUSE where the context has a ZAP handler already, EINVAL for a wrong option. */
  constructor(options: AuthenticatorOptions = {}) {
    const { context, plain, curve, allow = [], deny = [] } = options;
    this.#plain = plainDecision(plain);
    this.#curve = curveDecision(curve);
    this.#warn = warnOnce();
    this.#onError = options.onError ?? this.#warn;
    this.#allowed = parseAddresses(allow);
    this.#denied = parseAddresses(deny);
    this.#isReading = false;
    const unlimited = { linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 };
    this.#socket = new Router(context === undefined ? unlimited : { ...unlimited, context });
    this.#core = coreOf(this.#socket);
    try {
      this.#socket.bindSync(ZAP_ENDPOINT);
    } catch (error) {
      void this.#socket.close();
      throw error;
    }
    this.#core.onActivity = () => this.#read();
    this.#read();
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#socket.closed;
  }

  /** From now on these addresses and ranges alone may come in, instead of those before; none: all may. */
  allow(...addresses: string[]): void {
    this.#allowed = parseAddresses(addresses);
  }

  /** From now on these addresses and ranges may not come in, instead of those before. */
  deny(...addresses: string[]): void {
    this.#denied = parseAddresses(addresses);
  }

  /** It decides no more: peers that need to be authenticated are refused from now on. Those that are in stay. */
  async close(): Promise<void> {
    this.#core.onActivity = null;
    await this.#socket.close();
  }

  /** What loggers show of it. */
  toJSON(): object {
    return { type: "Authenticator", closed: this.closed };
  }

  /** `await using authenticator = ...` closes at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What may be called in the midst of itself: an answer brings the next question. */
  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      for (;;) {
        const message = this.#core.isClosed ? undefined : this.#core.receiving.takeNow();
        if (message === undefined) return;
        void this.#answer(message);
      }
    } finally {
      this.#isReading = false;
    }
  }

  /** Never rejects. Envelopes of intermediaries go back as they came. */
  async #answer(message: Message): Promise<void> {
    const delimiter = message.findIndex((frame) => frame.length === 0);
    const envelope = message.slice(0, delimiter + 1);
    const parsed = delimiter < 0 ? undefined : parseZapRequest(message.slice(delimiter + 1));
    // Who asks something else gets no answer: there is no way to tell him.
    if (parsed === undefined) return;
    let reply: Message;
    try {
      const request = describeRequest(parsed.request);
      const verdict =
        request === undefined ? refuse("Unknown mechanism or credentials") : await this.#decide(request);
      reply = encodeZapReply(parsed.id, verdict);
    } catch (error) {
      this.#report(error);
      const failure: Verdict = { status: 500, text: "The authenticator failed", userId: "", metadata: null };
      reply = encodeZapReply(parsed.id, failure);
    }
    if (!this.#core.isClosed) this.#core.sending.trySend([...envelope, ...reply]);
  }

  #decide(request: AuthenticationRequest): Verdict | Promise<Verdict> {
    const { address, mechanism } = request;
    if (!isEmpty(this.#allowed)) {
      if (!isListed(this.#allowed, address)) return refuse("Address is not allowed");
    } else if (isListed(this.#denied, address)) {
      return refuse("Address is denied");
    }
    if (mechanism === "PLAIN") return this.#plain(request);
    return mechanism === "CURVE" ? this.#curve(request) : admit("");
  }

  #report(error: unknown): void {
    try {
      this.#onError(error);
    } catch (failure) {
      this.#warn(failure);
    }
  }
}

// Addresses.

interface AddressList {
  readonly filters: readonly AcceptFilter[];
  /** Peers that have no address. */
  readonly ipc: boolean;
}

function parseAddresses(texts: Iterable<string>): AddressList {
  const filters: AcceptFilter[] = [];
  let ipc = false;
  for (const text of texts) {
    const filter = parseAcceptFilter(String(text));
    if (filter !== undefined) filters.push(filter);
    else if (text === "ipc") ipc = true;
    else {
      const sentence = `${JSON.stringify(text)} is no address, no range of addresses (10.0.0.0/8) and not "ipc".`;
      throw new ZmqError("EINVAL", sentence);
    }
  }
  return { filters, ipc };
}

function isEmpty({ filters, ipc }: AddressList): boolean {
  return filters.length === 0 && !ipc;
}

function isListed({ filters, ipc }: AddressList, address: string): boolean {
  return address === "" ? ipc : filters.length > 0 && mayConnect(filters, address);
}

// Policies.

function plainDecision(policy: PlainPolicy | undefined): Decide {
  if (policy === undefined) return () => refuse("PLAIN is not allowed");
  if (typeof policy === "function") return byCallback(policy);
  if (policy instanceof Map) return (request) => check(request, policy.get(request.username));
  const { file } = (policy ?? {}) as { readonly file?: unknown };
  if (typeof file !== "string") throw wrongPolicy("plain");
  const passwords = new PasswordFile(file);
  return async (request) => check(request, (await passwords.load()).get(request.username));
}

/** Takes as long for a wrong name as for a wrong password, whatever is wrong with it. */
function check(request: AuthenticationRequest, password: string | undefined): Verdict {
  const isEqual = equalSecrets(digest(password ?? request.password), digest(request.password));
  return isEqual && password !== undefined ? admit(request.username) : refuse("Wrong user name or password");
}

function digest(text: string): Uint8Array {
  return nodeCrypto().createHash("sha256").update(text).digest();
}

function curveDecision(policy: CurvePolicy | undefined): Decide {
  if (policy === undefined) return () => refuse("CURVE is not allowed");
  if (policy === "any") return ({ publicKey }) => admit(publicKey);
  if (typeof policy === "function") return byCallback(policy);
  if (policy instanceof Set) {
    for (const key of policy) checkKey(key);
    return ({ publicKey }) => (policy.has(publicKey) ? admit(publicKey) : unknownKey());
  }
  const { directory: path, read = parseCertificate } = (policy ?? {}) as {
    readonly directory?: unknown;
    readonly read?: unknown;
  };
  if (typeof path !== "string" || typeof read !== "function") throw wrongPolicy("curve");
  const directory = new CertificateDirectory(path, read as ReadCertificate);
  return async (request) => {
    const found = await directory.find(request.publicKey);
    return found === undefined ? unknownKey() : verdictOf({ metadata: found.metadata }, request);
  };
}

/** A key that can never come is a mistake: octets, or a secret of another form. */
function checkKey(key: unknown): void {
  if (typeof key === "string" && tryDecodeKey(key) !== undefined) return;
  throw new ZmqError(
    "EINVAL",
    `The keys of an Authenticator are texts of ${KEY_TEXT_SIZE} characters in Z85.`,
  );
}

function unknownKey(): Verdict {
  return refuse("Unknown key");
}

function byCallback(callback: AuthenticationCallback): Decide {
  return async (request) => verdictOf(await callback(request), request);
}

function wrongPolicy(name: string): ZmqError {
  return new ZmqError(
    "EINVAL",
    `The option ${name} of an Authenticator is none of those that docs/api/authenticator.md lists.`,
  );
}

/** What went wrong may hold secrets, so its class alone is named. */
function warnOnce(): (error: unknown) => void {
  let isWarned = false;
  return (error) => {
    if (isWarned) return;
    isWarned = true;
    const name = error instanceof Error ? ((error as { code?: string }).code ?? error.name) : "something";
    platform.warn(
      `An Authenticator could not decide (${name}), and told the peer so (500). Give it onError to see more.`,
      "ZMQ_AUTHENTICATOR",
    );
  };
}
