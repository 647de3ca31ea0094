import type { Ports } from "../ports.ts";
import type { Settings } from "../settings.ts";
import type { AccountSeed } from "./account-seed.ts";
import { defaultAccount } from "./account-seed.ts";
import { haystackOf } from "./haystack.ts";
import type {
  Company,
  Contact,
  Deal,
  Entity,
  EntityKind,
  Field,
  HistoryEvent,
  Note,
  Pipeline,
  Stage,
  Tag,
  Task,
} from "./models.ts";
import type { Oddity } from "./oddities.ts";
import { SearchIndex } from "./search-index.ts";

/** First ids of what the account creates, far apart so that an id tells its kind. */
const FIRST_ID = {
  leads: 800_001,
  contacts: 900_001,
  companies: 950_001,
  notes: 1_000_001,
  tasks: 2_000_001,
  tags: 3_000_001,
  fields: 700_001,
  enums: 710_001,
  pipelines: 730_001,
  events: 4_000_001,
};

export type IdKind = keyof typeof FIRST_ID;

/** One account's data: what has been written, with the indices that keep lists and searches quick. */
export class AccountStore {
  readonly seed: AccountSeed;
  readonly contacts = new Map<number, Contact>();
  readonly deals = new Map<number, Deal>();
  readonly companies = new Map<number, Company>();
  readonly notes = new Map<number, Note>();
  readonly tasks = new Map<number, Task>();
  readonly tags: Record<EntityKind, Map<number, Tag>> = {
    contacts: new Map(),
    leads: new Map(),
    companies: new Map(),
  };
  readonly events: HistoryEvent[] = [];
  /** What is odd about a row in answers, by `kind/id`. */
  readonly oddRows = new Map<string, Oddity[]>();
  /** Until when an entity is left out of reads by its id, by `kind.id`; each at most once (`lists.blank_by_id`). */
  readonly blankUntilMs = new Map<string, number>();
  readonly #ports: Ports;
  readonly #settings: () => Settings;
  readonly #noteIds = new Map<string, number[]>();
  readonly #nextIds = { ...FIRST_ID };
  readonly #searches: Record<EntityKind, SearchIndex> = {
    contacts: new SearchIndex(),
    leads: new SearchIndex(),
    companies: new SearchIndex(),
  };

  constructor(ports: Ports, settings: () => Settings, seed: AccountSeed = defaultAccount()) {
    this.#ports = ports;
    this.#settings = settings;
    this.seed = structuredClone(seed);
  }

  nextId(kind: IdKind): number {
    return this.#nextIds[kind]++;
  }

  /** The account's own clock in Unix seconds: it may run beside the client's (`clock_skew_ms`). */
  nowSeconds(): number {
    return Math.floor((this.#ports.now() + this.#settings().clock_skew_ms) / 1000);
  }

  entities(kind: EntityKind): Map<number, Contact> | Map<number, Deal> | Map<number, Company> {
    if (kind === "contacts") return this.contacts;
    return kind === "leads" ? this.deals : this.companies;
  }

  /** The entity, unless it is unknown or deleted. */
  living(kind: EntityKind, id: number): Entity | undefined {
    const entity = this.entities(kind).get(id);
    return entity?.is_deleted === false ? entity : undefined;
  }

  fieldsOf(kind: EntityKind): Field[] {
    return this.seed.fields.filter((field) => field.entity === kind);
  }

  fieldById(kind: EntityKind, id: number): Field | undefined {
    return this.seed.fields.find((field) => field.id === id && field.entity === kind);
  }

  fieldByCode(kind: EntityKind, code: string): Field | undefined {
    return this.seed.fields.find((field) => field.code === code && field.entity === kind);
  }

  pipeline(id: number): Pipeline | undefined {
    return this.seed.pipelines.find((pipeline) => pipeline.id === id && !pipeline.is_archive);
  }

  mainPipeline(): Pipeline {
    const main = this.seed.pipelines.find((pipeline) => pipeline.is_main) ?? this.seed.pipelines[0];
    if (main === undefined) throw new Error("The account seed has no pipeline; give it at least one.");
    return main;
  }

  stage(pipelineId: number, statusId: number): Stage | undefined {
    return this.pipeline(pipelineId)?.stages.find((stage) => stage.id === statusId);
  }

  addNote(note: Note): void {
    this.notes.set(note.id, note);
    const key = `${note.entity_kind}/${note.entity_id}`;
    const ids = this.#noteIds.get(key);
    if (ids === undefined) this.#noteIds.set(key, [note.id]);
    else ids.push(note.id);
  }

  /** Notes of the entities named, or of all of the kind, by id. */
  notesOf(kind: EntityKind, entityIds: number[]): Note[] {
    if (entityIds.length === 0) return [...this.notes.values()].filter((note) => note.entity_kind === kind);
    return [...new Set(entityIds)]
      .flatMap((id) => this.#noteIds.get(`${kind}/${id}`) ?? [])
      .sort((one, other) => one - other)
      .flatMap((id) => this.notes.get(id) ?? []);
  }

  /** True for a user who may be named in a write; a dismissed one may not (amocrm-api 7, row 3). */
  isActiveUser(id: number): boolean {
    return this.seed.users.some((user) => user.id === id && user.is_active);
  }

  /** The tag of that name, made when it is new; each kind of entity has its own dictionary. */
  tagByName(kind: EntityKind, name: string): Tag {
    for (const tag of this.tags[kind].values()) if (tag.name === name) return tag;
    const tag = { id: this.nextId("tags"), name, color: null };
    this.tags[kind].set(tag.id, tag);
    return tag;
  }

  /** Puts the entity's present text before the search, after the lag the settings ask for. */
  index(kind: EntityKind, entity: Entity): void {
    const { search } = this.#settings();
    const nowMs = this.#ports.now();
    const jitterMs = search.lag_jitter_ms > 0 ? this.#ports.random() * search.lag_jitter_ms : 0;
    const haystack = haystackOf(entity, search);
    this.#searches[kind].put(entity.id, haystack, nowMs + search.lag_ms + jitterMs, nowMs);
  }

  /** Makes an entity searchable at once, as one that has been there for long. */
  indexNow(kind: EntityKind, entity: Entity): void {
    const nowMs = this.#ports.now();
    this.#searches[kind].put(entity.id, haystackOf(entity, this.#settings().search), nowMs, nowMs);
  }

  /** Ids the search answers with, noise included when the settings ask for it. */
  search(kind: EntityKind, query: string): Set<number> {
    const { search } = this.#settings();
    const found = this.#searches[kind].find(query, this.#ports.now(), search);
    if (search.noise_hits === 0 || (found.size === 0 && !search.noise_on_miss)) return found;
    const ids = [...this.entities(kind).keys()];
    for (let hit = 0; hit < search.noise_hits && ids.length > 0; hit++) {
      const id = ids[Math.floor(this.#ports.random() * ids.length)];
      if (id !== undefined) found.add(id);
    }
    return found;
  }

  /** Notes a change in the account's history. */
  record(
    event: Pick<HistoryEvent, "type" | "entity_id" | "entity_type" | "created_by"> & Partial<HistoryEvent>,
  ): void {
    this.events.push({
      value_before: [],
      value_after: [],
      ...event,
      id: `sim${this.nextId("events")}`,
      created_at: this.nowSeconds(),
    });
  }
}
