import { confirm, input, search, select } from "@inquirer/prompts";
import { type Language, same, sayIn, type Text } from "#shared/platform/text.ts";
import { interrupted } from "./failure.ts";
import { shown } from "./output.ts";
import { PROMPTS } from "./words/prompts.ts";

/** Something to choose. */
interface Choice<T> {
  name: string;
  value: T;
  /** Shown below the list while it is pointed at. */
  description?: string;
}

/** Questions to a person at a terminal. Ctrl-C at any of them ends the command, and nothing is done. */
export interface Prompts {
  select<T>(question: string, choices: readonly Choice<T>[], preselected?: T): Promise<T>;
  /** A long list, narrowed by typing. */
  search<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** `fault` says what is wrong with an answer; then it is asked again. */
  input(
    question: string,
    options?: { preset?: string; fault?(text: string): string | null },
  ): Promise<string>;
  confirm(question: string, preset: boolean): Promise<boolean>;
}

/** The streams of a terminal. */
export interface PromptStreams {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

const PAGE_SIZE = 12;

/** What Inquirer says by itself. */
const KEYS: Readonly<Record<string, Text>> = {
  navigate: PROMPTS.navigate,
  select: PROMPTS.select,
  "No results found": PROMPTS.noResults,
};

/** Asks by Inquirer. Questions go to `output`, which is stderr in a command, so that stdout holds results only. */
export function createPrompts(streams: PromptStreams, language: Language = "en"): Prompts {
  const say = sayIn(language);
  const keys = {
    style: {
      keysHelpTip: (tips: [key: string, action: string][]) =>
        tips.map(([key, action]) => `${key} ${say(KEYS[action] ?? same(action))}`).join(" • "),
      error: (text: string) => `> ${say(KEYS[text] ?? same(text))}`,
    },
  };
  const yesNo = {
    keywords: { yes: say(PROMPTS.yes), no: say(PROMPTS.no), error: () => say(PROMPTS.yesOrNo) },
  };
  return {
    select: (message, choices, preselected) =>
      orInterrupted(
        select(
          {
            message: shown(message),
            choices: choices.map(inPlainSight),
            pageSize: PAGE_SIZE,
            theme: keys,
            ...(preselected === undefined ? {} : { default: preselected }),
          },
          streams,
        ),
      ),
    search: (message, choices) =>
      orInterrupted(
        search(
          {
            message,
            pageSize: PAGE_SIZE,
            theme: keys,
            source: (term) =>
              choices
                .map(inPlainSight)
                .filter(({ name }) => name.toLowerCase().includes((term ?? "").trim().toLowerCase())),
          },
          streams,
        ),
      ),
    input: (message, { preset, fault } = {}) =>
      orInterrupted(
        input(
          {
            message,
            ...(preset === undefined ? {} : { default: preset }),
            validate: (text) => fault?.(text.trim()) ?? true,
          },
          streams,
        ).then((text) => text.trim()),
      ),
    confirm: (message, preset) => orInterrupted(confirm({ message, default: preset, theme: yesNo }, streams)),
  };
}

/** Names are amoCRM's, and anybody may have typed them. */
function inPlainSight<T>({ name, value, description }: Choice<T>): Choice<T> {
  return {
    name: shown(name),
    value,
    ...(description === undefined ? {} : { description: shown(description) }),
  };
}

async function orInterrupted<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === "ExitPromptError") throw interrupted();
    throw error;
  }
}
