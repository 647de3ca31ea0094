import { createHash } from "node:crypto";
import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import { readHook } from "#shared/amocrm/webhook/read-hook.ts";
import { createHookStore } from "#shared/amocrm/webhook/store.ts";
import type { Chance } from "../world/chance.ts";
import type { Plan } from "../world/plan.ts";
import { FUNCTIONS_URL } from "../world/queue-database.ts";
import type { VirtualTime } from "../world/virtual-time.ts";
import type { World } from "../world/world.ts";

const OFTEN = 0.15;
const SECRET = "simulated-secret";
const DESTINATION = `${FUNCTIONS_URL}/amocrm-webhook/${SECRET}`;
const EVENTS = [
  ...["add", "update", "delete", "restore", "responsible"].flatMap((act) => [
    `${act}_lead`,
    `${act}_contact`,
  ]),
  "status_lead",
];
/** Longer than the slowest list takes to show a change. */
const LISTED_MS = 200_000;
/** A pull goes through much more quickly, also after a failed one. */
const MAX_PULL_MS = 2 * 3_600_000;

/** amoCRM's hooks: `sure` ones all arrive, and then no pull is needed; of others some are lost, and a pull tells the rest. */
export type HookPlan = "sure" | "lossy";

/** Now and then the account has hooks, which come twice, late and in another order, in odd bodies. */
export function withHooks(plan: Plan, chance: Chance): Plan {
  return chance.happens(OFTEN) ? hooked(plan, chance, chance.pick(["sure", "lossy"])) : plan;
}

