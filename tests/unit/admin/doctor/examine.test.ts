import { describe, expect, it } from "vitest";
import { KINDS } from "#shared/admin/doctor/finding.ts";
import { ALERT_CASES } from "./support/alert-cases.ts";
import { AMOCRM_CASES } from "./support/amocrm-cases.ts";
import { CHANNEL_CASES } from "./support/channel-cases.ts";
import { CONNECTION_CASES } from "./support/connection-cases.ts";
import { createPatient, examinePatient } from "./support/patient.ts";
import { FIELD_CASES, PLACE_CASES } from "./support/place-cases.ts";
import { DATABASE_CASES, ROAD_CASES } from "./support/platform-cases.ts";
import { QUEUE_CASES } from "./support/queue-cases.ts";
import { TOKEN_CASES, VARIABLE_CASES } from "./support/variable-cases.ts";

const CASES = [
  ...VARIABLE_CASES,
  ...DATABASE_CASES,
  ...ROAD_CASES,
  ...TOKEN_CASES,
  ...AMOCRM_CASES,
  ...PLACE_CASES,
  ...FIELD_CASES,
  ...QUEUE_CASES,
  ...ALERT_CASES,
  ...CHANNEL_CASES,
];

describe("examine", () => {
  it("finds each thing well where nothing is wrong, in the order of the checks", async () => {
    const found = await examinePatient(createPatient());
    expect(found.map(({ code }) => code)).toEqual([
      "functions_ok",
      "variables_ok",
      "database_ok",
      "cron_ok",
      "vault_ok",
      "road_ok",
      "heartbeats_ok",
      "token_lasts",
      "amocrm_ok",
      "clock_ok",
      "places_ok",
      "fields_ok",
      "sending_ok",
      "queue_ok",
      "mirror_ok",
      "alerts_ok",
    ]);
    expect(found.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  });

  it.each(CASES)("says what is wrong and nothing else when $when", async ({ break: breakIt, says }) => {
    const patient = createPatient();
    breakIt(patient);
    const found = (await examinePatient(patient)).filter(({ outcome }) => outcome !== "ok");
    const expected = says.map(([code, facts = {}]) => ({ code, facts }));
    expect(found.map(({ code, facts }) => ({ code, facts }))).toEqual(expect.arrayContaining(expected));
    expect(found).toHaveLength(says.length);
  });

  it("has a case here for each thing that can be wrong on the functions' side", () => {
    const known = Object.entries(KINDS)
      .filter(([, { check, outcome }]) => outcome !== "ok" && check !== "command" && check !== "functions")
      .map(([code]) => code);
    const said = new Set([
      ...CASES.flatMap(({ says }) => says.map(([code]) => code)),
      ...CONNECTION_CASES.map(({ says: [code] }) => code),
    ]);
    expect(known.filter((code) => !said.has(code))).toEqual([]);
  });

  it("tells no value of a variable", async () => {
    const patient = createPatient();
    for (const name of ["AMOCRM_SUBDOMAIN", "AMOCRM_CLIENT_SECRET", "AMOCRM_REFRESH_TOKEN"]) {
      patient.environment[name] = ' "https://hidden value" ';
    }
    expect(JSON.stringify(await examinePatient(patient))).not.toContain("hidden");
  });

  it("asks an account that does not answer once", async () => {
    const patient = createPatient();
    patient.crm.simulator.control.block();
    await examinePatient(patient);
    expect(patient.crm.requests()).toEqual(["GET /api/v4/account"]);
  });
});
