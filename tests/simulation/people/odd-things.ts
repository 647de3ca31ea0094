import { ODD_TEXTS, ODD_VALUES } from "#dev/amocrm-simulator/account/oddities.ts";
import { populatedEmail } from "#dev/amocrm-simulator/account/populate.ts";
import { type Chance, createChance } from "../world/chance.ts";
import { GOOD_SOURCES, type Happening, type LeadDraft, type Plan } from "../world/plan.ts";
import type { World } from "../world/world.ts";

/** From one moment on a row of the account is odd in a member that says nothing of whose it is. */
export interface OddHappening {
  kind: "odd";
  atMs: number;
  of: "contacts" | "leads";
  member: string;
  json: string;
}

const ODD_JSON = [...ODD_TEXTS, ...ODD_VALUES];
/** A deal's name is not among them: without a marker it tells whose the deal is. */
const HARMLESS_MEMBERS = {
  contacts: ["name", "name", "created_at", "_embedded.tags", "_embedded.companies"],
  leads: ["price", "_embedded.tags"],
} as const;
/** Metadata may be nested so deep (metadata_is_not_too_deep); the object itself is a level. */
const LISTS_MAX = 31;
const NAME_MAX = 250;
const MAX_ODD_ROWS = 6;
const MAX_ODD_HAPPENINGS = 4;

/** Odd values wherever somebody may leave one: imports and integrations in the account, visitors in the forms. */
export function withOddThings(plan: Plan, chance: Chance): Plan {
  const count = () => chance.below(MAX_ODD_ROWS + 1);
  const contacts = count();
  const oddRows = {
    // Each run has others.
    first: chance.below(500),
    contacts,
    deals: count(),
    users: count(),
    pipelines: count(),
    fields: count(),
  };
  const happenings: Happening[] = [
    ...plan.happenings.map((happening) =>
      happening.kind === "insert"
        ? {
            ...happening,
            leads: happening.leads.map((lead) =>
              chance.happens(0.15) ? { ...lead, ...oddlyTyped(lead.full_name, plan, chance) } : lead,
            ),
          }
        : happening,
    ),
    ...Array.from({ length: chance.below(MAX_ODD_HAPPENINGS + 1) }, () => planOddHappening(plan, chance)),
    // A change may give any lead the address of anybody: then the odd one's fate would be everybody's.
    ...(plan.hasMixedKeys ? [] : visitsOfOddOnes(plan, contacts, chance)),
  ];
  const pullIntervalSeconds = plan.pullIntervalSeconds ?? (chance.happens(0.4) ? 60 : null);
  return { ...plan, oddRows, pullIntervalSeconds, happenings };
}

/** A lead of somebody whose contact the account holds as one of its odd rows: it arrives, or is dead by name. */
export function isOfOddOne(email: string | null): boolean {
  return email?.endsWith("@population.test") === true;
}

/** Beside a deal without an id a lost answer may not be found nor ruled out: then it is left to a person. */
export function isLeftToPerson(code: string | null, { oddRows }: Plan): boolean {
  return code === "look_unclear" && (oddRows?.deals ?? 0) > 0;
}

/** Before the first lead: rows of which each is odd in another way. */
export function addOddRows({ simulator, plan, manager }: World): void {
  if (plan.oddRows === undefined) return;
  const { contacts, leads } = simulator.control.populateOdd(plan.oddRows);
  manager.keepOff({ contacts, leads });
}

/** The newest row is made odd, or one of those before it. */
export async function makeRowOdd(world: World, happening: OddHappening): Promise<void> {
  const { simulator, plan, record, manager } = world;
  const { of: kind, member, json, atMs } = happening;
  const rows = (kind === "contacts" ? simulator.state.contacts() : simulator.state.deals()).filter(
    ({ id, is_deleted }) => !is_deleted && !manager.isKeptOff(kind, id),
  );
  const row = createChance(plan.seed, `odd row ${atMs}`).pick(rows);
  if (row === undefined || (kind === "contacts" && (await isHeldByPrepareOnly(world, row.id)))) return;
  simulator.control.makeOdd({ kind, id: row.id, member, json });
  record.counts.oddRows += 1;
  record.trace(`ODD ${kind} ${row.id}: ${member} is ${json.slice(0, 40)}`);
}

/**
 * A run that begins with a complete mirror says so before the first look has filled it (prepare.ts). A contact that
 * changes in between would be hidden from a late list and from the mirror: a history that no real mirror comes by.
 */
async function isHeldByPrepareOnly({ plan, knownContactIds, access }: World, id: number): Promise<boolean> {
  if (!plan.hasMirror || !knownContactIds.has(id)) return false;
  const rows = await access.query("select from amocrm.contacts where amocrm_contact_id = $1", [id]);
  return rows.length === 0;
}

function planOddHappening(plan: Plan, chance: Chance): OddHappening {
  const of = chance.pick(["contacts", "contacts", "leads"] as const);
  return {
    kind: "odd",
    atMs: chance.below(plan.calmFromMs),
    of,
    member: chance.pick<string>(HARMLESS_MEMBERS[of]),
    json: chance.pick(ODD_JSON),
  };
}

/** What a form takes and the database stores; each must arrive like any other. */
function oddlyTyped(name: string, { marker }: Plan, chance: Chance): Partial<LeadDraft> {
  const names = [
    `${name} \u0007\u001B[31m \u202E\u2066 \uFEFF`,
    // Cut or filled in, a name would not tell whose a deal without a marker is.
    ...(marker === "set"
      ? [
          `${name} ${"я".repeat(NAME_MAX - name.length - 2)}🙂${"я".repeat(200)}`,
          `${name} {name} {source} {{{`,
        ]
      : []),
  ];
  let lists: unknown = name;
  for (let level = 0; level < LISTS_MAX; level++) lists = [lists];
  const metadata: Record<string, unknown>[] = [
    { lists },
    { number: 1e308, small: -5e-324, whole: 2 ** 64, budget: 9_007_199_254_740_991 },
    { constructor: name, "metadata.a.b": "\u202E", "": "\u0007", __proto__x: null },
    { text: "🙂я".repeat(2500) },
    Object.fromEntries(Array.from({ length: 200 }, (_, key) => [`key ${key}`, name])),
  ];
  return chance.happens(0.5) ? { full_name: chance.pick(names) } : { metadata: chance.pick(metadata) };
}

function visitsOfOddOnes(plan: Plan, contactCount: number, chance: Chance): Happening[] {
  return Array.from({ length: Math.min(contactCount, chance.below(4)) }, () => {
    const lead = {
      id: chance.uuid(),
      full_name: `Odd ${chance.below(1_000_000)}`,
      email: populatedEmail(chance.between(1, contactCount)),
      phone: null,
      source: chance.pick(GOOD_SOURCES),
      metadata: null,
    };
    return { kind: "insert", atMs: chance.below(plan.calmFromMs), leads: [lead], losesMessage: false };
  });
}
