import type { AddressInfo, Server, Socket, SocketConnectOpts } from "node:net";
import { isIP } from "node:net";
import { ZmqError } from "../base/errors.ts";
import { mayConnect } from "../core/accept-filter.ts";
import type { TcpEnd, TcpTarget } from "../core/endpoint.ts";
import { formatTcpEndpoint, parseTcpBind, parseTcpConnect } from "../core/endpoint.ts";
import type { SocketOptionValues } from "../core/options.ts";
import type {
  Connector,
  ConnectorEvents,
  Listener,
  ListenerEvents,
  StreamTransport,
} from "../core/transport.ts";
import { localHost, localHostNow, lookUpLocalHost, lookUpPeer, numericHost } from "./host-name.ts";
import type { NetConnectorEvents } from "./net-connector.ts";
import { NetConnector } from "./net-connector.ts";
import type { ListenerTraits } from "./net-listener.ts";
import { NetListener } from "./net-listener.ts";
import type { StreamNames, StreamTraits } from "./net-stream.ts";
import { isSameTcpEndpoint } from "./same-endpoint.ts";
import { SOCKS_NAME_SIZE_MAX } from "./socks-client.ts";
import { SocksConnector } from "./socks-connector.ts";
import { bindFailure } from "./system-error.ts";
import { tuneTcp } from "./tcp-calls.ts";

/** `tcp://`: names are looked up at each attempt, so a peer may move. */
export class TcpTransport implements StreamTransport {
  readonly kind: "stream";
  readonly scheme: string;

  constructor() {
    this.kind = "stream";
    this.scheme = "tcp";
  }

  checkBind(address: string, options: SocketOptionValues): void {
    parseTcpBind(address, options.ipv6);
  }

  checkConnect(address: string, options: SocketOptionValues): void {
    checkSocks(`tcp://${address}`, parseTcpConnect(address), options);
  }

  listen(address: string, options: SocketOptionValues, events: ListenerEvents): Listener {
    const end = parseTcpBind(address, options.ipv6);
    const endpoint = `tcp://${address}`;
    const listener = new NetListener(endpoint, options, traitsOf(endpoint, options), events);
    const onFailed = (cause: Error): void => listener.fail(bindFailure(endpoint, options.useFd, cause));
    const open = (host: string): void =>
      listener.open((server) => server.listen(placeOf(host, end, options)), onFailed);
    const host = options.useFd >= 0 ? ANY : localHost(end, options.ipv6);
    if (host !== undefined) {
      open(host);
      return listener;
    }
    lookUpLocalHost(end.host, options.ipv6, (error, found) => {
      if (error === null) open(found);
      else onFailed(error);
    });
    return listener;
  }

  listenSync(address: string, options: SocketOptionValues, events: ListenerEvents): Listener {
    const end = parseTcpBind(address, options.ipv6);
    const endpoint = `tcp://${address}`;
    const host = options.useFd >= 0 ? ANY : localHostNow(endpoint, end, options.ipv6);
    const listener = new NetListener(endpoint, options, traitsOf(endpoint, options), events);
    try {
      listener.openSync((server) => listenNow(server, host, end, options));
    } catch (cause) {
      throw cause instanceof ZmqError ? cause : bindFailure(endpoint, options.useFd, cause);
    }
    return listener;
  }

  connect(address: string, options: SocketOptionValues, events: ConnectorEvents): Connector {
    const target = parseTcpConnect(address);
    const endpoint = `tcp://${address}`;
    const { socksProxy: proxy } = options;
    if (proxy === null) return connectTo(endpoint, target, options, events);
    const way: TcpTarget = { ...parseTcpConnect(proxy), ...(target.source && { source: target.source }) };
    return new SocksConnector({ endpoint, proxy, target }, options, events, (itsEvents) =>
      connectTo(`tcp://${proxy}`, way, options, itsEvents),
    );
  }

  isSameEndpoint(a: string, b: string): boolean {
    return isSameTcpEndpoint(a, b);
  }
}

/** One attempt, from the target's source if it has one. */
function connectTo(
  endpoint: string,
  target: TcpTarget,
  options: SocketOptionValues,
  events: NetConnectorEvents,
): NetConnector {
  const connector = new NetConnector(endpoint, options, tuned(options), events);
  const { source } = target;
  if (source === undefined) {
    connector.connect(wayTo(target, options, ""));
    return connector;
  }
  const sourceHost = source.host === "*" ? "" : localHost(source, options.ipv6);
  if (sourceHost !== undefined) {
    connector.connect(wayTo(target, options, sourceHost));
    return connector;
  }
  lookUpLocalHost(source.host, options.ipv6, (error, found) => {
    if (error === null) connector.connect(wayTo(target, options, found));
    else connector.fail(error);
  });
  return connector;
}

