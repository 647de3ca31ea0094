import type { Deal, Field } from "#shared/amocrm/api/entities.ts";
import type { Answer } from "#shared/amocrm/api/verdict.ts";
import { changesClient, changesOutbox, type Mutant } from "./mutant.ts";

/** What the forgetful mutants below keep in mind from one drain to the next. */
const rememberedDeals = new Map<number, Answer<Deal | null>>();
const claimedLeadIds = new Set<string>();

function markedWithAll(deal: Deal): Deal {
  const values = [...claimedLeadIds].map((value) => ({ value, enumId: null, enumCode: null }));
  return { ...deal, fields: deal.fields.map((field): Field => ({ ...field, values })) };
}

/** Mistakes that show when a manager, an admin or the account itself is at work in the middle of a run. */
export const MUTANTS_OF_MEDDLING: readonly Mutant[] = [
  {
    name: "an open breaker is ignored",
    caughtBy: 13,
    world: "harsh",
    sql: [
      { function: "amocrm.reserve_slot", from: "v_control.breaker_probe_at > v_now", to: "false" },
      { function: "amocrm.begin_drain", from: "v_control.breaker_probe_at > v_now", to: "false" },
      { function: "amocrm.ring", from: "queue_control.breaker_probe_at is null or", to: "true or" },
      { function: "amocrm.tick", from: "v_control.breaker_probe_at > v_now", to: "false" },
    ],
  },
  {
    name: "a pause is ignored",
    caughtBy: 1807,
    world: "plain",
    sql: [
      { function: "amocrm.reserve_slot", from: "v_control.paused_at is not null", to: "false" },
      { function: "amocrm.begin_drain", from: "v_control.paused_at is not null", to: "false" },
    ],
  },
  {
    name: "an attempt is spent on a 403",
    caughtBy: 15,
    sql: [{ function: "amocrm.settle", from: "(ruled.policy).spends_attempt)", to: "true)" }],
  },
  {
    name: "the deal of another lead is adopted",
    caughtBy: 2,
    beginRun: () => claimedLeadIds.clear(),
    ...changesOutbox((outbox) => ({
      claim: async (token, limit) => {
        const claim = await outbox.claim(token, limit);
        for (const { subjectId } of claim.messages) claimedLeadIds.add(subjectId);
        return claim;
      },
    })),
    ...changesClient((client) => ({
      dealsCreatedSince: async (fromSeconds, page) => {
        const answer = await client.dealsCreatedSince(fromSeconds, page);
        if (answer.verdict !== "delivered") return answer;
        return { ...answer, value: { ...answer.value, rows: answer.value.rows.map(markedWithAll) } };
      },
    })),
  },
  {
    name: "what is looked for is never found",
    caughtBy: 2,
    world: "harsh",
    ...changesClient((client) => ({
      dealsCreatedSince: async (fromSeconds, page) => {
        const answer = await client.dealsCreatedSince(fromSeconds, page);
        return answer.verdict === "delivered" ? { ...answer, value: { ...answer.value, rows: [] } } : answer;
      },
    })),
  },
  {
    name: "one empty answer is believed",
    caughtBy: 6_000_001,
    world: "harsh",
    ...changesOutbox((outbox) => ({
      claim: async (token, limit) => {
        const claim = await outbox.claim(token, limit);
        for (const { progress } of claim.messages)
          progress.missing = Object.assign([], { includes: () => true });
        return claim;
      },
    })),
  },
  {
    name: "the look before a batch sees no change",
    caughtBy: 11,
    ...changesClient((client) => ({
      contactsChangedSince: async (fromSeconds, page) => {
        const answer = await client.contactsChangedSince(fromSeconds, page);
        return answer.verdict === "delivered"
          ? { ...answer, value: { ...answer.value, rows: [], hasMore: false } }
          : answer;
      },
    })),
  },
  {
    name: "a contact that a manager deleted stays linked",
    caughtBy: 44,
    world: "harsh",
    ...changesOutbox((outbox) => ({
      record: (token, facts) =>
        outbox.record(
          token,
          facts.map((fact) => ({ ...fact, dropsContact: false })),
        ),
    })),
  },
  {
    name: "a deal is read once and believed for ever",
    caughtBy: 1,
    world: "harsh",
    beginRun: () => rememberedDeals.clear(),
    ...changesClient((client) => ({
      readDeal: async (id) => {
        const answer = rememberedDeals.get(id) ?? (await client.readDeal(id));
        if (answer.verdict === "delivered") rememberedDeals.set(id, answer);
        return answer;
      },
      readDeals: async (ids) => {
        const answer = await client.readDeals(ids);
        if (answer.verdict !== "delivered") return answer;
        for (const deal of answer.value.rows)
          if (!rememberedDeals.has(deal.id)) rememberedDeals.set(deal.id, { ...answer, value: deal });
        const rows = ids.flatMap((id) => {
          const known = rememberedDeals.get(id);
          return known?.verdict === "delivered" && known.value !== null ? [known.value] : [];
        });
        return { ...answer, value: { ...answer.value, rows } };
      },
    })),
  },
  {
    name: "a cancelled message is sent all the same",
    caughtBy: 5,
    sql: [
      {
        function: "amocrm.cancel_all",
        from: "set state = 'cancelled', is_head = false, is_fresh = false,",
        to: "set",
      },
    ],
  },
  {
    name: "a requeued message forgets what it had reached",
    caughtBy: 58,
    sql: [
      {
        function: "amocrm.requeue_all",
        from: "set state = 'pending', attempt_count = 0,",
        to: "set state = 'pending', step = null, progress = '{}', amocrm_deal_id = null, attempt_count = 0,",
      },
    ],
  },
  {
    name: "without a marker a namesake's deal is adopted",
    caughtBy: 314,
    world: "harsh",
    ...changesOutbox(() => ({ dealsOfOthers: async () => new Set() })),
  },
  {
    name: "a pull does not make way for leads",
    caughtBy: 5,
    sql: [
      {
        function: "public.amocrm_reserve_pull_slot",
        from: "or amocrm.is_due(amocrm.account(), array['live'])",
        to: "",
      },
    ],
  },
  {
    name: "other account accepted",
    caughtBy: 1884,
    world: "harsh",
    sql: [
      {
        function: "public.amocrm_tokens_note_long_lived",
        from: "v_account.account_id <> v_id or p_account_id is null and v_account.refused_fingerprint = p_fingerprint",
        to: "false",
      },
      { function: "public.amocrm_tokens_store", from: "v_account.account_id <> p_account_id", to: "false" },
      { function: "public.amocrm_tokens_prove", from: "v_account.account_id <> p_account_id", to: "false" },
    ],
  },
  {
    // As it is on the platform: the Data API's sessions refuse it, cron's do not.
    name: "an update in the pull has no where clause",
    caughtBy: 5,
    sql: [
      {
        function: "amocrm.lock_pull",
        from: "amocrm.clock() + amocrm.pull_lease() where pull_control.account = amocrm.account()",
        to: "amocrm.clock() + amocrm.pull_lease()",
      },
    ],
  },
];
