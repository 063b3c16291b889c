import { SocketType } from "../base/socket-type.ts";
import type { OptionFacts } from "./option-row.ts";
import { bool, choice, int, text } from "./option-row.ts";
import { RECEIVERS, SENDERS } from "./socket-groups.ts";

/**
 * Options of ZeroMQ that cannot be honoured. They read as their default and may be set to it; any other value is an
 * error with the reason, because an option that is silently ignored is a trap, and a security option that is ignored
 * is a hole.
 */
function refused(libzmq: string, reason: string, more: Partial<OptionFacts> = {}): OptionFacts {
  return { applied: "next", libzmq, refused: reason, ...more };
}

const KERBEROS = "GSSAPI works through the system's Kerberos libraries, which only native code can call";
const BUFFERS = "Node has no call that sets the kernel's buffers of a TCP or ipc connection";
const KEEPALIVE =
  "this Node has no call for it and probes 10 times, a second apart; Node 24.19 and 26.4 have one";
/** What goes over udp. */
const UDP_SENDERS = [SocketType.Radio, SocketType.Datagram];
const UDP_RECEIVERS = [SocketType.Dish, SocketType.Datagram];

const MULTICAST = "there is no multicast transport here: pgm and norm need native code";
const VMCI = "there is no vmci transport here: its address family needs native code";

const KINDS_OF_NAME = ["hostBased", "userName", "krb5Principal"] as const;

const SECURITY = {
  gssapiServer: bool(false, refused("ZMQ_GSSAPI_SERVER 62", KERBEROS)),
  gssapiPrincipal: text(refused("ZMQ_GSSAPI_PRINCIPAL 63", KERBEROS)),
  gssapiServicePrincipal: text(refused("ZMQ_GSSAPI_SERVICE_PRINCIPAL 64", KERBEROS)),
  gssapiPlainText: bool(false, refused("ZMQ_GSSAPI_PLAINTEXT 65", KERBEROS)),
  gssapiPrincipalNameType: choice(KINDS_OF_NAME, refused("ZMQ_GSSAPI_PRINCIPAL_NAMETYPE 90", KERBEROS)),
  gssapiServicePrincipalNameType: choice(
    KINDS_OF_NAME,
    refused("ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE 91", KERBEROS),
  ),
};

const KERNEL = {
  sendBufferSize: int(
    { initial: -1, min: -1, unit: "bytes", means: "-1 leaves it to the system" },
    refused("ZMQ_SNDBUF 11", BUFFERS, { sockets: SENDERS, honouredBy: UDP_SENDERS }),
  ),
  receiveBufferSize: int(
    { initial: -1, min: -1, unit: "bytes", means: "-1 leaves it to the system" },
    refused("ZMQ_RCVBUF 12", BUFFERS, { sockets: RECEIVERS, honouredBy: UDP_RECEIVERS }),
  ),
  typeOfService: int(
    { initial: 0, min: 0, max: 255 },
    refused(
      "ZMQ_TOS 57",
      "this Node has no call that sets the type of service of a connection; Node 24.15 and 25.6 have one",
      { needs: "typeOfService" },
    ),
  ),
  tcpKeepaliveCount: int(
    { initial: -1, min: -1, max: 127, unit: "probes", means: "-1 and 0 leave it to the system" },
    refused("ZMQ_TCP_KEEPALIVE_CNT 35", KEEPALIVE, { needs: "keepaliveProbes" }),
  ),
  tcpKeepaliveInterval: int(
    { initial: -1, min: -1, max: 32767, unit: "s", means: "-1 and 0 leave it to the system" },
    refused("ZMQ_TCP_KEEPALIVE_INTVL 37", KEEPALIVE, { needs: "keepaliveProbes" }),
  ),
  tcpMaxRetransmitTimeout: int(
    { initial: 0, min: 0, unit: "ms", means: "0 leaves it to the system" },
    refused(
      "ZMQ_TCP_MAXRT 80",
      "Node has no call for it; heartbeatInterval and heartbeatTimeout find a dead peer",
    ),
  ),
  interface: text(
    refused(
      "ZMQ_BINDTODEVICE 92",
      "Node has no call that binds to a device; an endpoint may name one (tcp://eth0:5555)",
    ),
  ),
  loopbackFastPath: bool(
    false,
    refused("ZMQ_LOOPBACK_FASTPATH 94", "it is a call of Windows that Node does not make"),
  ),
};

const OTHER_TRANSPORTS = {
  rate: int({ initial: 100, min: 1, unit: "kbit/s" }, refused("ZMQ_RATE 8", MULTICAST)),
  recoveryInterval: int({ initial: 10000, min: 0, unit: "ms" }, refused("ZMQ_RECOVERY_IVL 9", MULTICAST)),
  multicastHops: int(
    { initial: 1, min: 1, max: 255, unit: "hops" },
    refused("ZMQ_MULTICAST_HOPS 25", MULTICAST, { sockets: SENDERS, honouredBy: UDP_SENDERS }),
  ),
  multicastMaxTransportDataUnit: int(
    { initial: 1500, min: 1, unit: "bytes" },
    refused("ZMQ_MULTICAST_MAXTPDU 84", MULTICAST),
  ),
  vmciBufferSize: int({ initial: 0, min: 0, unit: "bytes" }, refused("ZMQ_VMCI_BUFFER_SIZE 85", VMCI)),
  vmciBufferMinSize: int({ initial: 0, min: 0, unit: "bytes" }, refused("ZMQ_VMCI_BUFFER_MIN_SIZE 86", VMCI)),
  vmciBufferMaxSize: int({ initial: 0, min: 0, unit: "bytes" }, refused("ZMQ_VMCI_BUFFER_MAX_SIZE 87", VMCI)),
  vmciConnectTimeout: int({ initial: -1, min: -1, unit: "ms" }, refused("ZMQ_VMCI_CONNECT_TIMEOUT 88", VMCI)),
};

export const REFUSED_OPTIONS = { ...SECURITY, ...KERNEL, ...OTHER_TRANSPORTS };
