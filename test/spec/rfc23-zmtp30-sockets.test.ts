import { zmtpSocketCases } from "./zmtp-socket-cases.ts";

// 23/ZMTP (3.0), what it says of sockets: ours against a peer that says 3.0.

zmtpSocketCases(0);
