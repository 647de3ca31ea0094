import type { Language } from "./texts.ts";

/** What a rule of a table says, by the name of the rule: the database names it and nothing else. */
export const RULES: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  min_interval_keeps_amocrms_limit: ["the pace is 150 to 10000 ms", "темп: от 150 до 10000 мс"],
  batch_size_is_within_amocrms_limit: ["1 to 50 deals in one request", "от 1 до 50 сделок в запросе"],
  patch_batch_size_is_within_amocrms_limit: [
    "1 to 250 changes in one request",
    "от 1 до 250 изменений в запросе",
  ],
  max_attempts_is_sensible: ["1 to 100 tries", "от 1 до 100 попыток"],
  delivered_are_kept_a_day_at_least: [
    "messages are kept 1 to 3650 days",
    "сообщения хранятся от 1 до 3650 дней",
  ],
  requests_are_kept_three_days_at_least: ["logs are kept 3 to 365 days", "журналы хранятся от 3 до 365 дней"],
  pull_interval_is_sensible: ["60 to 86400 seconds between pulls", "от 60 до 86400 секунд между чтениями"],
  counts_grow_from_fair_to_flood: [
    "each limit is at least as large as the one before it",
    "каждый предел не меньше предыдущего",
  ],
  counts_are_sensible: ["100000 leads at most", "не больше 100000 заявок"],
  windows_are_sensible: ["10 to 86400 seconds", "от 10 до 86400 секунд"],
  rows_per_request_is_sensible: ["1 to 10000 rows in one request", "от 1 до 10000 строк в запросе"],
  quarantine_mb_is_sensible: ["1 to 1000000 MB", "от 1 до 1000000 МБ"],
  caps_are_positive: ["a cap is 1 or more, or empty", "предел — 1 или больше, либо пусто"],
  mails_per_hour_is_not_negative: ["0 mails an hour or more", "0 писем в час или больше"],
  course_name_is_one_line: ["the name is one line", "название — одна строка"],
  course_name_is_short: ["the name has 1 to 100 characters", "в названии от 1 до 100 знаков"],
  time_zone_exists: ["there is no such time zone", "такого часового пояса нет"],
  delay_is_at_most_a_year: ["0 to 527040 minutes after the event", "от 0 до 527040 минут после события"],
  max_delay_is_sensible: ["late by 1 to 43200 minutes", "опоздание от 1 до 43200 минут"],
  mail_has_a_subject: ["a mail has a subject", "у письма есть тема"],
  subject_is_one_line: [
    "the subject is one line of at most 200 characters",
    "тема — одна строка, не больше 200 знаков",
  ],
  body_is_not_empty: ["the text has 1 to 20000 characters", "в тексте от 1 до 20000 знаков"],
  sms_sums_are_sensible: [
    "0 to 100000 SMS an hour, 0 to 1000000 a day",
    "от 0 до 100000 SMS в час, от 0 до 1000000 в день",
  ],
};

const PLAIN: Readonly<Record<string, readonly [en: string, ru: string]>> = {
  "22P02": ["this is not a number", "это не число"],
  "22003": ["this number is too large", "это число слишком большое"],
  "23502": ["this may not be empty", "это не может быть пустым"],
};

/** What the database refuses by a rule or a type, in words of the reader; undefined if it has words of its own. */
export function refusalWord(
  language: Language,
  { code, message }: { code?: string; message: string },
): string | undefined {
  const rule = code === "23514" ? /check constraint "(\w+)"/.exec(message)?.[1] : undefined;
  const [en, ru] = (rule === undefined ? PLAIN[code ?? ""] : RULES[rule]) ?? [];
  return language === "ru" ? ru : en;
}
