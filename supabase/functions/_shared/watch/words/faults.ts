import type { Texts } from "../../platform/text.ts";

/** What went wrong with a request, as messages, breaker and pulls keep it. */
export const FAULTS = {
  rate_limited: {
    en: "amoCRM limits the request rate (429): waiting, then going on more slowly",
    ru: "amoCRM ограничивает частоту запросов (429): ждём и продолжаем медленнее",
  },
  slot_refused: {
    en: "The pace gave no slot: nothing was sent",
    ru: "Темп не дал места: ничего не отправлено",
  },
  token_unavailable: {
    en: "There is no access token: nothing was sent",
    ru: "Токена нет: ничего не отправлено",
  },
  unauthorized: {
    en: "amoCRM refuses the access token (401): renew it, and check that the integration is switched on",
    ru: "amoCRM отклоняет токен (401): обновите его и проверьте, включена ли интеграция",
  },
  unpaid: {
    en: "The amoCRM account is not paid (402): pay it, then call amocrm_resume()",
    ru: "Аккаунт amoCRM не оплачен (402): оплатите, затем npm run amocrm -- resume",
  },
  forbidden: {
    en: "amoCRM refuses this call for lack of rights (403): use a token of a user who has them",
    ru: "amoCRM отклоняет вызов: не хватает прав (403); нужен токен пользователя с правами",
  },
  account_blocked: {
    en: "amoCRM blocks this account or address (403 without JSON): ask amoCRM's support to lift the block",
    ru: "amoCRM блокирует аккаунт или наш адрес (403 без JSON): попросите поддержку amoCRM снять блокировку",
  },
  wrong_address: {
    en: "The address is not that of an amoCRM account: check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL",
    ru: "По этому адресу нет аккаунта amoCRM: проверьте AMOCRM_SUBDOMAIN или AMOCRM_BASE_URL",
  },
  address_unknown: {
    en: "amoCRM does not know an address that every account has (404): the account was renamed, moved or deleted; check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL",
    ru: "amoCRM не знает адреса, который есть у каждого аккаунта (404): аккаунт переименован, переехал или удалён; проверьте AMOCRM_SUBDOMAIN или AMOCRM_BASE_URL",
  },
  timeout: { en: "amoCRM did not answer in time", ru: "amoCRM не ответила вовремя" },
  connection_failed: {
    en: "No connection to amoCRM could be made: check the network, AMOCRM_SUBDOMAIN and AMOCRM_BASE_URL",
    ru: "Не удалось связаться с amoCRM: проверьте сеть, AMOCRM_SUBDOMAIN и AMOCRM_BASE_URL",
  },
  connection_lost: {
    en: "The connection to amoCRM was lost before the answer was complete",
    ru: "Связь с amoCRM прервалась до конца ответа",
  },
  server_error: { en: "amoCRM failed to handle the request", ru: "amoCRM не смогла обработать запрос" },
  gateway_timeout: {
    en: "amoCRM's gateway gave up waiting (504): the next batches are smaller",
    ru: "Шлюз amoCRM не дождался (504): следующие пачки меньше",
  },
  answer_too_large: {
    en: "amoCRM's answer is larger than any answer we expect and was not read",
    ru: "Ответ amoCRM больше любого ожидаемого и не прочитан",
  },
  not_shown: {
    en: "amoCRM does not show what we know by its id: looked for once more before it counts as deleted",
    ru: "amoCRM не показывает то, что известно по номеру: ищем ещё раз, прежде чем считать удалённым",
  },
  not_json: {
    en: "The answer is a success but not JSON: something between us and amoCRM may have answered",
    ru: "Ответ успешный, но не JSON: возможно, ответил кто-то между нами и amoCRM",
  },
  unexpected_answer: {
    en: "amoCRM's answer has an unexpected shape",
    ru: "Ответ amoCRM неожиданного вида",
  },
  unexpected_at: {
    en: "amoCRM's answer has an unexpected shape at {place}",
    ru: "Ответ amoCRM неожиданного вида: {place}",
  },
  validation_failed: { en: "amoCRM refuses what was sent", ru: "amoCRM не принимает отправленное" },
  not_found: {
    en: "amoCRM does not know what was asked for (404)",
    ru: "amoCRM не знает того, о чём спросили (404)",
  },
  method_not_allowed: {
    en: "amoCRM does not allow this method here (405)",
    ru: "amoCRM не допускает здесь такого вызова (405)",
  },
  payload_too_large: {
    en: "The request is too large for amoCRM (413): the next batches are smaller",
    ru: "Запрос слишком велик для amoCRM (413): следующие пачки меньше",
  },
  refused: {
    en: "amoCRM refuses the request and names nothing in it",
    ru: "amoCRM отклоняет запрос и ничего в нём не называет",
  },
  refusal_unexplained: {
    en: "amoCRM refuses the request and names no item: look at the rights of the token's user, the subscription and the account's limits",
    ru: "amoCRM отклоняет запрос, не называя, что не так: посмотрите права пользователя токена, подписку и ограничения аккаунта",
  },
  refusal_unreadable: {
    en: "amoCRM refuses the request and its reason did not arrive",
    ru: "amoCRM отклоняет запрос, причина не дошла",
  },
  batch_refused: {
    en: "amoCRM refused the batch for another item; whether this one was written is looked up",
    ru: "amoCRM отклонила пачку из-за другой записи; записана ли эта, выясняется",
  },
  withStatusWords: {
    en: "{fault} ({status}). amoCRM says: {words}",
    ru: "{fault} ({status}). Слова amoCRM: {words}",
  },
  withWords: { en: "{fault}. amoCRM says: {words}", ru: "{fault}. Слова amoCRM: {words}" },
  withStatusItems: { en: "{fault} (4{status}): {items}", ru: "{fault} (4{status}): {items}" },
  withStatus5: { en: "{fault} (5{status})", ru: "{fault} (5{status})" },
  withStatus4: { en: "{fault} (4{status})", ru: "{fault} (4{status})" },
  not_connected: {
    en: "amoCRM is not connected: npm run amocrm -- connect",
    ru: "amoCRM не подключена: npm run amocrm -- connect",
  },
  other_account_connect: {
    en: "The token is of another amoCRM account than the contacts and deals here. Connect the right one, or, if the account does change: npm run amocrm -- connect --switch",
    ru: "Токен другого аккаунта amoCRM, чем контакты и сделки здесь. Подключите нужный; если аккаунт и правда меняется: npm run amocrm -- connect --switch",
  },
  other_account_token: {
    en: "AMOCRM_ACCESS_TOKEN is of another amoCRM account than {id}, whose contacts and deals are here. Set the right one, or, if the account does change: npm run amocrm -- setup --switch",
    ru: "AMOCRM_ACCESS_TOKEN другого аккаунта amoCRM, чем {id}, чьи контакты и сделки здесь. Задайте нужный; если аккаунт и правда меняется: npm run amocrm -- setup --switch",
  },
  reauth: {
    en: "amoCRM has ended the connection ({reason}): npm run amocrm -- connect",
    ru: "amoCRM прервала подключение ({reason}): npm run amocrm -- connect",
  },
  vault_unreadable: {
    en: "Vault cannot give back the tokens, as after a restore under another key: npm run amocrm -- connect",
    ru: "Vault не может вернуть токены, как после восстановления под другим ключом: npm run amocrm -- connect",
  },
  copy: {
    en: "This database is a copy: it belongs to the project {project}. To send from here: {command}",
    ru: "Эта база копия: она принадлежит проекту {project}. Чтобы отправлять отсюда: {command}",
  },
  copied_from: { en: "it was copied from", ru: "с которого снята копия" },
  restored: {
    en: "This database was restored or copied: what waits in it may have been sent long ago. To send from here: {command}",
    ru: "Эта база восстановлена или скопирована: то, что в ней ждёт, могло быть давно отправлено. Чтобы отправлять отсюда: {command}",
  },
  renewing: {
    en: "Another process renews the token of amoCRM and has not finished in time: messages wait",
    ru: "Токен amoCRM обновляет другой процесс и не успел: сообщения ждут",
  },
  not_renewed: {
    en: "The token of amoCRM has ended and could not be renewed ({code}): it is tried again by itself",
    ru: "Срок токена amoCRM истёк, обновить не удалось ({code}): попытки идут сами",
  },
  sending_stopped: { en: "sending is stopped", ru: "отправка остановлена" },
  nothing_set: {
    en: "Set AMOCRM_ACCESS_TOKEN and AMOCRM_SUBDOMAIN, or an integration: there is no token to call amoCRM with",
    ru: "Задайте AMOCRM_ACCESS_TOKEN и AMOCRM_SUBDOMAIN или интеграцию: обращаться к amoCRM не с чем",
  },
  not_set: { en: "{name} is not set", ru: "{name} не задана" },
  two_not_set: { en: "{name} is not set; {rest}", ru: "{name} не задана; {rest}" },
  secrets_of: {
    en: "supabase secrets set, with the values of the integration in amoCRM (keys and scopes)",
    ru: "supabase secrets set со значениями интеграции в amoCRM (ключи и доступы)",
  },
  long_lived: {
    en: "AMOCRM_ACCESS_TOKEN is set: requests go with that long-lived token, and there is nothing to connect",
    ru: "Задана AMOCRM_ACCESS_TOKEN: запросы идут с долгосрочным токеном, подключать нечего",
  },
  long_lived_remedy: {
    en: "To connect by OAuth instead, remove it: supabase secrets unset AMOCRM_ACCESS_TOKEN",
    ru: "Чтобы подключить по OAuth, уберите её: supabase secrets unset AMOCRM_ACCESS_TOKEN",
  },
  contact_gone: {
    en: "The contact was deleted in amoCRM; another one is found or made",
    ru: "Контакт удалён в amoCRM; находится или создаётся другой",
  },
  no_message: {
    en: "no message {id} in amocrm_outbox or message_outbox",
    ru: "сообщения {id} нет",
  },
  no_requeue: {
    en: "message {id} is {state}, only dead, cancelled and pending ones can be requeued",
    ru: "сообщение {id} в состоянии {state}; ещё раз отправляются только dead, cancelled и pending",
  },
  no_cancel: {
    en: "message {id} is {state}, only pending, uncertain and dead ones can be cancelled",
    ru: "сообщение {id} в состоянии {state}; отменяются только pending, uncertain и dead",
  },
  no_pair: { en: "no pair {id} in amocrm_duplicates", ru: "такой пары нет: {id}" },
  pair_resolved: {
    en: "pair {id} was resolved on {day} as {what}",
    ru: "пара {id} уже решена {day}: {what}",
  },
  stay_two: { en: "they stay two", ru: "остаются двумя" },
  merge_deals: {
    en: "merge {type} {one} and {two} in amoCRM; nothing of ours changes",
    ru: "объедините в amoCRM {type} {one} и {two}; у нас ничего не меняется",
  },
  people_one: { en: "person {one} is person {two} from now on", ru: "человек {one} теперь человек {two}" },
  leads_to: {
    en: "leads of both go to contact {id} from now on; nothing is merged in amoCRM",
    ru: "заявки обоих теперь идут к контакту {id}; в amoCRM ничего не объединено",
  },
  in_flight: {
    en: "messages of person {one} or {two} are on their way",
    ru: "сообщения людей {one} и {two} в пути; повторите через минуту",
  },
  no_student: { en: "no student {id} in tripwire_users", ru: "ученика {id} нет" },
  mail_under_way: {
    en: "a welcome mail for student {id} is on its way",
    ru: "приветственное письмо ученику {id} уже в пути",
  },
  dup_email: {
    en: "a student has the e-mail of another student's person",
    ru: "у ученика почта человека другого ученика",
  },
  dup_phone: {
    en: "a new e-mail came with the phone of somebody who has another one",
    ru: "новая почта пришла с телефоном того, у кого другая",
  },
  dup_both: {
    en: "one submission names the e-mail of one and the phone of the other",
    ru: "в одной заявке почта одного и телефон другого",
  },
  dup_changed: {
    en: "a changed row names the {what} of another person",
    ru: "в изменённой строке {what} другого человека",
  },
  dup_cards: {
    en: "both came with the same phone and have different e-mails",
    ru: "у обоих один телефон и разные почты",
  },
  dup_on_the_way: {
    en: "both got a contact while their messages were on the way",
    ru: "оба получили по контакту, пока их сообщения были в пути",
  },
  dup_lead: {
    en: "a lead of the one came with the phone of the other",
    ru: "заявка одного пришла с телефоном другого",
  },
  dup_same: {
    en: "both have the same {what}; the one that we know, or else the one changed last, is used",
    ru: "у обоих одно и то же ({what}); берётся известный нам, иначе изменённый последним",
  },
  dup_said: { en: "their people were said to be one", ru: "о них сказали, что это один человек" },
  lesson: { en: "Lesson completed: {title}", ru: "Урок пройден: {title}" },
  student: { en: "A student was created", ru: "Ученик создан" },
  certificate: { en: "A certificate was issued", ru: "Выдан сертификат" },
} as const satisfies Texts;
