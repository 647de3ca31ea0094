import { filled, type Say, same, type Text } from "#shared/platform/text.ts";
import type { Prompts } from "../prompts.ts";
import { fitRemedy } from "../remedy.ts";
import type { Target } from "../target.ts";
import { QUESTIONS } from "../words/setup-questions.ts";

/** What a project may do without: asked for unless the first of its variables is set. */
interface Part {
  variables: readonly string[];
  question: Text;
  how: Text;
}

const PARTS: readonly Part[] = [
  {
    variables: ["MOBIZON_API_KEY", "MOBIZON_WEBHOOK_SECRET"],
    question: QUESTIONS.sms,
    how: QUESTIONS.smsHow,
  },
  { variables: ["UNSUBSCRIBE_PAGE_URL"], question: QUESTIONS.sequences, how: QUESTIONS.sequencesHow },
  { variables: ["LINK_BASE_URL", "LINK_FALLBACK_URL"], question: QUESTIONS.links, how: QUESTIONS.linksHow },
  {
    variables: ["QTICKETS_TOKEN", "QTICKETS_WEBHOOK_SECRET"],
    question: QUESTIONS.orders,
    how: QUESTIONS.ordersHow,
  },
];

/**
 * Asks which of the optional parts are wanted, and tells the commands that give the functions what these need. The values are
 * secrets of the functions: they go by the Supabase CLI, and never through here.
 */
export async function askParts(
  prompts: Prompts,
  unset: readonly string[],
  target: Target,
  say: Say,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { variables, question, how } of PARTS) {
    const [first = ""] = variables;
    if (!unset.includes(first) || !(await prompts.confirm(say(question), false))) continue;
    lines.push(say(how));
    for (const name of variables.filter((one) => unset.includes(one))) {
      const command = filled(same("npx supabase secrets set {name}=…"), { name });
      lines.push(`  ${say(fitRemedy(command, target))}`);
    }
  }
  return lines.length === 0 ? [] : [say(QUESTIONS.thenType), ...lines];
}
