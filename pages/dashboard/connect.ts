import { z } from "zod";
import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { button } from "./pieces.ts";

/** What stops sending until the account is connected anew. */
const TOKEN_CODES = [
  "reauth_required",
  "not_connected",
  "unauthorized",
  "token_unavailable",
  "token_refresh_failing",
  "vault_unreadable",
];

/** What amocrm-admin answers; refused where the functions know no integration. */
const Link = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ready"), url: z.url({ protocol: /^https?$/ }) }),
  z.object({ outcome: z.literal("refused"), message: z.string(), remedy: z.string() }),
]);

/** A button that leads to amoCRM's own consent, where a token is what is missing. */
export function connectButton(desk: Desk, breakerCode: string | null): HTMLElement[] {
  if (!desk.mayChange || breakerCode === null || !TOKEN_CODES.includes(breakerCode)) return [];
  return [button(desk.texts.connect, "main", () => void connect(desk))];
}

async function connect(desk: Desk): Promise<void> {
  const { texts } = desk;
  const told = await desk.askFunction("amocrm-admin", { action: "connect" }, Link).catch(String);
  const body =
    typeof told === "string"
      ? [make("p", "notice bad", told)]
      : told.outcome === "refused"
        ? [make("p", "notice bad", told.message), make("code", "", told.remedy)]
        : [make("p", "", texts.connectLead), consentLink(desk, told.url)];
  // Whoever comes back sees whether it has helped.
  if (await desk.ask({ title: texts.connect, body, yes: texts.connectDone }))
    desk.go({ screen: "now", filter: {} });
}

function consentLink(desk: Desk, url: string): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.className = "button";
  link.textContent = desk.texts.connectOpen;
  link.title = desk.texts.newTab;
  return link;
}
