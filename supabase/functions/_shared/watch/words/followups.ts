import type { Texts } from "../../platform/text.ts";

/** What is said about sequences by the database. */
export const FOLLOWUPS = {
  failing: {
    en: "Sequences cannot be worked off: {reason}",
    ru: "Цепочки не обрабатываются: {reason}",
  },
  serverLog: {
    en: "See the server's log, then update the project",
    ru: "Смотрите лог сервера, затем обновите проект",
  },
  held: {
    en: "Steps of sequences beyond mails_per_hour: {count} wait for a person",
    ru: "Шаги цепочек сверх mails_per_hour ждут решения: {count}",
  },
  lookAtHeld: {
    en: "Look at them with followup_plan; if they are in order: select followup_release()",
    ru: "Посмотрите их через followup_plan; если всё в порядке: select followup_release()",
  },
  oldZones: {
    en: "The server's time zones are older than March 2024: Almaty is an hour off",
    ru: "Часовые пояса сервера старее марта 2024 года: Алматы с ошибкой в час",
  },
  noText: {
    en: "Steps of sequences have no text in followup_templates, so they cannot be sent: {steps}",
    ru: "У шагов цепочек нет текста в followup_templates, отправить их нельзя: {steps}",
  },
  noTarget: {
    en: "Texts of sequences name links that link_targets does not have, so they cannot be sent: {names}",
    ru: "В текстах цепочек есть ссылки, которых нет в link_targets, отправить их нельзя: {names}",
  },
  noSms: {
    en: "Sequences have steps by SMS, and sms-drain cannot send any: {reason}",
    ru: "В цепочках есть шаги по SMS, а sms-drain не может их отправлять: {reason}",
  },
  noMail: {
    en: "Sequences have steps by mail, and message-drain cannot send any: {reason}",
    ru: "В цепочках есть шаги по почте, а message-drain не может их отправлять: {reason}",
  },
  templateGone: {
    en: "The step's template is gone: insert it into followup_templates, then requeue",
    ru: "Текста этого шага больше нет: добавьте его в followup_templates, затем повторите",
  },
  targetGone: {
    en: "link_targets has no row {name}: insert it, then requeue",
    ru: "В link_targets нет строки {name}: добавьте её, затем повторите",
  },
  upgrade: { en: "Upgrade Postgres", ru: "Обновите Postgres" },
  heldUntil: { en: "Held until the hour comes", ru: "Ждёт своего часа" },
  notSent: {
    en: "The step was not sent, for this reason",
    ru: "Шаг не отправлен по этой причине",
  },
  entryGone: { en: "The entry of this step is gone", ru: "Записи этого шага больше нет" },
  noSequence: { en: "there is no sequence {name}", ru: "цепочки {name} нет" },
  quarantined: { en: "lead {id} is quarantined", ru: "заявка {id} в карантине" },
  release: {
    en: "select amocrm_release_quarantine(…), then enroll it.",
    ru: "select amocrm_release_quarantine(…), затем добавьте её.",
  },
  noLead: { en: "no lead {id} in unified_lead_tracking", ru: "в unified_lead_tracking нет заявки {id}" },
  inside: {
    en: "p_inside must be finish, move or leave",
    ru: "p_inside должен быть finish, move или leave",
  },
  insideMeans: {
    en: "What becomes of those inside: they finish the version that they entered, move to the newest, or leave.",
    ru: "Что станет с теми, кто внутри: закончат свою версию, перейдут на новую или выйдут.",
  },
  nobody: {
    en: "none of p_email, p_phone and p_day was given",
    ru: "не указано ни p_email, ни p_phone, ни p_day",
  },
  placeholder: { en: 'the placeholder "{name}" is unknown', ru: 'подстановка "{name}" неизвестна' },
  placeholders: {
    en: "docs/areas/follow-ups.md lists the placeholders.",
    ru: "Подстановки перечислены в docs/areas/follow-ups.ru.md.",
  },
} as const satisfies Texts;
