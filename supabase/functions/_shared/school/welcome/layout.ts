import { escapeHtml } from "../../mail/escape.ts";
import type { MailTexts } from "./texts.ts";

/** What a mail with a button is rendered from. */
export interface Mail {
  language: "ru" | "en";
  texts: MailTexts;
  /** The login, shown in a box of its own. */
  email: string;
  /** Where the button leads. */
  link: string;
}

const FONT =
  "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif";

/**
 * What mail programs that read style sheets get on top; all others see the inline styles. Colours are named here for the
 * dark ones, since a program that darkens by itself does so badly; `u + .body` is how Gmail is addressed.
 */
const STYLES = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; }
a { color: #1d4ed8; }
@media (max-width: 480px) {
  .page { padding: 0 !important; }
  .card { border-radius: 0 !important; border-left: 0 !important; border-right: 0 !important; }
  .inner { padding: 28px 20px !important; }
  .button { width: 100% !important; }
  .button a { display: block !important; }
}
@media (prefers-color-scheme: dark) {
  .body, .page { background-color: #0f1420 !important; }
  .card { background-color: #1a2130 !important; border-color: #2c3648 !important; }
  .text, .heading { color: #e8ecf4 !important; }
  .soft { color: #a3aec2 !important; }
  .login { background-color: #232c3f !important; border-color: #35415a !important; }
  .link { color: #93b4ff !important; }
}
`.trim();

/**
 * One HTML for all mail programs: tables for the frame, because Outlook knows nothing else; every style inline, because
 * some drop the style sheet; no image and no outside address but the link, so nothing has to be loaded.
 */
export function renderHtml({ language, texts, email, link }: Mail): string {
  const say = escapeHtml;
  const href = escapeHtml(link);
  const cell = (content: string, style: string, name = "text") =>
    `<tr><td class="${name}" style="font-family:${FONT};${style}">${content}</td></tr>`;
  const paragraph = "padding:0 0 16px;font-size:16px;line-height:1.55;color:#1f2937;";
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>${say(texts.subject)}</title>
<style>${STYLES}</style>
</head>
<body class="body" style="margin:0;padding:0;background-color:#f1f4f9;">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">${say(texts.preview)}${"&#847;&zwnj;&nbsp;".repeat(40)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="page" style="background-color:#f1f4f9;padding:32px 12px;">
<tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="card" style="max-width:560px;background-color:#ffffff;border:1px solid #e2e8f0;border-radius:14px;">
<tr><td class="inner" style="padding:40px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
${cell(say(texts.heading), "padding:0 0 20px;font-size:26px;line-height:1.25;font-weight:700;color:#0f172a;", "heading")}
${cell(say(texts.greeting), paragraph)}
${texts.paragraphs.map((text) => cell(say(text), paragraph)).join("\n")}
<tr><td style="padding:8px 0 24px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="login" style="background-color:#f5f8fd;border:1px solid #dbe4f3;border-radius:10px;">
<tr><td style="padding:14px 18px;font-family:${FONT};">
<div class="soft" style="font-size:13px;line-height:1.4;color:#55617a;">${say(texts.loginLabel)}</div>
<div class="text" style="font-size:17px;line-height:1.45;font-weight:600;color:#0f172a;overflow-wrap:anywhere;word-break:break-word;">${say(email)}</div>
</td></tr>
</table>
</td></tr>
<tr><td style="padding:0 0 20px;">
<table role="presentation" cellpadding="0" cellspacing="0" border="0" class="button" style="border-collapse:separate;">
<tr><td align="center" bgcolor="#1d4ed8" class="button" style="border-radius:10px;background-color:#1d4ed8;">
<a href="${href}" style="display:inline-block;padding:14px 30px;font-family:${FONT};font-size:17px;line-height:1.3;font-weight:600;color:#ffffff;text-decoration:none;border-radius:10px;">${say(texts.button)}</a>
</td></tr>
</table>
</td></tr>
${cell(say(texts.hint), "padding:0 0 20px;font-size:14px;line-height:1.5;color:#55617a;", "soft")}
${cell(say(texts.linkIntroduction), "padding:0 0 4px;font-size:14px;line-height:1.5;color:#55617a;", "soft")}
${cell(`<a href="${href}" class="link" style="color:#1d4ed8;">${href}</a>`, "padding:0;font-size:13px;line-height:1.5;word-break:break-all;", "link")}
</table>
</td></tr>
</table>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;">
${cell(say(texts.footer), "padding:18px 20px 28px;font-size:12px;line-height:1.5;color:#64748b;text-align:center;", "soft")}
</table>
</td></tr>
</table>
</body>
</html>
`;
}
