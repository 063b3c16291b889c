import assert from "node:assert/strict";
import { test } from "node:test";
import { openerOf } from "../../../../src/cli/web/open-browser.ts";

test("a browser is opened by what the system has for it, where there is a screen", () => {
  assert.deepEqual(openerOf("darwin", {}), ["open"]);
  assert.deepEqual(openerOf("win32", {})?.[0], "cmd");
  assert.deepEqual(openerOf("linux", { DISPLAY: ":0" }), ["xdg-open"]);
  assert.deepEqual(openerOf("linux", { WAYLAND_DISPLAY: "wayland-0" }), ["xdg-open"]);
  assert.equal(openerOf("linux", { DISPLAY: "" }), null);
});
