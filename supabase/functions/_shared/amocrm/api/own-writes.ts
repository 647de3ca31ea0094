import type { AmocrmWrites } from "./client-port.ts";
import type { ContactDraft, DealDraft, Updated } from "./drafts.ts";
import type { Answer } from "./verdict.ts";

/** A contact or deal that a request of ours wrote, with what it wrote of a deal's place; its hook tells us nothing new. */
export interface OwnWrite {
  entity: "contact" | "deal";
  id: number;
  is_created?: boolean;
  /** When the request ended, in Unix seconds by amoCRM's clock. */
  until: number;
  pipeline_id?: number;
  status_id?: number;
  responsible_user_id?: number;
  price?: number;
}

type Written = Omit<OwnWrite, "until">;
type Value<M extends keyof AmocrmWrites> = Extract<
  Awaited<ReturnType<AmocrmWrites[M]>>,
  { verdict: "delivered" }
>["value"];
type Readers = {
  [M in keyof AmocrmWrites]?: (input: Parameters<AmocrmWrites[M]>, value: Value<M>) => Written[];
};

const READERS: Readers = {
  createDealsWithContacts: ([items], { created }) =>
    items.flatMap(({ requestId, deal, contact }) => {
      const made = created.get(requestId);
      if (made === undefined) return [];
      const { dealId, contactId, isMerged } = made;
      return [
        { ...dealWritten(dealId, deal), is_created: !isMerged },
        ...(contactId === null ? [] : [{ ...contactWritten(contactId, contact), is_created: !isMerged }]),
      ];
    }),
  createDeals: ([items], { created }) =>
    items.flatMap(({ requestId, deal, contactIds }) => {
      const made = created.get(requestId);
      if (made === undefined) return [];
      return [
        { ...dealWritten(made.dealId, deal), is_created: true },
        ...contactIds.map((id): Written => ({ entity: "contact", id })),
      ];
    }),
  createContacts: ([items], { created }) =>
    items.flatMap(({ requestId, contact }) => {
      const made = created.get(requestId);
      return made === undefined ? [] : [{ ...contactWritten(made.contactId, contact), is_created: true }];
    }),
  updateDeals: ([items], value) =>
    items.filter(({ id }) => isUpdated(value, id)).map(({ id, deal }) => dealWritten(id, deal)),
  updateContacts: ([items], value) =>
    items.filter(({ id }) => isUpdated(value, id)).map(({ id, contact }) => contactWritten(id, contact)),
  createNotes: ([collection, items]) =>
    items.map(({ entityId }) => ({ entity: collection === "leads" ? "deal" : "contact", id: entityId })),
  createTasks: ([items]) =>
    items.map(({ entityId, entityType }) => ({
      entity: entityType === "leads" ? "deal" : "contact",
      id: entityId,
    })),
};

/** What a request wrote, by the method that sent it; nothing of one that failed or told no time. */
export function ownWritesOf(method: string, input: readonly unknown[], answer: Answer<unknown>): OwnWrite[] {
  const read = READERS[method as keyof AmocrmWrites] as
    | ((input: readonly unknown[], value: unknown) => Written[])
    | undefined;
  const until = answer.exchange.answeredAtSecond ?? null;
  if (read === undefined || answer.verdict !== "delivered" || until === null) return [];
  return read(input, answer.value).map((written) => ({ ...written, until }));
}

function isUpdated({ updated }: Updated, id: number): boolean {
  return updated.has(id);
}

function dealWritten(id: number, { pipelineId, statusId, responsibleUserId, price }: DealDraft): Written {
  const hasPlace = typeof pipelineId === "number" && typeof statusId === "number";
  return {
    entity: "deal",
    id,
    ...(hasPlace ? { pipeline_id: pipelineId, status_id: statusId } : {}),
    ...(typeof responsibleUserId === "number" ? { responsible_user_id: responsibleUserId } : {}),
    ...(typeof price === "number" && Number.isFinite(price) ? { price: Math.trunc(price) } : {}),
  };
}

function contactWritten(id: number, { responsibleUserId }: ContactDraft): Written {
  return {
    entity: "contact",
    id,
    ...(typeof responsibleUserId === "number" ? { responsible_user_id: responsibleUserId } : {}),
  };
}
