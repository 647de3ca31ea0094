import { createClient, type Session } from "@supabase/supabase-js";
import { z } from "zod";
import { withHonestNotFound } from "#shared/platform/data-api.ts";
import { part, tell } from "../kit/element.ts";
import { putTexts } from "../kit/put-texts.ts";
import { askNewPassword, wireSignIn } from "../kit/sign-in.ts";
import { type Booking, Bookings, bookingLine, type Card, CardRows, cardWords } from "./shown.ts";
import { type Language, preferredLanguage, type Texts, textsOf } from "./texts.ts";

const Project = z.object({
  url: z.url(),
  publishableKey: z.string().min(1),
  brand: z.string().optional(),
  logo: z.string().startsWith("data:image/").optional(),
});
const VIEWS = ["sign-in-view", "password-view", "card-view"] as const;

const project = Project.parse(JSON.parse(part("project", HTMLScriptElement).text));
const supabase = createClient(project.url, project.publishableKey, {
  global: { fetch: withHonestNotFound((input, init) => fetch(input, init)) },
});
let language: Language = preferredLanguage();
const texts = () => textsOf(language);
const signIn = wireSignIn(supabase, texts);

/** What is shown of whom; another person's never stays on the page. */
let shown: { card: Card; bookings: readonly Booking[] } | undefined;
let fault: string | undefined;
let shownUser: string | undefined;
let isRecovering = false;

function speak(): void {
  document.title = [texts().title, project.brand].filter(Boolean).join(" · ");
  putTexts(language, (name) => texts()[name as keyof Texts]);
  draw();
}

function draw(): void {
  tell(part("card-fault", HTMLParagraphElement), fault ?? "");
  for (const id of ["card", "accounts", "past"]) part(id, HTMLElement).hidden = shown === undefined;
  part("bookings", HTMLOListElement).replaceChildren();
  if (shown === undefined) return;
  const words = cardWords(shown.card, texts(), language);
  part("tier", HTMLParagraphElement).textContent = words.tier;
  part("balance", HTMLElement).textContent = words.balance;
  part("balance-unit", HTMLSpanElement).textContent = texts().points;
  part("pending", HTMLParagraphElement).textContent = words.pending;
  part("pending", HTMLParagraphElement).hidden = words.pending === null;
  part("expiry", HTMLParagraphElement).textContent = words.expiry;
  part("past-empty", HTMLParagraphElement).hidden = shown.bookings.length > 0;
  const nowMs = Date.now();
  part("bookings", HTMLOListElement).append(
    ...shown.bookings.map((booking) => bookingLine(booking, texts(), language, nowMs)),
  );
}

function clear(): void {
  shown = undefined;
  fault = undefined;
  part("code", HTMLParagraphElement).textContent = "";
  part("code", HTMLParagraphElement).hidden = true;
  part("code-hint", HTMLParagraphElement).hidden = true;
  tell(part("code-fault", HTMLParagraphElement), "");
}

/** What to say of a call that failed; undefined if the session has ended, which leads back to signing in. */
function faultOf({ status, error }: { status: number; error: { code?: string } | null }): string | undefined {
  if (status === 401) {
    void supabase.auth.signOut({ scope: "local" }).then(() => signIn.tell(texts().faultExpired));
    return undefined;
  }
  return status === 0 ? texts().faultConnection : `${texts().faultOther} ${error?.code || status}`;
}

async function load(user: string): Promise<void> {
  // The first one makes a new person a member.
  const card = await supabase.rpc("loyalty_my_card");
  const past = card.error === null ? await supabase.rpc("loyalty_my_history") : card;
  if (user !== shownUser) return;
  if (past.error === null) {
    shown = { card: CardRows.parse(card.data)[0], bookings: Bookings.parse(past.data) };
  } else {
    fault = faultOf(past);
  }
  draw();
}

async function drawCode(): Promise<void> {
  const button = part("draw", HTMLButtonElement);
  const user = shownUser;
  button.disabled = true;
  const answer = await supabase.rpc("loyalty_code");
  button.disabled = false;
  if (user !== shownUser) return;
  tell(part("code-fault", HTMLParagraphElement), answer.error === null ? "" : (faultOf(answer) ?? ""));
  if (answer.error !== null) return;
  const code = part("code", HTMLParagraphElement);
  code.textContent = z.string().parse(answer.data);
  code.hidden = false;
  part("code-hint", HTMLParagraphElement).hidden = false;
}

function show(view: (typeof VIEWS)[number]): void {
  for (const id of VIEWS) part(id, HTMLElement).hidden = id !== view;
}

function showSession(session: Session | null): void {
  part("sign-out", HTMLButtonElement).hidden = session === null;
  // A refreshed token is not a new visit.
  if (session !== null && session.user.id === shownUser && !isRecovering) return;
  shownUser = session?.user.id;
  clear();
  draw();
  show(session === null ? "sign-in-view" : isRecovering ? "password-view" : "card-view");
  if (session !== null && !isRecovering) void load(session.user.id);
}

function recover(): void {
  isRecovering = true;
  askNewPassword(supabase, texts, () => {
    isRecovering = false;
    shownUser = undefined;
    void supabase.auth.getSession().then(({ data }) => showSession(data.session));
  });
  speak();
}

function showBrand(): void {
  const { brand = "", logo } = project;
  const place = part("brand", HTMLParagraphElement);
  place.hidden = brand === "" && logo === undefined;
  place.textContent = brand;
  if (logo === undefined) return;
  const picture = document.createElement("img");
  picture.className = "logo";
  picture.src = logo;
  picture.alt = "";
  place.prepend(picture);
}

for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset["language"] === "en" ? "en" : "ru";
    speak();
  });
}
part("sign-out", HTMLButtonElement).addEventListener(
  "click",
  () => void supabase.auth.signOut({ scope: "local" }),
);
part("draw", HTMLButtonElement).addEventListener("click", () => void drawCode());
showBrand();
speak();
supabase.auth.onAuthStateChange((event, session) => {
  if (event === "PASSWORD_RECOVERY") recover();
  showSession(session);
});
