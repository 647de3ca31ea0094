import type { Sayings } from "../../doctor/words.ts";

const HALF = "npx supabase secrets set MOBIZON_API_KEY=…";

/** What doctor says of SMS, sequences, short links and loyalty. */
export const CHANNELS = {
  sms_ok: {
    says: { en: "SMS: Mobizon's key and webhook are set", ru: "SMS: ключ и вебхук Mobizon заданы" },
  },
  sms_ok_without_hook: {
    says: {
      en: "SMS: Mobizon's key is set; reports are asked for, without MOBIZON_WEBHOOK_SECRET later",
      ru: "SMS: ключ Mobizon задан; отчёты запрашиваются, без MOBIZON_WEBHOOK_SECRET позже",
    },
  },
  sms_half: {
    says: { en: "SMS are only half set up: {reason}", ru: "SMS настроены наполовину: {reason}" },
    mend: { en: HALF, ru: HALF },
  },
  sms_cannot_go: {
    says: {
      en: "SMS wait or are planned, and none can go: {reason}",
      ru: "SMS ждут или назначены, а уйти не могут: {reason}",
    },
    mend: { en: HALF, ru: HALF },
  },
  sequences_half: {
    says: { en: "{reason}", ru: "{reason}" },
    mend: {
      en: "npm run amocrm -- sequences tells all of them (docs/areas/follow-ups.md)",
      ru: "все цепочки покажет npm run amocrm -- sequences (docs/areas/follow-ups.ru.md)",
    },
  },
  sequences_no_mail: {
    says: {
      en: "Sequences have steps by mail, and no mail can go: {reason}",
      ru: "В цепочках есть шаги по почте, а письма уйти не могут: {reason}",
    },
    mend: { en: "npx supabase secrets set NAME=value", ru: "npx supabase secrets set NAME=value" },
  },
  page_missing: {
    says: {
      en: "Mails of sequences link to no page for unsubscribing: UNSUBSCRIBE_PAGE_URL is not set",
      ru: "Письма цепочек не ведут на страницу отписки: UNSUBSCRIBE_PAGE_URL не задана",
    },
    mend: {
      en: "npm run page -- unsubscribe makes it; then: npx supabase secrets set UNSUBSCRIBE_PAGE_URL=https://…",
      ru: "её делает npm run page -- unsubscribe; затем: npx supabase secrets set UNSUBSCRIBE_PAGE_URL=https://…",
    },
  },
  page_malformed: {
    says: {
      en: "UNSUBSCRIBE_PAGE_URL is no address of a page, so mails of sequences link to none",
      ru: "UNSUBSCRIBE_PAGE_URL — не адрес страницы, поэтому письма цепочек на неё не ведут",
    },
    mend: {
      en: "npx supabase secrets set UNSUBSCRIBE_PAGE_URL=https://… without a #",
      ru: "npx supabase secrets set UNSUBSCRIBE_PAGE_URL=https://… без #",
    },
  },
  link_address_malformed: {
    says: {
      en: "{name} is no http or https address, so it is passed over",
      ru: "{name} — не адрес http или https, поэтому не учитывается",
    },
    mend: {
      en: "npx supabase secrets set {name}=https://…",
      ru: "npx supabase secrets set {name}=https://…",
    },
  },
  qtickets_ok: {
    says: {
      en: "Orders of Qtickets: token and webhook are set",
      ru: "Заказы Qtickets: токен и вебхук заданы",
    },
  },
  qtickets_ok_without_hook: {
    says: {
      en: "Orders of Qtickets: the token is set; without QTICKETS_WEBHOOK_SECRET they come by reading",
      ru: "Заказы Qtickets: токен задан; без QTICKETS_WEBHOOK_SECRET они приходят чтением",
    },
  },
  qtickets_half: {
    says: { en: "Qtickets is only half set up: {reason}", ru: "Qtickets настроен наполовину: {reason}" },
    mend: {
      en: "npx supabase secrets set QTICKETS_TOKEN=…",
      ru: "npx supabase secrets set QTICKETS_TOKEN=…",
    },
  },
  timepad_ok: {
    says: { en: "Orders of TimePad: the token is set", ru: "Заказы TimePad: токен задан" },
  },
  timepad_half: {
    says: { en: "TimePad is only half set up: {reason}", ru: "TimePad настроен наполовину: {reason}" },
    mend: { en: "npx supabase secrets set TIMEPAD_TOKEN=…", ru: "npx supabase secrets set TIMEPAD_TOKEN=…" },
  },
  unisender_ok: {
    says: {
      en: "Mailings: Unisender's key and the sender are set",
      ru: "Рассылки: ключ Unisender и отправитель заданы",
    },
  },
  unisender_half: {
    says: { en: "Unisender is only half set up: {reason}", ru: "Unisender настроен наполовину: {reason}" },
    mend: {
      en: "npx supabase secrets set UNISENDER_API_KEY=… MAIL_FROM=… (docs/areas/mailings.md)",
      ru: "npx supabase secrets set UNISENDER_API_KEY=… MAIL_FROM=… (docs/areas/mailings.ru.md)",
    },
  },
  network_half: {
    says: {
      en: "{name} is set, and is of no use without {needed}",
      ru: "{name} задана, но без {needed} бесполезна",
    },
    mend: { en: "npx supabase secrets set {needed}=…", ru: "npx supabase secrets set {needed}=…" },
  },
} as const satisfies Sayings;
