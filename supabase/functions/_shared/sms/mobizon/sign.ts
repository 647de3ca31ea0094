import { z } from "zod";

const Field = z.union([z.string().max(200), z.number()]).transform(String);
const Signed = z.looseObject({
  eventId: Field,
  attempt: Field,
  eventCreateTs: Field,
  sign: z.string().regex(/^[0-9a-f]{40}$/i),
});

/** Whether a call of the webhook has Mobizon's sign: SHA-1 of `eventId|attempt|eventCreateTs|secret`, in hexadecimal. */
export async function isSigned(json: unknown, secret: string): Promise<boolean> {
  const call = Signed.safeParse(json);
  if (!call.success) return false;
  const { eventId, attempt, eventCreateTs, sign } = call.data;
  const content = new TextEncoder().encode([eventId, attempt, eventCreateTs, secret].join("|"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", content));
  const expected = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return isSame(expected, sign.toLowerCase());
}

/** Takes as long whichever letter differs. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let place = 0; place < a.length; place += 1) difference |= a.charCodeAt(place) ^ b.charCodeAt(place);
  return difference === 0;
}
