// Writes what tools/test.mjs needs to know about one test file: JSON lines, first the tests that are running, as they
// begin and end, so that a file that hangs still tells where, and last the summary.

const countPattern = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;
const runnerFrame = /^\s+at .*node:(internal\/test_runner|async_hooks|internal\/process).*\n?/gm;

function describe(data) {
  const error = data.details?.error?.cause ?? data.details?.error;
  const text = typeof error === "string" ? error : (error?.stack ?? error?.message ?? String(error));
  return { title: data.name, text: text.replace(runnerFrame, "").trimEnd() };
}

/** Files one finished test under its outcome. A suite that fails because a test in it did is only an echo. */
function count(summary, type, data) {
  const isFailure = type === "test:fail" && data.todo === undefined;
  if (isFailure) {
    if (data.details?.error?.failureType !== "subtestsFailed") summary.failed.push(describe(data));
  } else if (data.details?.type !== "suite") {
    const reason = data.skip ?? data.todo;
    if (reason === undefined) summary.passed++;
    else
      summary.skipped.push({
        title: data.name,
        reason: reason === true ? "no reason given" : String(reason),
      });
  }
}

/** node:test calls this with its event stream; what it yields goes to the file that tools/test.mjs names. */
export default async function* report(source) {
  const running = [];
  const summary = { passed: 0, skipped: [], failed: [], diagnostics: [] };
  for await (const { type, data } of source) {
    if (type === "test:dequeue" || type === "test:complete") {
      if (type === "test:dequeue") running.push(data.name);
      else running.splice(running.lastIndexOf(data.name), 1);
      yield `${JSON.stringify({ running })}\n`;
    } else if (type === "test:pass" || type === "test:fail") {
      count(summary, type, data);
    } else if (type === "test:diagnostic" && !countPattern.test(data.message)) {
      summary.diagnostics.push(data.message);
    }
  }
  yield `${JSON.stringify({ summary })}\n`;
}
