import type { Deal } from "../api/entities.ts";
import type { End, Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { chooseDeal } from "../rules/choose-deal.ts";
import { findContact } from "../steps/find-contact.ts";
import { readDeals } from "../steps/read-deals.ts";
import { namesDeal, waitFor } from "./told.ts";

/** The deal that a message is for. */
export interface ToldDeal {
  dealId: number;
  /** As it was read in this turn; null if it was not read. */
  deal: Deal | null;
  /** Rule 7 found none that is open: the won one takes a note and nothing else. */
  isNoteOnly: boolean;
}

const ACCOUNT_CHANGED: End = {
  kind: "superseded",
  code: "account_changed",
  message: "The deal was one of another amoCRM account than the one that is connected now",
};

const NO_MAIN_PIPELINE: End = {
  kind: "waiting",
  code: "no_main_pipeline",
  message: "Rule 7 looks in the account's main pipeline, and the account has none that is not archived",
};

/**
 * The deal that was named, or the row's own; else the person's freshest open one in the main pipeline, else a won one
 * (rule 7). None is made. Those in `gone` were found to be deleted.
 */
export async function findDeal(
  message: Message,
  tools: Tools,
  gone: ReadonlySet<number>,
): Promise<Result<ToldDeal>> {
  const own = message.dealId;
  if (own !== null && !gone.has(own)) {
    const isNoteOnly = message.progress.deal === "reused" && message.progress.isWon === true;
    return { ok: true, value: { dealId: own, deal: null, isNoteOnly } };
  }
  if (namesDeal(message)) return { ok: false, end: ACCOUNT_CHANGED };
  const onRow = message.subject?.["amocrm_deal_id"];
  if (typeof onRow === "number" && !gone.has(onRow)) {
    // Written there by an earlier integration, so it is looked at first.
    const deals = await readDeals([onRow], message, tools);
    if (!deals.ok) return deals;
    const [deal] = deals.value;
    if (deal !== undefined && !deal.isDeleted)
      return { ok: true, value: { dealId: onRow, deal, isNoteOnly: false } };
  }
  return chosenDeal(message, tools, gone);
}

async function chosenDeal(
  message: Message,
  tools: Tools,
  gone: ReadonlySet<number>,
): Promise<Result<ToldDeal>> {
  const pipeline = await tools.pipelineId(null);
  if (!pipeline.ok) return pipeline;
  if (pipeline.value === null) return { ok: false, end: NO_MAIN_PIPELINE };
  const finding = await findContact(message, tools);
  if (!finding.ok) return finding;
  const contact = finding.value.found?.contact ?? null;
  if (contact === null) return { ok: false, end: waitFor("deal", message, tools) };
  const ids = contact.dealIds.filter((id) => !gone.has(id));
  const deals = await readDeals(ids, message, tools);
  if (!deals.ok) return deals;
  const { deal, why } = chooseDeal(deals.value, pipeline.value);
  if (deal === null) return { ok: false, end: waitFor("deal", message, tools) };
  const isWon = why === "won";
  await tools.record({ dealId: deal.id, progress: { deal: "reused", isWon } });
  return { ok: true, value: { dealId: deal.id, deal, isNoteOnly: isWon } };
}
