import { createClient, type Session } from "@supabase/supabase-js";
import { z } from "zod";
import { withHonestNotFound } from "#shared/platform/data-api.ts";
import { part, tell } from "../kit/element.ts";
import { askNewPassword, wireSignIn } from "../kit/sign-in.ts";
import { type Desk, Fault, openDesk } from "./desk.ts";
import { wireKeyboard } from "./keyboard.ts";
import { wayTo } from "./pieces.ts";
import { addressOf, type Route, readRoute, SCREENS, type Screen, tabOf } from "./route.ts";
import { showBulk } from "./screen-bulk.ts";
import { showCampaign, showCampaigns } from "./screen-campaigns.ts";
import { showDecisions } from "./screen-decisions.ts";
import { showFunnel } from "./screen-funnel.ts";
import { showLoyalty } from "./screen-loyalty.ts";
import { showMember } from "./screen-member.ts";
import { showMembers } from "./screen-members.ts";
import { showMessage } from "./screen-message.ts";
import { showMessages } from "./screen-messages.ts";
import { showNow } from "./screen-now.ts";
import { showPace } from "./screen-pace.ts";
import { showPerson } from "./screen-person.ts";
import { showSettings } from "./screen-settings.ts";
import { preferredLanguage, speak } from "./speak.ts";
import { type Language, textsOf } from "./texts.ts";
import { wireTheme } from "./theme.ts";

const Project = z.object({
  url: z.url(),
  publishableKey: z.string().min(1),
  brand: z.string().default("Tripwire"),
  logo: z.string().startsWith("data:image/").optional(),
});
const VIEWS = ["sign-in-view", "password-view", "refused-view", "work-view"] as const;
const SHOW: Readonly<Record<Screen, (desk: Desk, route: Route) => Promise<Node[]>>> = {
  now: showNow,
  messages: showMessages,
  message: showMessage,
  person: showPerson,
  funnel: showFunnel,
  pace: showPace,
  decisions: showDecisions,
  bulk: showBulk,
  settings: showSettings,
  loyalty: showLoyalty,
  members: showMembers,
  member: showMember,
  campaigns: showCampaigns,
  campaign: showCampaign,
};
/** What is looked at while it changes. Forms and one message stand still. */
const REFRESHED: readonly Screen[] = ["now", "messages", "pace", "bulk"];
const REFRESH_MS = 10_000;

const project = Project.parse(JSON.parse(part("project", HTMLScriptElement).text));
const supabase = createClient(project.url, project.publishableKey, {
  global: { fetch: withHonestNotFound((input, init) => fetch(input, init)) },
});
let language: Language = preferredLanguage();
let role: unknown;
/** Whether there is a loyalty programme to look at. */
let hasLoyalty = false;
let lastDraw = 0;
const texts = () => textsOf(language);
const screen = part("screen", HTMLElement);

const desk = openDesk({
  supabase,
  language: () => language,
  mayChange: () => role === "admin",
  userId: () => shownUser,
  go,
  redraw: () => draw(),
});
const signIn = wireSignIn(supabase, texts);
const theme = wireTheme(texts);
const tabs = () => SCREENS.filter((one) => one !== "loyalty" || hasLoyalty);
wireKeyboard({ texts, tabs, refresh: () => void draw(), goTo: (one) => go({ screen: one, filter: {} }) });

function go(route: Route): void {
  history.pushState(null, "", addressOf(route));
  tell(part("outcome", HTMLParagraphElement), "");
  void draw().then(() => {
    scrollTo(0, 0);
    screen.focus();
  });
}

