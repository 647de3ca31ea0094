import { WebhookAnswer } from "#shared/admin/answers.ts";
import { filled, same, type Text } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure, usageFailure } from "../failure.ts";
import { timeOf } from "../find/time.ts";
import { told } from "../language/told.ts";
import { WEBHOOK } from "../words/webhook.ts";

/** What stands behind `webhook`, as typed. */
export interface WebhookFlags {
  mode?: string;
}

const MODES = ["on", "off", "status"] as const;
const PROBLEMS: Readonly<Record<string, Text>> = {
  plan: WEBHOOK.plan,
  rights: WEBHOOK.rights,
  no_address: WEBHOOK.noAddress,
};
const SUBSCRIPTIONS: Readonly<Record<WebhookAnswer["subscription"], Text>> = {
  on: WEBHOOK.isOn,
  off: WEBHOOK.isOff,
  disabled: WEBHOOK.isDisabled,
  missing: WEBHOOK.isMissing,
  unknown: WEBHOOK.isUnknown,
};

/** `webhook on|off|status`: whether amoCRM tells of changes by itself. */
export async function runWebhook({ mode = "status" }: WebhookFlags, context: Context): Promise<number> {
  const { askAdmin, output, say } = context;
  const known = MODES.find((one) => one === mode);
  if (known === undefined) throw usageFailure(filled(WEBHOOK.modes, { typed: JSON.stringify(mode) }));
  const answer = await askAdmin({ action: "webhook", mode: known }, WebhookAnswer);
  const { problem, subscription } = answer;
  if (problem !== null && known !== "status") {
    const says = PROBLEMS[problem.code] ?? filled(WEBHOOK.failed, { reason: told(problem.message) });
    throw new Failure(problem.code, says, same("npm run amocrm -- doctor"), EXIT.wrong);
  }
  output.document(answer);
  const isGood = subscription === "on" || subscription === "off";
  output.line(`${isGood ? "✓" : "✗"} ${say(SUBSCRIPTIONS[subscription])}`);
  if (problem !== null) output.line(`  ${say(PROBLEMS[problem.code] ?? told(problem.message))}`);
  if (known !== "off") printStatus(answer, context);
  return isGood ? EXIT.ok : EXIT.wrong;
}

function printStatus({ status, subscription }: WebhookAnswer, { output, say }: Context): void {
  if (subscription === "off") return;
  const { last_delivery_at: last, healed_at: healed } = status;
  output.line(last === null ? say(WEBHOOK.noDelivery) : say(WEBHOOK.lastDelivery, { at: timeOf(last) }));
  output.line(
    say(WEBHOOK.deliveries, {
      hour: status.deliveries_hour,
      day: status.deliveries_day,
      duplicates: status.duplicates_day,
    }),
  );
  output.line(say(WEBHOOK.changes, { hooks: status.by_hooks_day, pulls: status.by_pulls_only_day }));
  if (status.unreadable_count > 0) output.line(say(WEBHOOK.unreadable, { count: status.unreadable_count }));
  if (status.foreign_count > 0) output.line(say(WEBHOOK.foreign, { count: status.foreign_count }));
  if (healed !== null) output.line(say(WEBHOOK.healed, { at: timeOf(healed) }));
  output.line(say(status.is_healthy ? WEBHOOK.healthy : WEBHOOK.notHealthy));
}
