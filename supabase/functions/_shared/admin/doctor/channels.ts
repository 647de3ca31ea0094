import type { Configured } from "../../platform/configured.ts";
import { isSafeUrl } from "../../platform/safe-url.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What is looked at of the settings for mail. */
interface MailParts {
  sender: { unsubscribePageUrl: string | null };
  /** Variables without which mails go out, but not all of them. */
  lacking: readonly string[];
}

/** What the functions' variables say of the parts that a project may do without. */
export interface OptionalParts {
  mail: Configured<MailParts>;
  sms: Configured<unknown>;
  qtickets: Configured<unknown>;
  timepad: Configured<unknown>;
  unisender: Configured<unknown>;
}

const isSet = (environment: Environment, name: string): boolean => (environment[name]?.trim() ?? "") !== "";
const isAnySet = (environment: Environment, prefix: string): boolean =>
  Object.keys(environment).some((name) => name.startsWith(prefix) && isSet(environment, name));

/** SMS, sequences, short links and loyalty: nothing is told of what nobody uses, and much of what is only half set up. */
export function checkChannels(
  { channels }: Pick<DoctorFacts, "channels">,
  environment: Environment,
  parts: OptionalParts,
): Finding[] {
  return [
    ...checkSms(channels, environment, parts.sms),
    ...checkSequences(channels, environment, parts.mail),
    ...checkLinks(environment),
    ...checkQtickets(environment, parts.qtickets),
    ...checkTimepad(environment, parts.timepad),
    ...checkUnisender(environment, parts.unisender),
    ...checkNetworks(environment),
  ];
}

function checkSms(
  { has_sms_steps: hasSteps, sms_waiting_count: waiting }: DoctorFacts["channels"],
  environment: Environment,
  settings: Configured<unknown>,
): Finding[] {
  const isUsed = hasSteps || waiting > 0;
  if (!isUsed && !isAnySet(environment, "MOBIZON_")) return [];
  if (settings.state === "unconfigured") {
    const facts = { reason: settings.message };
    return [isUsed ? finding("sms_cannot_go", facts) : finding("sms_half", facts)];
  }
  return [isSet(environment, "MOBIZON_WEBHOOK_SECRET") ? finding("sms_ok") : finding("sms_ok_without_hook")];
}

function checkSequences(
  { has_mail_steps: hasSteps, notice }: DoctorFacts["channels"],
  environment: Environment,
  mail: OptionalParts["mail"],
): Finding[] {
  const findings: Finding[] = (notice ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((reason) => finding("sequences_half", { reason }));
  if (!hasSteps) return findings;
  if (mail.state === "unconfigured") {
    findings.push(finding("sequences_no_mail", { reason: mail.message }));
  } else if (mail.state === "ready" && mail.access.sender.unsubscribePageUrl === null) {
    const name = "UNSUBSCRIBE_PAGE_URL";
    findings.push(isSet(environment, name) ? finding("page_malformed") : finding("page_missing"));
  }
  return findings;
}

/** Addresses that are not understood are passed over: what is meant then goes elsewhere. */
function checkLinks(environment: Environment): Finding[] {
  return ["LINK_BASE_URL", "LINK_FALLBACK_URL"]
    .filter((name) => isSet(environment, name) && !isAddress(environment[name]?.trim() ?? ""))
    .map((name) => finding("link_address_malformed", { name }));
}

const isAddress = (text: string): boolean =>
  /^https?:\/\/[^/]/i.test(text) && URL.canParse(text) && isSafeUrl(text);

function checkQtickets(environment: Environment, settings: Configured<unknown>): Finding[] {
  if (!isAnySet(environment, "QTICKETS_")) return [];
  if (settings.state === "unconfigured") return [finding("qtickets_half", { reason: settings.message })];
  const hasHook = isSet(environment, "QTICKETS_WEBHOOK_SECRET");
  return [hasHook ? finding("qtickets_ok") : finding("qtickets_ok_without_hook")];
}

function checkTimepad(environment: Environment, settings: Configured<unknown>): Finding[] {
  if (!isAnySet(environment, "TIMEPAD_")) return [];
  const isHalf = settings.state === "unconfigured";
  return [isHalf ? finding("timepad_half", { reason: settings.message }) : finding("timepad_ok")];
}

function checkUnisender(environment: Environment, settings: Configured<unknown>): Finding[] {
  if (!isAnySet(environment, "UNISENDER_")) return [];
  const isHalf = settings.state === "unconfigured";
  return [isHalf ? finding("unisender_half", { reason: settings.message }) : finding("unisender_ok")];
}

/** What of a network is of no use without the other one. */
const NETWORK_PAIRS = [
  ["VK_CONFIRMATION", "VK_SECRET"],
  ["INSTAGRAM_VERIFY_TOKEN", "INSTAGRAM_APP_SECRET"],
  ["INSTAGRAM_APP_SECRET", "INSTAGRAM_VERIFY_TOKEN"],
] as const;

function checkNetworks(environment: Environment): Finding[] {
  return NETWORK_PAIRS.filter(
    ([name, needed]) => isSet(environment, name) && !isSet(environment, needed),
  ).map(([name, needed]) => finding("network_half", { name, needed }));
}
