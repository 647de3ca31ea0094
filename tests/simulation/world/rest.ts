import { unreadHooks } from "../people/hooks.ts";
import type { World } from "./world.ts";

/** What was told of a lead without a deal or contact, and what waits behind it. */
const WAITING = `select told.id from amocrm.outbox as told join amocrm.outbox as waiting using (person_id)
  where (told.kind like 'deal.%' or told.kind = 'contact.fields') and told.state = 'pending' and waiting.state = 'pending'
    and waiting.last_error_code in ('no_deal', 'no_contact')`;

/** Such a message waits for one, and is looked at now and then. */
export async function isTellWaiting({ access }: World): Promise<boolean> {
  return (await access.look(WAITING)).length > 0;
}

/** After how many changes of a world's database something was last found to be left to do. */
const unrestedAt = new WeakMap<World, number>();

/** Nobody is at work, and nothing is left to do: which no hour brings about, only a change. */
export async function isAtRest(world: World): Promise<boolean> {
  if (world.runningCount > 0 || world.ringCount > 0) return false;
  const { changeCount } = world.access;
  if (unrestedAt.get(world) === changeCount) return false;
  if ((await unfinished(world)) !== null) {
    unrestedAt.set(world, changeCount);
    return false;
  }
  return (await unreadHooks(world)) === null;
}

/** What is left to do, in words; null if nothing is. */
export async function unfinished(world: World): Promise<string | null> {
  const rows = await world.access.look<{ text: string }>(`
    select outbox.id || ' ' || outbox.state || ' ' || coalesce(outbox.last_error_code, '') as text from amocrm.outbox
    where outbox.state in ('leased', 'uncertain') or outbox.state = 'pending' and outbox.id not in (${WAITING})
    union all
    select lead.id || ' has no message' from public.unified_lead_tracking as lead
    where lead.amocrm_synced_at is null and not exists (select from amocrm.outbox
      where outbox.subject_id = lead.id and outbox.kind = 'lead.created')
    union all
    select student.id || ' has no message' from public.tripwire_users as student
    where student.amocrm_synced_at is null and not exists (select from amocrm.outbox
      where outbox.subject_id = student.id and outbox.kind = 'student.created')
    union all
    select student.id || ' has no message of lesson ' || progress.lesson_id from public.tripwire_lesson_progress as progress
    join public.tripwire_users as student on student.user_id = progress.user_id
    where not amocrm.is_lesson_told(student.id, progress.lesson_id)
    limit 10`);
  return rows.length === 0 ? null : rows.map(({ text }) => text).join("; ");
}
