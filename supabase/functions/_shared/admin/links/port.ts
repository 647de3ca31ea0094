import type { LinksAnswer } from "./answer.ts";
import type { LinksRequest } from "./request.ts";

/** Port: short links and where they may lead. */
export interface LinksStore {
  links(request: LinksRequest): Promise<LinksAnswer>;
}
