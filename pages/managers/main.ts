import { createClient, type Session } from "@supabase/supabase-js";
import { z } from "zod";
import { withHonestNotFound } from "#shared/platform/data-api.ts";
import { part } from "../kit/element.ts";
import { askNewPassword, wireSignIn } from "../kit/sign-in.ts";
import { wireNewStudent } from "./new-student.ts";
import { wireStudentActions } from "./student-actions.ts";
import { wireStudentList } from "./student-list.ts";
import { type DateWords, dateWords, type Language, preferredLanguage, speak, textsOf } from "./texts.ts";

const Project = z.object({
  url: z.url(),
  publishableKey: z.string().min(1),
  brand: z.string().default("Tripwire"),
  logo: z.string().startsWith("data:image/").optional(),
});
const VIEWS = ["sign-in-view", "password-view", "refused-view", "work-view"] as const;

const project = Project.parse(JSON.parse(part("project", HTMLScriptElement).text));
const supabase = createClient(project.url, project.publishableKey, {
  global: { fetch: withHonestNotFound((input, init) => fetch(input, init)) },
});
let language: Language = preferredLanguage();
const texts = () => textsOf(language);
const date: DateWords = (iso) => dateWords(language)(iso);

const onSignedOut = async (): Promise<void> => {
  await supabase.auth.signOut({ scope: "local" });
  signIn.tell(texts().faultExpired);
};
const signIn = wireSignIn(supabase, texts);
const actions = wireStudentActions(supabase, {
  texts,
  onDone: () => void list.load(),
  onSignedOut: () => void onSignedOut(),
});
const list = wireStudentList(supabase, {
  texts,
  date,
  actions,
  certificateUrl: (code) =>
    `${project.url}/functions/v1/tripwire-certificate?code=${encodeURIComponent(code)}`,
  onSignedOut: () => void onSignedOut(),
});
const newStudent = wireNewStudent(supabase, {
  texts,
  date,
  onDone: () => void list.load(),
  onSignedOut: () => void onSignedOut(),
});

function show(view: (typeof VIEWS)[number]): void {
  for (const id of VIEWS) part(id, HTMLElement).hidden = id !== view;
}

let shownUser: string | undefined;
/** From the link of a letter until the password is set. */
let isRecovering = false;

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

/** Shows what the signed-in person may see. The database and the function decide anew whatever is shown here. */
function showSession(session: Session | null): void {
  part("me", HTMLDivElement).hidden = session === null;
  part("me-email", HTMLSpanElement).textContent = session?.user.email ?? "";
  const role: unknown = session?.user.app_metadata["role"];
  // A refreshed token is not a new visit: what is being typed stays.
  if (session?.user.id === shownUser && session !== null) return;
  shownUser = session?.user.id;
  newStudent.clear();
  actions.clear();
  list.clear();
  const isManager = role === "sales_manager" || role === "admin";
  if (session !== null && isRecovering) {
    show("password-view");
    return;
  }
  show(session === null ? "sign-in-view" : isManager ? "work-view" : "refused-view");
  if (isManager) void list.load();
}

for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset["language"] === "ru" ? "ru" : "en";
    speak(language, project.brand);
    list.draw();
  });
}
part("sign-out", HTMLButtonElement).addEventListener(
  "click",
  () => void supabase.auth.signOut({ scope: "local" }),
);

if (project.logo !== undefined) {
  const logo = document.createElement("img");
  logo.className = "logo";
  logo.src = project.logo;
  logo.alt = "";
  document.querySelector(".mark")?.replaceWith(logo);
}
speak(language, project.brand);
supabase.auth.onAuthStateChange((event, session) => {
  if (event === "PASSWORD_RECOVERY") recover();
  showSession(session);
});
