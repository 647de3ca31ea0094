import { ApiError } from "./errors.ts";

/** What an answer's body is to look like. */
export type Form = "rows" | "single row";

/** What PostgREST knows beyond this stand-in. */
const NOT_HERE = new Set([
  "text/csv",
  "application/geo+json",
  "application/vnd.pgrst.array+json",
  "application/octet-stream",
]);
const ROWS = new Set(["application/json", "application/*", "*/*"]);

/** The first form of the Accept header that is to be had, by its order of preference; 406 PGRST107 if none is. */
export function formOf(accept: string | null): Form {
  const asked = (accept ?? "*/*").split(",").map(mediaType);
  for (const { type, parameters } of asked.toSorted((a, b) => b.quality - a.quality)) {
    if (NOT_HERE.has(type) || parameters.includes("nulls=stripped")) {
      throw new ApiError(501, "LOCAL", `The local Data API has no ${[type, ...parameters].join(";")}`);
    }
    if (type === "application/vnd.pgrst.object+json" || type === "application/vnd.pgrst.object")
      return "single row";
    if (ROWS.has(type)) return "rows";
  }
  const types = asked.map(({ type }) => type).join(", ");
  throw new ApiError(406, "PGRST107", `None of these media types are available: ${types}`);
}

interface MediaType {
  type: string;
  parameters: string[];
  quality: number;
}

function mediaType(text: string): MediaType {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith("q="));
  return {
    type,
    parameters: parameters.filter(
      (parameter) => !parameter.startsWith("q=") && !parameter.startsWith("charset="),
    ),
    quality: quality === undefined ? 1 : Number(quality.slice(2)),
  };
}
