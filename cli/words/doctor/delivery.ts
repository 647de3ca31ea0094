import type { Sayings } from "../../doctor/words.ts";

/** What doctor says of sending, what waits, the mirror and alerts. */
export const DELIVERY = {
  sending_ok: {
    says: { en: "One request in {interval} ms", ru: "Один запрос в {interval} мс" },
  },
  sending_paused: {
    says: { en: "Paused: {reason}", ru: "На паузе: {reason}" },
    mend: { en: "npm run amocrm -- resume", ru: "npm run amocrm -- resume" },
  },
  sending_stopped: {
    says: {
      en: "Stopped after {code}; tried again in {seconds} s",
      ru: "Остановлена после {code}; следующая попытка через {seconds} с",
    },
    mend: {
      en: "mend that, then: npm run amocrm -- resume",
      ru: "устраните причину, затем: npm run amocrm -- resume",
    },
  },
  sending_slowed: {
    says: {
      en: "One request in {interval} ms instead of {set}, after a 429; it quickens again by itself",
      ru: "Один запрос в {interval} мс вместо {set} после 429; темп восстановится сам",
    },
    mend: {
      en: "if it stays: npm run amocrm -- setup --min-interval-ms {interval}, or fewer requests of other integrations",
      ru: "если не пройдёт: npm run amocrm -- setup --min-interval-ms {interval} либо меньше запросов других интеграций",
    },
  },
  sending_small: {
    says: {
      en: "At most {size} items in a request, after timeouts; it grows again by itself",
      ru: "Не больше {size} записей в запросе после тайм-аутов; вырастет само",
    },
  },
  queue_ok: {
    says: { en: "Nothing is stuck", ru: "Ничего не застряло" },
  },
  queue_dead: {
    says: { en: "Dead messages: {count}", ru: "Мёртвых сообщений: {count}" },
    mend: { en: "npm run amocrm -- dead", ru: "npm run amocrm -- dead" },
  },
  queue_unrouted: {
    says: { en: "Leads that wait for a route: {count}", ru: "Заявок без маршрута: {count}" },
    mend: {
      en: "insert into amocrm_routes (source) values ('*')",
      ru: "insert into amocrm_routes (source) values ('*')",
    },
  },
  queue_behind: {
    says: {
      en: "Messages that wait longer than usual: {count}, the oldest {minutes} min",
      ru: "Ждут дольше обычного: {count}, самое старое {minutes} мин",
    },
    mend: {
      en: "select * from amocrm_outbox_status; if it is the pace: npm run amocrm -- setup --min-interval-ms <fewer>",
      ru: "select * from amocrm_outbox_status; если дело в темпе: npm run amocrm -- setup --min-interval-ms <меньше>",
    },
  },
  queue_uncertain: {
    says: {
      en: "Sent without an answer: {count}, the oldest {minutes} min ago",
      ru: "Отправлено без ответа: {count}, самое старое {minutes} мин назад",
    },
    mend: {
      en: "select * from amocrm_outbox where state = 'uncertain'",
      ru: "select * from amocrm_outbox where state = 'uncertain'",
    },
  },
  queue_no_handler: {
    says: {
      en: "{kind}: {count} wait for a version that can send them",
      ru: "{kind}: {count} ждут версии, которая умеет их отправлять",
    },
  },
  logins_differ: {
    says: {
      en: "Students whose account has another address than their row, so that the login they are told does not work: {count}",
      ru: "Учеников, у которых адрес учётной записи не тот, что в строке ученика (логин из письма не подойдёт): {count}",
    },
    mend: {
      en: "docs/areas/school.md, a wrong address; for each: select tripwire_correct_email('<id>', '<address>')",
      ru: "docs/areas/school.md, a wrong address; для каждого: select tripwire_correct_email('<id>', '<адрес>')",
    },
  },
  duplicates: {
    says: { en: "Pairs that look like one: {count}", ru: "Пар, похожих на дубли: {count}" },
    mend: { en: "npm run amocrm -- duplicates", ru: "npm run amocrm -- duplicates" },
  },
  webhook_broken: {
    says: {
      en: "amoCRM's hooks are wanted, but their subscription is gone and could not be made again; changes come by pulls",
      ru: "Вебхуки amoCRM нужны, но подписки больше нет и создать её заново не удалось; изменения приходят при чтении",
    },
    mend: { en: "npm run amocrm -- webhook on", ru: "npm run amocrm -- webhook on" },
  },
  forms_unmapped: {
    says: {
      en: "{count} posted {count|form fits|forms fit} no lead, since nobody has said yet which field is which",
      ru: "{count} {count|форма|формы|форм} не {count|стала заявкой|стали заявками|стали заявками}: никто ещё не сказал, какое поле что значит",
    },
    mend: {
      en: "npm run amocrm -- forms unmapped",
      ru: "npm run amocrm -- forms unmapped",
    },
  },
  quarantine: {
    says: {
      en: "{count} {count|lead|leads} of a flood wait in quarantine, and are not sent before you decide",
      ru: "В карантине {count} {count|заявка|заявки|заявок} наплыва: без вашего решения они не уйдут",
    },
    mend: { en: "npm run amocrm -- quarantine", ru: "npm run amocrm -- quarantine" },
  },

  mirror_ok: {
    says: { en: "Complete, read {minutes} min ago", ru: "Полное, прочитано {minutes} мин назад" },
  },
  mirror_incomplete: {
    says: {
      en: "Not complete yet: each new person costs up to two searches",
      ru: "Ещё не полное: каждый новый человек стоит до двух запросов поиска",
    },
    mend: { en: "npm run amocrm -- pull", ru: "npm run amocrm -- pull" },
  },
  mirror_failing: {
    says: {
      en: "The last {count} pulls of {entity}s failed",
      ru: "Последние чтения не удались ({entity}): {count}",
    },
    mend: { en: "npm run amocrm -- pull", ru: "npm run amocrm -- pull" },
  },
  mirror_old: {
    says: { en: "Read {minutes} min ago", ru: "Прочитано {minutes} мин назад" },
    mend: { en: "npm run amocrm -- pull", ru: "npm run amocrm -- pull" },
  },
  alerts_ok: {
    says: { en: "Incidents are told to {roads}", ru: "О неполадках сообщается: {roads}" },
  },
  alerts_nowhere: {
    says: {
      en: "Nobody is told when something breaks: not set for mail: {names}; no address beside it",
      ru: "О неполадках не узнает никто: для почты не задано: {names}; адреса помимо почты нет",
    },
    mend: {
      en: "npx supabase secrets set ADMIN_EMAIL=… and the rest of docs/areas/mail.md; npm run amocrm -- setup --alert-url https://…",
      ru: "npx supabase secrets set ADMIN_EMAIL=… и остальное из docs/areas/mail.md; npm run amocrm -- setup --alert-url https://…",
    },
  },
  alerts_no_mail: {
    says: {
      en: "No mail when something breaks, not set: {names}; only what is critical is told, by {roads}",
      ru: "Писем о неполадках не будет, не задано: {names}; сообщается только о критичном: {roads}",
    },
    mend: {
      en: "npx supabase secrets set ADMIN_EMAIL=… and the rest of docs/areas/mail.md",
      ru: "npx supabase secrets set ADMIN_EMAIL=… и остальное из docs/areas/mail.md",
    },
  },
  alerts_by_mail_only: {
    says: {
      en: "Nobody is told when the functions themselves are down, since they send the mail",
      ru: "Если не работают сами функции, не узнает никто: письма отправляют они",
    },
    mend: {
      en: "npm run amocrm -- setup --alert-url https://…, or --dead-man-url https://…",
      ru: "npm run amocrm -- setup --alert-url https://… или --dead-man-url https://…",
    },
  },
  alert_road_broken: {
    says: {
      en: "{host} is of no use for alerts: {reason}",
      ru: "Адрес {host} не годится для оповещений: {reason}",
    },
    mend: {
      en: "npm run amocrm -- setup --alert-url https://…, or --dead-man-url https://…",
      ru: "npm run amocrm -- setup --alert-url https://… или --dead-man-url https://…",
    },
  },
  incident: {
    says: { en: "Open incident {code}: {detail}", ru: "Открытое оповещение {code}: {detail}" },
    mend: { en: "docs/operate/runbook.md, {code}", ru: "docs/operate/runbook.md, {code}" },
  },
  incident_over: {
    says: {
      en: "Incident {code} is over for {minutes} min; it closes by itself",
      ru: "Оповещение {code} закончилось {minutes} мин назад, закроется само",
    },
  },
} as const satisfies Sayings;
