import type { Answer } from "../http.ts";

const HTML = { "content-type": "text/html; charset=utf-8" };

/** What the form's page says beside the form. */
export interface FormPage {
  csrf: string;
  submit: "fetch" | "form";
  robotCheck: boolean;
  /** What is wrong; null on a first look. */
  error: string | null;
  /** What was typed, where the page shows it again. */
  typed: { email: string; password: string } | null;
}

/** The page of who is signed in: amoCRM's menu at the left. */
export function deskPage(): string {
  return document("amoCRM", '<div id="left_menu"><a href="/leads/">Сделки</a></div>');
}

/** The form, with the names that amoCRM's has. */
export function formPage({ csrf, submit, robotCheck, error, typed }: FormPage): string {
  const shown = typed === null ? { email: "", password: "" } : typed;
  const check = robotCheck
    ? '<div id="captcha" class="smart-captcha" style="width:300px;height:80px">Подтвердите, что запросы отправляли вы, а не робот</div>'
    : "";
  const told = error === null ? "" : `<p class="auth_form__error">${escaped(error)}</p>`;
  const form = `<form id="authentication" method="post" action="/oauth2/authorize">
<input type="hidden" name="csrf_token" value="${csrf}">
<input id="session_end_login" name="username" type="text" value="${escaped(shown.email)}">
<input id="password" name="password" type="password" value="${escaped(shown.password)}">${told}${check}
<button id="auth_submit" class="auth_form__submit" type="submit">Войти</button></form>`;
  return document("Вход в amoCRM", submit === "fetch" ? form + SCRIPT : form);
}

/** A page that holds none of the names by which the form is known. */
export function changedPage(): string {
  return document(
    "Вход",
    '<main><h1>Вход по-новому</h1><div class="entrance">Приложите телефон</div></main>',
  );
}

export function secondFactorPage(): string {
  return document(
    "Подтверждение входа",
    '<form method="post" action="/sign-in/code"><p>Код отправлен на почту</p><input name="code" autocomplete="one-time-code"><button type="submit">Войти</button></form>',
  );
}

export function robotCheckPage(): string {
  return document(
    "Проверка",
    '<div id="captcha" class="smart-captcha" style="width:300px;height:80px">Подтвердите, что вы не робот</div>',
  );
}

export function accountChoicePage(): string {
  return document(
    "Выберите аккаунт",
    '<ul id="accounts_list"><li><a href="https://sim.amocrm.ru/">sim</a></li><li><a href="https://other.amocrm.ru/">other</a></li></ul>',
  );
}

export function pageAnswer(status: number, body: string, cookies: readonly string[] = []): Answer {
  return { status, headers: { ...HTML }, body, cookies };
}

function document(title: string, body: string): string {
  return `<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>${title}</title></head><body>${body}</body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Sends the form by script, as amoCRM's own page does, and loads the page again if that was right. */
const SCRIPT = `<script>
const form = document.getElementById("authentication");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "content-type": "application/json", "x-requested-with": "XMLHttpRequest" },
    body: JSON.stringify(fields),
  });
  const told = await answer.json();
  if (told.error === undefined) { location.href = told.next; return; }
  const line = form.querySelector(".auth_form__error") ?? form.insertBefore(document.createElement("p"), form.lastElementChild);
  line.className = "auth_form__error";
  line.textContent = told.error;
});
</script>`;
