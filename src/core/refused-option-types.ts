/**
 * Options of ZeroMQ that are known and cannot be honoured: they read as their default and may be set to it. Anything
 * else throws `ZmqError` ENOTSUP with the reason. All would apply at the next bind or connect.
 */
export interface RefusedOptions extends SecurityOptions {
  /**
   * The type of service of tcp connections' packets, 0 to 255 (IP_TOS, IPV6_TCLASS). ENOTSUP where Node has no call for it:
   * before 24.15 and 25.6. Default 0. ZMQ_TOS.
   */
  typeOfService: number;

  /**
   * How many probes of `tcpKeepalive` may stay without an answer; -1 and 0 leave it to the system. ENOTSUP where Node has no
   * call for it and takes 10: before 24.19 and 26.4. Default -1. ZMQ_TCP_KEEPALIVE_CNT.
   */
  tcpKeepaliveCount: number;

  /**
   * Seconds between the probes of `tcpKeepalive`; -1 and 0 leave it to the system. ENOTSUP where Node has no call for it and
   * takes 1: before 24.19 and 26.4. Default -1. ZMQ_TCP_KEEPALIVE_INTVL.
   */
  tcpKeepaliveInterval: number;

  /** ENOTSUP: Node has no call for it; use `heartbeatInterval` and `heartbeatTimeout`. Default 0. ZMQ_TCP_MAXRT. */
  tcpMaxRetransmitTimeout: number;

  /** ENOTSUP: Node has no call that binds to a device; an endpoint may name one. Default null. ZMQ_BINDTODEVICE. */
  interface: string | null;

  /** ENOTSUP: a call of Windows that Node does not make. Default false. ZMQ_LOOPBACK_FASTPATH. */
  loopbackFastPath: boolean;

  /** ENOTSUP: multicast, in kilobits a second. Default 100. ZMQ_RATE. */
  rate: number;

  /** ENOTSUP: multicast, in milliseconds. Default 10000. ZMQ_RECOVERY_IVL. */
  recoveryInterval: number;

  /** ENOTSUP: multicast, in bytes. Default 1500. ZMQ_MULTICAST_MAXTPDU. */
  multicastMaxTransportDataUnit: number;

  /** ENOTSUP: the vmci transport, in bytes. Default 0. ZMQ_VMCI_BUFFER_SIZE. */
  vmciBufferSize: number;

  /** ENOTSUP: the vmci transport, in bytes. Default 0. ZMQ_VMCI_BUFFER_MIN_SIZE. */
  vmciBufferMinSize: number;

  /** ENOTSUP: the vmci transport, in bytes. Default 0. ZMQ_VMCI_BUFFER_MAX_SIZE. */
  vmciBufferMaxSize: number;

  /** ENOTSUP: the vmci transport, in milliseconds. Default -1. ZMQ_VMCI_CONNECT_TIMEOUT. */
  vmciConnectTimeout: number;
}

/**
 * Who may come in, and who sees what passes. A socket has one mechanism: NULL, PLAIN with one of the `plain` options, or
 * CURVE; contradictions are EINVAL at the next bind or connect, where all of these apply.
 */
export interface SecurityOptions {
  /**
   * PLAIN, as server: who comes in is decided by the ZAP handler of the context, `Authenticator` or the application's own;
   * without one nobody comes in. Default false. ZMQ_PLAIN_SERVER.
   */
  plainServer: boolean;

  /** PLAIN, as client: up to 255 octets, sent in clear text. Default null. ZMQ_PLAIN_USERNAME. */
  plainUsername: string | null;

  /** PLAIN, as client: up to 255 octets, sent in clear text. Default null. ZMQ_PLAIN_PASSWORD. */
  plainPassword: string | null;

  /**
   * What the ZAP handler is told of this socket, so that it may decide by it. With a domain peers of the NULL mechanism
   * are asked about too, by their address; where no handler is bound nobody comes in. Default null. ZMQ_ZAP_DOMAIN.
   */
  zapDomain: string | null;

  /**
   * A PLAIN server without `zapDomain` is EINVAL, and a CURVE server without it asks nobody. Default false.
   * ZMQ_ZAP_ENFORCE_DOMAIN.
   */
  zapEnforceDomain: boolean;

  /**
   * CURVE, as server, with `curveSecretKey`. Every client comes in that knows the server's public key, unless a ZAP handler
   * is bound: `Authenticator`, or the application's own. Default false. ZMQ_CURVE_SERVER.
   */
  curveServer: boolean;

  /**
   * This socket's own public key, 40 characters in Z85 or 32 octets. It follows from `curveSecretKey`, and need not be set;
   * if it is, it must belong to it. Default null. ZMQ_CURVE_PUBLICKEY.
   */
  curvePublicKey: string | null;

  /** This socket's own secret key, 40 characters in Z85 or 32 octets; see `curveKeyPair`. Default null. ZMQ_CURVE_SECRETKEY. */
  curveSecretKey: string | null;

  /** CURVE, as client: the server's public key, 40 characters in Z85 or 32 octets. Default null. ZMQ_CURVE_SERVERKEY. */
  curveServerKey: string | null;

  /** ENOTSUP: the GSSAPI mechanism. Default false. ZMQ_GSSAPI_SERVER. */
  gssapiServer: boolean;

  /** ENOTSUP: the GSSAPI mechanism. Default null. ZMQ_GSSAPI_PRINCIPAL. */
  gssapiPrincipal: string | null;

  /** ENOTSUP: the GSSAPI mechanism. Default null. ZMQ_GSSAPI_SERVICE_PRINCIPAL. */
  gssapiServicePrincipal: string | null;

  /** ENOTSUP: the GSSAPI mechanism. Default false. ZMQ_GSSAPI_PLAINTEXT. */
  gssapiPlainText: boolean;

  /** ENOTSUP: the GSSAPI mechanism. Default "hostBased". ZMQ_GSSAPI_PRINCIPAL_NAMETYPE. */
  gssapiPrincipalNameType: "hostBased" | "userName" | "krb5Principal";

  /** ENOTSUP: the GSSAPI mechanism. Default "hostBased". ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE. */
  gssapiServicePrincipalNameType: "hostBased" | "userName" | "krb5Principal";
}
