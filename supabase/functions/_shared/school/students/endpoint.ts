import { readJsonBody } from "../../platform/body.ts";
import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import { refuse } from "../../platform/refuse.ts";
import type { CreateOutcome } from "./create-student.ts";
import type { Admission } from "./port.ts";
import { faultsOf, StudentRequest } from "./request.ts";

/** Who calls, as far as @supabase/server has verified it. */
export interface Manager {
  id: string;
  /** `app_metadata.role`, which users cannot write themselves. */
  role: unknown;
}

const MANAGER_ROLES: readonly unknown[] = ["sales_manager", "admin"];

/** A name, an address and a phone are a few hundred bytes. */
const BODY_MAX_BYTES = 16 * 1024;

/** One call of tripwire-students. Every refusal has a code and a sentence; none repeats what was sent. */
export async function answerStudents(
  request: Request,
  manager: Manager | null,
  log: Log,
  create: (admission: Admission) => Promise<CreateOutcome>,
): Promise<Response> {
  if (request.method !== "POST") {
    return refuse(405, "method_not_allowed", "Only POST is answered", {}, { allow: "POST" });
  }
  if (manager === null || !MANAGER_ROLES.includes(manager.role)) {
    const message =
      "Only managers may create students: app_metadata.role of the user must be sales_manager or admin";
    return refuse(403, "not_manager", message);
  }
  const body = await readJsonBody(request, BODY_MAX_BYTES);
  if (!body.ok) return refuse(body.status, body.code, body.message);
  const order = StudentRequest.safeParse(body.json);
  if (!order.success) return refuseRequest(faultsOf(order.error));
  try {
    const outcome = await create({ ...order.data, grantedBy: manager.id });
    return answerOutcome(outcome, manager, log);
  } catch (error) {
    const message = messageOf(error);
    log("error", "student_failed", { by: manager.id, message });
    const told =
      "The student was not created: the database refused it. Try again; the function's log has the reason";
    return refuse(500, "not_created", told);
  }
}

function answerOutcome(outcome: CreateOutcome, manager: Manager, log: Log): Response {
  switch (outcome.state) {
    case "created":
    case "there":
      log("info", `student_${outcome.state}`, { student_id: outcome.student.id, by: manager.id });
      return Response.json(outcome.student, { status: outcome.state === "created" ? 201 : 200 });
    case "refused":
      log("warn", "student_refused", { by: manager.id, code: outcome.code });
      return refuseRequest([`email: Supabase Auth does not take this address (${outcome.code})`]);
    case "unavailable":
      log("error", "student_unavailable", { by: manager.id });
      return refuse(
        503,
        "auth_unavailable",
        "Supabase Auth gave no clear answer. Try again: the same student comes out, never a second one",
        {},
        { "retry-after": "5" },
      );
  }
}

function refuseRequest(issues: string[]): Response {
  return refuse(400, "invalid_request", issues.join("; "), { issues });
}
