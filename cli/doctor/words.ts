import { type Code, type Finding, KINDS } from "#shared/admin/answers.ts";
import { filled, type Language, same, sayIn, type Text } from "#shared/platform/text.ts";
import { told } from "../language/told.ts";
import { fitRemedy } from "../remedy.ts";
import type { Target } from "../target.ts";
import { AMOCRM } from "../words/doctor/amocrm.ts";
import { CHANNELS } from "../words/doctor/channels.ts";
import { CHECKS } from "../words/doctor/checks.ts";
import { DATABASE } from "../words/doctor/database.ts";
import { DELIVERY } from "../words/doctor/delivery.ts";
import { PLACES } from "../words/doctor/places.ts";
import { REACHING } from "../words/doctor/reaching.ts";
import { VARIABLES } from "../words/doctor/variables.ts";

/** What a finding says, and how it is mended: a command, or an exact place. `{name}` stands for a fact. */
export interface Saying {
  says: Text;
  mend?: Text;
}
export type Sayings = Readonly<Record<string, Saying>>;

export const SAYINGS: Readonly<Record<Code, Saying>> = {
  ...REACHING,
  ...VARIABLES,
  ...DATABASE,
  ...AMOCRM,
  ...PLACES,
  ...DELIVERY,
  ...CHANNELS,
};

/** A finding in words. */
export interface Told extends Finding {
  title: string;
  message: string;
  remedy: string | null;
}

/**
 * Puts a finding into words, with a remedy that works for the project as it is pasted. One of a newer version of the
 * functions is told by its code.
 */
export function tell(found: Finding, language: Language, target: Target | null = null): Told {
  const say = sayIn(language);
  const { says, mend } =
    found.code in KINDS
      ? SAYINGS[found.code as Code]
      : { says: same(`${found.code} ${JSON.stringify(found.facts)}`), mend: undefined };
  const facts = Object.fromEntries(
    Object.entries(found.facts).map(([name, fact]) => [name, typeof fact === "string" ? told(fact) : fact]),
  );
  return {
    ...found,
    title: say(CHECKS[found.check]),
    message: say(says, facts),
    remedy: mend === undefined ? null : chosen(say(fitRemedy(filled(mend, facts), target)), found),
  };
}

/** What may be meant, if that is one thing: of several a person has to choose. */
const ONE_CHOICE = /^(\d+) «[^«»]*»$/;

/** The remedy with the id in it that it asks for, where only one can be meant. */
function chosen(remedy: string, { facts }: Finding): string {
  const only = ONE_CHOICE.exec(String(facts["near"] ?? ""))?.[1];
  if (only === undefined) return remedy;
  const named = remedy.replace("<id>", only);
  // A route without a stage means the first of its pipeline.
  return facts["table"] === "amocrm_routes" ? named.replace("status_id = <id>", "status_id = null") : named;
}
