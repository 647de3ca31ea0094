import type { Health, Quarantine, StatusAnswer } from "../answer.ts";
import type { AdminPorts } from "../port.ts";

/** How leads get out of the quarantine (as the alert form_flood has it). */
const RELEASE = "npm run amocrm -- quarantine";

/**
 * How things are. The database's own verdict comes first; if it finds nothing wrong, the functions' settings may still
 * lack something, which the database only learns when it first calls the drain.
 */
export async function readStatus({ store, account }: AdminPorts): Promise<StatusAnswer> {
  const [health, outbox, duplicateCount, deadLetterCount, openAlerts, mail] = await Promise.all([
    store.health(),
    store.outboxRows(),
    store.duplicateCount(),
    store.deadLetterCount(),
    store.openAlerts(),
    store.mailHealth(),
  ]);
  const { hindrance } = account;
  const judged =
    health.verdict === "ok" && hindrance !== null
      ? { verdict: hindrance.verdict, problem: hindrance.message, remedy: "supabase secrets set" }
      : { verdict: health.verdict, problem: health.problem, remedy: health.remedy };
  return {
    ...judged,
    health,
    outbox,
    duplicate_count: duplicateCount,
    dead_letter_count: deadLetterCount,
    open_alerts: openAlerts,
    quarantine: quarantineOf(health),
    mail,
  };
}

function quarantineOf({
  quarantined_count: count,
  oldest_quarantined_at: oldestAt,
}: Health): Quarantine | null {
  return count === 0 ? null : { lead_count: count, oldest_at: oldestAt, remedy: RELEASE };
}
