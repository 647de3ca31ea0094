import { z } from "zod";
import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { pagedList } from "./paged-list.ts";
import { card, table } from "./pieces.ts";
import { actionWord } from "./words-of-actions.ts";

const Action = z.object({
  id: z.number(),
  at: z.string(),
  actor: z.string(),
  user_id: z.string().nullable(),
  action: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  result: z.record(z.string(), z.unknown()),
});
type Action = z.infer<typeof Action>;

/** Who did what by hand, newest first: nothing that is done on this page goes unwritten. */
export async function auditCard(desk: Desk): Promise<HTMLElement> {
  const { texts } = desk;
  const list = await pagedList(desk, "amocrm_actions", Action, (rows) => actionTable(desk, rows));
  return card(texts.audit, [], make("p", "soft small", texts.auditLead), list);
}

function actionTable(desk: Desk, actions: readonly Action[]): HTMLElement {
  const { texts, format, language } = desk;
  const columns = [
    { name: texts.when, isShort: true },
    { name: texts.auditWho },
    { name: texts.auditWhat },
    { name: texts.auditDetails, isWhole: true },
  ];
  return table(
    texts.audit,
    columns,
    actions.map((one) => [
      format.time(one.at),
      whoOf(desk, one),
      actionWord(language, one.action),
      make("code", "", detailsOf(one)),
    ]),
  );
}

/** A signed-in admin by his user's id, as Supabase lists it; others by the way they came. */
function whoOf(desk: Desk, { actor, user_id: userId }: Action): string {
  if (userId === null) return actor === "service_role" ? desk.texts.auditByKey : actor;
  return userId === desk.userId ? desk.texts.auditYou : userId.slice(0, 8);
}

function detailsOf({ arguments: given, result }: Action): string {
  const words = (facts: Readonly<Record<string, unknown>>): string =>
    Object.entries(facts)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(", ");
  return [words(given), words(result)].filter((part) => part !== "").join(" → ");
}
