import type { Case } from "./case.ts";
import { ago, MINUTE_MS, type Patient } from "./patient.ts";

const noRoads = ({ facts }: Patient): void => {
  facts.alert_roads = facts.alert_roads.map((road) => ({ ...road, host: null }));
};

const INCIDENT = {
  code: "no_leads",
  severity: "critical" as const,
  detail: "No lead has come",
  remedy: null,
  first_seen_at: ago(60 * MINUTE_MS),
};

export const ALERT_CASES: Case[] = [
  {
    when: "an incident is open",
    break: ({ standing }) => {
      standing.incidents = [{ ...INCIDENT, over_since: null }];
    },
    says: [["incident", { code: "no_leads", detail: "No lead has come" }]],
  },
  {
    when: "an incident is over and not closed yet",
    break: ({ standing }) => {
      standing.incidents = [{ ...INCIDENT, over_since: ago(3 * MINUTE_MS) }];
    },
    says: [],
  },
  {
    when: "neither ADMIN_EMAIL nor an address beside mail is set",
    break(patient) {
      noRoads(patient);
      patient.environment["ADMIN_EMAIL"] = " ";
    },
    says: [["alerts_nowhere", { names: "ADMIN_EMAIL" }]],
  },
  {
    when: "nothing of mail is set, nor an address beside it",
    break(patient) {
      noRoads(patient);
      for (const name of ["ADMIN_EMAIL", "RESEND_API_KEY", "MAIL_FROM"]) delete patient.environment[name];
    },
    says: [["alerts_nowhere", { names: "ADMIN_EMAIL, MAIL_FROM, RESEND_API_KEY" }]],
  },
  {
    when: "ADMIN_EMAIL is no address",
    break({ environment }) {
      environment["ADMIN_EMAIL"] = "the boss";
    },
    says: [["alerts_no_mail", { names: "ADMIN_EMAIL", roads: "hooks.example" }]],
  },
  {
    when: "ADMIN_EMAIL is set, and mail cannot go",
    break({ environment }) {
      delete environment["RESEND_API_KEY"];
    },
    says: [["alerts_no_mail", { names: "RESEND_API_KEY", roads: "hooks.example" }]],
  },
  { when: "there is no road beside mail", break: noRoads, says: [["alerts_by_mail_only"]] },
  {
    when: "the address of alerts answers with a refusal",
    break({ facts }) {
      facts.alert_roads = facts.alert_roads.map((road) =>
        road.host === null ? road : { ...road, problem: "amocrm_alert_url answered 404" },
      );
    },
    says: [["alert_road_broken", { host: "hooks.example", reason: "amocrm_alert_url answered 404" }]],
  },
];
