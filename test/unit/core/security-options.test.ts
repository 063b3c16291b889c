import assert from "node:assert/strict";
import { test } from "node:test";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import { createSocketOptions, getSocketOption, setSocketOption } from "../../../src/core/options.ts";
import { checkSecurity, mechanismOf } from "../../../src/core/security-options.ts";
import { curveKeyPair } from "../../../src/crypto/key-pair.ts";
import { decodeZ85 } from "../../../src/crypto/z85.ts";

function options(given: object, type = SocketType.Push) {
  const values = createSocketOptions(type, createContextOptions());
  return Object.assign(values, given);
}

test("the mechanism is that of the options that are set", () => {
  assert.equal(mechanismOf(options({})), "NULL");
  assert.equal(mechanismOf(options({ zapDomain: "global" })), "NULL");
  assert.equal(mechanismOf(options({ plainServer: true })), "PLAIN");
  assert.equal(mechanismOf(options({ plainUsername: "joe" })), "PLAIN");
  assert.equal(mechanismOf(options({ plainPassword: "secret" })), "PLAIN");
  assert.equal(mechanismOf(options({ curveServer: true })), "CURVE");
});

test("two roles are one too many, and say which", () => {
  const check = (given: object, type?: SocketType) => () =>
    checkSecurity(type ?? SocketType.Push, options(given), "Push");
  for (const given of [
    {},
    { plainServer: true },
    { plainUsername: "a", plainPassword: "b" },
    { zapDomain: "x" },
  ])
    check(given)();
  assert.throws(check({ plainServer: true, plainUsername: "joe" }), {
    code: "EINVAL",
    message: /plainServer and plainUsername and plainPassword/,
  });
  assert.throws(check({ plainPassword: "joe", curveServer: true }), { code: "EINVAL" });
  assert.throws(check({ plainServer: true, zapEnforceDomain: true }), {
    code: "EINVAL",
    message: /zapDomain/,
  });
  check({ plainServer: true, zapEnforceDomain: true, zapDomain: "x" })();
  assert.throws(check({ plainServer: true }, SocketType.Stream), { code: "EINVAL", message: /raw octets/ });
});

test("what goes in datagrams has neither mechanism nor authenticator, and who asks for one is told so", () => {
  const endpoint = "udp://127.0.0.1:5555";
  const check = (given: object) => () => checkSecurity(SocketType.Radio, options(given), "Radio", endpoint);
  check({})();
  check({ zapEnforceDomain: true })();
  const curveSecretKey = decodeZ85(curveKeyPair().secretKey);
  for (const [given, name] of [
    [{ plainServer: true }, "plainServer"],
    [{ plainUsername: "joe", plainPassword: "secret" }, "plainUsername and plainPassword"],
    [{ curveServer: true, curveSecretKey }, "curveServer"],
    [{ curveServerKey: curveSecretKey, curveSecretKey }, "curveServerKey"],
    [{ zapDomain: "global" }, "zapDomain"],
    [{ plainServer: true, zapDomain: "global" }, "plainServer and zapDomain"],
  ] as const)
    assert.throws(check(given), {
      code: "EINVAL",
      address: endpoint,
      message: new RegExp(
        `^Radio is given ${name}, and over udp://127.0.0.1:5555 would go without: .*tcp://`,
      ),
    });
  assert.throws(check({ curveSecretKey }), { code: "EINVAL", message: /Set curveServer/ });
});

test("credentials have 1 to 255 octets in UTF-8, and no sentence shows a password", () => {
  const values = options({});
  for (const name of ["plainUsername", "plainPassword", "zapDomain"]) {
    setSocketOption(values, SocketType.Push, name, "é".repeat(127));
    for (const wrong of ["é".repeat(128), "", 7, true])
      assert.throws(() => setSocketOption(values, SocketType.Push, name, wrong), { code: "EINVAL" });
    setSocketOption(values, SocketType.Push, name, null);
  }
  assert.throws(
    () => setSocketOption(values, SocketType.Push, "plainPassword", "hunter2".repeat(60)),
    (error: Error) => !error.message.includes("hunter2"),
  );
});

test("CURVE keys come as Z85 or octets, are shown as Z85, and a sentence shows no secret one", () => {
  const { publicKey, secretKey } = curveKeyPair();
  const values = options({});
  for (const name of ["curvePublicKey", "curveSecretKey", "curveServerKey"] as const) {
    for (const given of [secretKey, Buffer.from(secretKey), decodeZ85(secretKey)]) {
      setSocketOption(values, SocketType.Push, name, given);
      assert.deepEqual(values[name], decodeZ85(secretKey));
      assert.equal(getSocketOption(values, SocketType.Push, name), secretKey);
    }
    for (const wrong of [
      "",
      "x",
      secretKey.slice(1),
      `${secretKey}0`,
      "a".repeat(32),
      `~${secretKey.slice(1)}`,
      7,
      new Uint8Array(31),
    ])
      assert.throws(() => setSocketOption(values, SocketType.Push, name, wrong), { code: "EINVAL" });
    setSocketOption(values, SocketType.Push, name, null);
    assert.equal(getSocketOption(values, SocketType.Push, name), null);
  }
  assert.throws(
    () => setSocketOption(values, SocketType.Push, "curveSecretKey", `${secretKey}0`),
    (error: Error) => !error.message.includes(secretKey),
  );
  assert.notEqual(publicKey, secretKey);
});

test("half of the keys, keys without a role and keys of two pairs are EINVAL, and say what is missing", () => {
  const [one, other] = [curveKeyPair(), curveKeyPair()].map((pair) => ({
    curvePublicKey: decodeZ85(pair.publicKey),
    curveSecretKey: decodeZ85(pair.secretKey),
  })) as [{ curvePublicKey: Uint8Array; curveSecretKey: Uint8Array }, { curvePublicKey: Uint8Array }];
  const curveServerKey = other.curvePublicKey;
  const { curvePublicKey, curveSecretKey } = one;
  const check = (given: object) => () => checkSecurity(SocketType.Push, options(given), "Push");
  check({ curveServer: true, curveSecretKey })();
  check({ curveServer: true, curvePublicKey, curveSecretKey })();
  check({ curveServerKey, curveSecretKey })();
  check({ curveServerKey, curvePublicKey, curveSecretKey })();
  for (const [given, message] of [
    [{ curveServer: true }, /no curveSecretKey/],
    [{ curveServer: true, curvePublicKey }, /no curveSecretKey/],
    [{ curveServerKey }, /no curveSecretKey/],
    [{ curveSecretKey }, /Set curveServer/],
    [{ curvePublicKey }, /Set curveServer/],
    [{ curveServer: true, curvePublicKey: other.curvePublicKey, curveSecretKey }, /not of one pair/],
    [{ curveServer: true, curveServerKey, curveSecretKey }, /curveServer and curveServerKey/],
  ] as const)
    assert.throws(check(given), { code: "EINVAL", message });
});
