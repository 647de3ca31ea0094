import type { AddressHeaders } from "../../platform/address-headers.ts";
import type { FormRequest } from "./request.ts";

/** What the captcha's maker says of a token. `unknown`: no clear answer, or the secret key is not accepted. */
export type CaptchaVerdict = { state: "solved" } | { state: "failed" } | { state: "unknown"; reason: string };

/** Port: the captcha's maker. Never throws. */
export interface Captcha {
  check(token: string, visitorAddress: string | null): Promise<CaptchaVerdict>;
}

/** The error that PostgREST answers to an insert; pages know it from inserting by themselves. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

type Visit = {
  lead: Omit<FormRequest, "captcha_token">;
  addressHeaders: AddressHeaders;
  hasCaptcha: boolean;
};

/** Port: leads in the database. Throws if the database cannot be asked; a refusal is a value. */
export interface FormStore {
  save(visit: Visit): Promise<{ state: "saved" } | { state: "refused"; refusal: Refusal }>;
}
