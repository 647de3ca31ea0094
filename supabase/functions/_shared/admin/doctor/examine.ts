import { parseSettings } from "../../amocrm/settings.ts";
import { messageOf } from "../../platform/error-message.ts";
import { projectAddresses } from "../../platform/project.ts";
import { VERSION } from "../../platform/version.ts";
import { createCatalog } from "../account/catalog.ts";
import { checkAlerts } from "./alerts.ts";
import { checkAmocrm } from "./amocrm.ts";
import { checkChannels } from "./channels.ts";
import { checkClocks } from "./clocks.ts";
import { checkCron } from "./cron.ts";
import { checkDatabase } from "./database.ts";
import type { Answered, DoctorFacts } from "./facts.ts";
import { checkFields, checkPaths } from "./fields.ts";
import { CHECKS, type DoctorAnswer, type Finding, finding } from "./finding.ts";
import { checkHeartbeats } from "./heartbeats.ts";
import { checkPlaces, checkRoutes } from "./places.ts";
import type { DoctorPorts, Standing } from "./port.ts";
import { checkRoad, checkVault } from "./road.ts";
import { checkMirror, checkQueue, checkSending } from "./sending.ts";
import { checkIncidents, checkQuarantine } from "./standing.ts";
import { checkToken } from "./token.ts";
import { checkVariables } from "./variables.ts";

/** pg_net gives up on a call after five seconds; somewhat later it will not send it any more. */
const CALL_POLL_MS = 250;
const MAX_CALL_MS = 10_000;

/**
 * Looks at everything a lead needs on its way and tells what is wrong. Changes nothing. Each part stands by itself, so
 * that a setup of which half is broken still gets as many findings as can be told.
 */
export async function examine(ports: DoctorPorts): Promise<DoctorAnswer> {
  const { clock, environment } = ports;
  const startedAtMs = clock.nowMs();
  const findings = [finding("functions_ok", { version: VERSION }), ...checkVariables(environment)];
  const asked = await askDatabase(ports);
  if ("fault" in asked) {
    findings.push(asked.fault, finding("database_unasked"));
  } else {
    findings.push(...(await examineWith(asked, ports, startedAtMs, clock.nowMs())));
  }
  return {
    findings: findings.sort((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check)),
    started_at_ms: startedAtMs,
    ended_at_ms: clock.nowMs(),
  };
}

async function examineWith(
  { facts, standing }: Asked,
  ports: DoctorPorts,
  askedAtMs: number,
  answeredAtMs: number,
): Promise<Finding[]> {
  // Both wait for somebody else, the one for pg_net, the other for slots.
  const [answer, ofAmocrm] = await Promise.all([callAnswer(facts, ports), examineAmocrm(facts, ports)]);
  const settings = parseSettings(ports.environment);
  return [
    ...checkDatabase(facts, VERSION),
    ...checkCron(facts),
    ...checkVault(facts, projectAddresses(ports.environment)),
    ...checkRoad(facts, answer),
    ...checkHeartbeats(facts),
    ...(settings.state === "ready" ? checkToken(facts, settings.access, ports.project) : []),
    ...ofAmocrm,
    ...checkClocks(facts, askedAtMs, answeredAtMs, ports.accountClockOffsetMs()),
    ...checkSending(
      facts,
      ofAmocrm.some(({ code }) => code === "amocrm_ok"),
    ),
    ...withQuarantine(checkQueue(facts), standing),
    ...checkMirror(facts),
    ...checkChannels(facts, ports.environment, ports.optionalParts),
    ...checkAlerts(facts, ports.environment, ports.optionalParts.mail),
    ...checkIncidents(standing, answeredAtMs),
  ];
}

interface Asked {
  facts: DoctorFacts;
  standing: Standing;
}

/** That nothing is stuck would be no news beside leads that wait for a person. */
function withQuarantine(ofQueue: readonly Finding[], standing: Standing): Finding[] {
  const ofQuarantine = checkQuarantine(standing);
  return ofQuarantine.length === 0
    ? [...ofQueue]
    : [...ofQueue.filter(({ outcome }) => outcome !== "ok"), ...ofQuarantine];
}

async function askDatabase({ doctorStore, standing }: DoctorPorts): Promise<Asked | { fault: Finding }> {
  try {
    return { facts: await doctorStore.facts(), standing: await standing() };
  } catch (error) {
    const reason = messageOf(error);
    // PostgREST's and Postgres's codes for a function that is not there.
    const isMissing = /PGRST20[25]|42883/.test(reason);
    return { fault: isMissing ? finding("migrations_missing") : finding("database_failed", { reason }) };
  }
}

/** How the database's call of amocrm-drain ended; null if pg_net did not even send it. */
async function callAnswer(facts: DoctorFacts, { doctorStore, clock }: DoctorPorts): Promise<Answered> {
  if (facts.call_id === null) return null;
  for (let waitedMs = 0; waitedMs < MAX_CALL_MS; waitedMs += CALL_POLL_MS) {
    const answer = await doctorStore.callAnswer(facts.call_id);
    if (answer !== null) return answer;
    await clock.sleep(CALL_POLL_MS);
  }
  return null;
}

/** Whether amoCRM answers, and whether what our tables name exists there. If it does not answer, that is said once. */
async function examineAmocrm(facts: DoctorFacts, { account }: DoctorPorts): Promise<Finding[]> {
  const answered = await checkAmocrm(account, facts);
  const { routes, stages, fields } = facts.configuration;
  const findings = [answered, ...checkRoutes(facts), ...checkPaths(facts)];
  if (answered.outcome !== "ok") {
    if (routes.length + stages.length > 0) findings.push(finding("places_unasked"));
    if (fields.length > 0) findings.push(finding("fields_unasked"));
    return findings;
  }
  const catalog = createCatalog(account);
  findings.push(...(await checkPlaces(facts, catalog)));
  const ofFields = await checkFields(facts, catalog);
  const isWhole = fields.length > 0 && !findings.some(({ check }) => check === "fields");
  return [
    ...findings,
    ...ofFields,
    ...(isWhole && ofFields.length === 0 ? [finding("fields_ok", { count: fields.length })] : []),
  ];
}
