/** What a code means, for a person who has never seen the program. */
interface AlertTexts {
  title: string;
  advice: string;
}

type InBoth = Readonly<Record<"en" | "ru", AlertTexts>>;

const both = (en: [string, string], ru: [string, string]): InBoth => ({
  en: { title: en[0], advice: en[1] },
  ru: { title: ru[0], advice: ru[1] },
});

const TEXTS: Readonly<Record<string, InBoth>> = {
  no_leads: both(
    ["No leads for unusually long", "Send a test lead through each landing page."],
    ["Необычно долго нет заявок", "Отправьте пробную заявку с каждого лендинга."],
  ),
  leads_not_copied: both(
    [
      "Leads are saved but not copied",
      "Something of the project itself refuses the copy. Do what is said below.",
    ],
    [
      "Заявки сохранены, но не скопированы",
      "Копию отклоняет что-то в самом проекте. Сделайте то, что указано ниже.",
    ],
  ),
  triggers_off: both(
    [
      "Triggers of ours are switched off",
      "What is saved goes no further until they are back. Do what is said below.",
    ],
    [
      "Отключены наши триггеры",
      "Сохранённое никуда не уходит, пока они выключены. Сделайте то, что указано ниже.",
    ],
  ),
  backlog: both(
    ["Leads wait for amoCRM", "They are saved. Look at amocrm_outbox_status for the reason."],
    ["Заявки ждут отправки в amoCRM", "Они сохранены. Причина видна в amocrm_outbox_status."],
  ),
  dead_letters: both(
    ["Messages need a person", "Look at amocrm_dead_letters, mend the cause, then requeue them."],
    ["Сообщения требуют решения", "Откройте amocrm_dead_letters, устраните причину и отправьте их снова."],
  ),
  tells_held: both(
    [
      "Messages to one deal are held",
      "More than twenty in an hour: look for a loop, then release or cancel them.",
    ],
    [
      "Сообщения одной сделке задержаны",
      "Больше двадцати за час: найдите петлю, затем отпустите или отмените их.",
    ],
  ),
  breaker_open: both(
    ["Sending to amoCRM has stopped", "Leads are saved and go by themselves once amoCRM takes them again."],
    [
      "Отправка в amoCRM остановлена",
      "Заявки сохранены и уйдут сами, когда amoCRM снова начнёт их принимать.",
    ],
  ),
  paused: both(
    ["Sending is paused for more than a day", "If the reason no longer holds: select amocrm_resume()."],
    ["Отправка на паузе больше суток", "Если причина отпала: select amocrm_resume()."],
  ),
  disabled: both(
    ["Sending is switched off and leads wait", "Set AMOCRM_ENABLED to true."],
    ["Отправка выключена, заявки ждут", "Задайте AMOCRM_ENABLED=true."],
  ),
  no_route: both(
    ["Leads have nowhere to go", "Add the row that is named below; they are sent at once."],
    ["Не задано, куда отправлять заявки", "Добавьте строку, указанную ниже: заявки уйдут сразу."],
  ),
  reauth_required: both(
    ["amoCRM has ended the connection", "Connect again: npm run amocrm -- connect."],
    ["amoCRM прервала подключение", "Подключите заново: npm run amocrm -- connect."],
  ),
  token_unusable: both(
    ["The connection to amoCRM is of no use", "Do what is said below."],
    ["Подключение к amoCRM не работает", "Сделайте то, что указано ниже."],
  ),
  token_at_risk: both(
    ["The connection to amoCRM will end", "Sending still works. Do what is said below before it stops."],
    ["Подключение к amoCRM скоро прервётся", "Отправка пока работает. Сделайте то, что указано ниже."],
  ),
  cron_stopped: both(
    ["Cron does not run", "What waits is not sent, and nobody looks for trouble. Switch pg_cron on again."],
    ["Не работает cron", "Ожидающее не отправляется, и никто не следит. Включите pg_cron."],
  ),
  cron_jobs_lost: both(
    ["Cron jobs are gone, switched off or fail", "Leads still go out. Do what is said below."],
    [
      "Задания cron удалены, выключены или завершаются ошибкой",
      "Заявки пока уходят. Сделайте то, что указано ниже.",
    ],
  ),
  unreachable: both(
    ["The database cannot reach the functions", "Its address or key is wrong, or they are not deployed."],
    ["База не может вызвать функции", "Неверный адрес или ключ, либо функции не развёрнуты."],
  ),
  pg_net_silent: both(
    ["The database makes no calls", "pg_net is gone or stands still. Do what is said below."],
    ["База не делает вызовов", "pg_net удалён или стоит. Сделайте то, что указано ниже."],
  ),
  vault_incomplete: both(
    ["The database does not know where to call", "Put address and key into Vault: npm run amocrm -- setup."],
    ["База не знает, куда обращаться", "Запишите адрес и ключ в Vault: npm run amocrm -- setup."],
  ),
  functions_unconfigured: both(
    ["Variables of the functions are missing", "Set those that are named below."],
    ["Не заданы переменные функций", "Задайте переменные, названные ниже."],
  ),
  drain_failing: both(
    [
      "The sender ends with an error",
      "Look at the logs of amocrm-drain, and whether all migrations are applied.",
    ],
    ["Отправка завершается ошибкой", "Смотрите лог amocrm-drain и применены ли все миграции."],
  ),
  pull_failing: both(
    ["amoCRM cannot be read", "Leads still go out; people are matched by requests, which is slower."],
    ["Не удаётся читать amoCRM", "Заявки уходят, но люди сопоставляются медленнее."],
  ),
  form_flood: both(
    ["More leads than the forms let through", "They are saved in quarantine. Release or discard them."],
    ["Заявок больше, чем пропускают формы", "Они сохранены в карантине. Выпустите или удалите их."],
  ),
  inbox_full: both(
    ["Events from outside are turned away", "Too many wait or cannot be read. See below which, and why."],
    ["События извне не принимаются", "Слишком много ждут или не прочитаны. Какие и почему, указано ниже."],
  ),
  forms_unmapped: both(
    ["Posted forms do not become leads", "Say which field is which: docs/areas/forms-that-post.md."],
    ["Формы не становятся заявками", "Укажите, какое поле что значит: docs/areas/forms-that-post.ru.md."],
  ),
  watch_broken: both(
    ["Part of the watch does not work", "Some trouble would go unnoticed. See below what cannot be asked."],
    ["Часть наблюдения не работает", "Некоторые неисправности не будут замечены. Что именно, указано ниже."],
  ),
  mail_paused: both(
    ["Mail is paused for more than a day", "If the reason no longer holds: select message_resume()."],
    ["Почта на паузе больше суток", "Если причина отпала: select message_resume()."],
  ),
  mail_unconfigured: both(
    ["Variables of mail are missing", "Set those that are named below."],
    ["Не заданы переменные почты", "Задайте переменные, названные ниже."],
  ),
  mail_unreachable: both(
    ["The database cannot reach message-drain", "Check that it is deployed."],
    ["База не может вызвать message-drain", "Проверьте, развёрнута ли функция."],
  ),
  mail_failing: both(
    ["The sender of mails ends with an error", "Look at the logs of message-drain."],
    ["Отправка писем завершается ошибкой", "Смотрите лог message-drain."],
  ),
  mail_breaker_open: both(
    ["Sending of mails has stopped", "Mails wait and go by themselves once Resend takes them again."],
    ["Отправка писем остановлена", "Письма ждут и уйдут сами, когда Resend снова начнёт их принимать."],
  ),
  mail_dead_letters: both(
    ["Mails need a person", "Look at message_dead_letters."],
    ["Письма требуют решения", "Откройте message_dead_letters."],
  ),
  mail_backlog: both(
    ["Mails wait", "Look at message_health for the reason."],
    ["Письма ждут отправки", "Причина видна в message_health."],
  ),
  followups_failing: both(
    ["Sequences cannot be worked off", "Mails and SMS of sequences wait; everything else goes on."],
    ["Цепочки не обрабатываются", "Письма и SMS цепочек ждут; остальное идёт дальше."],
  ),
  followups_held: both(
    [
      "Mails of sequences are held",
      "More than mails_per_hour allows. Look where they come from, then release them.",
    ],
    [
      "Письма цепочек задержаны",
      "Их больше, чем разрешает mails_per_hour. Посмотрите, откуда они, затем отпустите.",
    ],
  ),
  time_zones_old: both(
    ["The server's time zones are old", "Quiet hours in Almaty are an hour off. Upgrade Postgres."],
    ["Часовые пояса сервера устарели", "Тихие часы в Алматы сдвинуты на час. Обновите Postgres."],
  ),
  sms_paused: both(
    ["SMS are paused for more than a day", "If the reason no longer holds: select message_resume('sms')."],
    ["SMS на паузе больше суток", "Если причина отпала: select message_resume('sms')."],
  ),
  sms_unconfigured: both(
    ["Variables of SMS are missing", "SMS wait. Set the variables that are named below."],
    ["Не заданы переменные SMS", "SMS ждут. Задайте переменные, названные ниже."],
  ),
  sms_unreachable: both(
    ["The database cannot reach sms-drain", "Check that it is deployed."],
    ["База не может вызвать sms-drain", "Проверьте, развёрнута ли функция."],
  ),
  sms_failing: both(
    ["The sender of SMS ends with an error", "Look at the logs of sms-drain."],
    ["Отправка SMS завершается ошибкой", "Смотрите лог sms-drain."],
  ),
  sms_breaker_open: both(
    ["Sending of SMS has stopped", "SMS wait and go by themselves once Mobizon takes them again."],
    ["Отправка SMS остановлена", "SMS ждут и уйдут сами, когда Mobizon снова начнёт их принимать."],
  ),
  sms_held: both(
    [
      "SMS are held",
      "Too many in an hour or a day, or to another country. Look where they come from, then release or cancel them.",
    ],
    [
      "SMS задержаны",
      "Слишком много за час или сутки либо номера другой страны. Посмотрите, откуда они, затем отпустите или отмените.",
    ],
  ),
  sms_dead_letters: both(
    ["SMS need a person", "Look at sms_dead_letters."],
    ["SMS требуют решения", "Откройте sms_dead_letters."],
  ),
  sms_balance_low: both(
    ["Little money is left at Mobizon", "Top up the balance, or no SMS will go out."],
    ["Деньги в Mobizon кончаются", "Пополните баланс, иначе SMS не уйдут."],
  ),
  unisender_not_sending: both(
    ["Unisender is told nothing", "Contacts and campaigns wait. The reason stands below."],
    ["В Unisender ничего не уходит", "Контакты и рассылки ждут. Причина ниже."],
  ),
  unisender_campaign: both(
    ["A campaign needs a look", "Look at loyalty_campaigns and at Unisender."],
    ["Рассылка требует внимания", "Откройте loyalty_campaigns и Unisender."],
  ),
  sms_backlog: both(
    ["SMS wait", "Look at sms_health for the reason."],
    ["SMS ждут отправки", "Причина видна в sms_health."],
  ),
};

/** The codes that have words; a test holds them against what SQL opens and what the runbook explains. */
export const ALERT_CODES: readonly string[] = Object.keys(TEXTS);

/** The words for a code; for one of a newer database the code itself. */
export function alertTexts(code: string): InBoth {
  return TEXTS[code] ?? both([code, "Do what is said below."], [code, "Сделайте то, что указано ниже."]);
}
