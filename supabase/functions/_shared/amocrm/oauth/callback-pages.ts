import type { Page } from "./page.ts";
import { refusalPage } from "./refusal-page.ts";

/** How a consent can end but with a connection. */
export const CALLBACK_PAGES = {
  denied: refusalPage(
    403,
    { title: "amoCRM не подключена", why: "На странице amoCRM нажали «Отказать»." },
    { title: "amoCRM is not connected", why: "Access was denied on amoCRM's page." },
  ),
  state_unknown: refusalPage(
    403,
    {
      title: "Это подключение начато не здесь",
      why: "Мы такого не начинали: адрес подделан, скопирован не целиком, или интеграцию включили из самой amoCRM.",
    },
    {
      title: "This connection was not begun here",
      why: "It is none of ours: the address is forged or incomplete, or the integration was switched on inside amoCRM.",
    },
  ),
  state_expired: refusalPage(
    410,
    { title: "Прошло слишком много времени", why: "На согласие в amoCRM даётся 10 минут." },
    { title: "It took too long", why: "The consent in amoCRM has to come within 10 minutes." },
  ),
  state_used: refusalPage(
    409,
    {
      title: "Этот ответ amoCRM уже принят",
      why: "Страницу открыли второй раз; каждый ответ действует один раз.",
      remedy: "Что подключено, покажет npm run amocrm -- status",
    },
    {
      title: "This answer of amoCRM was taken already",
      why: "The page was opened a second time; each answer counts once.",
      remedy: "What is connected: npm run amocrm -- status",
    },
  ),
  wrong_referer: refusalPage(
    400,
    {
      title: "Ответ пришёл не от amoCRM",
      why: "Аккаунт должен быть на amocrm.ru, amocrm.com или kommo.com.",
    },
    {
      title: "The answer is not from amoCRM",
      why: "The account must be on amocrm.ru, amocrm.com or kommo.com.",
    },
  ),
  wrong_integration: refusalPage(
    400,
    {
      title: "Это другая интеграция",
      why: "client_id в адресе не равен AMOCRM_CLIENT_ID.",
      remedy: "Исправьте AMOCRM_CLIENT_ID или откройте свою ссылку.",
    },
    {
      title: "This is another integration",
      why: "client_id in the address is not AMOCRM_CLIENT_ID.",
      remedy: "Mend AMOCRM_CLIENT_ID, or open the right link.",
    },
  ),
  other_address: refusalPage(
    409,
    {
      title: "Это не тот аккаунт amoCRM",
      why: "Согласие дано не в том аккаунте, что указан в AMOCRM_SUBDOMAIN или AMOCRM_BASE_URL. Заявки ушли бы не туда.",
      remedy: "Войдите в нужный аккаунт и откройте ссылку ещё раз, или исправьте переменную.",
    },
    {
      title: "This is not the amoCRM account meant",
      why: "The consent is from another account than AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL names. Leads would go to the wrong place.",
      remedy: "Sign in to the right account and open the link again, or mend the variable.",
    },
  ),
  code_refused: refusalPage(
    400,
    {
      title: "amoCRM не принимает код",
      why: "Код действует 20 минут и только один раз.",
    },
    { title: "amoCRM refuses the code", why: "A code lasts for 20 minutes and counts once." },
  ),
  integration_refused: refusalPage(
    502,
    {
      title: "amoCRM не узнаёт интеграцию",
      why: "AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET и AMOCRM_REDIRECT_URI должны точно совпадать с настройками интеграции.",
      remedy: "Исправьте их (supabase secrets set) и откройте ссылку ещё раз.",
    },
    {
      title: "amoCRM does not recognise the integration",
      why: "AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and AMOCRM_REDIRECT_URI must be exactly those of the integration.",
      remedy: "Mend them (supabase secrets set), and open the link again.",
    },
  ),
  unpaid: refusalPage(
    502,
    {
      title: "Аккаунт amoCRM не оплачен",
      why: "amoCRM не отвечает на запросы (402).",
      remedy: "Оплатите аккаунт и откройте ссылку ещё раз.",
    },
    {
      title: "The amoCRM account is not paid",
      why: "amoCRM answers no requests (402).",
      remedy: "Pay it, and open the link again.",
    },
  ),
  account_blocked: refusalPage(
    502,
    {
      title: "amoCRM блокирует запросы",
      why: "Аккаунт или адрес заблокирован (403).",
      remedy: "Обратитесь в поддержку amoCRM, затем откройте ссылку ещё раз.",
    },
    {
      title: "amoCRM blocks requests",
      why: "The account or the address is blocked (403).",
      remedy: "Ask amoCRM's support to lift the block, then open the link again.",
    },
  ),
  amocrm_unavailable: refusalPage(
    502,
    {
      title: "amoCRM не отвечает",
      why: "Ответа нет, или он непонятен.",
      remedy: "Подождите минуту и откройте ссылку ещё раз.",
    },
    {
      title: "amoCRM does not answer",
      why: "There is no answer, or it cannot be understood.",
      remedy: "Wait a minute, and open the link again.",
    },
  ),
  busy: refusalPage(
    503,
    {
      title: "Очередь запросов к amoCRM занята",
      why: "Для нашего запроса сейчас нет места: amoCRM просила подождать.",
      remedy: "Подождите минуту и откройте ссылку ещё раз.",
    },
    {
      title: "No request to amoCRM is possible just now",
      why: "There is no slot for ours: amoCRM has asked us to wait.",
      remedy: "Wait a minute, and open the link again.",
    },
  ),
} as const satisfies Readonly<Record<string, Page>>;
