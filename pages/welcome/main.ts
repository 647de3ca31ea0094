import { part } from "../kit/element.ts";
import { putTexts } from "../kit/put-texts.ts";
import { type Arrival, readArrival, type Trouble } from "./arrival.ts";
import { type Project, type Saved, setPassword } from "./set-password.ts";
import { type Language, preferredLanguage, type Texts, textsOf } from "./texts.ts";

const VIEWS = ["press-view", "password-view", "message-view"] as const;
const SHORTEST_PASSWORD = 8;
const FAULTS: Readonly<Record<Exclude<Saved, "saved" | "session_over">, keyof Texts>> = {
  weak: "passwordWeak",
  same: "passwordSame",
  no_connection: "noConnection",
  failed: "failed",
};

const project: Project = JSON.parse(part("project", HTMLScriptElement).text);
let language: Language = preferredLanguage();
let arrival: Arrival;
/** Which message is shown, so that it can be said in the other language. */
let message: Trouble | "done" | undefined;
let fault: keyof Texts | undefined;

function speak(): void {
  const texts = textsOf(language);
  document.title = project.brand === undefined ? texts.pressTitle : `${texts.pressTitle} · ${project.brand}`;
  putTexts(language, (name) => texts[name as keyof Texts]);
  if (message !== undefined) {
    part("message-title", HTMLHeadingElement).textContent = texts[`${message}Title`];
    part("message-text", HTMLParagraphElement).textContent = texts[`${message}Text`];
  }
  const notice = part("password-fault", HTMLParagraphElement);
  notice.textContent = fault === undefined ? "" : texts[fault];
  notice.hidden = fault === undefined;
  part("password", HTMLInputElement).ariaInvalid = String(
    fault === "passwordShort" || fault === "passwordWeak",
  );
}

function show(view: (typeof VIEWS)[number]): void {
  for (const id of VIEWS) part(id, HTMLElement).hidden = id !== view;
}

function showMessage(which: Trouble | "done"): void {
  message = which;
  const course = part("course", HTMLAnchorElement);
  course.hidden = project.courseUrl === undefined || (which !== "done" && which !== "password_set");
  if (project.courseUrl !== undefined) course.href = project.courseUrl;
  show("message-view");
  speak();
  part("message-title", HTMLHeadingElement).focus();
}

function arrive(): void {
  arrival = readArrival(location.hash);
  message = undefined;
  fault = undefined;
  if (arrival.kind === "trouble") {
    showMessage(arrival.trouble);
    return;
  }
  if (arrival.kind === "link") {
    part("token", HTMLInputElement).value = arrival.token;
    show("press-view");
  } else {
    // A session in the address would stay in the history of a shared computer.
    history.replaceState(null, "", location.pathname + location.search);
    part("login", HTMLInputElement).value = arrival.email;
    show("password-view");
  }
  speak();
}

async function save(): Promise<void> {
  if (arrival.kind !== "session") return;
  const password = part("password", HTMLInputElement);
  const button = part("save", HTMLButtonElement);
  fault = password.value.length < SHORTEST_PASSWORD ? "passwordShort" : undefined;
  if (fault === undefined) {
    button.disabled = true;
    const saved = await setPassword(project, arrival.accessToken, password.value);
    button.disabled = false;
    if (saved === "saved" || saved === "session_over") {
      showMessage(saved === "saved" ? "done" : "again");
      return;
    }
    fault = FAULTS[saved];
  }
  speak();
  password.focus();
}

/** Whose page this is: whoever comes by a mail knows the company and not us. */
function showBrand(): void {
  const { brand = "", logo } = project;
  const shown = part("brand", HTMLParagraphElement);
  shown.hidden = brand === "" && logo === undefined;
  shown.textContent = brand;
  if (logo === undefined) return;
  const picture = document.createElement("img");
  picture.className = "logo";
  picture.src = logo;
  picture.alt = "";
  shown.prepend(picture);
}

showBrand();
part("press", HTMLFormElement).action = `${project.url}/functions/v1/tripwire-welcome`;
part("password-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void save();
});
part("shown", HTMLInputElement).addEventListener("change", (event) => {
  const isShown = (event.target as HTMLInputElement).checked;
  part("password", HTMLInputElement).type = isShown ? "text" : "password";
});
for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset["language"] === "en" ? "en" : "ru";
    speak();
  });
}
// The link may be opened while the page is open.
window.addEventListener("hashchange", () => location.hash !== "" && arrive());
arrive();
