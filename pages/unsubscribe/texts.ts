/** The languages of the page. */
export type Language = "ru" | "en";

const RU = {
  language: "Язык",
  askTitle: "Отписаться?",
  askText: "Нажмите на кнопку, и мы больше не будем присылать вам такие письма.",
  askButton: "Отписаться",
  doneTitle: "Вы отписаны",
  doneText: "Больше таких писем не будет. Письма о вашем курсе и доступе приходят по-прежнему.",
  lostTitle: "Откройте ссылку из письма",
  lostText: "Ссылка неполная: вернитесь к письму и нажмите на неё ещё раз.",
  failed: "Не получилось. Проверьте интернет, подождите минуту и нажмите ещё раз.",
};
export type Texts = typeof RU;

const EN: Texts = {
  language: "Language",
  askTitle: "Unsubscribe?",
  askText: "Press the button, and we will send you no such mails any more.",
  askButton: "Unsubscribe",
  doneTitle: "You are unsubscribed",
  doneText: "There will be no such mails any more. Mails about your course and your access still come.",
  lostTitle: "Open the link from the mail",
  lostText: "The link is not whole: go back to the mail and press it again.",
  failed: "That did not work. Check the connection, wait a minute and press again.",
};

export const textsOf = (language: Language): Texts => (language === "en" ? EN : RU);

/** The browser's language; Russian for all but English, as the mails are by default. */
export function preferredLanguage(): Language {
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "ru";
}
