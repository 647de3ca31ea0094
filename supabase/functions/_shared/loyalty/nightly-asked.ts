import { z } from "zod";
import { readBody } from "../platform/body.ts";
import { parseJson } from "../platform/json.ts";

const Ask = z.object({ nightly: z.boolean().optional() });

/** Whether a call asks for the nightly reading: `{"nightly": true}`. Cron calls with an empty object. */
export async function isNightlyAsked(request: Request): Promise<boolean> {
  const body = await readBody(request, 1024);
  const ask = Ask.safeParse(body === null ? null : parseJson(body));
  return ask.success && ask.data.nightly === true;
}
