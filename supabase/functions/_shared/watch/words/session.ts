import type { Texts } from "../../platform/text.ts";

/** What is said of a session service that lets no call through; `amocrm/api/session-words.ts` says it. */
export const SESSION = {
  unreachable: { en: "service not reachable: {url}", ru: "сервис недоступен: {url}" },
  unknown: {
    en: "What answers at {url} is no session service: check AMOCRM_PLAYWRIGHT_URL",
    ru: "По адресу {url} отвечает не сервис сессии: проверьте AMOCRM_PLAYWRIGHT_URL",
  },
  signedOut: {
    en: "The session service is not signed in to amoCRM at the moment: it tries again by itself",
    ru: "Сервис сессии сейчас не вошёл в amoCRM: он попробует снова сам",
  },
  secretRefused: {
    en: "The session service refuses AMOCRM_PLAYWRIGHT_SECRET: set the one that it was started with",
    ru: "Сервис сессии не принимает AMOCRM_PLAYWRIGHT_SECRET: задайте тот, с которым он запущен",
  },
  secretMalformed: {
    en: "Set AMOCRM_PLAYWRIGHT_SECRET: it has characters no header can carry",
    ru: "Задайте AMOCRM_PLAYWRIGHT_SECRET: в ней есть символы, которых не бывает в заголовке",
  },
  needsPerson: {
    en: "The session service needs a person: {why}",
    ru: "Сервису сессии нужен человек: {why}",
  },
  password: {
    en: "amoCRM refuses its e-mail or password",
    ru: "amoCRM не принимает почту или пароль",
  },
  secondFactor: { en: "amoCRM asks for a second factor", ru: "amoCRM требует второй фактор" },
  robotCheck: {
    en: "amoCRM asks whether it is a robot",
    ru: "amoCRM проверяет, не робот ли это",
  },
  accountChoice: {
    en: "amoCRM asks which of several accounts is meant",
    ru: "amoCRM спрашивает, какой из аккаунтов нужен",
  },
  pageChanged: {
    en: "amoCRM's sign-in page is not the one that is known",
    ru: "страница входа amoCRM не та, что известна",
  },
  sessionRefused: {
    en: "amoCRM's API does not take the session of its user",
    ru: "API amoCRM не принимает сессию этого пользователя",
  },
  browserMissing: { en: "its browser does not start", ru: "браузер не запускается" },
  seeHealth: { en: "its GET /health says why", ru: "причину скажет его GET /health" },
  otherAccount: {
    en: "The session service is signed in to another amoCRM account than {id}, whose contacts and deals are here. Give it a user of the right one, or, if the account does change: npm run amocrm -- setup --switch",
    ru: "Сервис сессии вошёл в другой аккаунт amoCRM, чем {id}, чьи контакты и сделки здесь. Дайте ему пользователя нужного; если аккаунт и правда меняется: npm run amocrm -- setup --switch",
  },
  waitRemedy: {
    en: "Wait: the session service signs in again by itself; its GET /health tells more (docs/areas/session.md)",
    ru: "Ждите: сервис сессии войдёт снова сам; подробнее скажет его GET /health (docs/areas/session.ru.md)",
  },
  personRemedy: {
    en: "Do what amoCRM asks for, then POST /resume to the session service (docs/areas/session.md)",
    ru: "Сделайте то, что просит amoCRM, затем POST /resume сервису сессии (docs/areas/session.ru.md)",
  },
  reachRemedy: {
    en: "Look whether playwright-amocrm runs and can be reached from the functions, and check AMOCRM_PLAYWRIGHT_URL (docs/areas/session.md)",
    ru: "Посмотрите, работает ли playwright-amocrm и виден ли он функциям, и проверьте AMOCRM_PLAYWRIGHT_URL (docs/areas/session.ru.md)",
  },
  secretRemedy: {
    en: "Set AMOCRM_PLAYWRIGHT_SECRET to what the session service was started with (docs/areas/session.md)",
    ru: "Задайте AMOCRM_PLAYWRIGHT_SECRET: то, с чем запущен сервис сессии (docs/areas/session.ru.md)",
  },
} as const satisfies Texts;
