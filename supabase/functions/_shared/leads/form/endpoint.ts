import { type AddressHeaders, addressHeadersOf } from "../../platform/address-headers.ts";
import { readJsonBody } from "../../platform/body.ts";
import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import { refuse } from "../../platform/refuse.ts";
import type { Captcha, FormStore, Refusal } from "./port.ts";
import { FormRequest, faultsOf } from "./request.ts";

export interface FormPorts {
  captcha: Captcha;
  store: FormStore;
  log: Log;
}

/** 16 kB of metadata, which JSON may write six times as long, and the other columns. */
const BODY_MAX_BYTES = 128 * 1024;

/**
 * One call of form-submit: checks the captcha, then inserts. A lead whose captcha could not be checked is saved as
 * well; the database then treats it as one without. Whatever becomes of a saved lead, the answer is the same, so
 * that a robot learns nothing from it.
 */
export async function answerForm(request: Request, ports: FormPorts): Promise<Response> {
  if (request.method !== "POST") {
    return refuseForm(405, "method_not_allowed", "Only POST is answered", { allow: "POST" });
  }
  const body = await readJsonBody(request, BODY_MAX_BYTES);
  if (!body.ok) return refuseForm(body.status, body.code, body.message);
  const form = FormRequest.safeParse(body.json);
  if (!form.success) return refuseForm(400, "invalid_request", faultsOf(form.error));
  try {
    return await submit(form.data, addressHeadersOf(request.headers), ports);
  } catch (error) {
    const message = messageOf(error);
    ports.log("error", "form_failed", { message });
    return refuseForm(503, "not_saved", "The lead was not saved. Try again", { "retry-after": "5" });
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
    return refuseForm(
      403,
      "captcha_failed",
      "The captcha was not solved, or its token is used up or too old",
    );
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

/** As the Data API says it, and readable by a page of any origin. */
function refuseForm(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return refuse(status, code, message, { details: null, hint: null }, { ...HEADERS, ...headers });
}
