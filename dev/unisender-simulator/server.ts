import { openSocket } from "../simulator-socket.ts";
import { createUnisenderSimulator, type UnisenderSimulator } from "./simulator.ts";

/** Five hundred contacts with their tags in one form. */
const BODY_MAX_BYTES = 4 * 1024 * 1024;

/** A simulated Unisender behind a real socket. */
export interface UnisenderServer {
  /** `http://127.0.0.1:{port}`; in a browser it shows contacts and campaigns. */
  url: string;
  simulator: UnisenderSimulator;
  /** The variables of the functions that lead here. */
  functionEnv: Record<string, string>;
  close(): Promise<void>;
}

/** Mail goes out from the sender who is confirmed there: the address of `MAIL_FROM`. */
export async function startUnisender(sender: string): Promise<UnisenderServer> {
  const simulator = createUnisenderSimulator({ sender });
  const { url, close } = await openSocket({
    call: (request) => simulator.call(request),
    show: () => shown(simulator),
    bodyMaxBytes: BODY_MAX_BYTES,
  });
  return {
    url,
    simulator,
    functionEnv: { UNISENDER_API_KEY: simulator.apiKey, UNISENDER_BASE_URL: url },
    close,
  };
}

/** The campaigns, newest first, and the contacts with their tags. */
function shown(simulator: UnisenderSimulator): string {
  const campaigns = simulator
    .campaigns()
    .toReversed()
    .map(
      ({ id, state, count, recipients }) =>
        `${id}  ${state}  ${recipients?.length ?? 0} of ${count} got it\n`,
    );
  const contacts = [...simulator.contacts.values()].map(
    ({ email, status, tags, lists }) =>
      `${email}  ${lists.size === 0 ? "in no list" : status}  ${tags.join(", ")}\n`,
  );
  return [
    campaigns.length === 0 ? "No campaign was made yet.\n" : campaigns.join(""),
    contacts.length === 0 ? "No contact came yet.\n" : contacts.join(""),
  ].join("\n");
}
