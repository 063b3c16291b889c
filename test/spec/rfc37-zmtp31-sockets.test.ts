import { zmtpSocketCases } from "./zmtp-socket-cases.ts";

// 37/ZMTP (3.1), what it says of sockets.

zmtpSocketCases(1);
