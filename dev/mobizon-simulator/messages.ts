import { smsParts } from "#shared/sms/parts.ts";

/** An SMS that Mobizon has, in a campaign of its own. */
export interface SimulatedSms {
  id: string;
  campaignId: string;
  /** The campaign's name, which message/list does not show. */
  name: string;
  from: string;
  to: string;
  text: string;
  segNum: number;
  status: string;
  isModerated: boolean;
  acceptedAtMs: number;
}

export type CallParameters = Readonly<Record<string, string>>;

/** A sender that a mistake in the settings would name is noticed here. */
const KNOWN_SEND = new Set([
  "recipient",
  "text",
  "from",
  "params[name]",
  "params[validity]",
  "params[mclass]",
  "params[deferredToTs]",
]);

/** What Mobizon holds against a request to send, by field; an unknown field is refused as well, which is harsher. */
export function faultsOf(parameters: CallParameters, senders: readonly string[]): Record<string, string[]> {
  const faults: Record<string, string[]> = {};
  const { recipient = "", text = "", from } = parameters;
  if (!/^[1-9]\d{9,14}$/.test(recipient)) faults["recipient"] = [`${recipient} is no number`];
  if (text.trim() === "") faults["text"] = ["The text is empty"];
  if (from !== undefined && !senders.includes(from)) faults["from"] = ["The sender is not registered"];
  for (const name of Object.keys(parameters)) if (!KNOWN_SEND.has(name)) faults[name] = ["Unknown"];
  return faults;
}

export function newSms(
  parameters: CallParameters,
  facts: { number: number; nowMs: number; isModerated: boolean },
): SimulatedSms {
  const { recipient = "", text = "", from = "SMS", "params[name]": name = "" } = parameters;
  return {
    id: String(160_000_000 + facts.number),
    campaignId: String(240_000_000 + facts.number),
    name,
    from,
    to: recipient,
    text,
    segNum: smsParts(text).partCount,
    status: facts.isModerated ? "NEW" : "ACCEPTD",
    isModerated: facts.isModerated,
    acceptedAtMs: facts.nowMs,
  };
}

/** message/list, as documented: numbers as text, and no name of a campaign. Code 12 for a page of another size. */
export function listed(
  all: readonly SimulatedSms[],
  parameters: CallParameters,
): { code: number; data: unknown } {
  const size = Number(parameters["pagination[pageSize]"] ?? 25);
  const page = Number(parameters["pagination[currentPage]"] ?? 0);
  if (![25, 50, 100].includes(size)) return { code: 12, data: { "pagination[pageSize]": ["25, 50 or 100"] } };
  const to = parameters["criteria[to]"] ?? "";
  const found = all.filter((sms) => sms.to.includes(to));
  const sorted = parameters["sort[campaignId]"] === "DESC" ? found.toReversed() : found;
  const items = sorted.slice(page * size, (page + 1) * size).map((sms) => ({
    id: sms.id,
    campaignId: sms.campaignId,
    segNum: String(sms.segNum),
    segUserBuy: "16.2000",
    from: sms.from,
    to: sms.to,
    text: sms.text,
    status: sms.status,
    groups: null,
    uuid: `uuid-${sms.id}`,
    startSendTs: timestamp(sms.acceptedAtMs),
    statusUpdateTs: timestamp(sms.acceptedAtMs),
  }));
  return { code: 0, data: { items, totalItemCount: String(found.length) } };
}

/** As Mobizon writes moments, without a zone. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
