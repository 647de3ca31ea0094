import type { Language } from "./texts.ts";

type Words = Readonly<Record<string, readonly [en: string, ru: string]>>;

const CODES: Words = {
  bronze: ["bronze", "бронза"],
  silver: ["silver", "серебро"],
  gold: ["gold", "золото"],
  platinum: ["platinum", "платина"],
  champions: ["champions", "чемпионы"],
  loyal: ["loyal", "лояльные"],
  big_spenders: ["big spenders", "крупные покупки"],
  newcomers: ["newcomers", "новички"],
  promising: ["promising", "перспективные"],
  need_attention: ["need attention", "нужно внимание"],
  cannot_lose: ["cannot lose", "нельзя потерять"],
  at_risk: ["at risk", "под угрозой"],
  hibernating: ["hibernating", "спящие"],
  earn: ["earned", "начислено"],
  spend: ["spent", "потрачено"],
  expire: ["expired", "сгорело"],
  reverse: ["reversed", "возврат"],
  adjust: ["corrected", "исправлено"],
  email: ["e-mail", "e-mail"],
  phone: ["phone", "телефон"],
  vk: ["VK", "ВКонтакте"],
  telegram: ["Telegram", "Telegram"],
  instagram: ["Instagram", "Instagram"],
  qtickets: ["Qtickets", "Qtickets"],
  timepad: ["TimePad", "TimePad"],
  amocrm: ["amoCRM", "amoCRM"],
  manual: ["by hand", "вручную"],
  like: ["like", "лайк"],
  comment: ["comment", "комментарий"],
  repost: ["repost", "репост"],
  join: ["joined", "вступление"],
  "loyalty.tier_changed": ["tier changed", "уровень изменился"],
  "loyalty.tier_at_risk": ["tier at risk", "уровень под угрозой"],
  "loyalty.segment_changed": ["segment changed", "сегмент изменился"],
  "loyalty.points_expiring": ["points expire soon", "баллы скоро сгорят"],
};

/** A tier, segment, kind of booking, provider or event of ours in words; one that a project has added stays as it is. */
export function loyaltyWord(language: Language, code: string): string {
  const [en = code, ru = code] = CODES[code] ?? [];
  return language === "ru" ? ru : en;
}

const CAMPAIGN_STATES: Readonly<Record<string, readonly [en: string, ru: string, tone: string]>> = {
  draft: ["draft", "черновик", ""],
  confirmed: ["confirmed, waits for its turn", "подтверждена, ждёт очереди", "wait"],
  uncertain: ["uncertain", "неясно", "bad"],
  waits_censor: ["with the moderators", "у модераторов", "wait"],
  censor_hold: ["held by the moderators", "задержана модераторами", "bad"],
  declined: ["declined by the moderators", "отклонена модераторами", "bad"],
  waits_schedule: ["scheduled", "запланирована", "wait"],
  scheduled: ["scheduled", "запланирована", "wait"],
  in_progress: ["being sent", "отправляется", "wait"],
  analysed: ["sent", "отправлена", "good"],
  completed: ["sent", "отправлена", "good"],
  stopped: ["stopped", "остановлена", "bad"],
  canceled: ["canceled", "отменена", ""],
  canceled_count_differs: ["canceled: the count differs", "отменена: число не сошлось", "bad"],
};

/** Unisender's further words stay as it says them. */
export function campaignWord(language: Language, state: string): { word: string; tone: string } {
  const [en = state, ru = state, tone = ""] = CAMPAIGN_STATES[state] ?? [];
  return { word: language === "ru" ? ru : en, tone };
}

const OVER = ["completed", "analysed", "stopped", "declined", "canceled", "canceled_count_differs"];

/** Whether a campaign can be canceled yet. */
export const mayCancel = (state: string): boolean => !OVER.includes(state) && state !== "in_progress";
