#!/usr/bin/env bash
# zod 4.6.7: in an object, z.unknown() does not take an absent key, though it takes the value undefined.
#
# Expected by: zod's documentation, where unknown allows any value; and its earlier versions of the same major number:
# 4.0.0 and 4.3.6 take {}, as zod 3 does. (The guide for going to zod 4 tells of a change of the inferred type.)
# Seen in 4.6.7: z.unknown() alone or before .transform() fails for {} with "expected nonoptional", and passes for
# { a: undefined }. With .catch() at the end, or with .optional(), {} passes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . zod@4.6.7 zod-4.3.6@npm:zod@4.3.6

cat > try.mjs <<'JS'
import { createRequire } from "node:module";
import { z } from "zod";
import { z as earlier } from "zod-4.3.6";

console.log("zod", createRequire(import.meta.url)("zod/package.json").version);
console.log("expected: each of these objects takes {} as it takes { a: undefined }");
const orNull = (value) => value ?? null;
const schemas = {
  "z.unknown()": [z.unknown(), false],
  "z.unknown().transform()": [z.unknown().transform(orNull), false],
  "z.unknown().transform().catch()": [z.unknown().transform(orNull).catch(null), true],
  "z.unknown().optional().transform()": [z.unknown().optional().transform(orNull), true],
};
let isAsFound = true;
for (const [name, [schema, found]] of Object.entries(schemas)) {
  const absent = z.object({ a: schema }).safeParse({});
  const present = z.object({ a: schema }).safeParse({ a: undefined });
  const why = absent.error?.issues[0];
  console.log(`${name}: {} ${absent.success}${why ? ` (${why.message})` : ""}, { a: undefined } ${present.success}`);
  isAsFound &&= absent.success === found && present.success && (found || why?.expected === "nonoptional");
}
const inEarlier = earlier.object({ a: earlier.unknown() }).safeParse({}).success;
console.log(`zod 4.3.6, z.unknown(): {} ${inEarlier}`);
isAsFound &&= inEarlier;
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
