/** What a request came down to: one statement that yields `body` (JSON text), `n` (rows) and maybe `total`. */
export interface Plan {
  query: string;
  parameters: string[];
  isReadOnly: boolean;
  /** The status of a success without further conditions. */
  status: number;
  /** The answer has a body; without it the caller asked for none, or there is none to give. */
  hasBody: boolean;
  /** The body is a list of rows, from which `Accept: application/vnd.pgrst.object+json` takes the only one. */
  isList: boolean;
  offset: number;
}

/** The request as the planners need it: everything parsed that does not depend on the catalog. */
export interface ApiRequest {
  method: string;
  schema: string;
  params: URLSearchParams;
  prefer: ReadonlyMap<string, string>;
  /** The body as it came, valid UTF-8; empty for reads. */
  text: string;
  maxRows: number;
}

export const isRead = (method: string): boolean => method === "GET" || method === "HEAD";

/** `return=representation` is what makes a write answer with its rows. */
export const wantsRows = (request: ApiRequest): boolean => request.prefer.get("return") === "representation";
