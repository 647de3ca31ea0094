import { z } from "zod";
import { make } from "../kit/element.ts";
import { filled, type Language, type Texts } from "./texts.ts";

const Points = z.coerce.number();
const Time = z.string().nullable();

/** What `loyalty_my_card` answers. */
export const CardRows = z.tuple([
  z.object({
    tier: z.string(),
    cashback_percent: Points,
    balance: Points,
    pending: Points,
    next_expiry_at: Time,
    next_expiry_amount: Points,
  }),
]);
export type Card = z.infer<typeof CardRows>[0];

/** What `loyalty_my_history` answers. */
export const Bookings = z.array(
  z.object({
    at: z.string(),
    kind: z.enum(["earn", "spend", "expire", "reverse", "adjust"]),
    points: Points,
    available_at: Time,
    provider: z.string().nullable(),
  }),
);
export type Booking = z.infer<typeof Bookings>[number];

const PROVIDERS: Readonly<Record<string, string>> = {
  qtickets: "Qtickets",
  timepad: "TimePad",
  vk: "VK",
  telegram: "Telegram",
  instagram: "Instagram",
};

interface Words {
  tier: string;
  balance: string;
  pending: string | null;
  expiry: string;
}

const localeOf = (language: Language): string => (language === "en" ? "en-GB" : "ru-RU");
const dateOf = (iso: string, language: Language): string =>
  new Intl.DateTimeFormat(localeOf(language), { dateStyle: "long" }).format(new Date(iso));
const numberOf = (points: number, language: Language, signed = false): string =>
  new Intl.NumberFormat(localeOf(language), signed ? { signDisplay: "exceptZero" } : {}).format(points);

/** The card in words. A tier of the project's own is called as it is called there. */
export function cardWords(card: Card, texts: Texts, language: Language): Words {
  const tiers: Readonly<Record<string, string>> = {
    bronze: texts.bronze,
    silver: texts.silver,
    gold: texts.gold,
    platinum: texts.platinum,
  };
  const points = (value: number): string => numberOf(value, language);
  return {
    tier: filled(texts.tier, {
      tier: Object.hasOwn(tiers, card.tier) ? (tiers[card.tier] ?? card.tier) : card.tier,
      percent: `${points(card.cashback_percent)} %`,
    }),
    balance: points(card.balance),
    pending: card.pending > 0 ? filled(texts.pending, { points: points(card.pending) }) : null,
    expiry:
      card.balance < 0
        ? texts.debt
        : card.next_expiry_at === null
          ? texts.noExpiry
          : filled(texts.expiry, {
              points: points(card.next_expiry_amount),
              date: dateOf(card.next_expiry_at, language),
            }),
  };
}

/** One line of the history; nowMs says whether an award is pending yet. */
export function bookingLine(booking: Booking, texts: Texts, language: Language, nowMs: number): HTMLElement {
  const { at, kind, points, available_at: availableAt, provider } = booking;
  const parts = [dateOf(at, language)];
  if (provider !== null && Object.hasOwn(PROVIDERS, provider)) parts.push(PROVIDERS[provider] ?? provider);
  if (points > 0 && availableAt !== null && Date.parse(availableAt) > nowMs)
    parts.push(filled(texts.availableOn, { date: dateOf(availableAt, language) }));
  return make(
    "li",
    "booking",
    make("span", "", texts[kind]),
    make("span", points > 0 ? "points plus" : "points", numberOf(points, language, true)),
    make("small", "", parts.join(" · ")),
  );
}
