import type { Page } from "./page.ts";
import { refusalPage } from "./refusal-page.ts";

const NEW_LINK = {
  ru: "Новая ссылка: npm run amocrm -- connect",
  en: "For a new link: npm run amocrm -- connect",
};

/** What stands in the way before amoCRM is asked for consent: the address, the link, our own settings. */
export const START_PAGES = {
  not_found: refusalPage(
    404,
    { title: "Такой страницы нет", why: "Адрес неполный или скопирован с ошибкой." },
    { title: "There is no such page", why: "The address is incomplete or was copied wrongly." },
  ),
  method_not_allowed: refusalPage(
    405,
    { title: "Так эта страница не открывается", why: "Её открывают по ссылке в браузере." },
    { title: "This page is not opened like that", why: "It is opened by its link, in a browser." },
  ),
  address_too_long: refusalPage(
    414,
    { title: "Адрес слишком длинный", why: "Ни наша ссылка, ни amoCRM таких не делают." },
    { title: "The address is too long", why: "Neither our link nor amoCRM makes such a one." },
  ),
  malformed: refusalPage(
    400,
    { title: "Адрес искажён", why: "В нём чего-то не хватает или что-то указано дважды." },
    { title: "The address is garbled", why: "Something is missing in it, or named twice." },
  ),
  link_missing: refusalPage(
    401,
    {
      title: "Нужна ссылка",
      why: "Подключать amoCRM может вошедший администратор или тот, у кого есть одноразовая ссылка.",
      remedy: NEW_LINK.ru,
    },
    {
      title: "A link is needed",
      why: "amoCRM is connected by a signed-in admin, or by somebody with a one-time link.",
      remedy: NEW_LINK.en,
    },
  ),
  not_admin: refusalPage(
    403,
    {
      title: "Это может только администратор",
      why: "У пользователя app_metadata.role не admin.",
      remedy: NEW_LINK.ru,
    },
    {
      title: "Only admins may do this",
      why: "app_metadata.role of the user is not admin.",
      remedy: NEW_LINK.en,
    },
  ),
  link_unknown: refusalPage(
    403,
    {
      title: "Такой ссылки нет",
      why: "Она скопирована не целиком или давно устарела.",
      remedy: NEW_LINK.ru,
    },
    {
      title: "There is no such link",
      why: "It was not copied as a whole, or expired long ago.",
      remedy: NEW_LINK.en,
    },
  ),
  link_expired: refusalPage(
    410,
    { title: "Ссылка устарела", why: "Она действует 30 минут.", remedy: NEW_LINK.ru },
    { title: "The link has expired", why: "It lasts for 30 minutes.", remedy: NEW_LINK.en },
  ),
  link_used: refusalPage(
    409,
    {
      title: "По этой ссылке уже подключились",
      why: "Каждая ссылка подключает один раз.",
      remedy: "Что подключено, покажет npm run amocrm -- status; новая ссылка: npm run amocrm -- connect",
    },
    {
      title: "This link was used already",
      why: "Each link connects once.",
      remedy: "What is connected: npm run amocrm -- status; for a new link: npm run amocrm -- connect",
    },
  ),
  disabled: refusalPage(
    503,
    {
      title: "Связь с amoCRM выключена",
      why: "AMOCRM_ENABLED выключен.",
      remedy: "Включите (supabase secrets set AMOCRM_ENABLED=true) и откройте ссылку ещё раз.",
    },
    {
      title: "amoCRM is switched off",
      why: "AMOCRM_ENABLED is false.",
      remedy: "Switch it on (supabase secrets set AMOCRM_ENABLED=true), and open the link again.",
    },
  ),
  long_lived_token: refusalPage(
    409,
    {
      title: "Используется долгосрочный токен",
      why: "Пока задан AMOCRM_ACCESS_TOKEN, подключать нечего: запросы идут с ним.",
      remedy: "Уберите его (supabase secrets unset AMOCRM_ACCESS_TOKEN) и откройте ссылку ещё раз.",
    },
    {
      title: "A long-lived token is in use",
      why: "As long as AMOCRM_ACCESS_TOKEN is set there is nothing to connect: requests go with it.",
      remedy: "Remove it (supabase secrets unset AMOCRM_ACCESS_TOKEN), and open the link again.",
    },
  ),
  failed: refusalPage(
    500,
    {
      title: "Что-то сломалось у нас",
      why: "Причина записана в журнале функции amocrm-oauth.",
    },
    { title: "Something broke on our side", why: "The log of the function amocrm-oauth says what." },
  ),
} as const satisfies Readonly<Record<string, Page>>;
