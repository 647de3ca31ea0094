import { ApiError } from "./errors.ts";

/** What PostgREST would heed and this stand-in does not. Others it ignores, as long as nobody asks for strict handling. */
const NOT_HERE = [
  /^handling=strict$/,
  /^tx=/,
  /^missing=default$/,
  /^timezone=/,
  /^return=headers-only$/,
  /^count=(?!exact$)/,
  /^params=/,
];

/** The Prefer header's items; one that would be answered as if it had not been asked is refused by its name. */
export function preferencesOf(header: string | null): ReadonlyMap<string, string> {
  const items = (header ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  const missing = items.find((item) => NOT_HERE.some((pattern) => pattern.test(item)));
  if (missing !== undefined) throw new ApiError(501, "LOCAL", `The local Data API has no Prefer: ${missing}`);
  return new Map(items.map((item) => item.split("=")).map(([name = "", value = ""]) => [name, value]));
}
