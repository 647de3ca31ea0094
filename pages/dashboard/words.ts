import type { Language } from "./texts.ts";

const STATES: Readonly<Record<string, readonly [en: string, ru: string, tone: string]>> = {
  pending: ["waiting", "ждёт", "wait"],
  leased: ["being sent", "отправляется", "wait"],
  uncertain: ["uncertain", "неясно", "bad"],
  delivered: ["delivered", "доставлено", "good"],
  dead: ["dead", "не доставлено", "bad"],
  superseded: ["superseded", "заменено", ""],
  cancelled: ["cancelled", "отменено", ""],
};
export const ALL_STATES = Object.keys(STATES);

export function stateWord(language: Language, state: string): { word: string; tone: string } {
  const [en = state, ru = state, tone = ""] = STATES[state] ?? [];
  return { word: language === "ru" ? ru : en, tone };
}

/** Every kind of the queues that the page shows (10-outbox/kinds.sql and the areas). */
export const KINDS = [
  "lead.created",
  "lead.updated",
  "student.created",
  "student.updated",
  "lesson.completed",
  "certificate.issued",
  "deal.note",
  "deal.task",
  "deal.move",
  "deal.fields",
  "deal.tags",
  "contact.fields",
  "student.welcome",
  "lead.mail",
  "student.mail",
  "member.mail",
  "alert.opened",
  "alert.resolved",
  "lead.sms",
  "student.sms",
];

const VERDICTS: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  ok: ["well", "в порядке"],
  unknown: ["not seen yet", "ещё не было"],
  paused: ["paused", "на паузе"],
  behind: ["behind", "отстаёт"],
  attention: ["look here", "внимание"],
  unconfigured: ["not set up", "не настроено"],
  disabled: ["switched off", "выключено"],
  stopped: ["stopped", "остановлено"],
  unreachable: ["unreachable", "недоступно"],
  failing: ["failing", "сбои"],
  blocked: ["blocked", "заблокировано"],
};

export function verdictWord(language: Language, verdict: string): string {
  const [en = verdict, ru = verdict] = VERDICTS[verdict] ?? [];
  return language === "ru" ? ru : en;
}

/** What amocrm_timeline calls an event; the rest of its names are made of a word and a state or a deal's event. */
const EVENTS: Readonly<Record<string, string>> = {
  "lead inserted": "заявка пришла",
  "student inserted": "ученик добавлен",
  "message appended": "сообщение создано",
  tried: "попытка",
  warning: "предупреждение",
  "done by hand": "сделано вручную",
  "deal made in amoCRM": "сделка создана в amoCRM",
  "deal last changed in amoCRM": "сделка изменена в amoCRM",
  "deal closed in amoCRM": "сделка закрыта в amoCRM",
  "deal deleted in amoCRM": "сделка удалена в amoCRM",
  "mail sent": "письмо отправлено",
  "mail delivered": "письмо доставлено",
  "mail delivery_delayed": "письмо задерживается",
  "mail opened": "письмо открыто",
  "mail bounced": "письмо не принято адресом",
  "mail complained": "на письмо пожаловались",
  "mail failed": "письмо не отправлено",
  "mail suppressed": "письмо не отправлено: адрес в стоп-листе",
  "sms sent": "SMS отправлено",
  "sms delivered": "SMS доставлено",
  "sms undelivered": "SMS не доставлено",
  "sms rejected": "SMS отклонено",
  "sms expired": "SMS не доставлено в срок",
  "sms deleted": "SMS удалено",
  "link clicked": "переход по ссылке",
  "link opened by a machine": "ссылку открыла программа",
  "people merged": "люди объединены",
  "duplicate listed": "найден дубликат",
  "lesson completed": "урок пройден",
  "mail clicked": "переход из письма",
  "certificate issued": "сертификат выдан",
  "sequence step": "шаг цепочки",
  "deal added": "сделка появилась",
  "deal stage_changed": "сделка перешла на другой этап",
  "deal won": "сделка выиграна",
  "deal lost": "сделка проиграна",
  "deal reopened": "сделка открыта снова",
  "deal responsible_changed": "у сделки другой ответственный",
  "deal price_changed": "у сделки другая сумма",
  "deal deleted": "сделка удалена",
  "deal restored": "сделка восстановлена",
};

export function eventWord(language: Language, event: string): string {
  const state = /^message is (\w+)$/.exec(event)?.[1];
  if (state !== undefined) {
    return `${language === "ru" ? "сообщение" : "message"}: ${stateWord(language, state).word}`;
  }
  return language === "ru" ? (EVENTS[event] ?? event) : event.replaceAll("_", " ");
}