export function hooked(plan: Plan, chance: Chance, hooks: HookPlan): Plan {
  const settings: SettingsInput["hooks"] = {
    lost: hooks === "sure" ? 0 : 0.3,
    doubled: 0.2,
    late_ms: chance.pick([0, 2000, 120_000]),
    entries_max: chance.pick([1, 10, 50]),
    order: "shuffled",
    brackets: "mixed",
    odd_values: true,
    on_move: chance.pick(["both", "status", "update"]),
    updated_at: chance.pick(["given", "given", "missing"]),
  };
  return {
    ...plan,
    hooks,
    pullIntervalSeconds: hooks === "sure" ? 86_400 : (plan.pullIntervalSeconds ?? 240),
    account: { ...plan.account, hooks: settings },
  };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Subscribes the project, as `webhook on` does. */
export async function subscribe(world: World): Promise<void> {
  if (world.plan.hooks === undefined) return;
  world.simulator.hooks.subscribe(DESTINATION, EVENTS, 10, 1);
  await world.access.query(
    "insert into amocrm.webhook_control (secret_hash, made_at, checked_at, state) values ($1, amocrm.clock(), amocrm.clock(), 'on')",
    [hashOf(SECRET)],
  );
}

/**
 * What amocrm-webhook answers (webhook/endpoint.ts). The hash is not the runtime's own, which is made on a thread beside and
 * would make two runs differ.
 */
export async function receiveHook(world: World, url: string, body: string): Promise<number> {
  world.record.counts.hooks += 1;
  if (!world.isDatabaseReachable) return 503;
  const hook = readHook(body);
  const delivery = {
    key: hashOf(body),
    accountId: hook?.accountId ?? null,
    hints: hook?.hints ?? null,
    body: hook === null ? body : null,
  };
  const outcome = await createHookStore(world.access.rpc).receive(
    hashOf(url.split("/").at(-1) ?? ""),
    delivery,
  );
  world.record.trace(
    `HOOK ${outcome} ${hook?.hints.map(({ action, entity, id }) => `${action} ${entity} ${id}`).join(", ")}`,
  );
  return outcome === "unknown" ? 404 : 200;
}

/** What is still to come of the hooks; null if nothing is. */
export async function unreadHooks(world: World): Promise<string | null> {
  if (world.plan.hooks === undefined) return null;
  const waiting = world.simulator.hooks.waitingCount;
  if (waiting > 0) return `${waiting} hooks are on their way`;
  const [row] = await world.access.look<{ text: string | null }>(
    `select string_agg(named.what, ', ') as text from (
      select hints.entity || ' ' || hints.amocrm_id as what from amocrm.hints where hints.due_at is not null
      union all select hint_notes.hints::text from amocrm.hint_notes) as named`,
  );
  return row?.text ? `hooks named ${row.text}` : null;
}

/** After the rest of a run: what hooks alone have told, then a pull, and what all together have. */
export async function judgeHooks(world: World, time: VirtualTime): Promise<string[]> {
  if (world.plan.hooks === undefined) return [];
  const alone = world.plan.hooks === "sure" ? await unlikeDeals(world, await editedDeals(world)) : [];
  await time.sleep(LISTED_MS);
  await world.answerBell("select public.amocrm_pull_request(null, true)");
  const untilMs = time.nowMs() + MAX_PULL_MS;
  for (;;) {
    await time.sleep(10_000);
    const [row] = await world.access.query<{ is_due: boolean }>(
      "select amocrm.due_pull() is not null or exists (select from amocrm.pull_control where lease_expires_at > amocrm.clock()) as is_due",
    );
    if (row?.is_due !== true || time.nowMs() > untilMs) break;
  }
  const all = world.simulator.state.deals().map(({ id }) => id);
  return [
    ...alone.map((text) => `with sure hooks and no pull, ${text}`),
    ...(await unlikeDeals(world, new Set(all))),
    ...(await unlikeContacts(world)),
    ...(await brokenEvents(world)),
    ...(await needlessReadings(world)),
  ];
}

/** Deals that a manager changed last. Where we moved one ourselves, its hooks are echoes, and the next pull tells it. */
async function editedDeals({ access, manager, simulator }: World): Promise<Set<number>> {
  const own = await access.query<{ id: number; place: string }>(
    "select amocrm_id::float8 as id, pipeline_id || '.' || status_id as place from amocrm.own_writes where entity = 'deal'",
  );
  const ownPlaces = new Map(own.map(({ id, place }) => [id, place]));
  const edited = simulator.state.deals().filter(({ id }) => manager.editedDealIds.has(id));
  return new Set(
    edited
      .filter((deal) => ownPlaces.get(deal.id) !== `${deal.pipeline_id}.${deal.status_id}`)
      .map(({ id }) => id),
  );
}

interface MirrorDeal {
  id: number;
  pipeline_id: number | null;
  status_id: number | null;
  is_deleted: boolean;
}

async function unlikeDeals(world: World, ids: ReadonlySet<number>): Promise<string[]> {
  const rows = await world.access.query<MirrorDeal>(
    "select amocrm_deal_id::float8 as id, pipeline_id::int, status_id::int, is_deleted from public.amocrm_deals",
  );
  const mirror = new Map(rows.map((row) => [row.id, row]));
  return world.simulator.state
    .deals()
    .filter(({ id }) => ids.has(id) && !world.manager.isKeptOff("leads", id))
    .flatMap((deal) => {
      const row = mirror.get(deal.id);
      // What was made and deleted between two readings was never here.
      if (row === undefined) return deal.is_deleted ? [] : [`the mirror lacks deal ${deal.id}`];
      const isAlike =
        row.is_deleted === deal.is_deleted &&
        (deal.is_deleted || (row.pipeline_id === deal.pipeline_id && row.status_id === deal.status_id));
      return isAlike
        ? []
        : [`deal ${deal.id} is ${deal.status_id} in amoCRM and ${row.status_id} in the mirror`];
    });
}

async function unlikeContacts(world: World): Promise<string[]> {
  const rows = await world.access.query<{ id: number; is_deleted: boolean }>(
    "select amocrm_contact_id::float8 as id, is_deleted from amocrm.contacts",
  );
  const mirror = new Map(rows.map((row) => [row.id, row]));
  return world.simulator.state
    .contacts()
    .filter(({ id }) => !world.manager.isKeptOff("contacts", id))
    .flatMap(({ id, is_deleted: isDeleted }) => {
      const row = mirror.get(id);
      if (row === undefined) return isDeleted ? [] : [`the mirror lacks contact ${id}`];
      return row.is_deleted === isDeleted
        ? []
        : [`contact ${id} is ${isDeleted ? "" : "not "}deleted in amoCRM only`];
    });
}

interface EventRow {
  deal: number;
  event: string;
  was: string | null;
  becomes: string | null;
}

/** Each change once: the events of a deal make one chain, from its beginning to where it stands. */
async function brokenEvents(world: World): Promise<string[]> {
  const rows = await world.access.query<EventRow>(
    `select amocrm_deal_id::float8 as deal, event, from_pipeline_id || '/' || from_status_id as was, to_pipeline_id || '/' || to_status_id as becomes
     from public.amocrm_deal_events where event not in ('responsible_changed', 'price_changed') order by id`,
  );
  const mirror = await world.access.query<{ deal: number; place: string | null; is_deleted: boolean }>(
    "select amocrm_deal_id::float8 as deal, pipeline_id || '/' || status_id as place, is_deleted from public.amocrm_deals",
  );
  world.record.counts.dealEvents += rows.length;
  const [early] = await world.access.query<{ count: number }>(
    `select count(*)::int as count from public.amocrm_deal_events
     where seen_at < (select min(ended_at) from amocrm.pulls where entity = 'deal' and kind = 'first' and state = 'done')`,
  );
  const broken = mirror.flatMap(({ deal, place, is_deleted: isDeleted }) => {
    const chain = rows.filter((row) => row.deal === deal);
    const [first] = chain;
    if (first === undefined || world.manager.isKeptOff("leads", deal)) return [];
    let stands = first.event === "added" ? null : first.was;
    let isGone = false;
    for (const { event, was, becomes } of chain) {
      if (event === "added" && was === null && stands === null) stands = becomes;
      else if (event === "deleted" && was === stands && !isGone) isGone = true;
      else if (event === "restored" && was === stands && isGone) isGone = false;
      else if (!["added", "deleted", "restored"].includes(event) && was === stands && was !== becomes)
        stands = becomes;
      else return [`deal ${deal} has events that are no chain: ${JSON.stringify(chain)}`];
    }
    const isRight = stands === place && isGone === isDeleted;
    return isRight ? [] : [`the events of deal ${deal} end at ${stands}, it stands at ${place}`];
  });
  return (early?.count ?? 0) > 0 ? [...broken, `the first pull made ${early?.count} events`] : broken;
}

/** What we made and noted, and of which hooks told nothing but that it was made, is not read afterwards because of them. */
async function needlessReadings({ access, record }: World): Promise<string[]> {
  if (record.counts.clockJumps > 0) return [];
  const rows = await access.query<{ what: string; hooked_at_ms: number }>(
    `select hints.entity || ' ' || hints.amocrm_id as what, extract(epoch from hints.noted_at)::float8 * 1000 as hooked_at_ms
     from amocrm.hints
     join amocrm.own_writes as own on own.entity = hints.entity and own.amocrm_id = hints.amocrm_id and own.account = hints.account
     where own.is_created and hints.is_new_only`,
  );
  // A hook that came after the reading had begun says nothing of why it was read, nor does a write that was noted later.
  const needless = rows.filter(({ what, hooked_at_ms }) => {
    const takenAtMs = record.hintsTakenAtMs.get(what) ?? 0;
    return takenAtMs > hooked_at_ms && takenAtMs > (record.writesNotedAtMs.get(what) ?? 0);
  });
  return needless.map(({ what }) => `our own ${what} was read because of its hook`);
}
