import { z } from "zod";
import type { Answer } from "../http.ts";
import { EditError } from "./manager-account-edits.ts";
import { type Oddity, type OddKind, odditiesOf } from "./oddities.ts";
import { populate } from "./populate.ts";
import type { AccountStore } from "./store.ts";
import type { World } from "./world.ts";

const KINDS = ["contacts", "leads", "users", "pipelines", "custom_fields"] as const;
const count = z.int().min(0).default(0);

/** A row that is there, and what an integration, an import or amoCRM itself has made of it. */
export const oddRowSchema = z.strictObject({
  kind: z.enum(KINDS),
  id: z.int().min(1),
  member: z.string(),
  json: z.string(),
});
export type OddRow = z.output<typeof oddRowSchema>;

/** How many odd rows of each kind an account is given beside the ordinary ones. */
export const oddPopulationSchema = z.strictObject({
  contacts: count,
  deals: count,
  users: count,
  pipelines: count,
  fields: count,
  /** Which oddity of each kind comes first (oddities.ts). */
  first: count,
});
export type OddPopulation = z.input<typeof oddPopulationSchema>;

/** Makes a row odd in answers from now on; a contact or deal thereby counts as changed just now. */
export function makeOdd(world: World, { kind, id, ...oddity }: OddRow): void {
  const { store } = world;
  store.oddRows.set(`${kind}/${id}`, [...(store.oddRows.get(`${kind}/${id}`) ?? []), oddity]);
  if (kind !== "contacts" && kind !== "leads") return;
  const entity = store.entities(kind).get(id);
  if (entity === undefined) throw new EditError(`The account has no ${kind} ${id}.`);
  entity.updated_at = store.nowSeconds();
  world.hooks.note("update", entity);
}

/** Adds rows of which each is odd in another way; tells their ids by kind. */
export function populateOdd(world: World, input: OddPopulation): Record<OddKind, number[]> {
  const population = oddPopulationSchema.parse(input);
  const { store } = world;
  const { contact_ids, deal_ids } = populate(store, {
    contacts: population.contacts,
    deals: population.deals,
    days: 1,
  });
  const ids: Record<OddKind, number[]> = {
    contacts: contact_ids,
    leads: deal_ids,
    users: numbered(population.users, (ordinal) => addUser(store, ordinal)),
    pipelines: numbered(population.pipelines, (ordinal) => addPipeline(store, ordinal)),
    custom_fields: numbered(population.fields, (ordinal) => addField(store, ordinal)),
  };
  for (const kind of KINDS) {
    const oddities = odditiesOf(kind);
    ids[kind].forEach((id, index) => {
      const oddity = oddities[(population.first + index) % oddities.length];
      if (oddity !== undefined) makeOdd(world, { kind, id, ...oddity });
    });
  }
  return ids;
}

/** The answer to a GET as it leaves: with its odd rows as they are. */
export function withOddRows(store: AccountStore, path: string, answer: Answer): Answer {
  const kind = kindOf(path);
  if (store.oddRows.size === 0 || kind === null || answer.status !== 200) return answer;
  const texts: string[] = [];
  const body: unknown = JSON.parse(answer.body);
  const spoiled = spoilRows(body, (row) => {
    const oddities = store.oddRows.get(`${kind}/${String((row as { id?: unknown } | null)?.id)}`) ?? [];
    return oddities.reduce<unknown>((current, oddity) => replaceIn(current, oddity, texts), row);
  });
  if (texts.length === 0) return answer;
  const json = JSON.stringify(spoiled).replace(/"\uE000(\d+)\uE001"/g, (_, index) => texts[index] ?? "null");
  return { ...answer, body: json };
}

function kindOf(path: string): OddKind | null {
  const match =
    /^\/api\/v4\/(?:leads\/)?(?:contacts\/)?(contacts|leads|users|pipelines|custom_fields)(?:\/\d+)?$/.exec(
      path,
    );
  return (match?.[1] as OddKind | undefined) ?? null;
}

/** The rows of a list, or the one row of an answer about one. */
function spoilRows(body: unknown, spoil: (row: unknown) => unknown): unknown {
  const embedded = (body as { _embedded?: Record<string, unknown>; _page?: number })._embedded;
  const name = KINDS.find((kind) => Array.isArray(embedded?.[kind]));
  const isList = (body as { id?: unknown }).id === undefined && embedded !== undefined && name !== undefined;
  if (!isList) return spoil(body);
  const rows = (embedded[name] as unknown[]).map(spoil);
  return { ...(body as object), _embedded: { ...embedded, [name]: rows } };
}

/** A sign from the private use area stands for the JSON, which no value of this process could become. */
function replaceIn(row: unknown, { member, json }: Oddity, texts: string[]): unknown {
  const mark = `\uE000${texts.push(json) - 1}\uE001`;
  const path = member === "" ? [] : member.split(".");
  return replaceAt(row, path, mark);
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], mark: string): unknown {
  if (key === undefined) return mark;
  // A member that is not there is made: a contact without fields gets its odd one all the same.
  if (Array.isArray(value) || /^\d+$/.test(key)) {
    const list = Array.isArray(value) ? [...value] : [];
    list[Number(key)] = replaceAt(list[Number(key)], rest, mark);
    return list;
  }
  const object = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return { ...object, [key]: replaceAt(object[key], rest, mark) };
}

function numbered(total: number, add: (ordinal: number) => number): number[] {
  return Array.from({ length: total }, (_, index) => add(index + 1));
}

function addUser({ seed }: AccountStore, ordinal: number): number {
  const id = 5_000_000 + seed.users.length;
  const name = `Пользователь ${ordinal}`;
  seed.users.push({
    id,
    name,
    email: `odd${ordinal}@sim.test`,
    lang: "ru",
    is_admin: false,
    is_active: true,
  });
  return id;
}

function addPipeline(store: AccountStore, ordinal: number): number {
  const id = store.nextId("pipelines");
  const stage = {
    id: 10 * id,
    name: "Новая",
    sort: 10,
    color: "#99ccff",
    type: 0 as const,
    is_editable: true,
  };
  store.seed.pipelines.push({
    id,
    name: `Воронка ${ordinal}`,
    sort: 100 + ordinal,
    is_main: false,
    is_unsorted_on: false,
    is_archive: false,
    stages: [stage],
  });
  return id;
}

function addField(store: AccountStore, ordinal: number): number {
  const id = store.nextId("fields");
  store.seed.fields.push({
    id,
    name: `Поле ${ordinal}`,
    type: "select",
    code: null,
    sort: id,
    entity: "leads",
    is_predefined: false,
    is_api_only: false,
    enums: [{ id: 10 * id, value: "Да", sort: 10 }],
  });
  return id;
}
