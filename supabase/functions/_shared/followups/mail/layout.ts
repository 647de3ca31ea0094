import { escapeHtml } from "../../mail/escape.ts";
import type { Language } from "../rules/formats.ts";

/** What a mail of a sequence is rendered from. */
export interface FollowupMail {
  language: Language;
  subject: string;
  /** The filled text; blank lines part paragraphs. */
  text: string;
  senderName: string;
  /** Where people unsubscribe. */
  wayOut: string;
}

const WORDS: Readonly<Record<Language, { why: string; out: string }>> = {
  ru: { why: "Вы получили это письмо, потому что согласились получать наши письма.", out: "Отписаться" },
  kk: { why: "Бұл хатты біздің хаттарымызды алуға келіскеніңіз үшін алдыңыз.", out: "Жазылымнан бас тарту" },
  en: { why: "You get this mail because you agreed to get mails from us.", out: "Unsubscribe" },
};
const FONT =
  "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif";
const ADDRESS = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/g;

/** A plain letter: paragraphs, links, and at the end the way out. Nothing is loaded from anywhere. */
export function renderHtml({ language, subject, text, senderName, wayOut }: FollowupMail): string {
  const paragraphs = text
    .split(/\n\s*\n/)
    .map((one) => `<p style="margin:0 0 16px;">${withLinks(one.trim()).replaceAll("\n", "<br>\n")}</p>`)
    .join("\n");
  const { why, out } = WORDS[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0;padding:24px 16px;">
<div style="max-width:560px;margin:0 auto;font-family:${FONT};font-size:16px;line-height:1.55;">
${paragraphs}
<p style="margin:32px 0 0;font-size:12px;line-height:1.5;color:#64748b;">${escapeHtml(senderName)}. ${why}
<a href="${escapeHtml(wayOut)}" style="color:#64748b;">${out}</a></p>
</div>
</body>
</html>
`;
}

/** The mail for programs that show no HTML. */
export function renderText({ language, text, senderName, wayOut }: FollowupMail): string {
  const { why, out } = WORDS[language];
  return `${text}\n\n-- \n${senderName}. ${why}\n${out}: ${wayOut}\n`;
}

/** Escapes the text and makes links of the addresses in it. */
function withLinks(text: string): string {
  let html = "";
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = escapeHtml(found[0]);
    html += `${escapeHtml(text.slice(at, found.index))}<a href="${address}">${address}</a>`;
    at = found.index + found[0].length;
  }
  return html + escapeHtml(text.slice(at));
}
