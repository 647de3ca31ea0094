import { part } from "../kit/element.ts";
import { type Language, preferredLanguage, textsOf } from "./texts.ts";

const project: { url: string } = JSON.parse(part("project", HTMLScriptElement).text);
const button = part("unsubscribe", HTMLButtonElement);
let language: Language = preferredLanguage();
let step: "ask" | "done" | "lost" = "ask";
let hasFailed = false;

/** Behind the #, so that it reaches no server but ours: nothing happens before the button is pressed. */
const tokenOf = (): string => new URLSearchParams(location.hash.replace(/^#/, "")).get("token") ?? "";

function speak(): void {
  const texts = textsOf(language);
  document.documentElement.lang = language;
  document.title = texts[`${step}Title`];
  part("title", HTMLHeadingElement).textContent = texts[`${step}Title`];
  part("text", HTMLParagraphElement).textContent = texts[`${step}Text`];
  button.textContent = texts.askButton;
  button.hidden = step !== "ask";
  const fault = part("fault", HTMLParagraphElement);
  fault.textContent = hasFailed ? texts.failed : "";
  fault.hidden = !hasFailed;
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]")) {
    element.ariaLabel = texts.language;
  }
  for (const choice of document.querySelectorAll<HTMLElement>("[data-language]")) {
    choice.ariaPressed = String(choice.dataset["language"] === language);
  }
  part("view", HTMLElement).hidden = false;
}

function arrive(): void {
  step = /^[A-Za-z0-9_-]{1,64}$/.test(tokenOf()) ? "ask" : "lost";
  hasFailed = false;
  speak();
}

async function unsubscribe(): Promise<void> {
  button.disabled = true;
  try {
    const answer = await fetch(`${project.url}/functions/v1/unsubscribe/${tokenOf()}`, { method: "POST" });
    hasFailed = !answer.ok;
    if (answer.ok) step = "done";
  } catch {
    hasFailed = true;
  }
  button.disabled = false;
  speak();
  if (step === "done") part("title", HTMLHeadingElement).focus();
}

button.addEventListener("click", () => void unsubscribe());
for (const choice of document.querySelectorAll<HTMLElement>("[data-language]")) {
  choice.addEventListener("click", () => {
    language = choice.dataset["language"] === "en" ? "en" : "ru";
    speak();
  });
}
window.addEventListener("hashchange", arrive);
arrive();
