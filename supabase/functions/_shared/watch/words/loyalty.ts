import type { Texts } from "../../platform/text.ts";

/** What the loyalty programme refuses, and what is wrong with it. */
export const LOYALTY = {
  joined: { en: "joined_into is set by loyalty_join", ru: "joined_into ставит loyalty_join" },
  identity: {
    en: "external_id is no {provider} that can be read",
    ru: "external_id не читается как {provider}",
  },
  noMember: { en: "there is no member {id}", ru: "нет участника {id}" },
  appendOnly: {
    en: "the ledger of points is only appended to",
    ru: "журнал баллов не меняется, в него только добавляют",
  },
  appendHint: {
    en: "Book the difference by loyalty_adjust.",
    ru: "Проведите разницу через loyalty_adjust.",
  },
  key: {
    en: "p_key must have from 1 to 200 characters and not begin like a key of ours",
    ru: "в p_key нужно от 1 до 200 символов, и он не может начинаться как наши ключи",
  },
  keyUsed: {
    en: "p_key has been used with other values",
    ru: "p_key уже использован с другими значениями",
  },
  notEnough: { en: "not_enough", ru: "не хватает баллов" },
  points: { en: "p_points must be greater than 0", ru: "p_points должно быть больше 0" },
  noPoints: { en: "p_points must be another number than 0", ru: "p_points не может быть 0" },
  reason: {
    en: "p_reason must have from 1 to 500 characters",
    ru: "в p_reason нужно от 1 до 500 символов",
  },
  staysWithMember: { en: "an order stays with its member", ru: "заказ остаётся у своего участника" },
  joinInstead: { en: "Join the members by loyalty_join.", ru: "Объедините участников через loyalty_join." },
  oneMember: {
    en: "p_keep and p_other are one member already",
    ru: "p_keep и p_other уже один участник",
  },
  noJoin: { en: "p_join is no join that holds", ru: "p_join не действующее объединение" },
  noTier: { en: "p_tier is no tier", ru: "p_tier не уровень программы" },
  tierEnds: {
    en: "p_until must lie in the future: a tier set by hand ends on a day",
    ru: "p_until должен быть в будущем: уровень, поставленный вручную, имеет срок",
  },
  noCard: { en: "only a signed-in person has a card", ru: "карта есть только у вошедшего пользователя" },
  importRows: {
    en: "p_rows must be a list of up to 10000 orders",
    ru: "p_rows — список не более чем из 10000 заказов",
  },
  importProvider: {
    en: "p_provider must be manual, timepad or qtickets",
    ru: "p_provider — manual, timepad или qtickets",
  },
  csvLong: {
    en: "p_csv must have up to 1000000 characters",
    ru: "в p_csv не больше 1000000 символов",
  },
  csvParts: {
    en: "Import it in parts: an order that is known counts once.",
    ru: "Загружайте по частям: известный заказ считается один раз.",
  },
  csvHead: {
    en: "the first line of p_csv must name external_id, amount, paid_at, and email or phone",
    ru: "первая строка p_csv должна назвать external_id, amount, paid_at и email или phone",
  },
  rateMissing: {
    en: "Orders in {names} earn nothing, since loyalty_rates has no rate of their day",
    ru: "Заказы в {names} не дают баллов: в loyalty_rates нет курса их дня",
  },
  pullFailing: {
    en: "Orders of {name} are not read: {code}",
    ru: "Заказы {name} не читаются: {code}",
  },
  refundCut: {
    en: "Orders of {name} came with more refunded than was paid, and were cut to that",
    ru: "В заказах {name} возвращено больше, чем оплачено; возврат ограничен оплатой",
  },
  amocrmFields: {
    en: "amocrm_fields takes the ids of fields for tier, balance and segment",
    ru: "в amocrm_fields указывают id полей для tier, balance и segment",
  },
  networkOpen: {
    en: "Deliveries of {names} are taken from any community or account, since none are named",
    ru: "События {names} берутся из любых сообществ и аккаунтов: свои не названы",
  },
  networkSilent: {
    en: "There are rules of points for {names}, and no delivery was ever received",
    ru: "Для {names} есть правила баллов, но ни одного события не приходило",
  },
} as const satisfies Texts;