const QUARANTINE: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  flood: ["too many at once", "слишком много сразу"],
  address: ["too many from one address", "слишком много с одного адреса"],
  captcha: ["captcha not solved", "капча не пройдена"],
  honeypot: ["a robot's trap", "ловушка для роботов"],
};

export function quarantineWord(language: Language, reason: string): string {
  const [en = reason, ru = reason] = QUARANTINE[reason] ?? [];
  return language === "ru" ? ru : en;
}

interface Reason {
  code: string;
  id: number | null;
  source: string | null;
  pipeline_id: number | null;
  status_id: number | null;
}

/** Why something is planned. */
const REASONS: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  route: [
    "route {source}: pipeline {pipeline}, stage {stage}",
    "маршрут {source}: воронка {pipeline}, этап {stage}",
  ],
  contact_by_link: ["contact {id}, known", "контакт {id}, уже известен"],
  contact_by_email: ["contact {id}, by e-mail in our copy", "контакт {id}, по почте в нашей копии"],
  contact_by_phone: ["contact {id}, by phone in our copy", "контакт {id}, по телефону в нашей копии"],
  contact_by_search: ["contact {id}, by a search", "контакт {id}, найден поиском"],
  contact_unknown: ["no contact is known", "контакт неизвестен"],
  deal_own: ["deal {id}, its own", "сделка {id}, своя"],
  deal_open: [
    "deal {id}, the person's freshest open one in the pipeline",
    "сделка {id}, самая свежая открытая этого человека в воронке",
  ],
  deal_won: ["deal {id}, won: a note and nothing else", "сделка {id}, успешная: только примечание"],
  deal_new: ["a new deal", "новая сделка"],
};

export function reasonWord(language: Language, reason: Reason): string {
  const [en = reason.code, ru = reason.code] = REASONS[reason.code] ?? [];
  return (language === "ru" ? ru : en)
    .replace("{id}", String(reason.id ?? "—"))
    .replace("{source}", reason.source ?? "*")
    .replace("{pipeline}", String(reason.pipeline_id ?? "—"))
    .replace("{stage}", String(reason.status_id ?? "—"));
}

const SETTINGS: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  min_interval_ms: ["Pace: ms between two requests", "Темп: мс между запросами"],
  batch_size: ["Deals created in one request", "Сделок в одном запросе"],
  patch_batch_size: ["Changes in one request", "Изменений в одном запросе"],
  max_attempts: ["Failed tries until dead", "Неудачных попыток до отказа"],
  pull_interval_seconds: ["Seconds between two pulls", "Секунд между чтениями"],
  keep_delivered_days: ["Days that messages are kept", "Дней хранить сообщения"],
  keep_requests_days: ["Days that logs are kept", "Дней хранить журналы"],
  note_batch_size: ["Notes in one request", "Примечаний в одном запросе"],
  per_address_count: ["Leads from one address", "Заявок с одного адреса"],
  per_address_seconds: ["… within seconds", "… за секунд"],
  fair_count: ["Always taken from one address", "Всегда принимаются с адреса"],
  total_count: ["Leads of all until strangers wait", "Заявок всего, дальше строже"],
  flood_count: ["Leads of all until it is a flood", "Заявок всего, дальше поток"],
  total_seconds: ["… within seconds, all", "… за секунд, всего"],
  rows_per_request: ["Rows in one request", "Строк в одном запросе"],
  quarantine_mb: ["Quarantine, MB", "Карантин, МБ"],
  has_honeypot: ["Trap for robots", "Ловушка для роботов"],
  requires_captcha: ["Captcha is required", "Нужна капча"],
  is_enabled: ["Limits are on", "Пределы включены"],
  course_name: ["Name of the course", "Название курса"],
  language: ["Language of mails", "Язык писем"],
  alert_language: ["Language of alerts", "Язык оповещений"],
  time_zone: ["Time zone", "Часовой пояс"],
  quiet_from: ["No mails from", "Без писем с"],
  quiet_until: ["No mails until", "Без писем до"],
  sms_quiet_from: ["No SMS from", "Без SMS с"],
  sms_quiet_until: ["No SMS until", "Без SMS до"],
  daily_cap: ["Follow-ups a day", "Рассылок в день"],
  weekly_cap: ["Follow-ups in 7 days", "Рассылок за 7 дней"],
  requires_consent: ["Consent is required", "Нужно согласие"],
  mails_per_hour: ["Mails an hour", "Писем в час"],
  sms_per_hour: ["SMS an hour", "SMS в час"],
  sms_per_day: ["SMS a day", "SMS в день"],
  allow_stage_backwards: ["May deals move back?", "Двигать сделки назад?"],
};

export function settingWord(language: Language, name: string): string {
  const [en = name, ru = name] = SETTINGS[name] ?? [];
  return language === "ru" ? ru : en;
}
