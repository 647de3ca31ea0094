import type { Texts } from "../../platform/text.ts";

/** What amocrm_error_policies says that an error means, and what to do. */
export const POLICIES = {
  token_unavailable: {
    en: "There is no access token, so nothing was sent. Connect the account anew or set AMOCRM_ACCESS_TOKEN.",
    ru: "Токена нет, поэтому ничего не отправлено. Подключите аккаунт заново или задайте AMOCRM_ACCESS_TOKEN.",
  },
  unauthorized: {
    en: "401: the token is wrong, revoked or expired, or the integration is switched off. Renew it, then amocrm_resume().",
    ru: "401: токен неверен, отозван или истёк либо интеграция выключена. Обновите его, затем npm run amocrm -- resume.",
  },
  unpaid: {
    en: "402: the amoCRM account is not paid. Pay it, then amocrm_resume().",
    ru: "402: аккаунт amoCRM не оплачен. Оплатите, затем npm run amocrm -- resume.",
  },
  forbidden: {
    en: "403 with JSON: the user of the token lacks a right that delivering needs. Give it, then amocrm_resume().",
    ru: "403 с JSON: пользователю токена не хватает права, нужного для доставки. Дайте его, затем npm run amocrm -- resume.",
  },
  account_blocked: {
    en: "403 without JSON: amoCRM has blocked the account or our address for too many requests. Write to its support; raise min_interval_ms.",
    ru: "403 без JSON: amoCRM заблокировала аккаунт или наш адрес из-за числа запросов. Напишите в её поддержку; увеличьте min_interval_ms.",
  },
  wrong_address: {
    en: "What answered is no amoCRM account. Check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL.",
    ru: "Ответил не аккаунт amoCRM. Проверьте AMOCRM_SUBDOMAIN или AMOCRM_BASE_URL.",
  },
  rate_limited: {
    en: "429: sending waits as told, or as long as the first wait here, and is half as fast again from then on. Raise min_interval_ms if it happens often.",
    ru: "429: отправка ждёт, сколько сказано, и дальше идёт вдвое медленнее. Если часто: увеличьте min_interval_ms.",
  },
  slot_refused: {
    en: "The pace gave no slot: paused, breaker open, or another drain at work. Nothing was sent and nothing needs doing.",
    ru: "Темп не дал места: пауза, отправка остановлена или работает другая. Ничего не отправлено, делать ничего не нужно.",
  },
  no_route: {
    en: "No row of amocrm_routes names the source of the lead. Add one, or one with source *: it is tried at once then.",
    ru: "Ни одна строка amocrm_routes не называет источник заявки. Добавьте такую или с источником *: заявка уйдёт сразу.",
  },
  no_stage: {
    en: "amocrm_stages has no row for student.created, so the pipeline of students' deals is not known. Add it: what waits is tried at once then.",
    ru: "В amocrm_stages нет строки student.created, поэтому воронка сделок учеников неизвестна. Добавьте её: ожидающее уйдёт сразу.",
  },
  no_deal: {
    en: "What was told belongs on a deal, and the person has none yet. It waits 24 hours for one, then it is dead.",
    ru: "Сообщение предназначено сделке, а её у человека ещё нет. Оно ждёт её 24 часа, потом считается недоставленным.",
  },
  no_contact: {
    en: "What was told belongs on a contact, and the person has none yet. It waits 24 hours for one, then it is dead.",
    ru: "Сообщение предназначено контакту, а его у человека ещё нет. Оно ждёт его 24 часа, потом считается недоставленным.",
  },
  tells_held: {
    en: "More than twenty messages by amocrm_tell in an hour for one deal: perhaps a loop. Look what tells them, then select amocrm_release_tells(), or to drop them amocrm_release_tells(null, true).",
    ru: "Больше двадцати сообщений amocrm_tell за час для одной сделки: возможно, петля. Найдите, кто их шлёт, затем select amocrm_release_tells(), а чтобы отменить — amocrm_release_tells(null, true).",
  },
  no_main_pipeline: {
    en: "The route leaves the pipeline to the account, and the account has no main one that is not archived. Name one in amocrm_routes: what waits is tried at once then.",
    ru: "Маршрут оставляет воронку на выбор аккаунта, а основной воронки не в архиве там нет. Назовите её в amocrm_routes: ожидающее уйдёт сразу.",
  },
  no_handler: {
    en: "The deployed amocrm-drain is older than the database and does not know this kind. Deploy the functions.",
    ru: "Развёрнутая amocrm-drain старше базы и не знает этого вида. Разверните функции.",
  },
  contact_deleted: {
    en: "The contact was deleted in amoCRM in the meantime: the lead is placed anew. If it stays: amoCRM finds a contact that it does not take; look at it there.",
    ru: "Контакт тем временем удалён в amoCRM: заявка размещается заново. Если не проходит: amoCRM находит контакт, который сама не принимает; посмотрите на него там.",
  },
  contact_in_use: {
    en: "Another message is about the same contact and comes first. Nothing needs doing.",
    ru: "Другое сообщение о том же контакте идёт первым. Делать ничего не нужно.",
  },
  not_shown: {
    en: "amoCRM does not show a deal or contact that we know by its id. A second look, some seconds later, tells whether it is gone. Nothing needs doing.",
    ru: "amoCRM не показывает сделку или контакт, известные по номеру. Через несколько секунд второй взгляд скажет, удалены ли они. Делать ничего не нужно.",
  },
  deal_in_use: {
    en: "Another message of the same batch is about the same deal. Nothing needs doing.",
    ru: "Другое сообщение той же пачки о той же сделке. Делать ничего не нужно.",
  },
  timeout: {
    en: "amoCRM did not answer in time. If it stays: lower batch_size, and see whether amoCRM reports an outage.",
    ru: "amoCRM не ответила вовремя. Если не проходит: уменьшите batch_size и посмотрите, не сообщает ли amoCRM о сбое.",
  },
  connection_failed: {
    en: "No connection could be made. If it stays: check the address and the network.",
    ru: "Связаться не удалось. Если не проходит: проверьте адрес и сеть.",
  },
  connection_lost: {
    en: "The connection broke before the answer was complete. Nothing needs doing unless it stays.",
    ru: "Связь прервалась до конца ответа. Если проходит, делать ничего не нужно.",
  },
  server_error: {
    en: "5xx: amoCRM is in trouble. Nothing needs doing unless it stays.",
    ru: "5xx: у amoCRM сбой. Если проходит, делать ничего не нужно.",
  },
  gateway_timeout: {
    en: "504: amoCRM took too long; the next batches are smaller. Nothing needs doing unless it stays.",
    ru: "504: amoCRM не успела; следующие пачки меньше. Если проходит, делать ничего не нужно.",
  },
  answer_too_large: {
    en: "The answer was larger than any we expect and was not read. If it stays: report it with the request's path.",
    ru: "Ответ больше любого ожидаемого и не прочитан. Если не проходит: сообщите нам с путём запроса.",
  },
  not_json: {
    en: "A success that is not JSON: something between us and amoCRM may have answered. If it stays: check the address and proxies.",
    ru: "Успех, но не JSON: возможно, ответил кто-то между нами и amoCRM. Если не проходит: проверьте адрес и прокси.",
  },
  unexpected_answer: {
    en: "An answer of a shape we do not know. If it stays: amoCRM has changed; report it with the place that the message names.",
    ru: "Ответ неизвестного вида. Если не проходит: amoCRM изменилась; сообщите нам с местом, названным в сообщении.",
  },
  refusal_unexplained: {
    en: "400 or 422 that names no item; the message has amoCRM's own words. Look at the rights of the token's user, the subscription and the account's limits.",
    ru: "400 или 422, не называющие ничего; в сообщении собственные слова amoCRM. Посмотрите права пользователя токена, подписку и ограничения аккаунта.",
  },
  refusal_unreadable: {
    en: "400 or 422 whose body did not arrive or is no JSON: what is wrong is not known. If it stays: see what stands between us and amoCRM.",
    ru: "400 или 422, тело которых не дошло или не JSON: что не так, неизвестно. Если не проходит: посмотрите, что стоит между нами и amoCRM.",
  },
  address_unknown: {
    en: "404 at an address that every account has: it was renamed, moved or deleted. Check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL.",
    ru: "404 по адресу, который есть у каждого аккаунта: он переименован, переехал или удалён. Проверьте AMOCRM_SUBDOMAIN или AMOCRM_BASE_URL.",
  },
  method_not_allowed: {
    en: "405: amoCRM does not offer this call any more, or something stands before it. Check the address; then report it.",
    ru: "405: amoCRM больше не предлагает этот вызов, или перед ней что-то стоит. Проверьте адрес, затем сообщите нам.",
  },
  payload_too_large: {
    en: "413 or 414 although the request was as small as it gets. If it stays for one lead: shorten what it holds.",
    ru: "413 или 414, хотя запрос был наименьшим. Если так с одной заявкой: сократите то, что в ней.",
  },
  refused: {
    en: "A refusal that has no row of its own and names nothing. The message has the status and amoCRM's own words.",
    ru: "Отказ без своей строки, ничего не называющий. В сообщении код ответа и собственные слова amoCRM.",
  },
  validation_failed: {
    en: "amoCRM refuses the content; the message names field and reason. Mend the route or the field, then amocrm_requeue(id).",
    ru: "amoCRM не принимает содержимое; сообщение называет поле и причину. Исправьте маршрут или поле, затем npm run amocrm -- requeue.",
  },
  not_found: {
    en: "404: amoCRM does not know what the request names. Look whether it was deleted there, then amocrm_requeue(id).",
    ru: "404: amoCRM не знает того, что назвал запрос. Посмотрите, не удалено ли это там, затем npm run amocrm -- requeue.",
  },
  handler_failed: {
    en: "The function itself stumbled over this message; the reason names the error and its place. It is tried again by itself, so that it holds up nobody. If it stays it is a bug: report it with the reason, and look what is odd about the lead.",
    ru: "На этом сообщении споткнулась сама функция; причина называет ошибку и место. Попытки идут сами, остальных это не держит. Если не проходит, это наша ошибка: сообщите её с причиной и посмотрите, что необычного в заявке.",
  },
  looked_up: {
    en: "A create went out and its answer is not known. It is looked for this often, over five minutes in all, before it is sent again; what cannot be told by looking is looked at on.",
    ru: "Запрос на создание ушёл, ответ неизвестен. Созданное ищется столько раз, больше пяти минут в сумме, прежде чем отправить снова; что поиском не решить, ищется дальше.",
  },
  batch_refused: {
    en: "amoCRM refused the batch for another lead's sake; whether this one was written is looked up at once.",
    ru: "amoCRM отклонила пачку из-за другой заявки; записана ли эта, выясняется сразу.",
  },
  worker_died: {
    en: "The function ended in mid-work before it sent anything of this message. After so many ends with the message alone it is dead: look at its lead and the function's log.",
    ru: "Функция прервалась до того, как что-то отправила из этого сообщения. После стольких прерываний с ним одним оно снимается: посмотрите заявку и журнал функции.",
  },
  worker_died_unanswered: {
    en: "The function ended after a create was sent. What it did is looked up; if the function has ended as often as worker_died allows with the message alone, it is only looked for, with this wait, and not sent again.",
    ru: "Функция прервалась после запроса на создание. Что он сделал, выясняется; после стольких прерываний с этим сообщением одним его только ищут и больше не отправляют.",
  },
  fails_alone: {
    en: "amoCRM fails at this message, or refuses it without a reason, and not at others. From the fifth time on it waits ever longer; after so many times it is dead. Look at what it holds, then amocrm_requeue(id).",
    ru: "amoCRM спотыкается на этом сообщении или отклоняет его без причины, а другие принимает. С пятого раза оно ждёт всё дольше, после стольких раз снимается. Посмотрите, что в нём, затем npm run amocrm -- requeue.",
  },
  "*": {
    en: "Every error without a row of its own. A refusal among them is dead.",
    ru: "Любая ошибка без своей строки. Отказ среди них снимает сообщение.",
  },
} as const satisfies Texts;
