import assert from "node:assert/strict";
import { test } from "node:test";
import { readGuide, sectionOf } from "../../../src/cli/guide-section.ts";

const PAGE = `# Page
intro
## \`late-subscriber\`
text
\`\`\`sh
## no heading
\`\`\`
### More of it
more
## Two words, and marks
end
`;

test("a section goes up to the next heading of its rank, with its subsections", () => {
  assert.equal(
    sectionOf(PAGE, "late-subscriber"),
    "## `late-subscriber`\ntext\n```sh\n## no heading\n```\n### More of it\nmore",
  );
  assert.equal(sectionOf(PAGE, "more-of-it"), "### More of it\nmore");
  assert.equal(sectionOf(PAGE, "two-words-and-marks"), "## Two words, and marks\nend");
  assert.equal(sectionOf(PAGE, "no-heading"), undefined);
  assert.equal(sectionOf("", "late-subscriber"), undefined);
});

test("pages of the guide are found from here, and one that is not there is not", () => {
  assert.match(readGuide("sockets.md") ?? "", /^# /);
  assert.equal(readGuide("nonsense.md"), undefined);
});