/** Draws the screen of the address. An answer that a later question overtook is dropped. */
async function draw(isUnasked = false): Promise<void> {
  const route = readRoute();
  const thisDraw = ++lastDraw;
  drawTabs(route);
  const fault = part("fault", HTMLParagraphElement);
  try {
    const content = await SHOW[route.screen](desk, route);
    // Whoever has begun to type or to choose meanwhile keeps what is under the hands.
    if (thisDraw !== lastDraw || (isUnasked && !mayRefresh())) return;
    tell(fault, "");
    screen.replaceChildren(...content);
    const at = desk.format.time(new Date().toISOString());
    const fresh = texts().freshAt.replace("{at}", at).replace("{zone}", desk.format.zone);
    part("fresh", HTMLParagraphElement).textContent = fresh;
  } catch (error) {
    if (thisDraw !== lastDraw) return;
    if (error instanceof Fault && error.isExpired) {
      await supabase.auth.signOut({ scope: "local" });
      signIn.tell(texts().faultExpired);
      return;
    }
    tell(fault, error instanceof Error ? error.message : String(error), "bad");
  }
}

function drawTabs({ screen: shown }: Route): void {
  part("tabs", HTMLElement).replaceChildren(
    ...tabs().map((one) => {
      const tab = wayTo(desk, { screen: one, filter: {} }, texts()[one]);
      if (one === tabOf(shown)) tab.setAttribute("aria-current", "page");
      return tab;
    }),
  );
}

/** Nothing moves under the reader's hands: not in a hidden tab, with a dialog open, a row chosen, or text marked. */
function mayRefresh(): boolean {
  return (
    !document.hidden &&
    !part("work-view", HTMLElement).hidden &&
    REFRESHED.includes(readRoute().screen) &&
    document.querySelector("dialog[open], tr[aria-selected='true']") === null &&
    (document.activeElement === document.body || document.activeElement === screen) &&
    String(getSelection()) === ""
  );
}
setInterval(() => mayRefresh() && void draw(true), REFRESH_MS);

function show(view: (typeof VIEWS)[number]): void {
  for (const id of VIEWS) part(id, HTMLElement).hidden = id !== view;
}

let shownUser: string | undefined;
/** From the link of a letter until the password is set. */
let isRecovering = false;

/** Shows what the signed-in person may see; the database decides anew whatever is shown here. */
function showSession(session: Session | null): void {
  part("me", HTMLDivElement).hidden = session === null;
  part("me-email", HTMLSpanElement).textContent = session?.user.email ?? "";
  role = session?.user.app_metadata["role"];
  // A refreshed token is not a new visit.
  if (session !== null && session.user.id === shownUser) return;
  shownUser = session?.user.id;
  // What the last person saw is not the next one's.
  lastDraw += 1;
  screen.replaceChildren();
  if (session !== null && isRecovering) {
    show("password-view");
    return;
  }
  const mayRead = role === "admin" || role === "viewer";
  show(session === null ? "sign-in-view" : mayRead ? "work-view" : "refused-view");
  if (!mayRead) return;
  void draw();
  void lookForLoyalty();
}

/** Its tab stands there once somebody takes part: a module that nobody is forced to have. */
async function lookForLoyalty(): Promise<void> {
  const asking = shownUser;
  const { data } = await supabase.rpc("loyalty_is_in_use");
  if (asking !== shownUser) return;
  hasLoyalty = data === true;
  drawTabs(readRoute());
}

function recover(): void {
  isRecovering = true;
  shownUser = undefined;
  askNewPassword(supabase, texts, () => {
    isRecovering = false;
    shownUser = undefined;
    void supabase.auth.getSession().then(({ data }) => showSession(data.session));
  });
  speak(language, project.brand);
}

for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset["language"] === "ru" ? "ru" : "en";
    speak(language, project.brand);
    theme.draw();
    if (!part("work-view", HTMLElement).hidden) void draw();
  });
}
part("sign-out", HTMLButtonElement).addEventListener(
  "click",
  () => void supabase.auth.signOut({ scope: "local" }),
);
part("refresh", HTMLButtonElement).addEventListener("click", () => void draw());
addEventListener("popstate", () => void draw());

if (project.logo !== undefined) {
  const logo = document.createElement("img");
  logo.className = "logo";
  logo.src = project.logo;
  logo.alt = "";
  document.querySelector(".mark")?.replaceWith(logo);
}
speak(language, project.brand);
theme.draw();
supabase.auth.onAuthStateChange((event, session) => {
  if (event === "PASSWORD_RECOVERY") recover();
  showSession(session);
});
