import type { SequencesAnswer } from "./answer.ts";
import type { SequencesRequest } from "./request.ts";

/** Port: sequences, as a person looks after them. */
export interface SequencesStore {
  sequences(request: SequencesRequest): Promise<SequencesAnswer>;
}
