import type { Answer } from "../http.ts";
import { htmlAnswer, problemAnswer } from "../routes/problem.ts";
import { text } from "../routes/texts.ts";
import type { Settings } from "../settings.ts";

const FLAVOURS = ["json", "html", "empty"] as const;

/** The three bodies a 429 comes with, taken in turn unless one is asked for (amocrm-api 2.1). */
export class RateRefusals {
  #turn = 0;

  /** A 429; `body` and `retryAfterS` override the settings. */
  answer(
    settings: Settings,
    options: { body?: Settings["rate"]["body"]; retryAfterS?: number } = {},
  ): Answer {
    const asked = options.body ?? settings.rate.body;
    const flavour = asked === "cycle" ? FLAVOURS[this.#turn++ % FLAVOURS.length] : asked;
    const retryAfterS = options.retryAfterS ?? settings.rate.retry_after_s;
    const answer = flavoured(settings, flavour ?? "json", retryAfterS);
    if (settings.rate.retry_after_header) answer.headers["retry-after"] = String(retryAfterS);
    return answer;
  }
}

function flavoured(settings: Settings, flavour: "json" | "html" | "empty", retryAfterS: number): Answer {
  if (flavour === "html") return htmlAnswer(429);
  if (flavour === "empty") return { status: 429, headers: {}, body: "" };
  return problemAnswer(429, text(settings, "tooMany"), { retry_after: retryAfterS });
}
