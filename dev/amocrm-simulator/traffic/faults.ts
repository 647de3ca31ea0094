import { z } from "zod";

const matchSchema = {
  /** Only requests of this method. */
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]).optional(),
  /** Only requests whose path fits: `*` stands for any characters, for instance `/api/v4/leads/*`. */
  path: z.string().min(1).optional(),
  /** Only requests whose query or body holds this text, as a person would read it: one lead's, for instance. */
  content: z.string().min(1).optional(),
  /** How many matching requests are hit; without it all of them, until the fault is taken away. */
  times: z.int().min(1).optional(),
  /** How many matching requests are let through first. */
  skip: z.int().min(0).optional(),
  /** The chance of a matching request to be hit, 0 to 1. */
  probability: z.number().min(0).max(1).optional(),
};

/** One fault as a script names it. */
export const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rate_limit"),
    ...matchSchema,
    body: z.enum(["cycle", "json", "html", "empty"]).optional(),
    retry_after_s: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("block"), ...matchSchema }),
  z.strictObject({
    kind: z.literal("status"),
    ...matchSchema,
    status: z.int().min(400).max(599),
    /** In amoCRM's common shape, a gateway's page, nothing; or whatever is given. */
    body: z
      .union([
        z.enum(["json", "html", "empty"]),
        z.strictObject({ json: z.unknown() }),
        z.strictObject({ text: z.string() }),
      ])
      .optional(),
    after_write: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal("unauthorized"), ...matchSchema }),
  z.strictObject({ kind: z.literal("unpaid"), ...matchSchema }),
  z.strictObject({ kind: z.literal("forbidden"), ...matchSchema }),
  z.strictObject({ kind: z.literal("hang"), ...matchSchema }),
  z.strictObject({ kind: z.literal("reset"), ...matchSchema }),
  z.strictObject({
    kind: z.literal("lost_answer"),
    ...matchSchema,
    ending: z.enum(["reset", "hang"]).optional(),
  }),
  z.strictObject({ kind: z.literal("slow"), ...matchSchema, ms: z.int().min(0) }),
  z.strictObject({ kind: z.literal("missing_items"), ...matchSchema, count: z.int().min(1).optional() }),
  z.strictObject({ kind: z.literal("cut_body"), ...matchSchema }),
]);

export type Fault = z.output<typeof faultSchema>;

/** A fault in force, with what is left of it. */
export interface ActiveFault {
  id: number;
  fault: Fault;
  hitCount: number;
  skippedCount: number;
}

/** The faults in force, in the order they were given; the first that fits a request strikes. */
export class FaultScript {
  readonly #random: () => number;
  #active: { state: ActiveFault; pattern: RegExp | undefined }[] = [];
  #nextId = 1;

  constructor(random: () => number) {
    this.#random = random;
  }

  add(fault: Fault): ActiveFault {
    const state = { id: this.#nextId++, fault, hitCount: 0, skippedCount: 0 };
    this.#active.push({ state, pattern: fault.path === undefined ? undefined : globPattern(fault.path) });
    return state;
  }

  list(): ActiveFault[] {
    return this.#active.map(({ state }) => ({ ...state }));
  }

  /** Takes one fault away, or with no id all of them. */
  clear(id?: number): void {
    this.#active = id === undefined ? [] : this.#active.filter(({ state }) => state.id !== id);
  }

  /** The fault that strikes this request; it is not used up before `spend`. */
  match(method: string, path: string, content: string): ActiveFault | undefined {
    for (const { state, pattern } of this.#active) {
      const { fault } = state;
      if (fault.method !== undefined && fault.method !== method) continue;
      if (pattern !== undefined && !pattern.test(path)) continue;
      if (fault.content !== undefined && !content.includes(fault.content)) continue;
      if (state.skippedCount < (fault.skip ?? 0)) {
        state.skippedCount++;
        continue;
      }
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      return state;
    }
    return undefined;
  }

  /** Counts a strike; a fault with `times` ends with its last one. */
  spend(state: ActiveFault): void {
    state.hitCount++;
    if (state.fault.times !== undefined && state.hitCount >= state.fault.times) this.clear(state.id);
  }
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${escaped}$`);
}
