import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import { isObject } from "../json.ts";
import { ItemReader } from "../validation/item-reader.ts";
import type { Call } from "./call.ts";
import type { ItemIssues } from "./problem.ts";
import { problemAnswer, problemText, validationAnswer } from "./problem.ts";

/** How one kind of write reads its items, writes them and answers. */
export interface BatchPlan<Input, Written> {
  max: number;
  overMaxStatus?: 400 | 422;
  /** Looks at the items before any is read; an answer ends the request. */
  precheck?: (items: unknown[]) => Answer | undefined;
  read: (item: ItemReader) => Input;
  write: (input: Input, requestId: string) => Written;
  answer: (written: Written[]) => Answer;
}

interface ReadItem<Input> {
  requestId: string;
  input: Input;
}

/** The items of a request: an array as sent, or one object taken as a batch of one. */
function readItems(world: World, call: Call): unknown[] | Answer {
  if (call.body.kind === "empty") return problemText(world.settings, 400, "emptyBody");
  if (call.body.kind === "malformed") return problemText(world.settings, 400, "malformedBody");
  const { value } = call.body;
  if (Array.isArray(value)) return value.length > 0 ? value : problemText(world.settings, 400, "emptyBody");
  return isObject(value) ? [value] : problemText(world.settings, 400, "validation");
}

/**
 * Reads all items, then writes them. One bad item refuses the whole call, and by default nothing is written;
 * whether amoCRM writes the good ones is not recorded anywhere, so `writes.bad_item` plays both.
 */
export function runBatch<Input, Written>(world: World, call: Call, plan: BatchPlan<Input, Written>): Answer {
  const items = readItems(world, call);
  if (!Array.isArray(items)) return items;
  if (items.length > plan.max) {
    return problemAnswer(plan.overMaxStatus ?? 422, `Limit ${plan.max} per page`);
  }
  const refusal = plan.precheck?.(items);
  if (refusal !== undefined) return refusal;

  const good: ReadItem<Input>[] = [];
  const bad: ItemIssues[] = [];
  items.forEach((item: unknown, index) => {
    const reader = new ItemReader(isObject(item) ? item : {});
    if (!isObject(item)) reader.issues.push({ code: "InvalidType", path: "" });
    const requestId = readRequestId(reader, index);
    const input = plan.read(reader);
    if (reader.issues.length === 0) good.push({ requestId, input });
    else bad.push({ requestId, issues: reader.issues });
  });

  if (bad.length > 0 && world.settings.writes.bad_item === "nothing_written") {
    return validationAnswer(world.settings, bad);
  }
  const written = good.map(({ input, requestId }) => plan.write(input, requestId));
  return bad.length > 0 ? validationAnswer(world.settings, bad) : plan.answer(written);
}

/** `request_id` is any string and only an echo; without one the ordinal stands in (amocrm-api 3.1). */
function readRequestId(reader: ItemReader, index: number): string {
  const raw = reader.raw("request_id");
  if (typeof raw === "string") return raw;
  if (typeof raw === "number") return String(raw);
  if (raw !== undefined && raw !== null) reader.fail("InvalidType", "request_id");
  return String(index);
}
