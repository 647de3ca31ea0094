import type { Texts } from "../../platform/text.ts";

/** What is said about SMS: by the database, by the drain, and what its errors mean. */
export const SMS = {
  rateLimited: {
    en: "Mobizon limits the request rate: waiting, then going on more slowly",
    ru: "Mobizon ограничивает частоту запросов: ждём и продолжаем медленнее",
  },
  timeout: { en: "Mobizon did not answer in time", ru: "Mobizon не ответил вовремя" },
  connectionFailed: {
    en: "No connection to Mobizon could be made",
    ru: "Не удалось связаться с Mobizon",
  },
  connectionLost: {
    en: "The connection to Mobizon was lost before the answer was complete",
    ru: "Связь с Mobizon прервалась до конца ответа",
  },
  serverError: { en: "Mobizon failed to handle the request", ru: "Mobizon не смог обработать запрос" },
  unexpectedAnswer: {
    en: "Mobizon's answer has an unexpected shape",
    ru: "Ответ Mobizon неожиданного вида",
  },
  unauthorized: {
    en: "Mobizon refuses MOBIZON_API_KEY, or the account is blocked",
    ru: "Mobizon не принимает MOBIZON_API_KEY, либо аккаунт заблокирован",
  },
  wrongAddress: {
    en: "The address is not of the Mobizon that has this account: check MOBIZON_BASE_URL",
    ru: "Ответил не тот Mobizon, где этот аккаунт: проверьте MOBIZON_BASE_URL",
  },
  senderRefused: {
    en: "Mobizon refuses the sender's name: mend message_settings.sms_sender",
    ru: "Mobizon не принимает имя отправителя: исправьте message_settings.sms_sender",
  },
  noMoney: { en: "The balance at Mobizon is used up", ru: "Деньги в Mobizon кончились" },
  refused: {
    en: "Mobizon refuses what was sent: check the number and the text, then requeue",
    ru: "Mobizon не принимает отправленное: проверьте номер и текст, затем повторите",
  },
  withStatus: {
    en: "{fault} (code {code}, status {status})",
    ru: "{fault} (код {code}, статус {status})",
  },
  withCode: { en: "{fault} (code {code})", ru: "{fault} (код {code})" },
  withSuccess: { en: "{fault} (2{status})", ru: "{fault} (2{status})" },
  withRedirect: { en: "{fault} (3{status})", ru: "{fault} (3{status})" },
  withoutStatus: { en: "{fault} (0)", ru: "{fault} (0)" },
  inBackground: {
    en: "Mobizon has taken it as a background task",
    ru: "Mobizon взял её как фоновую задачу",
  },
  taskDeclined: {
    en: "Mobizon declined the task that it had made of it",
    ru: "Mobizon отклонил задачу, которую из неё сделал",
  },
  notFound: {
    en: "Mobizon was asked and its answer was never received, and the SMS is not among its messages: look there before it is sent again",
    ru: "Ответ Mobizon не дошёл, и среди его сообщений этой SMS нет: посмотрите там, прежде чем отправлять снова",
  },
  lookedFor: {
    en: "The answer was lost; the SMS is looked for at Mobizon before anything else",
    ru: "Ответ потерян; сначала ищем эту SMS в Mobizon",
  },
  empty: { en: "The message has no text or no number", ru: "У сообщения нет текста или номера" },
  tooLong: {
    en: "The text has {count} parts, allowed are {max}: shorten it, or raise message_settings.sms_max_parts",
    ru: "Частей в тексте {count}, разрешено {max}: сократите его или увеличьте message_settings.sms_max_parts",
  },
  noComposer: {
    en: "This version of sms-drain cannot send {kind}: deploy the functions",
    ru: "Эта версия sms-drain не умеет отправлять {kind}: разверните функции",
  },
  paused: { en: "SMS are paused since {at}: {reason}", ru: "SMS на паузе с {at}: {reason}" },
  mendAndResume: {
    en: "Mend the cause, then: select message_resume('sms')",
    ru: "Устраните причину, затем: select message_resume('sms')",
  },
  deployed: {
    en: "select * from amocrm_health; check that sms-drain is deployed",
    ru: "select * from amocrm_health; проверьте, развёрнута ли sms-drain",
  },
  logs: { en: "See the logs of the function sms-drain", ru: "Смотрите лог функции sms-drain" },
  heldNow: {
    en: "SMS are held, because there are too many or their numbers are abroad: {count}",
    ru: "SMS задержаны, их слишком много или номера зарубежные: {count}",
  },
  lookAtHeld: {
    en: "Look at sms_held, then: select sms_release(), or to drop them sms_release(null, true)",
    ru: "Посмотрите sms_held, затем: select sms_release(), а чтобы отменить — sms_release(null, true)",
  },
  dead: { en: "{count} SMS are dead", ru: "Не отправлены SMS: {count}" },
  balance: { en: "The balance at Mobizon is {sum}", ru: "Баланс в Mobizon: {sum}" },
  topUp: {
    en: "Top it up, or lower message_settings.sms_balance_alert",
    ru: "Пополните его или уменьшите message_settings.sms_balance_alert",
  },
  behind: { en: "The oldest SMS waits since {at}", ru: "Самая старая SMS ждёт с {at}" },
  abroad: {
    en: "The number is of a country that message_settings.sms_countries does not list: held until a person releases or cancels it",
    ru: "Страны этого номера нет в message_settings.sms_countries: задержана, пока человек её не отпустит или не отменит",
  },
  beyond: {
    en: "More SMS than message_settings allows for an hour or a day: held until a person releases or cancels it",
    ru: "SMS больше, чем message_settings разрешает на час или сутки: задержана, пока человек её не отпустит или не отменит",
  },
  leadGone: { en: "The lead was deleted, so nothing was sent", ru: "Заявка удалена, ничего не отправлено" },
  quarantined: {
    en: "The lead is quarantined, so nothing was sent",
    ru: "Заявка в карантине, ничего не отправлено",
  },
  flood: {
    en: "The lead came in a flood that still runs: it waits until that is over",
    ru: "Заявка пришла в потоке спама, он ещё идёт: ждём его конца",
  },
  studentGone: {
    en: "The student was deleted, so nothing was sent",
    ru: "Ученик удалён, ничего не отправлено",
  },
  studentInactive: {
    en: "The student is not active, so nothing was sent",
    ru: "Ученик неактивен, ничего не отправлено",
  },
  lookAtMobizon: {
    en: "Look at Mobizon whether it is there. It is: select amocrm_cancel({id}); it is not and is to be sent: select sms_send_again({id})",
    ru: "Посмотрите в Mobizon, есть ли она там. Есть: select amocrm_cancel({id}); нет, и её нужно отправить: select sms_send_again({id})",
  },
  notInDoubt: {
    en: "message {id} is no SMS that was looked for in vain",
    ru: "сообщение {id} — не SMS, которую искали и не нашли",
  },
  othersRequeue: {
    en: "select * from sms_dead_letters; others are tried again by amocrm_requeue.",
    ru: "select * from sms_dead_letters; остальные повторяет amocrm_requeue.",
  },
  noQueue: {
    en: 'p_queue is "{queue}", must be message, sms or unisender',
    ru: 'p_queue — "{queue}", а нужно message, sms или unisender',
  },
  queueMeans: {
    en: "message is the queue of mails, unisender that of mailings to members; null is mails and SMS.",
    ru: "message — очередь писем, unisender — рассылки участникам; null — письма и SMS.",
  },
  noKind: { en: "p_kind: {kind} is no kind of SMS", ru: "p_kind: {kind} — не вид SMS" },
  declined: {
    en: "In the last day a moderator or an operator declined SMS: {count}. They are not sent again by themselves; Mobizon says why, and sms_overview lists them as rejected",
    ru: "За последние сутки модератор или оператор отклонил SMS: {count}. Сами они больше не отправляются; причину скажет Mobizon, а в sms_overview у них итог rejected",
  },
  policyUnauthorized: {
    en: "Mobizon refuses the key or the account is blocked. Check MOBIZON_API_KEY and the addresses that may use it, then message_resume('sms').",
    ru: "Mobizon не принимает ключ, либо аккаунт заблокирован. Проверьте MOBIZON_API_KEY и с каких адресов им можно пользоваться, затем select message_resume('sms').",
  },
  policyWrongAddress: {
    en: "What answered is not the Mobizon that serves this account. Check MOBIZON_BASE_URL: each country has its own, Kazakhstan https://api.mobizon.kz.",
    ru: "Ответил не тот Mobizon, который обслуживает аккаунт. Проверьте MOBIZON_BASE_URL: у каждой страны свой, у Казахстана https://api.mobizon.kz.",
  },
  policySender: {
    en: "Mobizon refuses the sender's name. Register it there, or mend message_settings.sms_sender, then message_resume('sms').",
    ru: "Mobizon не принимает имя отправителя. Зарегистрируйте его там или исправьте message_settings.sms_sender, затем select message_resume('sms').",
  },
  policyMoney: {
    en: "The balance at Mobizon is used up. Sending goes on by itself once it is topped up.",
    ru: "Деньги в Mobizon кончились. Отправка продолжится сама после пополнения.",
  },
  policyBackground: {
    en: "Mobizon has taken the SMS as a background task, and it is looked what became of that. Nothing needs doing.",
    ru: "Mobizon взял SMS как фоновую задачу, узнаём, что с ней стало. Ничего делать не нужно.",
  },
  policyHeld: {
    en: "More SMS than message_settings allows for an hour or a day, or to a country that is not listed. Look what sends them, then select sms_release(), or to drop them sms_release(null, true).",
    ru: "SMS больше, чем message_settings разрешает на час или сутки, либо страны нет в списке. Посмотрите, откуда они, затем select sms_release(), а чтобы отменить — sms_release(null, true).",
  },
  policyRefused: {
    en: "Mobizon refuses the content; the message names the field. Mend the number or the text, then amocrm_requeue(id).",
    ru: "Mobizon не принимает содержание, поле названо в сообщении. Исправьте номер или текст, затем select amocrm_requeue(id).",
  },
  policyTooLong: {
    en: "The text has more parts than message_settings.sms_max_parts allows, so nothing was sent. Shorten the text or raise the setting, then amocrm_requeue(id).",
    ru: "В тексте больше частей, чем разрешает message_settings.sms_max_parts, ничего не отправлено. Сократите текст или увеличьте настройку, затем select amocrm_requeue(id).",
  },
} as const satisfies Texts;
