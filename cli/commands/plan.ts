import { PlanAnswer, type PlanReason } from "#shared/admin/answers.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { told } from "../language/told.ts";
import { parseCount } from "../parse-number.ts";
import { PLAN } from "../words/plan.ts";

/** The flags of `plan`, as typed. */
export interface PlanFlags {
  pending?: true;
  lead?: string;
  limit?: string;
}

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 500;
/** From here on ids are of what the plan itself would make. */
const PAPER_ID = 9_000_000_000_000;

/** `plan`: what would be sent for waiting messages, and why; nothing is sent. */
export async function runPlan({ pending, lead, limit }: PlanFlags, context: Context): Promise<number> {
  const { askAdmin, output, say } = context;
  if (pending === true && lead !== undefined) throw usageFailure(PLAN.either);
  const most = limit === undefined ? LIMIT_DEFAULT : parseCount(limit, "--limit", LIMIT_MAX);
  const plan = await askAdmin({ action: "plan", lead: lead ?? null, limit: most }, PlanAnswer);
  output.document(plan);
  if (plan.messages.length === 0) {
    output.line(say(PLAN.nothing));
    return EXIT.ok;
  }
  printRequests(plan, context);
  output.line();
  output.line(say(PLAN.why));
  for (const message of plan.messages) printMessage(message, context);
  if (plan.waiting_count > 0) output.line(say(PLAN.later, { count: plan.waiting_count }));
  return EXIT.ok;
}

function printRequests({ requests }: PlanAnswer, { output, say }: Context): void {
  output.line(requests.length === 0 ? say(PLAN.none) : say(PLAN.requests, { count: requests.length }));
  for (const { method, path, entity_ids, message_ids } of requests) {
    const entities = entity_ids.map((id) => (id >= PAPER_ID ? say(PLAN.isNew) : String(id))).join(", ");
    const messages = message_ids.map((id) => `#${id}`).join(", ");
    const whose = messages === "" ? "" : say(PLAN.forMessages, { ids: messages });
    output.line(`  ${[`${method} ${path}`, entities, whose].filter((part) => part !== "").join("  ")}`);
  }
}

function printMessage(message: PlanAnswer["messages"][number], { output, say }: Context): void {
  const { id, kind, subject_table: table, subject_id: subject, reasons, verdict, code } = message;
  output.line(`  #${id} ${kind}  ${table} ${subject}`);
  for (const reason of reasons) output.line(`    ${sentence(reason, say)}`);
  if (code === null || verdict === null) return;
  output.line(`    ${say(PLAN.ends, { verdict: code, message: say(told(message.message ?? "")) })}`);
}

function sentence(reason: PlanReason, say: Context["say"]): string {
  const { code, id, source, pipeline_id: pipeline, status_id: stage } = reason;
  return say(PLAN[code], {
    id: id ?? "",
    source: source ?? "",
    pipeline: pipeline ?? "—",
    stage: stage ?? "—",
  });
}
