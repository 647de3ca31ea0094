#!/usr/bin/env bash
# libphonenumber-js 1.13.16: isValid() says yes to numbers that no telephone network can have.
#
# Expected by: ITU-T E.164, which ends every international number, country code included, at fifteen digits;
# and the Russian numbering plan, whose national numbers have ten. The library's README tells a possible number
# (right length) from a valid one (right digits as well), so a valid number should have a length that exists.
# Seen: with the default ("min") metadata +7 with fourteen national digits is valid, and +49, +82, +234 with more
# than fifteen digits in all. The "max" metadata refuses the first, not the others.
# All numbers are invented.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . libphonenumber-js@1.13.16

cat > try.mjs <<'JS'
import { createRequire } from "node:module";
import { parsePhoneNumberFromString as byMax } from "libphonenumber-js/max";
import { parsePhoneNumberFromString as byMin } from "libphonenumber-js/min";

console.log("libphonenumber-js", createRequire(import.meta.url)("libphonenumber-js/package.json").version);
console.log("expected: not one of them is valid");
const cases = [
  { number: "+780000000000000", min: true, max: false },
  { number: "+4930000000000000", min: true, max: true },
  { number: "+8200798903592497", min: true, max: true },
  { number: "+23480000000000000", min: true, max: true },
];
let isAsFound = true;
for (const { number, ...found } of cases) {
  const min = byMin(number)?.isValid() ?? false;
  const max = byMax(number)?.isValid() ?? false;
  console.log(`${number} (${number.length - 1} digits): valid by min ${min}, by max ${max}`);
  isAsFound &&= min === found.min && max === found.max;
}
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
