import { type Delivery, type Read, receive, refuseDelivery } from "../../outbox/inbox.ts";
import type { Log } from "../../platform/log.ts";
import { sha256Of } from "../../platform/secrets.ts";
import { readCookies } from "./cookies.ts";
import { type Fields, readFields, textOf } from "./fields.ts";
import type { FormSource, IntakeStore, PostedForm } from "./port.ts";
import { uuidV5 } from "./uuid-v5.ts";

export interface IntakePorts {
  store: IntakeStore;
  log: Log;
}

/** Ours have 64 characters; what is much longer is nobody's key. */
const KEY_MAX = 200;
/** Of a body that cannot be taken apart: enough to see what it was. */
const RAW_MAX = 64 * 1024;
/** Drawn once: submissions of all sources are UUIDs in this namespace, so that a form sent to two addresses is one lead. */
const NAMESPACE = "6f1f5a5e-3c0f-4a55-9a0e-6b1d2f7c8e41";

/** Who calls, and the key itself, which is left out of what is kept should a form repeat it. */
interface Sender {
  source: FormSource;
  key: string;
}

/**
 * One form that posts by itself. Whatever the right sender posts is kept, also what fits no lead: Tilda asks three times and
 * then never again. The answer says nothing of what became of it.
 */
export async function answerIntake(request: Request, { store, log }: IntakePorts): Promise<Response> {
  return await receive<Sender, PostedForm, "stored" | "duplicate" | "unknown">(asPosted(request), {
    name: "form_intake",
    log,
    async verify({ request }) {
      const key = keyOf(request);
      // The key is looked up by its hash, which nobody can choose: so the time that takes tells nothing of it.
      const source = key === null ? null : await store.sourceOfKey(await sha256Of(key));
      if (key !== null && source !== null) return { ok: true, sender: { source, key } };
      log("warn", "form_intake_refused");
      return { ok: false, answer: refuseDelivery(401, "unknown_key") };
    },
    read: readForm,
    append: (form, { source }) => store.keep(source.id, form),
    answer: (outcome) => (outcome === "unknown" ? refuseDelivery(401, "unknown_key") : new Response("ok")),
  });
}

/** A GET with something to say is what GetCourse may make of a form; one without is somebody who looks at the address. */
function asPosted(request: Request): Request {
  const isForm = request.method === "GET" && new URL(request.url).search.length > 1;
  return isForm ? new Request(request.url, { method: "POST", headers: request.headers }) : request;
}

/** In the header, which no log of a gateway shows, or at the end of the address, where the sender knows no headers. */
function keyOf(request: Request): string | null {
  const header = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const key = header ?? /\/form-intake\/([^/]+)\/?$/.exec(new URL(request.url).pathname)?.[1];
  return key === undefined || key.length > KEY_MAX ? null : key;
}

async function readForm(delivery: Delivery, { source, key }: Sender): Promise<Read<PostedForm>> {
  const fields = await readFields(delivery);
  const hash = await sha256Of(delivery.text === "" ? new URL(delivery.request.url).search : delivery.text);
  if (fields === null)
    return { keep: true, event: { key: null, hash, body: { raw: delivery.text.slice(0, RAW_MAX) } } };
  // Tilda can add the key as a field of its own.
  for (const [name, value] of fields) if (value === key) fields.delete(name);
  const { utm, cookies } = readCookies(textOf(fields, "cookies") ?? "");
  for (const name of [...fields.keys()]) if (name.toLowerCase() === "cookies") fields.delete(name);
  if (fields.size === 1 && fields.get("test") === "test") return { keep: false, answer: new Response("ok") };
  const submissionId = await submissionOf(fields, source);
  return {
    keep: true,
    event: {
      key: submissionId,
      hash,
      body: {
        fields: Object.fromEntries(fields),
        utm,
        ...(Object.keys(cookies).length > 0 && { cookies }),
        submission_id: submissionId,
      },
    },
  };
}

/** The sender's number of the submission as a UUID, the same whenever it is sent; null if it has none. */
async function submissionOf(fields: Fields, { kind }: FormSource): Promise<string | null> {
  const given = textOf(fields, "submission_id");
  if (given !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given))
    return given.toLowerCase();
  const name = nameOfSubmission(fields, kind);
  return name === null ? null : await uuidV5(NAMESPACE, name);
}

function nameOfSubmission(fields: Fields, kind: FormSource["kind"]): string | null {
  const tranid = textOf(fields, "tranid");
  if (tranid !== null) return `tilda ${tranid} ${textOf(fields, "formid") ?? ""}`;
  if (kind !== "taplink") return null;
  const order = textOf(fields, "order_id");
  // An order is told again when its state changes, a lead is not.
  if (order !== null) return `taplink order ${order} ${textOf(fields, "tms_modify") ?? ""}`;
  const lead = textOf(fields, "lead_id");
  return lead === null ? null : `taplink lead ${lead}`;
}
