import type { Mail } from "./layout.ts";

/** The mail for programs that show no HTML. It says the same, in the same order. */
export function renderText({ texts, email, link }: Mail): string {
  return [
    texts.greeting,
    ...texts.paragraphs,
    `${texts.loginLabel}: ${email}`,
    `${texts.button}:\n${link}`,
    texts.hint,
    `-- \n${texts.footer}`,
    "",
  ].join("\n\n");
}
