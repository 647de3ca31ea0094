import { functionAddress } from "../platform/project.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** The whole address of a short link: under LINK_BASE_URL, which passes requests on to `go`, or the function's own. */
export function linkAddress(code: string, variables: Variables): string {
  const base = variables["LINK_BASE_URL"]?.trim() ?? "";
  if (/^https?:\/\/[^/]/i.test(base) && URL.canParse(base)) return `${base.replace(/\/+$/, "")}/${code}`;
  return `${functionAddress(variables, "go")}/${code}`;
}
