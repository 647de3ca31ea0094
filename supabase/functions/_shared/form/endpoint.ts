import { readBody } from "../platform/body.ts";
import type { Log } from "../platform/log.ts";
import type { AddressHeaders, Captcha, FormStore, Refusal } from "./port.ts";
import { FormRequest, faultsOf } from "./request.ts";

export interface FormPorts {
  captcha: Captcha;
  store: FormStore;
  log: Log;
}

/** 16 kB of metadata, which JSON may write six times as long, and the other columns. */
const BODY_MAX_BYTES = 128 * 1024;

const ADDRESS_HEADERS = [
  "cf-connecting-ip",
  "x-real-ip",
  "x-forwarded-for",
  "fly-client-ip",
  "true-client-ip",
];

/**
 * One call of form-submit: checks the captcha, then inserts. A lead whose captcha could not be checked is saved as
 * well; the database then treats it as one without. Whatever becomes of a saved lead, the answer is the same, so
 * that a robot learns nothing from it.
 */
export async function answerForm(request: Request, ports: FormPorts): Promise<Response> {
  if (request.method !== "POST") {
    return refuse(405, "method_not_allowed", "Only POST is answered", { allow: "POST" });
  }
  const body = await readBody(request, BODY_MAX_BYTES);
  if (body === null) {
    return refuse(413, "body_too_large", `The body may have ${BODY_MAX_BYTES} bytes at most`);
  }
  const json = parseJson(body);
  if (json === undefined) return refuse(400, "invalid_json", "The body is not JSON");
  const form = FormRequest.safeParse(json);
  if (!form.success) return refuse(400, "invalid_request", faultsOf(form.error));
  try {
    return await submit(form.data, addressHeadersOf(request.headers), ports);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    ports.log("error", "form_failed", { message });
    return refuse(503, "not_saved", "The lead was not saved. Try again", { "retry-after": "5" });
  }
}

async function submit(
  form: FormRequest,
  addressHeaders: AddressHeaders,
  { captcha, store, log }: FormPorts,
): Promise<Response> {
  const { captcha_token, ...lead } = form;
  const verdict = await captcha.check(captcha_token, addressHeaders["cf-connecting-ip"] ?? null);
  if (verdict.state === "failed") {
    return refuse(403, "captcha_failed", "The captcha was not solved, or its token is used up or too old");
  }
  if (verdict.state === "unknown") log("error", "captcha_unchecked", { reason: verdict.reason });
  const saved = await store.save({ lead, addressHeaders, hasCaptcha: verdict.state === "solved" });
  if (saved.state === "refused") return answerRefusal(saved.refusal);
  return new Response(null, { status: 201, headers: HEADERS });
}

/** Constant, and readable by a page of any origin. */
const HEADERS = { "access-control-expose-headers": "retry-after" };

function answerRefusal({ status, ...body }: Refusal): Response {
  return Response.json(body, { status, headers: HEADERS });
}

function refuse(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  const body = { code, message, details: null, hint: null };
  return Response.json(body, { status, headers: { ...HEADERS, ...headers } });
}

function addressHeadersOf(headers: Headers): AddressHeaders {
  const found = ADDRESS_HEADERS.map((name) => [name, headers.get(name)] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== null));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
