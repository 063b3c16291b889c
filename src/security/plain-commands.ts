import { concatBytes, keyBytes } from "../base/bytes.ts";
import { invariant, ProtocolError, type ProtocolErrorCode } from "../base/errors.ts";
import { commandIs, encodeCommand, encodeError } from "../wire/command.ts";

/**
 * The commands of 24/ZMTP-PLAIN, their names with one octet of length before them as everywhere in ZMTP 3:
 *
 *   HELLO       size (1), user name, size (1), password          client
 *   WELCOME                                                       server
 *   INITIATE    properties                                        client
 *   READY       properties                                        server
 *   ERROR       size (1), reason                                  server, instead of WELCOME or READY
 *
 * libzmq writes and expects the octet `5e` for the first two of ERROR, `05 45`: in its PLAIN alone, and in all versions.
 */
const CREDENTIAL_SIZE_MAX = 255;
const ERROR = keyBytes("\x05ERROR");
const LIBZMQ_ERROR = keyBytes("\x5eRROR");

export interface PlainCredentials {
  readonly username: Uint8Array;
  readonly password: Uint8Array;
}

export function encodeHello({ username, password }: PlainCredentials): Uint8Array {
  invariant(username.length <= CREDENTIAL_SIZE_MAX, `user name of ${username.length} octets`);
  invariant(password.length <= CREDENTIAL_SIZE_MAX, `password of ${password.length} octets`);
  return encodeCommand(
    "HELLO",
    Uint8Array.of(username.length),
    username,
    Uint8Array.of(password.length),
    password,
  );
}

/** The credentials, as copies. Anything but both of them, whole, with nothing behind, is a ProtocolError. */
export function parseHello(body: Uint8Array): PlainCredentials {
  const usernameAt = "?HELLO?".length;
  const usernameEnd = usernameAt + (body[usernameAt - 1] ?? Number.POSITIVE_INFINITY);
  const passwordEnd = usernameEnd + 1 + (body[usernameEnd] ?? Number.POSITIVE_INFINITY);
  if (passwordEnd !== body.length) {
    throw plainError(
      "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
      "The peer's HELLO is not a user name and a password.",
      'hello = command-size %d5 "HELLO" username password',
    );
  }
  return {
    username: Uint8Array.from(body.subarray(usernameAt, usernameEnd)),
    password: Uint8Array.from(body.subarray(usernameEnd + 1, passwordEnd)),
  };
}

/**
 * Both forms of ERROR. A client of libzmq reads the first, which is its own, and takes the other for a breach of the
 * protocol; by then it has closed. Others do not know the first.
 */
export function encodePlainErrors(status: number): Uint8Array[] {
  const correct = encodeError(String(status));
  return [concatBytes([LIBZMQ_ERROR, correct.subarray(ERROR.length)]), correct];
}

/** An ERROR in either form as the correct one; `null` for any other command. */
export function asPlainError(command: Uint8Array): Uint8Array | null {
  if (commandIs(command, "ERROR")) return command;
  for (let i = 0; i < LIBZMQ_ERROR.length; i++) if (command[i] !== LIBZMQ_ERROR[i]) return null;
  return concatBytes([ERROR, command.subarray(LIBZMQ_ERROR.length)]);
}

export function plainError(code: ProtocolErrorCode, sentence: string, rule: string): ProtocolError {
  return new ProtocolError(code, sentence, `24/ZMTP-PLAIN, Implementation: "${rule}"`);
}
