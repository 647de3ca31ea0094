import { SmsAnswer } from "#shared/admin/answers.ts";
import { followupSmsComposers } from "#shared/followups/composers.ts";
import { filled } from "#shared/platform/text.ts";
import { smsParts } from "#shared/sms/parts.ts";
import type { Context } from "./context.ts";
import { EXIT, Failure, usageFailure } from "./failure.ts";
import { SMS } from "./words/sms.ts";

/** As long as codes of short links are. */
const SAMPLE_CODE = "abcdefghjk";
/** A name of a usual length. */
const SAMPLE_NAMES = { ru: "Екатерина", kk: "Гүлнара", en: "Catherine" } as const;

/** What one text would cost. */
interface Preview {
  language: string | null;
  text: string;
  encoding: string;
  unit_count: number;
  part_count: number;
}

/** `sms preview`: the parts of a text, or of a template's texts in each language, before anything is sent. */
export async function previewSms(
  text: string,
  template: string | undefined,
  context: Context,
): Promise<number> {
  const { askAdmin, output, say } = context;
  if ((text === "") === (template === undefined)) throw usageFailure(SMS.needsText);
  const order = { action: "sms", mode: "preview", template: template ?? null } as const;
  const answer = await askAdmin(order, SmsAnswer);
  if (answer.mode !== "preview") return EXIT.wrong;
  if (template !== undefined && answer.texts.length === 0) {
    throw new Failure("not_found", filled(SMS.noTexts, { code: template }), null);
  }
  const previews =
    template === undefined
      ? [previewOf(null, text)]
      : answer.texts.map(({ language, body }) =>
          previewOf(language, sampleOf(language, body, answer.link_base)),
        );
  output.document({ mode: "preview", max_parts: answer.max_parts, texts: previews });
  for (const preview of previews) printPreview(preview, answer.max_parts, context);
  if (template !== undefined) {
    const names = [...new Set(answer.texts.map(({ language }) => SAMPLE_NAMES[language]))].join(", ");
    output.line(`  ${say(SMS.sample, { name: names })}`);
  }
  return previews.every(({ part_count: parts }) => parts <= answer.max_parts) ? EXIT.ok : EXIT.wrong;
}

function previewOf(language: string | null, text: string): Preview {
  const { encoding, unitCount, partCount } = smsParts(text);
  return { language, text, encoding, unit_count: unitCount, part_count: partCount };
}

/** The text as the drain would make it for somebody with a usual name. */
function sampleOf(language: keyof typeof SAMPLE_NAMES, body: string, linkBase: string): string {
  const names = [...body.matchAll(/\{link:([\w-]+)\}/g)].map(([, name = ""]) => name);
  const links = Object.fromEntries(names.map((name) => [name, SAMPLE_CODE]));
  const composed = followupSmsComposers["lead.sms"]?.(
    {
      ...{ id: 0, kind: "lead.sms", payload: {}, phone: null, isInDoubt: false, lookCount: 0 },
      ...{ taskId: null, campaign: "", knownCampaigns: [] },
      details: { language, body, fullName: SAMPLE_NAMES[language], metadata: {}, links },
    },
    { sender: null, maxParts: 1, timeZone: "UTC" },
    { LINK_BASE_URL: linkBase },
  );
  return composed?.ok === true ? composed.text : body;
}

function printPreview(preview: Preview, max: number, { output, say }: Context): void {
  const { language, text, encoding, unit_count: units, part_count: parts } = preview;
  const isTooLong = parts > max;
  const words = isTooLong ? say(SMS.tooLong, { parts, max }) : say(SMS.parts, { parts, units, encoding });
  output.line(`${isTooLong ? "✗" : "✓"} ${language === null ? "" : `${language}: `}${words}`);
  if (language !== null) output.line(`    ${text.replaceAll("\n", "\n    ")}`);
}
