#!/usr/bin/env bash
# @decimalturn/toml-patch 3.3.0: adding a table tears a comment from what it describes, and taking a key out again takes a
# comment along that was there before.
#
# Expected by: its description, "Patch, parse, and stringify TOML while preserving comments, whitespace and formatting".
# Seen: a table beside an existing [functions.hello] becomes a dotted key at the top, between a comment and its [db]; a key
# that was added at the end of a table and removed again takes the comment that stood there; in a file with both kinds of
# line ends each line is rewritten, with a warning. What has to give back somebody's file byte for byte adds lines itself.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . @decimalturn/toml-patch@3.3.0

cat > try.mjs <<'JS'
import fs from "node:fs";
import { parse, patch } from "@decimalturn/toml-patch";

const manifest = "node_modules/@decimalturn/toml-patch/package.json";
console.log("@decimalturn/toml-patch", JSON.parse(fs.readFileSync(manifest, "utf8")).version);
const changed = (text, change) => {
  const table = parse(text);
  change(table);
  return patch(text, table);
};

console.log("expected: comments stay where they were, and what was added and removed again leaves the text as before");
const beside = changed('# about db\n[db]\nx = 1\n\n[functions.hello]\nverify_jwt = true\n', (table) => {
  table.functions.mine = { verify_jwt: false };
});
console.log("a table added:", JSON.stringify(beside));
const before = "[db]\nmajor_version = 17\n# the end\n";
const added = changed(before, (table) => {
  table.db.vault = { key: "env(KEY)" };
});
const removed = changed(added, (table) => {
  delete table.db.vault;
});
console.log("a key added:", JSON.stringify(added));
console.log("and removed:", JSON.stringify(removed));
const mixed = changed("a = 1\r\nb = 2\n", () => {});
console.log("nothing changed, both line ends:", JSON.stringify(mixed));

const isAsFound =
  beside.startsWith("# about db\nfunctions.mine = ") &&
  removed === "[db]\nmajor_version = 17\n" &&
  mixed === "a = 1\r\nb = 2\r\n";
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
