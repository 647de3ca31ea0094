import type { OptionalParts } from "./channels.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Who hears of an incident: by mail, and where the functions themselves are what is broken. */
export function checkAlerts(
  { alert_roads: roads, extensions }: DoctorFacts,
  environment: Environment,
  mail: OptionalParts["mail"],
): Finding[] {
  const lacking = lackingForMail(environment, mail);
  const names = lacking.join(", ");
  const hosts = roads.flatMap(({ host }) => (host === null ? [] : [host]));
  // Without pg_net no road works, and that is named among the extensions.
  const broken = roads.flatMap(({ host, problem }) =>
    host === null || problem === null || !extensions.includes("pg_net")
      ? []
      : [finding("alert_road_broken", { host, reason: problem })],
  );
  if (lacking.length > 0 && hosts.length === 0) return [finding("alerts_nowhere", { names })];
  if (lacking.length > 0) return [finding("alerts_no_mail", { names, roads: hosts.join(", ") }), ...broken];
  if (hosts.length === 0) return [finding("alerts_by_mail_only")];
  return broken.length > 0 ? broken : [finding("alerts_ok", { roads: ["ADMIN_EMAIL", ...hosts].join(", ") })];
}

/** Variables without which no alert goes by mail. */
function lackingForMail(environment: Environment, settings: OptionalParts["mail"]): readonly string[] {
  if (settings.state === "ready") return settings.access.lacking;
  const missing = settings.state === "unconfigured" ? settings.missing : [];
  return (environment["ADMIN_EMAIL"]?.trim() ?? "") === "" ? ["ADMIN_EMAIL", ...missing] : missing;
}
