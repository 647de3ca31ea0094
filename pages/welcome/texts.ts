/** The languages of the page. */
export type Language = "ru" | "en";

const RU = {
  language: "Язык",
  pressTitle: "Задайте пароль",
  pressText: "Нажмите на кнопку, и мы откроем страницу, где задаётся пароль для входа на курс.",
  pressButton: "Продолжить",
  passwordTitle: "Новый пароль",
  passwordLabel: "Пароль",
  passwordHint: "Не короче 8 символов. Придумайте такой, которого нет на других сайтах.",
  passwordShow: "Показать пароль",
  passwordSave: "Сохранить пароль",
  passwordShort: "Пароль слишком короткий: нужно не меньше 8 символов.",
  passwordWeak: "Такой пароль слишком простой. Придумайте другой.",
  passwordSame: "Этот пароль уже задан. Придумайте другой или войдите с ним.",
  noConnection: "Нет связи. Проверьте интернет и нажмите ещё раз.",
  failed: "Не получилось. Подождите минуту и нажмите ещё раз.",
  doneTitle: "Готово",
  doneText: "Пароль сохранён. Входите с адресом почты, на который пришло письмо.",
  toCourse: "Перейти к курсу",
  againTitle: "Откройте ссылку ещё раз",
  againText: "Вернитесь к письму и снова нажмите на кнопку в нём.",
  expiredTitle: "Срок ссылки истёк",
  expiredText: "Напишите нам в ответ на письмо, и мы пришлём новую.",
  unknownTitle: "Ссылка не подходит",
  unknownText: "Откройте её из письма целиком. Если не поможет, напишите нам в ответ на письмо.",
  password_setTitle: "Пароль уже задан",
  password_setText: "Входите с ним. Если забыли его, нажмите «Забыли пароль?» на странице входа.",
  too_manyTitle: "Слишком много попыток",
  too_manyText: "Подождите десять минут и снова нажмите на кнопку в письме.",
  unavailableTitle: "Сервис не отвечает",
  unavailableText: "Подождите немного и снова нажмите на кнопку в письме. Ссылка останется действительной.",
};

/** Every text of the page; the other language has the same ones, or it does not compile. */
export type Texts = Readonly<Record<keyof typeof RU, string>>;

const EN: Texts = {
  language: "Language",
  pressTitle: "Set a password",
  pressText: "Press the button, and we open the page where you set the password for the course.",
  pressButton: "Continue",
  passwordTitle: "New password",
  passwordLabel: "Password",
  passwordHint: "At least 8 characters. Choose one that you use nowhere else.",
  passwordShow: "Show the password",
  passwordSave: "Save the password",
  passwordShort: "The password is too short: it needs at least 8 characters.",
  passwordWeak: "This password is too simple. Choose another one.",
  passwordSame: "This is your password already. Choose another one, or sign in with it.",
  noConnection: "No connection. Check the internet and press again.",
  failed: "It did not work. Wait a minute and press again.",
  doneTitle: "Done",
  doneText: "The password is saved. Sign in with the address to which the mail came.",
  toCourse: "Go to the course",
  againTitle: "Open the link again",
  againText: "Go back to the mail and press the button in it once more.",
  expiredTitle: "The link has expired",
  expiredText: "Answer the mail, and we send you a new one.",
  unknownTitle: "This link does not work",
  unknownText: "Open all of it from the mail. If that does not help, answer the mail.",
  password_setTitle: "A password is set already",
  password_setText: "Sign in with it. If you forgot it, use “Forgot password?” where you sign in.",
  too_manyTitle: "Too many tries",
  too_manyText: "Wait ten minutes, then press the button in the mail again.",
  unavailableTitle: "The service does not answer",
  unavailableText: "Wait a little, then press the button in the mail again. The link stays valid.",
};

/** The texts of a language. */
export const textsOf = (language: Language): Texts => (language === "ru" ? RU : EN);

/** The browser's language; Russian for all but English, as the mails are by default. */
export function preferredLanguage(): Language {
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "ru";
}
