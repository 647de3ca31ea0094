import type { Chance } from "../world/chance.ts";
import type { Happening, LeadDraft, Plan } from "../world/plan.ts";

/** The phone of a family or an office: strangers leave it beside their own e-mails, and now and then alone. */
const SHARED_PHONE = "+79005550000";
/** What people type who want to give none, and what is on the card of nobody. */
const DUMMY_PHONE = "+7 777 777 77 77";
export const DUMMY_DIGITS = "7777777777";

/** In a third of the runs some leads have a phone that is not theirs alone, or is nobody's. */
export function withSharedPhones(plan: Plan, chance: Chance): Plan {
  if (!chance.happens(0.33)) return plan;
  const share = (lead: LeadDraft): LeadDraft => {
    if (lead.phone === null) return lead;
    if (chance.happens(0.3)) return { ...lead, phone: SHARED_PHONE };
    return chance.happens(0.15) ? { ...lead, phone: DUMMY_PHONE } : lead;
  };
  return {
    ...plan,
    happenings: plan.happenings.map((happening) =>
      happening.kind === "insert" ? { ...happening, leads: happening.leads.map(share) } : happening,
    ),
  };
}

/** Two leads in five have a name that others have, too. */
export function shareNames(happenings: readonly Happening[], chance: Chance): Happening[] {
  return happenings.map((happening) =>
    happening.kind === "insert"
      ? {
          ...happening,
          leads: happening.leads.map((lead) =>
            chance.happens(0.4) ? { ...lead, full_name: `Namesake ${chance.below(2)}` } : lead,
          ),
        }
      : happening,
  );
}
