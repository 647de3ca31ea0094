import type { Case } from "./case.ts";
import { ago, MINUTE_MS, type Patient } from "./patient.ts";

const row =
  (change: object) =>
  ({ facts }: Patient) => {
    const one = {
      kind: "lead.created",
      lane: "live",
      state: "pending",
      reason: null,
      message_count: 2,
      is_more: false,
    };
    facts.messages = [{ ...one, oldest_at: ago(MINUTE_MS), next_attempt_at: null, ...change }];
  };

export const QUEUE_CASES: Case[] = [
  {
    when: "amoCRM said 429 of late",
    break({ facts }) {
      facts.control.interval_in_force_ms = 4500;
    },
    says: [["sending_slowed", { interval: 4500, set: 2000 }]],
  },
  {
    when: "amoCRM did not cope with full batches",
    break({ facts }) {
      facts.control.batch_size_in_force = 12;
    },
    says: [["sending_small", { size: 12 }]],
  },
  {
    when: "leads of a flood wait for a person",
    break: ({ standing }) => {
      standing.quarantined_count = 4501;
    },
    says: [["quarantine", { count: 4501 }]],
  },
  { when: "messages are dead", break: row({ state: "dead" }), says: [["queue_dead", { count: 2 }]] },
  {
    when: "leads have no route",
    break: row({ reason: "no_route" }),
    says: [["queue_unrouted", { count: 2 }]],
  },
  {
    when: "students have no handler",
    break: row({ kind: "student.created", reason: "no_handler", oldest_at: ago(90 * MINUTE_MS) }),
    says: [["queue_no_handler", { count: 2, kind: "student.created" }]],
  },
  {
    when: "a live lead waits for long",
    break: row({ oldest_at: ago(16 * MINUTE_MS) }),
    says: [["queue_behind", { count: 2, minutes: 16 }]],
  },
  {
    when: "history waits for long, as it may",
    break: row({ lane: "backfill", oldest_at: ago(900 * MINUTE_MS) }),
    says: [],
  },
  { when: "an answer was lost a moment ago", break: row({ state: "uncertain" }), says: [] },
  {
    when: "an answer stays lost",
    break: row({ state: "uncertain", oldest_at: ago(31 * MINUTE_MS) }),
    says: [["queue_uncertain", { count: 2, minutes: 31 }]],
  },
  {
    when: "students' accounts have another address",
    break({ facts }) {
      facts.login_differs_count = 3;
    },
    says: [["logins_differ", { count: 3 }]],
  },
  {
    when: "pairs look like one",
    break({ facts }) {
      facts.duplicate_count = 3;
    },
    says: [["duplicates", { count: 3 }]],
  },
  {
    when: "the subscription to hooks is gone",
    break({ facts }) {
      facts.webhook_state = "broken";
    },
    says: [["webhook_broken"]],
  },
  {
    when: "posted forms fit no lead",
    break({ facts }) {
      facts.unmapped_form_count = 2;
    },
    says: [["forms_unmapped", { count: 2 }]],
  },
  {
    when: "the mirror was never read through",
    break({ facts }) {
      facts.mirror = facts.mirror.map((one) => ({ ...one, is_complete: false }));
    },
    says: [["mirror_incomplete"]],
  },
  {
    when: "pulls fail",
    break({ facts }) {
      facts.mirror = facts.mirror.map((one) => ({
        ...one,
        failure_count: one.entity === "deal" ? 3 : 0,
      }));
    },
    says: [["mirror_failing", { entity: "deal", count: 3 }]],
  },
  {
    when: "the last pull was long ago",
    break({ facts }) {
      facts.mirror = facts.mirror.map((one) => ({ ...one, pulled_at: ago(71 * MINUTE_MS) }));
    },
    says: [["mirror_old", { minutes: 71 }]],
  },
];
