import type { Case } from "./case.ts";
import { ago, MINUTE_MS, type Patient } from "./patient.ts";

type Fault = Parameters<Patient["crm"]["simulator"]["control"]["addFaults"]>[0];
const fault =
  (one: Fault) =>
  ({ crm }: Patient) =>
    void crm.simulator.control.addFaults(one);
const slot =
  (code: string) =>
  ({ crm }: Patient) => {
    crm.pace.slot = { granted: false, code, message: code, waitMs: null };
  };
const REST: Case["says"] = [["places_unasked"], ["fields_unasked"]];

/** Each says what is the matter once, and that what rests on it is unknown. */
export const AMOCRM_CASES: Case[] = [
  {
    when: "401: the token is refused",
    break: fault({ kind: "unauthorized" }),
    says: [["amocrm_unauthorized"], ...REST],
  },
  {
    when: "402: the account is not paid",
    break: fault({ kind: "unpaid" }),
    says: [["amocrm_unpaid"], ...REST],
  },
  {
    when: "403 in JSON: rights are missing",
    break: fault({ kind: "forbidden" }),
    says: [["amocrm_forbidden"], ...REST],
  },
  {
    when: "403 as a page: the account is blocked",
    break: ({ crm }) => crm.simulator.control.block(),
    says: [["amocrm_blocked"], ...REST],
  },
  {
    when: "404 as a page: nobody lives at the address",
    break: fault({ kind: "status", status: 404, body: "html" }),
    says: [["amocrm_wrong_address"], ...REST],
  },
  {
    when: "404 in JSON",
    break: fault({ kind: "status", status: 404, body: "json" }),
    says: [["amocrm_not_found"], ...REST],
  },
  {
    when: "429: too many requests",
    break: fault({ kind: "rate_limit" }),
    says: [["amocrm_rate_limited"], ...REST],
  },
  { when: "500", break: fault({ kind: "status", status: 500 }), says: [["amocrm_server_error"], ...REST] },
  { when: "504", break: fault({ kind: "status", status: 504 }), says: [["amocrm_server_error"], ...REST] },
  { when: "408", break: fault({ kind: "status", status: 408 }), says: [["amocrm_timeout"], ...REST] },
  { when: "the connection breaks", break: fault({ kind: "reset" }), says: [["amocrm_unreachable"], ...REST] },
  {
    when: "the answer is of no known shape",
    break: fault({ kind: "status", status: 418, body: "empty" }),
    says: [["amocrm_odd", { code: "refused" }], ...REST],
  },
  {
    when: "sending is paused",
    break(patient) {
      patient.facts.control.paused_at = ago(MINUTE_MS);
      patient.facts.control.pause_reason = "moving";
      slot("paused")(patient);
    },
    says: [["amocrm_paused"], ...REST, ["sending_paused", { reason: "moving" }]],
  },
  { when: "the pace gives no slot", break: slot("wait_too_long"), says: [["amocrm_no_slot"], ...REST] },
  {
    when: "the breaker is open after a 401, and nothing may be asked",
    break(patient) {
      patient.facts.control.breaker_code = "unauthorized";
      patient.facts.control.breaker_opened_at = ago(60_000);
      patient.facts.control.breaker_probe_at = ago(-90_000);
      slot("breaker_open")(patient);
    },
    says: [
      ["token_refused", { since: ago(60_000) }],
      ["amocrm_unauthorized"],
      ...REST,
      ["sending_stopped", { code: "unauthorized", seconds: 90 }],
    ],
  },
  {
    when: "the breaker is open because nobody is connected",
    break(patient) {
      patient.facts.control.breaker_code = "reauth_required";
      patient.facts.control.breaker_probe_at = ago(-90_000);
      slot("breaker_open")(patient);
    },
    says: [
      ["amocrm_no_token", { reason: "reauth_required" }],
      ...REST,
      ["sending_stopped", { code: "reauth_required", seconds: 90 }],
    ],
  },
  {
    when: "the session service, which is all there is, waits for a person",
    break(patient) {
      patient.environment["AMOCRM_ACCESS_TOKEN"] = undefined;
      patient.environment["AMOCRM_PLAYWRIGHT_SECRET"] = "of-the-service";
      patient.facts.control.breaker_code = "needs_person";
      patient.facts.control.breaker_opened_at = ago(60_000);
      patient.facts.control.breaker_probe_at = ago(-90_000);
      slot("breaker_open")(patient);
    },
    says: [
      ["token_session", { url: "http://localhost:3002" }],
      ["amocrm_no_session", { reason: "needs_person" }],
      ...REST,
      ["sending_stopped", { code: "needs_person", seconds: 90 }],
    ],
  },
  {
    when: "the breaker was open and the question was its probe",
    break({ facts }) {
      facts.control.breaker_code = "unpaid";
      facts.control.breaker_probe_at = ago(0);
    },
    says: [],
  },
];
