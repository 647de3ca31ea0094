/** The languages of the page. */
export type Language = "ru" | "en";

const EN = {
  brand: "Tripwire · students",
  language: "Language",
  signInTitle: "Sign in",
  signInLead: "For sales managers.",
  email: "E-mail",
  password: "Password",
  signIn: "Sign in",
  signOut: "Sign out",
  refusedTitle: "No access",
  refusedText:
    "Your account has no manager's role. Ask your administrator to set app_metadata.role to sales_manager, then sign in again.",
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
  faultCredentials: "E-mail or password is wrong.",
  faultMissing: "Enter e-mail and password.",
  faultExpired: "Your session has ended. Sign in again.",
  faultManager: "Your account has no manager's role.",
  faultConnection: "No connection. Check the internet and try again: no second student will come of it.",
  faultBusy: "The server is busy. Try again in a few seconds: no second student will come of it.",
  faultOther: "It did not work. Try again, or tell your administrator this code:",
  faultList: "The list could not be loaded.",
};

/** Every text of the page; the other language has the same ones, or it does not compile. */
export type Texts = Readonly<Record<keyof typeof EN, string>>;

const RU: Texts = {
  brand: "Tripwire · ученики",
  language: "Язык",
  signInTitle: "Вход",
  signInLead: "Для менеджеров по продажам.",
  email: "Эл. почта",
  password: "Пароль",
  signIn: "Войти",
  signOut: "Выйти",
  refusedTitle: "Нет доступа",
  refusedText:
    "У вашей учётной записи нет роли менеджера. Попросите администратора указать app_metadata.role = sales_manager и войдите снова.",
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
  added: "Добавлен",
  created: "Создан. Письмо отправится на",
  there: "Уже ученик с",
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
  faultCredentials: "Неверная почта или пароль.",
  faultMissing: "Укажите почту и пароль.",
  faultExpired: "Сеанс закончился. Войдите снова.",
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

/** Remembers the language and puts its texts wherever the page names one. */
export function speak(language: Language): void {
  localStorage.setItem(STORAGE_KEY, language);
  const texts = textsOf(language);
  const textOf = (key: string | undefined): string => texts[key as keyof Texts];
  document.documentElement.lang = language;
  document.title = texts.brand;
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = textOf(element.dataset["text"]);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]")) {
    element.ariaLabel = textOf(element.dataset["label"]);
  }
  for (const element of document.querySelectorAll<HTMLInputElement>("[data-placeholder]")) {
    element.placeholder = textOf(element.dataset["placeholder"]);
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
    button.ariaPressed = String(button.dataset["language"] === language);
  }
}
