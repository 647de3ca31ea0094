import { SIGN_IN_EN, SIGN_IN_RU } from "../kit/sign-in-texts.ts";

/** The languages of the page. */
export type Language = "ru" | "en";

const RU = {
  ...SIGN_IN_RU,
  title: "Карта лояльности",
  signInLead: "Войдите, чтобы увидеть свои баллы.",
  email: "E-mail",
  savePassword: "Сохранить пароль",
  faultConnection: "Нет связи. Проверьте интернет и повторите.",
  faultOther: "Не получилось. Повторите или сообщите нам код:",
  tier: "{tier} · возвращается {percent} баллами",
  points: "баллов можно потратить",
  pending: "Ещё {points} станут доступны позже.",
  expiry: "{points} сгорят {date}",
  noExpiry: "Сгорать пока нечему.",
  debt: "Баллы за возвращённые заказы уже потрачены; их закроют следующие.",
  accountsTitle: "ВКонтакте, Telegram, Instagram",
  accountsText:
    "Получите код и отправьте его личным сообщением нашему сообществу или боту: тогда лайки и комментарии принесут баллы.",
  draw: "Получить код",
  codeHint: "Код действует 15 минут и один раз. Никому его не показывайте.",
  pastTitle: "История",
  pastEmpty: "Пока ничего не было.",
  earn: "Начислено",
  spend: "Потрачено",
  expire: "Сгорело",
  reverse: "Возврат",
  adjust: "Исправление",
  availableOn: "доступны с {date}",
  bronze: "Бронза",
  silver: "Серебро",
  gold: "Золото",
  platinum: "Платина",
};
export type Texts = typeof RU;

const EN: Texts = {
  ...SIGN_IN_EN,
  title: "Loyalty card",
  signInLead: "Sign in to see your points.",
  email: "E-mail",
  savePassword: "Save the password",
  faultConnection: "No connection. Check the internet and try again.",
  faultOther: "It did not work. Try again, or tell us this code:",
  tier: "{tier} · {percent} come back as points",
  points: "points to spend",
  pending: "{points} more can be spent later.",
  expiry: "{points} expire on {date}.",
  noExpiry: "Nothing expires for now.",
  debt: "Points of refunded orders are spent already; the next ones will make up for them.",
  accountsTitle: "VK, Telegram, Instagram",
  accountsText:
    "Get a code and send it to our community or bot in a private message: then likes and comments bring points.",
  draw: "Get a code",
  codeHint: "The code is good for 15 minutes and once. Show it to nobody.",
  pastTitle: "History",
  pastEmpty: "There is nothing yet.",
  earn: "Earned",
  spend: "Spent",
  expire: "Expired",
  reverse: "Taken back or returned",
  adjust: "Correction",
  availableOn: "to spend from {date}",
  bronze: "Bronze",
  silver: "Silver",
  gold: "Gold",
  platinum: "Platinum",
};

export const textsOf = (language: Language): Texts => (language === "en" ? EN : RU);

/** The browser's language; Russian for all but English, as the mails are by default. */
export function preferredLanguage(): Language {
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "ru";
}

/** A text with its facts in their places. */
export function filled(text: string, facts: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => facts[name] ?? mark);
}
