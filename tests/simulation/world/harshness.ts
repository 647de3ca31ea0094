import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import { withOddThings } from "../people/odd-things.ts";
import { type Chance, createChance } from "./chance.ts";
import type { Happening, Plan } from "./plan.ts";

/**
 * An account that is as bad as nobody has promised it is not: the default of a run. Each trait is drawn by itself, and
 * now and then is the kinder one, since no reading of what is uncertain may break us.
 */
export function withHarshness(plan: Plan, chance: Chance): Plan {
  const harsh = {
    ...plan,
    account: { ...plan.account, ...harshAccount(plan.account, chance) },
    happenings: chance.happens(0.5) ? withOddNames(plan.happenings, chance) : plan.happenings,
  };
  return withOddThings(harsh, createChance(plan.seed, "odd things"));
}

function harshAccount(account: SettingsInput, chance: Chance): SettingsInput {
  // Both at once may give a lead beside a refused one a second deal (README.md).
  const writesGood = account.writes?.bad_item === "good_written";
  return {
    lists: {
      ...account.lists,
      next_link: chance.pick(["always", "always", "when_full", "when_more"] as const),
      ties: chance.pick(["shuffled", "shuffled", "by_id"] as const),
      late_ms: chance.pick(writesGood ? [0, 3000, 8000] : [0, 3000, 30_000, 120_000]),
      blank_by_id: { probability: chance.pick([0, 0.1, 0.5]), for_ms: 3000 },
    },
    text: {
      changes: (["trim", "collapse", "entities", "emoji"] as const).filter(() => chance.happens(0.6)),
    },
  };
}

/** Names with whatever an account may store otherwise than it was sent. */
function withOddNames(happenings: readonly Happening[], chance: Chance): Happening[] {
  const odd = (name: string) =>
    chance.pick([`${name} `, `${name}  & Co`, `${name} \u2764\uFE0F`, `"${name}"\n`]);
  return happenings.map((happening) =>
    happening.kind === "insert"
      ? {
          ...happening,
          leads: happening.leads.map((lead) =>
            chance.happens(0.3) ? { ...lead, full_name: odd(lead.full_name) } : lead,
          ),
        }
      : happening,
  );
}
