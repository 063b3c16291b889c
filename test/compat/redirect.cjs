// Preloaded with --require: whoever asks for `zeromq` or `zmq`, or for the sources of these packages as their own tests
// do, gets the module named in ZEROMQ_TS_REDIRECT. Packages listed in ZEROMQ_TS_ABSENT, which a test suite loads for other
// transports than ZeroMQ, are classes that do nothing.

const Module = require("node:module");
const process = require("node:process");

const replacement = process.env.ZEROMQ_TS_REDIRECT;
const absent = new Set((process.env.ZEROMQ_TS_ABSENT ?? "").split(",").filter((name) => name !== ""));
const resolve = Module._resolveFilename;
const load = Module._load;

Module._resolveFilename = function redirect(request, ...rest) {
  if (request === "zeromq" || request === "zmq") return replacement;
  const found = resolve.call(this, request, ...rest);
  return /[\\/]node_modules[\\/](?:zeromq|zmq)[\\/](?:index|lib[\\/]index)\.js$/.test(found)
    ? replacement
    : found;
};

class Nothing {}

Module._load = function loadOrNothing(request, ...rest) {
  if (absent.has(request)) return new Proxy(Nothing, { get: (target, name) => target[name] ?? Nothing });
  return load.call(this, request, ...rest);
};
