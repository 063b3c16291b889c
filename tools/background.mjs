// What `node tools/test.mjs background` runs: tests that are in other folders too, a second time, with the sockets of the
// default context served by an I/O thread (test/background.ts).

/** Where sockets of the default context are tested. */
export const folders = [
  "unit/sockets",
  "unit/core",
  "unit/services",
  "spec",
  "contract",
  "process",
  "interop",
];

/** A file opens sockets if it imports the package, or what opens them for it. */
export const opensSockets =
  /"[./]*(src\/(index|draft)|zmtp-socket-cases|hostile-ground|harness|program)\.ts"/;

/** Files to leave out. */
export const files = [
  [
    /^interop\/(security-pairs|explain|explain-healthy)\./,
    "fewer pairs of each mechanism, and the solver's own tests, are run in both modes",
  ],
  [/^unit\/services\/explain\/rules\//, "rules read what both modes write down alike"],
  [/^contract\/inproc-/, "inproc needs no I/O thread"],
  [/^interop\/(demo|examples)\./, "they say themselves who serves their sockets"],
  [/^process\/(?!(alive|exit|linger)\.)/, "they say themselves who serves their sockets"],
];

/** Tests to leave out: what they are about is the loop itself. */
export const tests = [
  {
    file: "unit/sockets/readable.test.ts",
    title: "receiveSync gives what is there, and blocks nowhere where this thread must serve the socket",
    reason: "an I/O thread serves the socket, and a call may block",
  },
  {
    file: "unit/sockets/writable.test.ts",
    title:
      "sendSync sends what there is room for, and blocks nowhere where this thread must serve the socket",
    reason: "an I/O thread serves the socket, and a call may block",
  },
  {
    file: "process/linger.test.ts",
    title: "with linger 100 it ends then, and says once what is lost, for whom and why",
    reason: "an I/O thread may take longer to begin than this lingers",
  },
  {
    file: "process/exit.test.ts",
    title: "hundreds of sockets that are opened and closed at once leave no handle, no file and no promise",
    reason: "an I/O thread has files of its own, from the first connection on",
  },
];