/** What is only found out at the proxy must not be, and what is forgotten must not send a peer the other way. */
function checkSocks(endpoint: string, { host, zone }: TcpTarget, options: SocketOptionValues): void {
  const { socksProxy, socksUsername, socksPassword } = options;
  const refuse = (what: string, remedy: string): never => {
    throw new ZmqError("EINVAL", `Cannot connect to ${endpoint}: ${what}.`, { address: endpoint, remedy });
  };
  if (socksProxy === null) {
    if (socksUsername === null && socksPassword === null) return;
    refuse(
      "there is a socksUsername or socksPassword, and no socksProxy to give it to",
      "Set socksProxy, or null.",
    );
  }
  if (socksUsername === null && socksPassword !== null)
    refuse("there is a socksPassword and no socksUsername", "Set both, or none.");
  if (zone !== "")
    refuse(`the zone %${zone} means nothing to a SOCKS proxy`, "Leave the % out, or set socksProxy to null.");
  if (host.length > SOCKS_NAME_SIZE_MAX)
    refuse(`a SOCKS proxy takes names of ${SOCKS_NAME_SIZE_MAX} octets`, "Use a shorter name.");
}

const ANY = "";

const NAMES: StreamNames = {
  local: (socket) => nameOf(socket.localAddress, socket.localPort),
  remote: (socket) => nameOf(socket.remoteAddress, socket.remotePort),
};

/** Empty when the connection broke before anyone asked. */
function nameOf(address: string | undefined, port: number | undefined): string {
  return address === undefined || port === undefined ? "" : formatTcpEndpoint(address, port);
}

function tuned(options: SocketOptionValues): StreamTraits {
  return { ...NAMES, tune: (socket) => tuneTcp(socket, options) };
}

function traitsOf(endpoint: string, options: SocketOptionValues): ListenerTraits {
  return {
    ...tuned(options),
    onListening: (server) => {
      const { address, port } = server.address() as AddressInfo;
      return formatTcpEndpoint(address, port);
    },
    refuse: (socket) => refuse(socket, endpoint, options),
    closeServer: (server) => void server.close(),
  };
}

function refuse(socket: Socket, endpoint: string, options: SocketOptionValues): ZmqError | null {
  const filters = options.tcpAcceptFilter;
  if (filters.length === 0) return null;
  const address = socket.remoteAddress ?? "";
  if (mayConnect(filters, address)) return null;
  const why = `${address === "" ? "A peer that left at once" : address} may not connect to ${endpoint}: no tcpAcceptFilter matches.`;
  return new ZmqError("EACCES", why, {
    address: endpoint,
    remedy: "Add its network to tcpAcceptFilter if it should.",
  });
}

/** Where to listen, as `node:net` takes it. Without a host that is every address of both families, or of what there is. */
function placeOf(host: string, { port }: TcpEnd, options: SocketOptionValues) {
  if (options.useFd >= 0) return { fd: options.useFd, backlog: Math.max(1, options.backlog) };
  const place = { port, exclusive: true, backlog: Math.max(1, options.backlog) };
  return host === "" ? place : { ...place, host };
}

/** The step of `server.listen` behind its lookup: kept by Node under this name for those who need it. */
interface SteppedServer {
  _listen2?(
    address: string,
    port: number,
    family: number,
    backlog: number,
    fd: undefined,
    flags: number,
  ): void;
}

function listenNow(server: Server, host: string, end: TcpEnd, options: SocketOptionValues): void {
  const place = placeOf(host, end, options);
  if (host === "") {
    server.listen(place);
    return;
  }
  const stepped = server as SteppedServer;
  if (typeof stepped._listen2 !== "function") {
    throw new ZmqError("ENOTSUP", "This host listens asynchronously only.", { remedy: "Use bind()." });
  }
  stepped._listen2(host, end.port, isIP(host), place.backlog, undefined, 0);
}

function wayTo(target: TcpTarget, options: SocketOptionValues, sourceHost: string): SocketConnectOpts {
  const sourcePort = target.source?.port ?? 0;
  const sourceFamily = isIP(sourceHost);
  const hasSource = sourceFamily !== 0 || sourcePort !== 0;
  return {
    host: numericHost(target),
    port: target.port,
    lookup: lookUpPeer,
    family: sourceFamily !== 0 ? sourceFamily : options.ipv6 && !hasSource ? 0 : 4,
    // A host with addresses of both families is tried at each in turn, 250 ms apart.
    autoSelectFamily: options.ipv6 && !hasSource,
    ...(sourceFamily === 0 ? {} : { localAddress: sourceHost }),
    ...(sourcePort === 0 ? {} : { localPort: sourcePort }),
  };
}
