import { confirm, input, search, select } from "@inquirer/prompts";
import { interrupted } from "./failure.ts";

/** Something to choose. */
export interface Choice<T> {
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

/** Asks by Inquirer. Questions go to `output`, which is stderr in a command, so that stdout holds results only. */
export function createPrompts(streams: PromptStreams): Prompts {
  return {
    select: (message, choices, preselected) =>
      orInterrupted(
        select(
          {
            message,
            choices,
            pageSize: PAGE_SIZE,
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
            source: (term) =>
              choices.filter(({ name }) => name.toLowerCase().includes((term ?? "").trim().toLowerCase())),
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
    confirm: (message, preset) => orInterrupted(confirm({ message, default: preset }, streams)),
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
