import { putTexts } from "../kit/put-texts.ts";
import { SIGN_IN_EN, SIGN_IN_RU } from "../kit/sign-in-texts.ts";

/** The languages of the page. */
export type Language = "ru" | "en";

const EN = {
  ...SIGN_IN_EN,
  brand: "students",
  signInTitle: "Sign in",
  signInLead: "For sales managers.",
  email: "E-mail",
  savePassword: "Save and go on",
  resend: "Send again",
  resendFor: "Send the letter again to",
  resent: "The letter goes out again to",
  faultOnItsWay: "A letter to this student is on its way already.",
  correct: "Correct the address",
  correctFor: "Correct the address of",
  correctTitle: "Correct the address",
  correctLead: "gets a new letter; the old password and link stop working.",
  newEmail: "The right e-mail",
  save: "Save",
  cancel: "Cancel",
  corrected: "The address is corrected. A new letter goes to",
  faultTaken: "Another student or account has this address.",
  openDeal: "Open the deal in amoCRM",
  certificate: "Certificate (PDF)",
  newTab: "opens in a new tab",
  waitStage: "The administrator has not chosen a stage for students yet.",
  waitRetry: "amoCRM did not take it; it is tried again by itself.",
  refusedTitle: "No access",
  refusedText:
    "Your account is not a manager's. Ask your administrator for the role of a manager, then sign in again.",
  newTitle: "New student",
  newLead:
    "The student gets a letter with a link to the course. Creating one who is there already does no harm.",
  fullName: "Full name",
  phone: "Phone",
  optional: "(optional)",
  create: "Create student",
  listTitle: "Students",
  search: "Search by name, e-mail or phone",
  refresh: "Refresh",
  more: "Show more",
  student: "Student",
  progress: "Lessons",
  lastActivity: "Last activity",
  mail: "Welcome letter",
  amocrm: "amoCRM",
  added: "Added",
  created: "Created. The welcome letter goes to",
  there: "Already a student since",
  deal: "deal",
  never: "not yet",
  noStudents: "There are no students yet.",
  noMatches: "Nobody matches this search.",
  of: "of",
  mailNone: "none",
  mailWaiting: "on its way",
  mailSent: "sent",
  mailDelivered: "delivered",
  mailBounced: "came back",
  mailComplained: "called spam",
  mailFailed: "not sent",
  syncNone: "none",
  syncWaiting: "waiting",
  syncDelivered: "in amoCRM",
  syncDead: "needs attention",
  faultName: "Enter the name.",
  faultEmail: "Enter a valid e-mail address.",
  faultPhone: "10 digits, or + and the country code.",
  faultManager: "Your account has no manager's role.",
  faultConnection: "No connection. Check the internet and try again: no second student will come of it.",
  faultBusy: "The server is busy. Try again in a few seconds: no second student will come of it.",
  faultOther: "It did not work. Try again, or tell your administrator this code:",
  faultList: "The list could not be loaded.",
};

/** Every text of the page; the other language has the same ones, or it does not compile. */
export type Texts = Readonly<Record<keyof typeof EN, string>>;

const RU: Texts = {
  ...SIGN_IN_RU,
  brand: "ученики",
  signInTitle: "Вход",
  signInLead: "Для менеджеров по продажам.",
  email: "Эл. почта",
  savePassword: "Сохранить и продолжить",
  resend: "Отправить ещё раз",
  resendFor: "Отправить письмо ещё раз:",
  resent: "Письмо отправляется ещё раз на",
  faultOnItsWay: "Письмо этому ученику уже отправляется.",
  correct: "Исправить адрес",
  correctFor: "Исправить адрес:",
  correctTitle: "Исправить адрес",
  correctLead: "получит новое письмо; прежние пароль и ссылка перестанут действовать.",
  newEmail: "Правильный адрес почты",
  save: "Сохранить",
  cancel: "Отмена",
  corrected: "Адрес исправлен. Новое письмо отправится на",
  faultTaken: "Этот адрес уже у другого ученика или учётной записи.",
  openDeal: "Открыть сделку в amoCRM",
  certificate: "Сертификат (PDF)",
  newTab: "откроется в новой вкладке",
  waitStage: "Администратор ещё не указал этап для учеников.",
  waitRetry: "amoCRM не приняла, повтор будет сам.",
  refusedTitle: "Нет доступа",
  refusedText:
    "Это не учётная запись менеджера. Попросите администратора дать вам роль менеджера и войдите снова.",
  newTitle: "Новый ученик",
  newLead: "Ученик получит письмо со ссылкой на курс. Повторное создание ничего не испортит.",
  fullName: "Имя и фамилия",
  phone: "Телефон",
  optional: "(необязательно)",
  create: "Создать ученика",
  listTitle: "Ученики",
  search: "Поиск: имя, почта, телефон",
  refresh: "Обновить",
  more: "Показать ещё",
  student: "Ученик",
  progress: "Уроки",
  lastActivity: "Последняя активность",
  mail: "Письмо",
  amocrm: "amoCRM",
  added: "Дата",
  created: "ученик создан. Письмо отправится на",
  there: "уже есть в списке, добавлен",
  deal: "сделка",
  never: "пока нет",
  noStudents: "Учеников пока нет.",
  noMatches: "Никто не найден.",
  of: "из",
  mailNone: "нет",
  mailWaiting: "отправляется",
  mailSent: "отправлено",
  mailDelivered: "доставлено",
  mailBounced: "вернулось",
  mailComplained: "отмечено как спам",
  mailFailed: "не отправлено",
  syncNone: "нет",
  syncWaiting: "ожидает",
  syncDelivered: "в amoCRM",
  syncDead: "нужна помощь",
  faultName: "Укажите имя.",
  faultEmail: "Укажите правильный адрес почты.",
  faultPhone: "10 цифр или + и код страны.",
  faultManager: "У вашей учётной записи нет роли менеджера.",
  faultConnection: "Нет связи. Проверьте интернет и повторите: второй ученик не появится.",
  faultBusy: "Сервер занят. Повторите через несколько секунд: второй ученик не появится.",
  faultOther: "Не получилось. Повторите или сообщите администратору код:",
  faultList: "Не удалось загрузить список.",
};

const ALL: Readonly<Record<Language, Texts>> = { ru: RU, en: EN };
const STORAGE_KEY = "tripwire-language";

/** The language chosen here before, else the browser's; English for all but Russian. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem(STORAGE_KEY);
  if (chosen === "ru" || chosen === "en") return chosen;
  return navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";
}

export const textsOf = (language: Language): Texts => ALL[language];

/** A moment as people of a country write it. */
export type DateWords = (iso: string) => { day: string; time: string };

/** Dates in the language of the page, and in the browser's own manner where it speaks that language. */
export function dateWords(language: Language): DateWords {
  const locale = navigator.language.toLowerCase().startsWith(language) ? navigator.language : language;
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  return (iso) => ({ day: day.format(new Date(iso)), time: time.format(new Date(iso)) });
}

/** Remembers the language and puts its texts wherever the page names one; the company's name stands before the page's. */
export function speak(language: Language, company: string): void {
  localStorage.setItem(STORAGE_KEY, language);
  const texts = textsOf(language);
  const brand = `${company} · ${texts.brand}`;
  document.title = brand;
  putTexts(language, (name) => (name === "brand" ? brand : texts[name as keyof Texts]));
}
