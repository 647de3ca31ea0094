import type { Secrets } from "../../platform/secrets.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import type { Answer, FaultCode } from "../api/verdict.ts";
import type { Webhook } from "../api/webhook-requests.ts";
import type { SubscriptionStore } from "./port.ts";

/** What the mirror has: deals and contacts. A new responsible user of a contact comes as its update. */
const EVENTS = [
  ...["add", "update", "delete", "restore", "responsible"].flatMap((action) => [
    `${action}_lead`,
    `${action}_contact`,
  ]),
  "status_lead",
];

/** Why amoCRM's hooks could not be managed: the tariff, the rights of the token's user, no address of ours, or a fault. */
export type HookProblem = "plan" | "rights" | "no_address" | FaultCode;
export type Managed<T> = { ok: true; value: T } | { ok: false; code: HookProblem; message: string };

/** What stays until a person does something. */
const LASTING: readonly HookProblem[] = ["plan", "rights", "no_address", "validation_failed", "refused"];

const NO_ADDRESS = { ok: false, code: "no_address", message: "amocrm_functions_url is not set" } as const;

export interface SubscriptionPorts {
  /** Sends one request, at the account's pace. That it is refused must not stop deliveries: 402 may be of the tariff only. */
  ask<T>(request: (client: AmocrmClient) => Promise<Answer<T>>): Promise<Answer<T>>;
  store: SubscriptionStore;
  secrets: Secrets;
}

/** Subscribes with a new secret and takes every other subscription under our address away; doing it again is a rotation. */
export async function rotate(ports: SubscriptionPorts, isHealed = false): Promise<Managed<null>> {
  const { store, secrets } = ports;
  const { address } = await store.read();
  if (address === null) return NO_ADDRESS;
  const secret = secrets.make();
  const destination = `${address}/${secret}`;
  const made = managed(await ports.ask((client) => client.subscribeWebhook(destination, EVENTS)));
  if (!made.ok) return made;
  await store.keep(await secrets.hash(secret), isHealed);
  // What is left over by a failure here is taken away the next time; its deliveries are answered 404 until then.
  const others = await ours(address, ports);
  if (others.ok) {
    for (const other of others.value) if (other.destination !== destination) await unsubscribe(other, ports);
  }
  return { ok: true, value: null };
}

/** How the account has our subscription: there, disabled, or not at all. */
export async function lookAtSubscription(
  ports: SubscriptionPorts,
): Promise<Managed<"on" | "disabled" | "missing">> {
  const { address, secretHash } = await ports.store.read();
  if (address === null) return NO_ADDRESS;
  const found = await ours(address, ports);
  if (!found.ok) return found;
  for (const { destination, isDisabled } of found.value) {
    const hash = await ports.secrets.hash(destination.slice(address.length + 1));
    if (hash === secretHash) return { ok: true, value: isDisabled ? "disabled" : "on" };
  }
  return { ok: true, value: "missing" };
}

/** Looks once a day, or when hooks have gone silent, and makes the subscription again if it is gone, disabled or silent. */
export async function heal(ports: SubscriptionPorts): Promise<"not_due" | "on" | "healed" | HookProblem> {
  const { isCheckDue, isDeaf } = await ports.store.read();
  if (!isCheckDue) return "not_due";
  const seen = await lookAtSubscription(ports);
  if (seen.ok && seen.value === "on" && !isDeaf) {
    await ports.store.note("on", null);
    return "on";
  }
  const done = seen.ok ? await rotate(ports, true) : seen;
  if (done.ok) return "healed";
  // What passes by itself is tried again with the next pull.
  if (LASTING.includes(done.code)) await ports.store.note("broken", done.code);
  return done.code;
}

/** Takes every subscription under our address away. */
export async function switchOff(ports: SubscriptionPorts): Promise<Managed<null>> {
  const { address } = await ports.store.read();
  if (address === null) return NO_ADDRESS;
  const found = await ours(address, ports);
  if (!found.ok) return found;
  for (const one of found.value) {
    const gone = await unsubscribe(one, ports);
    if (!gone.ok) return gone;
  }
  await ports.store.switchOff();
  return { ok: true, value: null };
}

async function ours(address: string, { ask }: SubscriptionPorts): Promise<Managed<Webhook[]>> {
  const answer = managed(await ask((client) => client.webhooks()));
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.filter(({ destination }) => destination.startsWith(`${address}/`)) };
}

async function unsubscribe({ destination }: Webhook, { ask }: SubscriptionPorts): Promise<Managed<unknown>> {
  return managed(await ask((client) => client.unsubscribeWebhook(destination)));
}

function managed<T>(answer: Answer<T>): Managed<T> {
  if (answer.verdict === "delivered") return { ok: true, value: answer.value };
  const { code, message } = answer.fault;
  if (code === "unpaid") return { ok: false, code: "plan", message };
  return { ok: false, code: code === "forbidden" ? "rights" : code, message };
}
