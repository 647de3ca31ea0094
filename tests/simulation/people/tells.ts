import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { createChance } from "../world/chance.ts";
import type { Plan } from "../world/plan.ts";
import type { QueueAccess } from "../world/queue-database.ts";
import type { RunRecord } from "../world/run-record.ts";

/** What the host's own code tells amoCRM of a lead in the middle of a run, by amocrm_tell. */
export interface TellHappening {
  kind: "tell";
  atMs: number;
  leadIndex: number;
  what: "deal.note" | "deal.task" | "deal.tags" | "deal.move" | "deal.fields" | "contact.fields";
  /** Its number in the run: the text, the tag, and the key. */
  number: number;
  /** Told once more under the same key, as by a job that runs twice. */
  isRepeated: boolean;
}

const TELL_ODDS = 0.3;
const MAX_TELLS = 14;
const FURTHER_ODDS = 0.15;
const { sales, dealFields, contactFields } = SEED_IDS;
/** What is told of a deal and of a contact: nothing else writes there. */
export const TOLD_FIELDS = { "deal.fields": dealFields.bookingId, "contact.fields": contactFields.telegram };
/** The open stages that a deal is told to go to, in their order. */
export const TOLD_STAGES: readonly number[] = [sales.qualified, sales.proposal];

/** In some runs the host tells something of its leads; tags come in rows, so that neighbours wait for each other. */
export function withTells(plan: Plan): Plan {
  // A chance of its own, so that the rest of a seed's history stays what it was.
  const chance = createChance(plan.seed, "tells");
  const leadCount = plan.happenings.flatMap((one) => (one.kind === "insert" ? one.leads : [])).length;
  if (!chance.happens(TELL_ODDS) || leadCount === 0) return plan;
  const tells: TellHappening[] = [];
  while (tells.length < chance.between(3, MAX_TELLS)) {
    const leadIndex = chance.below(leadCount);
    const atMs = chance.below(plan.calmFromMs);
    const what = chance.pick(["deal.note", "deal.task", "deal.tags"] as const);
    for (let count = what === "deal.tags" ? chance.between(1, 4) : 1; count > 0; count--)
      tells.push({
        kind: "tell",
        atMs,
        leadIndex,
        what,
        number: tells.length,
        isRepeated: chance.happens(0.2),
      });
  }
  return { ...plan, happenings: [...plan.happenings, ...tells] };
}

/** In some runs it also tells stages and values, several of a lead at one moment now and then. */
export function withFurtherTells(plan: Plan): Plan {
  const chance = createChance(plan.seed, "further tells");
  const leadCount = plan.happenings.flatMap((one) => (one.kind === "insert" ? one.leads : [])).length;
  if (!chance.happens(FURTHER_ODDS) || leadCount === 0) return plan;
  const begun = plan.happenings.filter(({ kind }) => kind === "tell").length;
  const tells: TellHappening[] = [];
  while (tells.length < chance.between(3, MAX_TELLS)) {
    const leadIndex = chance.below(leadCount);
    const atMs = chance.below(plan.calmFromMs);
    const what = chance.pick(["deal.move", "deal.fields", "contact.fields"] as const);
    for (let count = what === "deal.fields" ? chance.between(1, 4) : 1; count > 0; count--) {
      const number = begun + tells.length;
      tells.push({ kind: "tell", atMs, leadIndex, what, number, isRepeated: chance.happens(0.2) });
    }
  }
  return { ...plan, happenings: [...plan.happenings, ...tells] };
}

/** The tag that is put on by one tell, and taken off by the lead's next. */
export function tagOf(number: number): string {
  return `tell-${number}`;
}

/** The value of a field that one tell writes. */
export function toldValueOf(number: number): string {
  return `told ${number}`;
}

/** The stage that one tell names. */
export function stageOf(number: number): number {
  return TOLD_STAGES[number % TOLD_STAGES.length] ?? sales.qualified;
}

/** What was told so far, by message. */
class Tells {
  readonly told = new Map<number, { leadId: string; number: number; removes: number | null }>();
  readonly #access: QueueAccess;
  readonly #record: RunRecord;

  constructor(access: QueueAccess, record: RunRecord) {
    this.#access = access;
    this.#record = record;
  }

  async tell({ what, number, isRepeated }: TellHappening, leadId: string): Promise<void> {
    const [known] = await this.#access.query<{ pipeline_id: number | null }>(
      `select deals.pipeline_id::int from public.unified_lead_tracking as leads
       left join amocrm.deals on deals.amocrm_deal_id = leads.amocrm_deal_id where leads.id = $1`,
      [leadId],
    );
    // Of whose deal nobody knows where it stands, nobody says where it is to go.
    if (known === undefined || (what === "deal.move" && known.pipeline_id !== sales.pipeline)) return;
    const before = [...this.told.values()].findLast((one) => one.leadId === leadId)?.number ?? null;
    const payload = {
      "deal.note": { text: `Told ${number}` },
      "deal.task": { text: `Told ${number}`, due_in_minutes: 60 },
      "deal.tags": { add: [tagOf(number)], ...(before === null ? {} : { remove: [tagOf(before)] }) },
      "deal.move": { pipeline_id: sales.pipeline, status_id: stageOf(number) },
      "deal.fields": { values: { [TOLD_FIELDS["deal.fields"]]: toldValueOf(number) } },
      "contact.fields": { values: { [TOLD_FIELDS["contact.fields"]]: toldValueOf(number) } },
    }[what];
    this.#record.trace(`tell ${what} ${number} of ${leadId.slice(0, 8)}`);
    for (let times = isRepeated ? 2 : 1; times > 0; times--) {
      const [row] = await this.#access.query<{ id: number }>(
        "select public.amocrm_tell($1::text::jsonb, $2, $3::text::jsonb, $4) as id",
        [JSON.stringify({ lead_id: leadId }), what, JSON.stringify(payload), `tell-${number}`],
      );
      if (row !== undefined) this.told.set(Number(row.id), { leadId, number, removes: before });
    }
  }
}

const tellsOfWorlds = new WeakMap<object, Tells>();

/** What is told in a run; begun with its first tell. */
export function tellsOf(world: { access: QueueAccess; record: RunRecord }): Tells {
  const known = tellsOfWorlds.get(world) ?? new Tells(world.access, world.record);
  tellsOfWorlds.set(world, known);
  return known;
}
