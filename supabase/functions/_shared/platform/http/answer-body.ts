import type { BodyFault } from "./outcome.ts";

/** A page of 250 contacts with all their fields is under 1 MiB; more than this is a fault, not an answer. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** An answer's text, and why it is not the whole of it. */
export interface AnswerBody {
  text: string;
  fault: BodyFault | null;
}

/** Reads a body up to the bound. A connection lost on the way is a value here, since the status is known by then. */
export async function readBody(response: Response, bytesMax: number = ANSWER_BYTES_MAX): Promise<AnswerBody> {
  if (response.body === null) return { text: "", fault: null };
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      byteCount += chunk.value.byteLength;
      if (byteCount > bytesMax) {
        // Not waited for: a stream that does not end properly is what is being refused here.
        reader.cancel().catch(() => {});
        return { text: "", fault: "answer_too_large" };
      }
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch {
    return { text: "", fault: "connection_lost" };
  }
  return { text: text + decoder.decode(), fault: null };
}
