import type { MailTexts, WelcomeFacts } from "./texts.ts";

/** The welcome in each language. It asks for no answer, promises no date and holds no password. */
export const welcomeTexts: Readonly<Record<"ru" | "en", (facts: WelcomeFacts) => MailTexts>> = {
  ru: ({ name, courseName, senderName, linkDays, hasPassword }) => ({
    subject: `Доступ к курсу «${courseName}»`,
    preview: hasPassword ? "Ваш логин" : "Ваш логин и ссылка, по которой задаётся пароль",
    heading: "Доступ открыт",
    greeting: name === null ? "Здравствуйте!" : `Здравствуйте, ${name}!`,
    paragraphs: [
      hasPassword
        ? `Вам открыт доступ к курсу «${courseName}». Пароль у вас уже есть: входите с ним.`
        : `Вам открыт доступ к курсу «${courseName}». Остался один шаг: задайте пароль, и можно начинать.`,
    ],
    loginLabel: "Ваш логин",
    button: hasPassword ? "Открыть" : "Задать пароль",
    hint: hasPassword
      ? "Забыли пароль? Нажмите «Забыли пароль?» на странице входа."
      : `Ссылка работает ${daysInRussian(linkDays)}, пока пароль не задан.`,
    linkIntroduction: "Кнопка не нажимается? Откройте эту ссылку в браузере:",
    footer: `${senderName}. Вы получили это письмо, потому что для вас открыли доступ к курсу. Если вы этого не ждали, ничего не делайте.`,
  }),
  en: ({ name, courseName, senderName, linkDays, hasPassword }) => ({
    subject: `Your access to ${courseName}`,
    preview: hasPassword ? "Your login" : "Your login, and the link to set a password",
    heading: "You have access",
    greeting: name === null ? "Hello!" : `Hello ${name}!`,
    paragraphs: [
      hasPassword
        ? `You now have access to the course “${courseName}”. You have a password already: sign in with it.`
        : `You now have access to the course “${courseName}”. One step is left: set a password, and you can begin.`,
    ],
    loginLabel: "Your login",
    button: hasPassword ? "Open" : "Set a password",
    hint: hasPassword
      ? "Forgot the password? The sign-in page sends a new one."
      : `The link works for ${linkDays === 1 ? "one day" : `${linkDays} days`}, until a password is set.`,
    linkIntroduction: "The button does not work? Open this link in a browser:",
    footer: `${senderName}. You get this mail because somebody gave you access to the course. If you did not expect it, there is nothing to do.`,
  }),
};

function daysInRussian(count: number): string {
  const isTeen = count % 100 >= 11 && count % 100 <= 14;
  const last = count % 10;
  if (last === 1 && !isTeen) return `${count} день`;
  return last >= 2 && last <= 4 && !isTeen ? `${count} дня` : `${count} дней`;
}
