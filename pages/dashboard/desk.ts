import { FunctionsHttpError, type SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { make, part, tell } from "../kit/element.ts";
import { type Format, formatIn } from "./format.ts";
import type { Route } from "./route.ts";
import { type Language, type Texts, textsOf } from "./texts.ts";
import { stateWord } from "./words.ts";
import { refusalWord } from "./words-of-refusals.ts";

/** What every screen works with: the language, the database, and the way to other screens. */
export interface Desk {
  readonly language: Language;
  readonly texts: Texts;
  readonly format: Format;
  readonly mayChange: boolean;
  /** Whoever is signed in. */
  readonly userId: string | undefined;
  call<T>(name: string, args: object, shape: z.ZodType<T>): Promise<T>;
  /** Rows of a view that has an order of its own: the first of them, or from a place on. */
  view<T>(name: string, shape: z.ZodType<T>, page?: { from: number; count: number }): Promise<T[]>;
  /** What the database says in English, in the reader's language: it knows the Russian itself. */
  inWords(sentence: string): Promise<string>;
  /** Asks one of the project's functions. */
  askFunction<T>(name: string, body: object, shape: z.ZodType<T>): Promise<T>;
  /** Does what may fail, and says so if it does. */
  attempt(work: () => Promise<void>): Promise<boolean>;
  /** Does something, says how it ended, and draws the screen anew. */
  act(name: string, args: object): Promise<boolean>;
  go(route: Route): void;
  /** An address of amoCRM, as a link that opens beside the page. */
  link(host: string | null, path: string, words: string): HTMLElement;
  ask(question: Question): Promise<boolean>;
  badge(state: string): HTMLElement;
}

interface Question {
  title: string;
  body: (string | Node)[];
  yes: string;
  /** Whether "yes" may be pressed. */
  isReady?: () => boolean;
}

/** A question that failed, with what to say of it. */
export class Fault extends Error {
  readonly isExpired: boolean;
  constructor(message: string, isExpired: boolean) {
    super(message);
    this.isExpired = isExpired;
  }
}

export interface DeskOptions {
  supabase: SupabaseClient;
  language: () => Language;
  mayChange: () => boolean;
  userId: () => string | undefined;
  go: (route: Route) => void;
  redraw: () => Promise<void>;
}

const TOO_SLOW = "57014";

export function openDesk({ supabase, language, mayChange, userId, go, redraw }: DeskOptions): Desk {
  const fail = async (error: { message: string; code?: string }, status: number): Promise<never> => {
    const texts = textsOf(language());
    if (status === 0) throw new Fault(texts.faultConnection, false);
    if (error.code === TOO_SLOW) throw new Fault(texts.faultSlow, false);
    const words = refusalWord(language(), error) ?? (await inWords(error.message));
    throw new Fault(`${texts.faultOther} ${words}`, status === 401);
  };
  const inWords = async (message: string): Promise<string> => {
    if (language() === "en") return message;
    const { data } = await supabase.rpc("amocrm_in_russian", { p_sentence: message });
    return typeof data === "string" ? data : message;
  };
  const desk: Desk = {
    get language() {
      return language();
    },
    get texts() {
      return textsOf(language());
    },
    get format() {
      return formatIn(language());
    },
    get mayChange() {
      return mayChange();
    },
    get userId() {
      return userId();
    },
    async call(name, args, shape) {
      const { data, error, status } = await supabase.rpc(name, args);
      return error === null ? shape.parse(data) : await fail(error, status);
    },
    async view(name, shape, { from, count } = { from: 0, count: 200 }) {
      const { data, error, status } = await supabase
        .from(name)
        .select("*")
        .range(from, from + count - 1);
      return error === null ? shape.array().parse(data) : await fail(error, status);
    },
    async askFunction(name, body, shape) {
      const { data, error } = await supabase.functions.invoke(name, { body });
      if (error === null) return shape.parse(data);
      const isAnswered = error instanceof FunctionsHttpError;
      if (!isAnswered) return await fail({ message: "" }, 0);
      const answer = z
        .object({ message: z.string() })
        .safeParse(await error.context.json().catch(() => null));
      return await fail({ message: answer.data?.message ?? error.message }, error.context.status);
    },
    inWords,
    async attempt(work) {
      try {
        await work();
        return true;
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        tell(part("outcome", HTMLParagraphElement), words, "bad");
        return false;
      }
    },
    async act(name, args) {
      const isDone = await desk.attempt(async () => void (await desk.call(name, args, z.unknown())));
      if (!isDone) return false;
      // Drawn first: whoever reads that it is done may begin to type, and what was typed would be gone.
      await redraw();
      tell(part("outcome", HTMLParagraphElement), desk.texts.done, "good");
      return true;
    },
    go,
    link(host, path, words) {
      const link = document.createElement("a");
      link.href = `https://${host}${path}`;
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      link.append(words);
      link.title = desk.texts.newTab;
      return host !== null && /^[a-z0-9.-]+(:\d+)?$/i.test(host) ? link : make("span", "", words);
    },
    ask: (question) => askInDialog(question),
    badge(state) {
      const { word, tone } = stateWord(language(), state);
      return make("span", `badge ${tone}`, word);
    },
  };
  return desk;
}

function askInDialog({ title, body, yes, isReady = () => true }: Question): Promise<boolean> {
  const dialog = part("ask", HTMLDialogElement);
  const form = part("ask-form", HTMLFormElement);
  const agree = part("ask-yes", HTMLButtonElement);
  part("ask-title", HTMLHeadingElement).textContent = title;
  part("ask-body", HTMLDivElement).replaceChildren(...body);
  agree.textContent = yes;
  const look = (): void => {
    agree.disabled = !isReady();
  };
  look();
  form.oninput = look;
  part("ask-no", HTMLButtonElement).onclick = () => dialog.close("no");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
