import type { Texts } from "../../platform/text.ts";

/** What mailings through Unisender say and refuse. */
export const UNISENDER = {
  resume: {
    en: "Mend the cause, then: select message_resume('unisender')",
    ru: "Устраните причину, затем: select message_resume('unisender')",
  },
  logs: {
    en: "See the logs of the function unisender-drain",
    ru: "Смотрите лог функции unisender-drain",
  },
  waits: {
    en: "A campaign waits, and Unisender is not configured: {detail}",
    ru: "Рассылка ждёт, а Unisender не настроен: {detail}",
  },
  variables: {
    en: "Set UNISENDER_API_KEY and MAIL_FROM",
    ru: "Задайте UNISENDER_API_KEY и MAIL_FROM",
  },
  lost: {
    en: "A campaign may have been created and cannot be found at Unisender",
    ru: "Рассылка, возможно, создана, но в Unisender её не найти",
  },
  campaigns: { en: "select * from loyalty_campaigns", ru: "select * from loyalty_campaigns" },
  countDiffers: {
    en: "Unisender counted {counted} recipients, and {count} contacts were accepted: it is canceled",
    ru: "Unisender насчитал получателей: {counted}, а принял контактов: {count}; рассылка отменяется",
  },
  notCanceled: {
    en: "Its count differs, and it could not be canceled any more",
    ru: "Число получателей не сошлось, а отменить рассылку уже нельзя",
  },
  noneAccepted: {
    en: "Unisender accepted none of the contacts",
    ru: "Unisender не принял ни одного контакта",
  },
  declined: { en: "Unisender's moderators declined it", ru: "Модераторы Unisender отклонили рассылку" },
  held: { en: "Unisender's moderators hold it", ru: "Модераторы Unisender задержали рассылку" },
  importing: {
    en: "The contacts of the campaign are imported first",
    ru: "Сначала загружаются контакты рассылки",
  },
  oneAnHour: {
    en: "One campaign an hour at most is created",
    ru: "Создаётся не больше одной рассылки в час",
  },
  notAnyMore: {
    en: "The campaign is not to be sent any more",
    ru: "Рассылку больше не нужно отправлять",
  },
  noSegment: { en: "p_segment is no segment", ru: "p_segment — не сегмент" },
  segments: {
    en: "select code from loyalty_segments; null is everybody.",
    ru: "select code from loyalty_segments; null — все.",
  },
  subject: {
    en: "p_subject must be one line with from 1 to 500 characters",
    ru: "в p_subject нужна одна строка от 1 до 500 символов",
  },
  body: {
    en: "p_body must have from 1 to 1000000 characters",
    ru: "в p_body нужно от 1 до 1000000 символов",
  },
  noCampaign: { en: "p_id is no campaign", ru: "p_id — не рассылка" },
  sixWait: {
    en: "six confirmed campaigns wait already: one an hour is sent",
    ru: "шесть подтверждённых рассылок уже ждут: уходит одна в час",
  },
  nobody: { en: "nobody would get this campaign", ru: "эту рассылку никто не получит" },
  preview: {
    en: "select * from loyalty_campaign_preview(id)",
    ru: "select * from loyalty_campaign_preview(id)",
  },
  policyUnauthorized: {
    en: "Unisender refuses the key, or the account lacks a right. Check UNISENDER_API_KEY, then message_resume('unisender').",
    ru: "Unisender не принимает ключ, или у аккаунта нет права. Проверьте UNISENDER_API_KEY, затем select message_resume('unisender').",
  },
  policyWrongAddress: {
    en: "What answered is not Unisender's API. Check UNISENDER_BASE_URL, or leave it out.",
    ru: "Ответил не API Unisender. Проверьте UNISENDER_BASE_URL или уберите его.",
  },
  policyNoMoney: {
    en: "The plan or the balance at Unisender is used up. Sending goes on by itself once it is topped up.",
    ru: "Тариф или баланс Unisender исчерпан. Отправка продолжится сама после пополнения.",
  },
  policyRefused: {
    en: "Unisender refuses the content; the message says what. Mend it, then amocrm_requeue(id); for a campaign check MAIL_FROM, which must be confirmed there.",
    ru: "Unisender не принимает содержание, причина в сообщении. Исправьте, затем select amocrm_requeue(id); для рассылки проверьте MAIL_FROM: адрес должен быть там подтверждён.",
  },
  policyContactRefused: {
    en: "Unisender does not take this contact: a wrong address, one of a role, or a trap. The others of its call were taken. Nothing needs doing.",
    ru: "Unisender не берёт этот контакт: неверный или ролевой адрес либо ловушка. Остальные из того же запроса приняты. Ничего делать не нужно.",
  },
  policyImporting: {
    en: "The contacts of the campaign are imported first. Nothing needs doing.",
    ru: "Сначала загружаются контакты рассылки. Ничего делать не нужно.",
  },
  policyOneAnHour: {
    en: "One campaign an hour at most is created, since accounts that made many at once were blocked. Nothing needs doing.",
    ru: "Создаётся не больше одной рассылки в час: аккаунты, создававшие много сразу, блокировали. Ничего делать не нужно.",
  },
} as const satisfies Texts;
