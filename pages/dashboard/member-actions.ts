import type { Desk } from "./desk.ts";
import { choice, field } from "./pieces.ts";
import type { Member } from "./shapes-of-loyalty.ts";
import { loyaltyWord } from "./words-loyalty.ts";

function input(type: string): HTMLInputElement {
  const made = document.createElement("input");
  made.type = type;
  made.autocomplete = "off";
  return made;
}

/** Books points by hand. The key is drawn with the dialog, so that an answer that was lost books nothing twice. */
export async function adjustPoints(desk: Desk, { id }: Member): Promise<void> {
  const { texts } = desk;
  const points = input("text");
  points.inputMode = "numeric";
  const reason = input("text");
  reason.maxLength = 500;
  const key = `dashboard:${crypto.randomUUID()}`;
  const typed = (): number => {
    const words = points.value.replace(/\s/g, "").replace("−", "-");
    return /^-?\d{1,12}$/.test(words) ? Number(words) : 0;
  };
  const isAgreed = await desk.ask({
    title: texts.adjust,
    yes: texts.adjustYes,
    isReady: () => typed() !== 0 && reason.value.trim() !== "",
    body: [field(texts.adjustPoints, points), field(texts.reason, reason)],
  });
  if (!isAgreed) return;
  await desk.act("loyalty_adjust", {
    p_member: id,
    p_points: typed(),
    p_key: key,
    p_reason: reason.value.trim(),
  });
}

/** Sets the tier until the end of a day, which is one of the reader's zone. */
export async function setTier(desk: Desk, { id, tiers, card }: Member): Promise<void> {
  const { texts } = desk;
  const tier = choice(
    tiers.map((code) => [code, loyaltyWord(desk.language, code)] as const),
    card.tier,
  );
  const until = input("date");
  const reason = input("text");
  reason.maxLength = 500;
  const end = (): Date => new Date(`${until.value}T23:59:59`);
  const isAgreed = await desk.ask({
    title: texts.setTier,
    yes: texts.setTierYes,
    isReady: () => end().getTime() > Date.now() && reason.value.trim() !== "",
    body: [field(texts.tier, tier), field(texts.setTierUntil, until), field(texts.reason, reason)],
  });
  if (!isAgreed) return;
  await desk.act("loyalty_tier_set", {
    p_member: id,
    p_tier: tier.value,
    p_until: end().toISOString(),
    p_reason: reason.value.trim(),
  });
}
