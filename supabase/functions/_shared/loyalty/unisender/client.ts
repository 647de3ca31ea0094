import { z } from "zod";
import type { Slots } from "../../outbox/slots.ts";
import type { Clock } from "../../platform/clock.ts";
import { exchange, type Fetch, oneShotBody, USER_AGENT } from "../../platform/http.ts";
import { storable } from "../../platform/storable.ts";
import type { UnisenderAnswer, UnisenderFailed, UnisenderService } from "../unisender-port.ts";
import { classify, unexpected } from "./classify.ts";

/** Longer than the thirty seconds that an import is given there. */
const TIMEOUT_MS = 35_000;
const PAGE = 1000;
const MAX_PAGES = 10;
const DAY_MS = 86_400_000;

export interface UnisenderParts {
  /** Without a slash at the end. */
  baseUrl: string;
  apiKey: string;
  sender: { name: string; email: string };
  fetch: Fetch;
  slots: Slots;
  clock: Clock;
}

type Fields = readonly (readonly [name: string, value: string])[];

const Id = z.union([z.string().regex(/^[\w-]{1,40}$/), z.int().nonnegative()]).transform(String);
const Count = z.union([z.int(), z.string().regex(/^\d{1,9}$/)]).transform(Number);
const Status = z.string().min(1).max(60);
const Lists = z.array(z.looseObject({ id: Id, title: z.string() }));
const Made = z.looseObject({ id: Id });
const Imported = z.looseObject({
  log: z
    .array(
      z.looseObject({
        index: Count.optional().catch(undefined),
        code: z.string().max(100).optional().catch(undefined),
      }),
    )
    .nullish()
    .catch(undefined),
});
const Message = z.looseObject({ message_id: Id });
const Campaign = z.looseObject({
  campaign_id: Id,
  status: Status.optional().catch(undefined),
  count: Count.nullish().catch(undefined),
});
const Listed = z.looseObject({ id: Id, message_id: Id, status: Status.optional().catch(undefined) });
const CampaignState = z.looseObject({ status: Status });
const Totals = z.looseObject({ total: Count.nullish().catch(undefined) });
const Exported = z.looseObject({ data: z.array(z.array(z.unknown())) });

/**
 * Unisender's API. The key goes in the body of a POST, never in an address, which proxies log; and it appears in no error. Arrays
 * are written with indices, as documented.
 */
