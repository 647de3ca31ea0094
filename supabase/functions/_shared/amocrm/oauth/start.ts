import type { Secrets } from "../../platform/secrets.ts";
import { consentUrl } from "../tokens/account-host.ts";
import type { ReadyIntegration } from "./integration.ts";
import { type Refusal, refused } from "./pages.ts";
import type { Consents } from "./port.ts";

/** Who opens the page, as far as it has been verified. */
export interface Visitor {
  /** `app_metadata.role` of a signed-in user; null if nobody is signed in. */
  role: { value: unknown } | null;
}

/** What a start needs. */
export interface StartPorts {
  integration: ReadyIntegration;
  consents: Consents;
  secrets: Secrets;
}

/** What the address says. */
export interface StartQuery {
  link: string | null;
  allowsSwitch: boolean;
}

/** The consent page to go to, or why not. */
export type StartResult = { ok: true; url: string } | Refusal;

/** Makes a state for a signed-in admin or the holder of a link, and tells the consent page to go to. */
export async function start(
  { link, allowsSwitch }: StartQuery,
  visitor: Visitor,
  { integration, consents, secrets }: StartPorts,
): Promise<StartResult> {
  if (link === null && visitor.role === null) return refused("link_missing");
  if (link === null && visitor.role?.value !== "admin") return refused("not_admin");
  const state = secrets.make();
  const outcome = await consents.begin(
    await secrets.hash(state),
    link === null ? null : await secrets.hash(link),
    allowsSwitch,
  );
  if (outcome !== "begun") return refused(outcome);
  return { ok: true, url: consentUrl(integration.consentOrigin, integration.clientId, state) };
}
