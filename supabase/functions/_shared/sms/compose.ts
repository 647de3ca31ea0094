import type { SmsMessage, SmsSettings } from "./message.ts";

/** The variables by which the address of a short link is known. */
export type LinkVariables = Readonly<Record<string, string | undefined>>;

/** A text to be sent, or why there is none. */
export type ComposedSms =
  | { ok: true; text: string }
  | { ok: false; verdict: "rejected" | "superseded"; code: string; message: string };

/** Makes the text of one kind, for messages that do not bring their own. Pure. */
export type ComposeSms = (
  message: SmsMessage,
  settings: SmsSettings,
  variables: LinkVariables,
) => ComposedSms;
