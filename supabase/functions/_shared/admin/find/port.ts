import type { FindRequest } from "../request.ts";
import type { Known } from "./our-records.ts";

/** Port: what our own tables know of a person. */
export interface FindStore {
  known(order: Pick<FindRequest, "email" | "phone" | "lead">): Promise<Known>;
}
