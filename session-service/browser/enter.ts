import type { Page } from "playwright-core";
import type { Clock } from "#shared/platform/clock.ts";
import type { StopReason } from "../session/port.ts";
import { FORM, look, type Seen } from "./look.ts";

const LOAD_TIMEOUT_MS = 30_000;
const TYPE_TIMEOUT_MS = 5_000;
/** From the sending of the form until something must have come of it. */
const ANSWER_MS = 25_000;
/** After a refusing answer: a page that says why may need a moment. */
const REFUSED_MS = 1_500;
const LOOK_EVERY_MS = 150;

/** Where the way in ended. */
export type Entrance =
  | { end: "desk" }
  | { end: "password" | "second_factor" | "robot_check" }
  | { end: "needs_person"; reason: StopReason }
  | { end: "unreachable" };

export interface EntranceParts {
  page: Page;
  clock: Clock;
  origin: string;
  email: string;
  password: string;
  /** For how long a page may stay nothing known before it counts as rebuilt. */
  patienceMs: number;
}

/** Goes to the account's page and in, as a person does: once, with no way round whatever the page asks. */
export async function enter(parts: EntranceParts): Promise<Entrance> {
  const { page, clock, origin } = parts;
  try {
    const answer = await page.goto(`${origin}/`, { waitUntil: "domcontentloaded", timeout: LOAD_TIMEOUT_MS });
    if (answer !== null && answer.status() >= 500) return { end: "unreachable" };
  } catch {
    // Playwright's own text quotes what it did, so that it goes no further.
    return { end: "unreachable" };
  }
  const first = await settled(page, clock, parts.patienceMs, (seen) => seen !== "unknown");
  if (first !== "form" && first !== "refused_form") return entranceOf(first);
  return await submit(parts);
}

/** What the page is by now, for one that a person has worked on. */
export async function whereIs(page: Page): Promise<Entrance> {
  return entranceOf(await look(page));
}

async function submit({ page, clock, origin, email, password }: EntranceParts): Promise<Entrance> {
  let refusedAtMs: number | null = null;
  let failedStatus = 0;
  page.on("response", (response) => {
    const isForm = response.request().method() === "POST" && response.url().startsWith(`${origin}/`);
    if (!isForm) return;
    if (response.status() >= 500) failedStatus = response.status();
    else if (response.status() >= 400) refusedAtMs ??= clock.nowMs();
  });
  try {
    await page.locator(FORM.login).first().fill(email, { timeout: TYPE_TIMEOUT_MS });
    await page.locator(FORM.password).first().fill(password, { timeout: TYPE_TIMEOUT_MS });
    await page.locator(FORM.submit).first().click({ timeout: TYPE_TIMEOUT_MS, noWaitAfter: true });
  } catch {
    return { end: "needs_person", reason: "page_changed" };
  }
  const seen = await settled(page, clock, ANSWER_MS, (now) => {
    if (failedStatus > 0) return true;
    const isTold = refusedAtMs !== null && clock.nowMs() >= refusedAtMs + REFUSED_MS;
    return now === "form" ? isTold : now !== "unknown";
  });
  if (seen === "form") {
    if (refusedAtMs !== null) return { end: "password" };
    return failedStatus > 0 ? { end: "unreachable" } : { end: "needs_person", reason: "page_changed" };
  }
  return entranceOf(seen);
}

function entranceOf(seen: Seen): Entrance {
  switch (seen) {
    case "desk":
    case "second_factor":
    case "robot_check":
      return { end: seen };
    case "refused_form":
      return { end: "password" };
    case "account_choice":
      return { end: "needs_person", reason: "account_choice" };
    default:
      return { end: "needs_person", reason: "page_changed" };
  }
}

/** Looks again and again until something is to be seen, or the time is over. */
async function settled(
  page: Page,
  clock: Clock,
  forMs: number,
  isEnough: (seen: Seen) => boolean,
): Promise<Seen> {
  const untilMs = clock.nowMs() + forMs;
  for (;;) {
    const seen = await look(page);
    if (isEnough(seen) || clock.nowMs() >= untilMs) return seen;
    await clock.sleep(LOOK_EVERY_MS);
  }
}
