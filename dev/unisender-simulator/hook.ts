import { createHash } from "node:crypto";

/** A call of the webhook, signed: MD5 of the text with the key in the sign's place. */
export function signedCall(
  events: readonly { event_name: string; event_data: unknown }[],
  key: string,
  nowMs: number,
): Request {
  const Events = events.map((event) => ({ event_time: new Date(nowMs).toISOString(), ...event }));
  // With spaces as another JSON writer has them: whoever parses and writes it again gets another sum.
  const unsigned = JSON.stringify({ auth: "", num: 1, events_by_user: [{ login: "школа", Events }] }).replace(
    /,"/g,
    ', "',
  );
  const signed = (auth: string) => unsigned.replace('"auth":""', `"auth":"${auth}"`);
  const auth = createHash("md5").update(signed(key)).digest("hex");
  return new Request("https://project.example/functions/v1/unisender-events", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: signed(auth),
  });
}
