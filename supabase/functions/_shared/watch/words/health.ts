import type { Texts } from "../../platform/text.ts";

/** What amocrm_health, message_health and the conditions of alerts say is wrong. */
export const PROBLEMS = {
  readOnly: {
    en: "The database is read-only, so no lead is saved and no job runs: is the disk full?",
    ru: "База только для чтения: заявки не сохраняются, задания не работают. Диск заполнен?",
  },
  paused: { en: "Sending is paused since {at}: {reason}", ru: "Отправка на паузе с {at}: {reason}" },
  pausedPull: { en: "Sending is paused: {reason}", ru: "Отправка на паузе: {reason}" },
  otherAccount: {
    en: "Connected to another account: check routes, stages and fields (npm run amocrm -- setup), then select amocrm_resume()",
    ru: "Подключён другой аккаунт: проверьте маршруты, этапы и поля (npm run amocrm -- setup), затем npm run amocrm -- resume",
  },
  disabled: { en: "AMOCRM_ENABLED is false: messages wait", ru: "AMOCRM_ENABLED выключена: сообщения ждут" },
  off: { en: "AMOCRM_ENABLED is false", ru: "AMOCRM_ENABLED выключена" },
  disabledSince: {
    en: "AMOCRM_ENABLED is false, and messages wait since {at}",
    ru: "AMOCRM_ENABLED выключена, сообщения ждут с {at}",
  },
  settings: {
    en: "Missing or malformed settings of the functions: {names}",
    ru: "Не заданы или неверны переменные функций: {names}",
  },
  silentDrain: {
    en: "Cron called {name} {count} times without a sign of life",
    ru: "Cron вызвал {name} {count} {count|раз|раза|раз}, ответа нет",
  },
  silentDrainAnswer: {
    en: "Cron called {name} {count} times without a sign of life, last answer {status}",
    ru: "Cron вызвал {name} {count} {count|раз|раза|раз} без толку, последний ответ {status}",
  },
  silentDrainError: {
    en: "Cron called {name} {count} times without a sign of life, last error: {error}",
    ru: "Cron вызвал {name} {count} {count|раз|раза|раз} без толку, последняя ошибка: {error}",
  },
  silentNet: {
    en: "Cron called {name} {count} times, and pg_net has no answer to the last call",
    ru: "Cron вызвал {name} {count} {count|раз|раза|раз}, у pg_net нет ответа на последний вызов",
  },
  silentOauth: {
    en: "Cron called amocrm-oauth {count} times to renew the token, without a sign of life",
    ru: "Cron вызвал amocrm-oauth {count} {count|раз|раза|раз}, чтобы обновить токен, ответа нет",
  },
  drainFailed: {
    en: "The last drain failed: {reason}",
    ru: "Последняя отправка завершилась ошибкой: {reason}",
  },
  pullFailed: { en: "The last pull failed: {reason}", ru: "Последнее чтение завершилось ошибкой: {reason}" },
  unended: {
    en: "The last {count} calls of {name} began and came to no end, the last one at {at}: the platform ended them for CPU time, memory or time",
    ru: "Последние вызовы {name} ({count}) начались и не закончились, последний в {at}: платформа прервала их по времени или памяти",
  },
  pullsFailed: {
    en: "The last {count} pulls of {entities} failed, the last with {code}",
    ru: "Последние чтения ({entities}) не удались, подряд {count}, последнее с кодом {code}",
  },
  contacts: { en: "contacts", ru: "контакты" },
  deals: { en: "deals", ru: "сделки" },
  both: { en: "contacts and deals", ru: "контакты и сделки" },
  lastHour: { en: "last hour", ru: "за последний час" },
  noReason: { en: "no reason given", ru: "причина не названа" },
  deadOne: {
    en: "{count} {count|message is|messages are} dead",
    ru: "{count|Не доставлено|Не доставлены|Не доставлено} {count} {count|сообщение|сообщения|сообщений}",
  },
  deadCode: { en: "{count} message is dead: {code}", ru: "Не доставлено {count} сообщение: {code}" },
  deadCodes: {
    en: "{count} messages are dead, the last: {code}",
    ru: "{count|Не доставлено|Не доставлены|Не доставлено} {count} {count|сообщение|сообщения|сообщений}, последнее: {code}",
  },
  behind: {
    en: "The oldest message waits since {at}; {count} wait, at one request in {ms} ms",
    ru: "Самое старое сообщение ждёт с {at}; всего ждут {count}, один запрос в {ms} мс",
  },
  backlog: { en: "The oldest live message waits since {at}", ru: "Самая старая новая заявка ждёт с {at}" },
  backlogStuck: {
    en: "The oldest live message waits since {at}, and none has got through for an hour",
    ru: "Самая старая новая заявка ждёт с {at}, и за последний час не прошла ни одна",
  },
  breaker: {
    en: "Sending has stopped since {at} ({code}): {reason}",
    ru: "Отправка остановлена с {at} ({code}): {reason}",
  },
  breakerBare: {
    en: "Sending has stopped since {at} ({code}): ",
    ru: "Отправка остановлена с {at} ({code})",
  },
  silence: { en: "No lead has come since {at}", ru: "Заявок нет с {at}" },
  silenceUsual: {
    en: "No lead has come since {at}, where about {count} were to be expected",
    ru: "Заявок нет с {at}, хотя обычно за это время их около {count}",
  },
  inboxFull: {
    en: "The inbox of {names} is full: its senders are answered with 429",
    ru: "Входящие переполнены ({names}): отправители получают 429",
  },
  formsUnmapped: {
    en: "{count} {count|posted form fits|posted forms fit} no lead, since nobody has said yet which field is which",
    ru: "{count} {count|форма не стала заявкой|формы не стали заявками|форм не стали заявками}: никто ещё не сказал, какое поле что значит",
  },
  quarantine: {
    en: "{count} {count|lead of a flood waits|leads of a flood wait} in quarantine for a decision",
    ru: "В карантине {count|ждёт|ждут|ждут} решения {count} {count|заявка|заявки|заявок} наплыва",
  },
  flood: {
    en: "{count} {count|lead is|leads are} in quarantine: more came in than amocrm_form_limits lets through. They are saved and have no message",
    ru: "В карантине {count} {count|заявка|заявки|заявок}: пришло больше, чем пропускает amocrm_form_limits. Они сохранены и не отправляются",
  },
  floodFull: {
    en: "{count} {count|lead is|leads are} in quarantine: more came in than amocrm_form_limits lets through. They are saved and have no message. They hold quarantine_mb: what the flood adds is refused until some are released or discarded",
    ru: "В карантине {count} {count|заявка|заявки|заявок}: пришло больше, чем пропускает amocrm_form_limits. Они сохранены и не отправляются. Предел quarantine_mb заполнен: новое из наплыва отклоняется, пока часть не выпущена или не удалена",
  },
  extension: {
    en: "The extension {name} is not installed: {consequence}",
    ru: "Расширение {name} не установлено: {consequence}",
  },
  noCron: { en: "nothing is called at its time", ru: "ничего не вызывается по времени" },
  noNet: { en: "the database can call no function", ru: "база не может вызывать функции" },
  noVault: {
    en: "the database has neither address nor key of the functions",
    ru: "у базы нет ни адреса, ни ключа функций",
  },
  vaultUnreadable: {
    en: "Vault cannot decrypt the secret {name}, as after a restore under another root key",
    ru: "Vault не может расшифровать секрет {name}: так бывает после восстановления под другим ключом",
  },
  vaultMissing: { en: "Vault has no secret {name}", ru: "В Vault нет секрета {name}" },
  roadAnswered: { en: "{name} answered {status}", ru: "{name} отвечает {status}" },
  roadUnreached: { en: "{name} cannot be reached: {error}", ru: "{name} недоступен: {error}" },
  tickLost: {
    en: "The cron job amocrm-tick is gone or switched off",
    ru: "Задание cron amocrm-tick удалено или выключено",
  },
  runLog: {
    en: "No cron job can run: the log of their runs came with a restored dump and has higher numbers than pg_cron counts by now",
    ru: "Задания cron не могут работать: журнал запусков пришёл из восстановленной копии, его номера больше, чем у pg_cron",
  },
  tickSilent: {
    en: "The cron job amocrm-tick has not run since {at}",
    ru: "Задание cron amocrm-tick не запускалось с {at}",
  },
  installation: { en: "the installation", ru: "момента установки" },
  tickFails: {
    en: "The cron job amocrm-tick fails each time: {reason}",
    ru: "Задание cron amocrm-tick каждый раз завершается ошибкой: {reason}",
  },
  jobsLost: {
    en: "Cron jobs are gone or switched off: {names}",
    ru: "Задания cron удалены или выключены: {names}",
  },
  jobsFail: {
    en: "Cron jobs fail each time: {names}: {reason}",
    ru: "Задания cron каждый раз завершаются ошибкой: {names}: {reason}",
  },
  noMessage: { en: "no message", ru: "без сообщения" },
  triggers: {
    en: "Triggers of ours are gone or switched off, so what is saved goes no further: {names}",
    ru: "Наши триггеры удалены или выключены, сохранённое дальше не идёт: {names}",
  },
  uncopied: {
    en: "{count} {count|submission|submissions} of landing_leads could not be copied to unified_lead_tracking since {at}: {reason}",
    ru: "{count} {count|заявка|заявки|заявок} из landing_leads не {count|скопирована|скопированы|скопировано} в unified_lead_tracking с {at}: {reason}",
  },
  uncopiedMany: {
    en: "{count} submissions or more of landing_leads could not be copied to unified_lead_tracking since {at}: {reason}",
    ru: "{count} заявок или больше из landing_leads не скопировано в unified_lead_tracking с {at}: {reason}",
  },
  tokensLost: {
    en: "Vault cannot give back the tokens of amoCRM, as after a restore under another root key",
    ru: "Vault не может вернуть токены amoCRM: так бывает после восстановления под другим ключом",
  },
  connectionEnded: {
    en: "amoCRM has ended the connection: {reason}",
    ru: "amoCRM прервала подключение: {reason}",
  },
  tokenEnded: { en: "AMOCRM_ACCESS_TOKEN ended at {at}", ru: "Срок AMOCRM_ACCESS_TOKEN истёк {at}" },
  tokenEnds: { en: "AMOCRM_ACCESS_TOKEN ends at {at}", ru: "Срок AMOCRM_ACCESS_TOKEN истекает {at}" },
  renewFailed: {
    en: "The token of amoCRM could not be renewed {count} times, the last time: {code}",
    ru: "Токен amoCRM не удалось обновить {count} {count|раз|раза|раз}, последний раз: {code}",
  },
  connectionEnds: {
    en: "The connection to amoCRM ends at {at} unless it is renewed, which should happen each week",
    ru: "Подключение к amoCRM прервётся {at}, если его не обновить; это должно происходить каждую неделю",
  },
  watchBroken: {
    en: "Some conditions cannot be looked at: {reasons}",
    ru: "Часть проверок не удаётся выполнить: {reasons}",
  },
  mailPaused: { en: "Mail is paused since {at}: {reason}", ru: "Почта на паузе с {at}: {reason}" },
  mailDead: {
    en: "{count} {count|mail is|mails are} dead",
    ru: "Не {count|доставлено|доставлены|доставлено} {count} {count|письмо|письма|писем}",
  },
  mailBehind: { en: "The oldest mail waits since {at}", ru: "Самое старое письмо ждёт с {at}" },
  noRouteFor: {
    en: "amocrm_routes has no row for source {source} and none for *",
    ru: "В amocrm_routes нет строки ни для источника {source}, ни для *",
  },
  noMainPipeline: {
    en: "The route {source} leaves the pipeline to the account, which has no main pipeline that is not archived",
    ru: "Маршрут {source} оставляет воронку на выбор аккаунта, а основной воронки не в архиве там нет",
  },
  noStage: {
    en: "amocrm_stages has no row for student.created, which names the pipeline of the students' deals",
    ru: "В amocrm_stages нет строки student.created, а она называет воронку сделок учеников",
  },
} as const satisfies Texts;
