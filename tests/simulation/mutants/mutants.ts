import { changesOutbox, changesPace, type Mutant } from "./mutant.ts";
import { MUTANTS_OF_HOOKS } from "./mutants-of-hooks.ts";
import { MUTANTS_OF_MEDDLING } from "./mutants-of-meddling.ts";
import { MUTANTS_OF_ODD_THINGS } from "./mutants-of-odd-things.ts";
import { MUTANTS_OF_SCHOOL } from "./mutants-of-school.ts";
import { MUTANTS_OF_TELLS } from "./mutants-of-tells.ts";

const UNACCUSED = new Set([
  "refusal_unexplained",
  "refusal_unreadable",
  "address_unknown",
  "refused",
  "method_not_allowed",
]);

/** Each has been a plausible mistake; most were made by queues that people use. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "a refusal that names no item kills",
    caughtBy: 2,
    ...changesOutbox((outbox) => ({
      settle: (token, settlements) =>
        outbox.settle(
          token,
          settlements.map((one) =>
            UNACCUSED.has(one.code ?? "") ? { ...one, verdict: "rejected", policy: "*" } : one,
          ),
        ),
    })),
  },
  {
    name: "an unknown outcome is tried again",
    caughtBy: 6,
    world: "plain",
    ...changesOutbox((outbox) => ({
      settle: (token, settlements) =>
        outbox.settle(
          token,
          settlements.map((one) => (one.verdict === "uncertain" ? { ...one, verdict: "retry" } : one)),
        ),
    })),
  },
  {
    name: "the intent is not committed before the request",
    caughtBy: 6,
    world: "plain",
    ...changesOutbox(() => ({ markSent: async (_token, ids) => new Set(ids) })),
  },
  {
    name: "what a dead worker sent is sent again without a look",
    caughtBy: 6,
    world: "plain",
    sql: [
      {
        function: "amocrm.rescue",
        from: "when orphans.is_unanswered then 'uncertain'",
        to: "when false then 'uncertain'",
      },
    ],
    ...changesOutbox((outbox) => ({
      claim: async (token, limit) => {
        const claim = await outbox.claim(token, limit);
        return { ...claim, messages: claim.messages.map((one) => ({ ...one, step: null })) };
      },
    })),
  },
  {
    name: "what a request achieved is not recorded",
    caughtBy: 1,
    ...changesOutbox(() => ({ record: async () => undefined })),
  },
  {
    name: "the first look that finds nothing is believed",
    caughtBy: 29,
    ...changesOutbox((outbox) => ({
      claim: async (token, limit) => {
        const claim = await outbox.claim(token, limit);
        return {
          ...claim,
          messages: claim.messages.map((one) => ({ ...one, progress: { ...one.progress, lookCount: 9 } })),
        };
      },
    })),
  },
  {
    name: "settle does not look at the lease",
    caughtBy: 2363,
    world: "plain",
    sql: [
      {
        function: "amocrm.settle",
        from: "where outbox.state = 'leased' and outbox.lease_token = p_token",
        to: "where outbox.state in ('leased', 'pending', 'uncertain', 'delivered')",
      },
    ],
  },
  {
    name: "the lease is not checked before a request",
    caughtBy: 24,
    sql: [
      {
        function: "amocrm.reserve_slot",
        from: "p_token is not null and (v_control.drain_token",
        to: "false and (v_control.drain_token",
      },
      {
        function: "amocrm.mark_sent",
        from: "perform amocrm.lock_queue_as_drain(p_queue, p_token);",
        to: "perform amocrm.lock_queue(p_queue);",
      },
      {
        function: "amocrm.mark_sent",
        from: " and outbox.state = 'leased' and outbox.lease_token = p_token",
        to: "",
      },
    ],
  },
  {
    name: "the pace forgets the last slot",
    caughtBy: 7,
    sql: [{ function: "amocrm.reserve_slot", from: "v_control.last_slot_at + v_interval, ", to: "" }],
  },
  {
    name: "a refusal of the account does not open the breaker",
    caughtBy: 5,
    ...changesPace(() => ({ reportFault: async () => "stop" })),
  },
  {
    name: "the probe's answer does not close the breaker",
    caughtBy: 1,
    ...changesPace(() => ({ closeBreaker: async () => undefined })),
  },
  {
    name: "every end spends an attempt, and blocks are probed each second",
    caughtBy: 15,
    sql: [
      { function: "amocrm.settle", from: "coalesce(ruled.spends_attempt, ", to: "coalesce(true, " },
      { function: "amocrm.open_breaker", from: "v_delay int := case", to: "v_delay int := 1 + 0 * case" },
    ],
  },
  {
    name: "the sweep does not run",
    caughtBy: 824,
    world: "plain",
    sql: [{ function: "amocrm.sweep", from: "perform amocrm.lock_queue('amocrm');", to: "return 0;" }],
  },
  ...MUTANTS_OF_MEDDLING,
  ...MUTANTS_OF_SCHOOL,
  ...MUTANTS_OF_ODD_THINGS,
  ...MUTANTS_OF_HOOKS,
  ...MUTANTS_OF_TELLS,
];