export function createUnisender(parts: UnisenderParts): UnisenderService {
  const call = async (method: string, fields: Fields, isRepeatable = true) =>
    classify(await post(parts, method, fields), isRepeatable);
  async function read<Value, Read>(
    answer: UnisenderAnswer<unknown>,
    shape: z.ZodType<Read>,
    value: (read: Read) => Value,
    isRepeatable = true,
  ): Promise<UnisenderAnswer<Value>> {
    if ("fault" in answer) return answer;
    const parsed = shape.safeParse(answer.value);
    return parsed.success ? delivered(value(parsed.data)) : unexpected(isRepeatable);
  }
  const imported = async (fields: Fields) =>
    read(
      await call("importContacts", fields),
      Imported,
      ({ log }) =>
        new Map(
          (log ?? []).flatMap(({ index, code = "refused" }) =>
            index === undefined ? [] : [[index, /^[\w.-]{1,60}$/.test(code) ? code : "refused"] as const],
          ),
        ),
    );

  return {
    async list(title) {
      // By its title first: a second call would make a second list.
      const found = await read(await call("getLists", []), Lists, (lists) =>
        lists.find((list) => list.title === title),
      );
      if ("fault" in found) return found;
      if (found.value !== undefined) return delivered(found.value.id);
      return read(await call("createList", [["title", title]]), Made, ({ id }) => id);
    },
    importContacts: (listId, rows) =>
      imported([
        ["field_names[0]", "email"],
        ["field_names[1]", "tags"],
        ["field_names[2]", "email_list_ids"],
        ...rows.flatMap(
          ({ email, tags }, index): Fields => [
            [`data[${index}][0]`, email],
            [`data[${index}][1]`, tags.join(",")],
            [`data[${index}][2]`, listId],
          ],
        ),
        ["overwrite_tags", "1"],
      ]),
    deleteContacts: (emails) =>
      imported([
        ["field_names[0]", "email"],
        ["field_names[1]", "delete"],
        ...emails.flatMap(
          (email, index): Fields => [
            [`data[${index}][0]`, email],
            [`data[${index}][1]`, "1"],
          ],
        ),
      ]),
    async exclude(listId, email) {
      const fields: Fields = [
        ["contact_type", "email"],
        ["contact", email],
        ["list_ids", listId],
      ];
      const answer = await call("exclude", fields);
      return "fault" in answer ? answer : delivered(null);
    },
    async createMessage({ listId, tag, subject, body }) {
      const fields: Fields = [
        ["sender_name", parts.sender.name],
        ["sender_email", parts.sender.email],
        ["subject", subject],
        ["body", body],
        ["list_id", listId],
        ["tag", tag],
        ["generate_text", "1"],
      ];
      // A second mail is a spare draft, which nobody gets.
      return read(await call("createEmailMessage", fields), Message, ({ message_id }) => message_id);
    },
    async createCampaign(messageId, startAtMs) {
      const fields: Fields = [
        ["message_id", messageId],
        ["start_time", minute(startAtMs)],
        ["timezone", "UTC"],
        ["track_read", "1"],
        ["track_links", "1"],
      ];
      const answer = await call("createCampaign", fields, false);
      const created = (made: z.output<typeof Campaign>) => ({
        campaignId: made.campaign_id,
        status: made.status ?? "scheduled",
        count: made.count ?? null,
      });
      return read(answer, Campaign, created, false);
    },
    async findCampaign(messageId, startAtMs) {
      let isUnclear = false;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const answer = await call("getCampaigns", [
          ["from", second(startAtMs - DAY_MS)],
          ["to", second(startAtMs + DAY_MS)],
          ["limit", String(PAGE)],
          ["offset", String(page * PAGE)],
        ]);
        const rows = await read(answer, z.array(z.unknown()), (all) => all);
        if ("fault" in rows) return rows;
        const read_ = rows.value.map((row) => Listed.safeParse(row));
        const found = read_.find(({ data }) => data?.message_id === messageId)?.data;
        if (found !== undefined)
          return delivered({
            found: { campaignId: found.id, status: found.status ?? "scheduled", count: null },
            isUnclear: false,
          });
        isUnclear ||= read_.some(({ success }) => !success);
        if (rows.value.length < PAGE) return delivered({ found: null, isUnclear });
      }
      return delivered({ found: null, isUnclear: true });
    },
    async campaignStatus(campaignId) {
      const answer = await call("getCampaignStatus", [["campaign_id", campaignId]]);
      return read(answer, CampaignState, ({ status }) => status);
    },
    async campaignTotal(campaignId) {
      const answer = await call("getCampaignCommonStats", [["campaign_id", campaignId]]);
      return read(answer, Totals, ({ total }) => total ?? null);
    },
    async cancelCampaign(campaignId) {
      const answer = await call("cancelCampaign", [["campaign_id", campaignId]]);
      return "fault" in answer ? answer : delivered(null);
    },
    async unsubscribed(listId, offset) {
      const answer = await call("exportContacts", [
        ["list_id", listId],
        ["field_names[0]", "email"],
        ["email_status", "unsubscribed"],
        ["offset", String(offset)],
        ["limit", String(PAGE)],
      ]);
      return read(answer, Exported, ({ data }) => ({
        emails: data.flatMap(([email]) => (typeof email === "string" ? [email] : [])),
        count: data.length,
      }));
    },
  };
}

function delivered<Value>(value: Value): Exclude<UnisenderAnswer<Value>, UnisenderFailed> {
  return { verdict: "delivered", value };
}

/** As Unisender writes moments, in UTC. */
const second = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
const minute = (ms: number): string => second(ms).slice(0, 16);

async function post(
  parts: UnisenderParts,
  method: string,
  fields: Fields,
): Promise<Parameters<typeof classify>[0]> {
  const slot = await parts.slots.take(method);
  if (!slot.granted) return { kind: "not_sent", code: slot.code, message: slot.message };
  const body = new URLSearchParams([["api_key", parts.apiKey]]);
  for (const [name, value] of fields) body.append(name, storable(value));
  return await exchange(
    parts,
    `${parts.baseUrl}/ru/api/${method}?format=json`,
    {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "User-Agent": USER_AGENT },
      // Never repeated by the runtime: a second createCampaign is a second campaign.
      body: oneShotBody(body.toString()),
    },
    TIMEOUT_MS,
  );
}
