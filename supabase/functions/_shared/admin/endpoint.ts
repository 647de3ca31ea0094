import { readJsonBody } from "../platform/body.ts";
import { messageOf } from "../platform/error-message.ts";
import type { Log } from "../platform/log.ts";
import { refuse } from "../platform/refuse.ts";
import { PlanAnswer } from "./plan/answer.ts";
import { maskedPlan } from "./plan/masked.ts";
import { AdminRequest, faultsOf } from "./request.ts";

/** Who calls, as far as @supabase/server has verified it. */
export interface Caller {
  mode: "none" | "publishable" | "secret" | "user";
  /** The key's name or the user's id, for the log. */
  name: string | null;
  /** `app_metadata.role` of a signed-in user, which users cannot write themselves. */
  role: unknown;
}

/** The largest configuration that anybody writes is a few kilobytes. */
const BODY_MAX_BYTES = 64 * 1024;

/**
 * One call of amocrm-admin: checks method, caller and body, runs the action, and turns the outcome into an answer.
 * Every refusal has a code and a sentence.
 */
export async function answerAdmin(
  request: Request,
  caller: Caller,
  log: Log,
  run: (order: AdminRequest) => Promise<object>,
): Promise<Response> {
  if (request.method !== "POST") {
    return refuse(405, "method_not_allowed", "Only POST is answered", {}, { allow: "POST" });
  }
  const isUser = caller.mode === "user";
  const mayAct = caller.mode === "secret" || (isUser && caller.role === "admin");
  const mayLook = mayAct || (isUser && caller.role === "viewer");
  if (!mayLook) return notAdmin();
  const body = await readJsonBody(request, BODY_MAX_BYTES);
  if (!body.ok) return refuse(body.status, body.code, body.message);
  const order = AdminRequest.safeParse(body.json);
  if (!order.success) {
    const issues = faultsOf(order.error);
    return refuse(400, "invalid_request", issues.join("; "), { issues });
  }
  const { action } = order.data;
  if (!mayAct && action !== "plan") return notAdmin();
  try {
    const found = await run(order.data);
    // A browser's screen shows nobody's data unasked: who asks for it does so in SQL, where it is written down.
    const answer = isUser && action === "plan" ? maskedPlan(PlanAnswer.parse(found)) : found;
    log("info", "admin_action", { action, by: caller.mode, name: caller.name });
    return Response.json(answer);
  } catch (error) {
    const message = messageOf(error);
    log("error", "admin_action_failed", { action, message });
    return refuse(500, "action_failed", message);
  }
}

const notAdmin = (): Response =>
  refuse(403, "not_admin", "Only admins may do this: app_metadata.role of the user must be admin");
