import type { SimulatedMail } from "./simulator.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const say = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

/** The list of all mails, newest first, for a developer's browser. */
export function inboxPage(mails: readonly SimulatedMail[]): string {
  const rows = mails
    .toReversed()
    .map(
      ({ id, body }) =>
        `<li><a href="/mails/${id}">${say(body.subject)}</a> to ${say([body.to].flat().join(", "))} (<a href="/mails/${id}/text">text</a>)</li>`,
    );
  return `<!doctype html><meta charset="utf-8"><title>Simulated mails</title>
<body style="font: 16px/1.6 sans-serif; margin: 2rem"><h1>Simulated mails</h1>
${rows.length === 0 ? "<p>None was sent yet.</p>" : `<ul>${rows.join("")}</ul>`}`;
}
