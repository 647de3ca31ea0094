import { decoded, formPairs } from "./form-pairs.ts";

const ENTITIES = new Map([
  ["leads", "deal"],
  ["contacts", "contact"],
] as const);
const ACTIONS = ["add", "update", "delete", "restore", "status", "responsible"] as const;
/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799;

type HookAction = (typeof ACTIONS)[number];

/** That something happened to an entity, as a hook says; it is unsigned, so the entity itself is read again. */
export interface Hint {
  entity: "contact" | "deal";
  action: HookAction;
  id: number;
  /** Unix seconds by amoCRM's clock; null if the hook does not tell. Used only to spare a reading. */
  updatedAt: number | null;
  /** Of a deal: `pipeline.status`, if the hook names both. Used only to tell a manager's move from our own write. */
  place?: string;
}

/** What one delivery of amoCRM tells us. */
export interface Hook {
  /** Null if it names none. */
  accountId: number | null;
  hints: readonly Hint[];
}

interface Entry {
  entity: Hint["entity"];
  action: HookAction;
  id: number | null;
  updatedAt: number | null;
  pipelineId: number | null;
  statusId: number | null;
  isCompany: boolean;
}

const NOTHING_KNOWN = { id: null, updatedAt: null, pipelineId: null, statusId: null, isCompany: false };

/**
 * Reads amoCRM's form (amocrm-api.md 5.2) by a reader of our own: no library takes all that comes (bodies of more than 20
 * entries, encoded brackets, cut escapes). Several entities and actions may be in one. Null if it is no hook at all.
 */
export function readHook(body: string): Hook | null {
  const entries = new Map<string, Entry>();
  let accountId: number | null = null;
  let isHook = false;
  let nameless = 0;
  for (const { path, raw } of formPairs(body)) {
    const [root, action, index, field] = path;
    if (root === "account" && action === "id" && path.length === 2) accountId = wholeNumber(raw) ?? accountId;
    const entity = ENTITIES.get(root as "leads" | "contacts");
    if (entity === undefined || !isAction(action) || field === undefined || path.length !== 4) continue;
    // Empty brackets begin a new entry each time; of such a one only the id is of use.
    const key = `${root} ${action} ${index === "" ? `nameless ${nameless++}` : `at ${index}`}`;
    const entry = entries.get(key) ?? { ...NOTHING_KNOWN, entity, action };
    entries.set(key, entry);
    isHook = true;
    take(entry, field, raw);
  }
  if (accountId === null && !isHook) return null;
  return { accountId, hints: [...entries.values()].flatMap(hintOf) };
}

/** Of a field that is named twice the last one counts, as in PHP. */
function take(entry: Entry, field: string, raw: string): void {
  switch (field) {
    case "id":
      entry.id = wholeNumber(raw);
      break;
    case "updated_at":
      entry.updatedAt = secondOf(raw) ?? entry.updatedAt;
      break;
    case "last_modified":
      entry.updatedAt ??= secondOf(raw);
      break;
    case "pipeline_id":
      entry.pipelineId = wholeNumber(raw);
      break;
    case "status_id":
      entry.statusId = wholeNumber(raw);
      break;
    case "type":
      entry.isCompany = decoded(raw) === "company";
      break;
  }
}

function hintOf({ entity, action, id, updatedAt, pipelineId, statusId, isCompany }: Entry): Hint[] {
  // Companies come among the contacts, and the mirror has none.
  if (id === null || isCompany) return [];
  const hasPlace = entity === "deal" && pipelineId !== null && statusId !== null;
  return [{ entity, action, id, updatedAt, ...(hasPlace && { place: `${pipelineId}.${statusId}` }) }];
}

function isAction(action: string | undefined): action is HookAction {
  return ACTIONS.some((known) => known === action);
}

function secondOf(raw: string): number | null {
  const second = wholeNumber(raw);
  return second !== null && second <= LAST_SECOND ? second : null;
}

/** Above zero, and one that a double holds; null for everything else. */
function wholeNumber(raw: string): number | null {
  const text = decoded(raw);
  return /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}
