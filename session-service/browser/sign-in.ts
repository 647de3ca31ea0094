import { z } from "zod";
import type { Clock } from "#shared/platform/clock.ts";
import { type Fetch, readBody } from "#shared/platform/http.ts";
import { parseJson } from "#shared/platform/json.ts";
import { headersForAmocrm } from "../http/headers.ts";
import { CookieJar } from "../session/jar.ts";
import type { ServiceLog, SignIn, SignInOutcome } from "../session/port.ts";
import { within } from "../session/within.ts";
import { type Entrance, enter, whereIs } from "./enter.ts";
import { type OpenBrowser, openBrowser, type StartedBrowser } from "./launch.ts";
import { takePicture } from "./picture.ts";

const PATIENCE_MS = 15_000;
const WHOSE_TIMEOUT_MS = 30_000;

const Account = z.object({ id: z.int().positive() });

export interface SignInParts {
  origin: string;
  email: string;
  password: string;
  clock: Clock;
  fetch: Fetch;
  log: ServiceLog;
  browserPath: string | null;
  /** The window stays open at a stop, and a person goes on in it. */
  isVisible: boolean;
  pictureFile: string;
  /** Told the texts of each picture. */
  pictured?: (texts: string) => void;
  /** For how long a page may stay nothing known. */
  patienceMs?: number;
  /** In place of a browser of one's own for each sign-in. */
  launch?: () => Promise<StartedBrowser>;
}

/** The sign-in through a real browser, which is there as long as it takes and then goes. */
export function createSignIn(parts: SignInParts): SignIn & { close(): Promise<void> } {
  let left: OpenBrowser | null = null;
  const close = async (): Promise<void> => {
    const browser = left;
    left = null;
    await browser?.close().catch(() => undefined);
  };
  const signIn = async (): Promise<SignInOutcome> => {
    // A person may have done in the window what was asked; else it is begun anew, in a new one.
    if (left !== null) {
      const outcome = await outcomeOf(parts, left, await whereIs(left.page));
      if (outcome.outcome === "in") {
        await close();
        return outcome;
      }
    }
    await close();
    left = await openBrowser(parts);
    try {
      const outcome = await outcomeOf(
        parts,
        left,
        await enter({ patienceMs: PATIENCE_MS, ...parts, page: left.page }),
      );
      if (outcome.outcome !== "refused" || !parts.isVisible) await close();
      return outcome;
    } catch (error) {
      await close();
      throw error;
    }
  };
  return Object.assign(signIn, { close });
}

async function outcomeOf(
  parts: SignInParts,
  browser: OpenBrowser,
  entrance: Entrance,
): Promise<SignInOutcome> {
  if (entrance.end === "desk") return await inside(parts, browser);
  if (entrance.end === "unreachable") {
    return { outcome: "unreachable", message: `${parts.origin} does not answer: no sign-in was tried` };
  }
  return await refusedAt(parts, browser, entrance);
}

/** The proof of a session is that the API takes it, and says whose it is. */
async function inside(parts: SignInParts, browser: OpenBrowser): Promise<SignInOutcome> {
  const { origin, clock, fetch } = parts;
  const isTried = true;
  const jar = new CookieJar(await browser.context.cookies(`${origin}/api/v4/account`), clock.nowMs);
  try {
    const { answer, text } = await within(clock, WHOSE_TIMEOUT_MS, async (signal) => {
      const headers = headersForAmocrm(() => null, jar.header());
      const answer = await fetch(`${origin}/api/v4/account`, {
        method: "GET",
        headers,
        redirect: "manual",
        signal,
      });
      return { answer, text: (await readBody(answer)).text };
    });
    jar.take(answer.headers.getSetCookie());
    const account = Account.safeParse(parseJson(text));
    if (answer.status === 200 && account.success) {
      return { outcome: "in", session: { jar, accountId: account.data.id } };
    }
    const { status } = answer;
    // Neither unpaid, blocked nor too busy says anything of the session.
    if (status >= 402)
      return {
        outcome: "unreachable",
        message: `${origin} answers ${status} to who has just signed in`,
        isTried,
      };
  } catch {
    return {
      outcome: "unreachable",
      message: `${origin} does not answer to who has just signed in`,
      isTried,
    };
  }
  return await refusedAt(parts, browser, { end: "needs_person", reason: "session_refused" });
}

type Refused = Exclude<Entrance, { end: "desk" | "unreachable" }>;

async function refusedAt(
  parts: SignInParts,
  browser: OpenBrowser,
  entrance: Refused,
): Promise<SignInOutcome> {
  const where = await pictured(parts, browser);
  const reason = entrance.end === "needs_person" ? entrance.reason : null;
  const act = parts.isVisible
    ? "do what the browser's window asks"
    : (ACTS[reason ?? entrance.end] ?? "look");
  const message = `${SENTENCES[reason ?? entrance.end]}: ${act}, then POST /resume${where}`;
  const isFinal = entrance.end !== "password" && reason !== "page_changed" && reason !== "session_refused";
  return { outcome: "refused", state: entrance.end, reason, message, isFinal };
}

async function pictured({ pictureFile, password, email, log, pictured }: SignInParts, { page }: OpenBrowser) {
  try {
    pictured?.(await takePicture(page, pictureFile, [password, email]));
    return ` (picture of the page: ${pictureFile})`;
  } catch {
    log("picture_failed");
    return "";
  }
}

const SENTENCES: Record<string, string> = {
  password: "amoCRM refuses AMOCRM_EMAIL or AMOCRM_PASSWORD",
  second_factor: "amoCRM asks for a second factor",
  robot_check: "amoCRM asks whether this is a robot",
  account_choice: "amoCRM asks which of several accounts is meant",
  page_changed: "amoCRM's sign-in page is not the one that is known",
  session_refused: "amoCRM's API does not take the session of this user",
};

const ACTS: Record<string, string> = {
  password: "sign in by hand to see that they are right, set them, start the service again",
  second_factor:
    "switch it off for this user, or start the service with AMOCRM_BROWSER_VISIBLE=true and do it there",
  robot_check: "sign in by hand from this machine's address, or with AMOCRM_BROWSER_VISIBLE=true",
  account_choice: "use a user of this account only",
  page_changed: "look at the picture, and for a newer version of the service",
  session_refused: "look at the user's rights",
};
