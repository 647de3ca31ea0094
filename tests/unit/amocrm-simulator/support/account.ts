import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import type { Simulator, SimulatorOptions } from "#dev/amocrm-simulator/simulator.ts";
import { createSimulator } from "#dev/amocrm-simulator/simulator.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const ORIGIN = "https://sim.amocrm.ru";

/** An answer with its JSON read; `json` is undefined for an empty or a non-JSON body. */
interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // The shape of an answer differs from route to route; tests reach into it freely.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  json: any;
}

/** A simulated account on a virtual clock, with a client that is always authorised. */
export interface Account {
  sim: Simulator;
  clock: VirtualClock;
  get: (path: string) => Promise<Reply>;
  post: (path: string, body?: unknown) => Promise<Reply>;
  patch: (path: string, body?: unknown) => Promise<Reply>;
  send: (method: string, path: string, init?: RequestInit) => Promise<Reply>;
}

/** Opens an account without rate limits, so that a test of another rule never meets them. */
export function openAccount(settings: SettingsInput = {}, options: SimulatorOptions = {}): Account {
  const clock = new VirtualClock();
  const rate = settings.rate ?? { requests_per_second: 0, account_per_second: 0, blocks_after: null };
  const sim = createSimulator({ ...clock, ...options, settings: { ...settings, rate } });
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Reply> => {
    const headers = {
      authorization: `Bearer ${sim.accessToken}`,
      ...(init.headers as Record<string, string>),
    };
    const response = await sim.fetch(ORIGIN + path, { ...init, method, headers });
    return await read(response);
  };
  const withBody = (method: string) => (path: string, body?: unknown) =>
    send(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
  return {
    sim,
    clock,
    send,
    get: (path) => send("GET", path),
    post: withBody("POST"),
    patch: withBody("PATCH"),
  };
}

async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

/** A deal with its contact, as `leads/complex` takes it. */
export function complexItem(
  options: { email?: string; phone?: string; deal?: object; contact?: object } = {},
) {
  const fields = [
    ...(options.email === undefined ? [] : [{ field_code: "EMAIL", values: [{ value: options.email }] }]),
    ...(options.phone === undefined ? [] : [{ field_code: "PHONE", values: [{ value: options.phone }] }]),
  ];
  const custom = fields.length === 0 ? {} : { custom_fields_values: fields };
  return {
    name: "Заявка",
    ...options.deal,
    _embedded: { contacts: [{ name: "Боб", ...custom, ...options.contact }] },
  };
}

/** Makes one deal with its contact and returns their ids. */
export async function makeDeal(
  account: Account,
  options: Parameters<typeof complexItem>[0] = {},
): Promise<{ dealId: number; contactId: number }> {
  const reply = await account.post("/api/v4/leads/complex", [complexItem(options)]);
  return { dealId: reply.json[0].id, contactId: reply.json[0].contact_id };
}
