import type { FormsAnswer } from "./answer.ts";
import type { FormsRequest } from "./request.ts";

/** Port: the places whose forms post. */
export interface FormsStore {
  forms(request: FormsRequest): Promise<FormsAnswer>;
}
