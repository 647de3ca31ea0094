import type { Stack } from "./stack/stack.ts";

/** Often enough for a chart by the minute, and far below what a form's limits let through. */
const EVERY_MS = 4_000;

/** A source whose stage is not there any more, as in an account where somebody tidied up: its leads are refused. */
const BROKEN = { source: "old-campaign", pipeline_id: 4_400, status_id: 1 };

/** Leads as visitors leave them, for as long as somebody looks: the pages show nothing of an empty project. */
export interface Traffic {
  stop(): Promise<void>;
}

type Ways = Pick<Stack, "url" | "publishableKey" | "secretKey">;

/**
 * Leaves a lead each few seconds through the public API, over and over; `leads` are what forms send, the refused ones
 * included. Where the project has no routes yet it gets some, so that the leads go on to the simulated amoCRM.
 */
export async function startTraffic(
  { url, publishableKey, secretKey }: Ways,
  leads: readonly Readonly<Record<string, unknown>>[],
  everyMs: number = EVERY_MS,
): Promise<Traffic> {
  // A visitor may not say what becomes of a conflict: for that one has to be allowed to read.
  const post = async (
    table: string,
    key: string,
    row: object,
    prefer = "return=minimal",
  ): Promise<Response> =>
    await fetch(`${url}/rest/v1/${table}`, {
      method: "POST",
      headers: { apikey: key, "content-type": "application/json", prefer },
      body: JSON.stringify(row),
    });
  for (const route of [{ source: "*" }, BROKEN]) {
    const answer = await post("amocrm_routes", secretKey, route, "resolution=ignore-duplicates");
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }
  let turn = 0;
  let underWay: Promise<unknown> | undefined;
  const leave = (): void => {
    // One at a time: a slow machine would pile them up, and after the end some of them would still arrive.
    if (underWay) return;
    // A form that is refused is told so by its own page; a stack that is going down answers nothing.
    underWay = post("landing_leads", publishableKey, leadOf(leads, turn++))
      .catch(() => undefined)
      .finally(() => {
        underWay = undefined;
      });
  };
  leave();
  const timer = setInterval(leave, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}

/** Each round brings the same people again with other words of their own, and every ninth by a broken way. */
export function leadOf(
  leads: readonly Readonly<Record<string, unknown>>[],
  turn: number,
): Readonly<Record<string, unknown>> {
  const lead = leads[turn % leads.length] ?? {};
  return turn % 9 === 8 ? { ...lead, source: BROKEN.source } : lead;
}
