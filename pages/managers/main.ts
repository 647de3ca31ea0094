import { createClient, type Session } from "@supabase/supabase-js";
import { z } from "zod";
import { part } from "./element.ts";
import { wireNewStudent } from "./new-student.ts";
import { wireSignIn } from "./sign-in.ts";
import { wireStudentList } from "./student-list.ts";
import { type DateWords, dateWords, type Language, preferredLanguage, speak, textsOf } from "./texts.ts";

const Project = z.object({ url: z.url(), publishableKey: z.string().min(1) });
const VIEWS = ["sign-in-view", "refused-view", "work-view"] as const;

const project = Project.parse(JSON.parse(part("project", HTMLScriptElement).text));
const supabase = createClient(project.url, project.publishableKey);
let language: Language = preferredLanguage();
const texts = () => textsOf(language);
const date: DateWords = (iso) => dateWords(language)(iso);

const onSignedOut = async (): Promise<void> => {
  await supabase.auth.signOut({ scope: "local" });
  signIn.tell(texts().faultExpired);
};
const signIn = wireSignIn(supabase, texts);
const list = wireStudentList(supabase, { texts, date, onSignedOut: () => void onSignedOut() });
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

/** Shows what the signed-in person may see. The database and the function decide anew whatever is shown here. */
function showSession(session: Session | null): void {
  part("me", HTMLDivElement).hidden = session === null;
  part("me-email", HTMLSpanElement).textContent = session?.user.email ?? "";
  const role: unknown = session?.user.app_metadata["role"];
  // A refreshed token is not a new visit: what is being typed stays.
  if (session?.user.id === shownUser && session !== null) return;
  shownUser = session?.user.id;
  newStudent.clear();
  list.clear();
  const isManager = role === "sales_manager" || role === "admin";
  show(session === null ? "sign-in-view" : isManager ? "work-view" : "refused-view");
  if (isManager) void list.load();
}

for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset["language"] === "ru" ? "ru" : "en";
    speak(language);
    list.draw();
  });
}
part("sign-out", HTMLButtonElement).addEventListener(
  "click",
  () => void supabase.auth.signOut({ scope: "local" }),
);

speak(language);
supabase.auth.onAuthStateChange((_event, session) => showSession(session));
