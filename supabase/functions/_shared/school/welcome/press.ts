import { readBody } from "../../platform/body.ts";
import { messageOf } from "../../platform/error-message.ts";
import type { Log } from "../../platform/log.ts";
import type { Recovery, WelcomeLinks } from "./port.ts";

/** A form with one token. */
const BODY_MAX_BYTES = 1024;
/** 32 bytes in base64url. Anything else is not asked for in the database. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export interface PressPorts {
  /** The page with the button; undefined if WELCOME_PAGE_URL is not set. */
  pageUrl: string | undefined;
  links: WelcomeLinks;
  recovery: Recovery;
  log: Log;
}

/**
 * The button of the welcome page was pressed: a plain form, so that the browser itself follows to Supabase. Only then a
 * recovery link is made; what only opens pages, as mail scanners do, makes none. Whatever is wrong is told by the page.
 */
export async function answerPress(request: Request, ports: PressPorts): Promise<Response> {
  const { pageUrl, log } = ports;
  if (request.method !== "POST") {
    return Response.json({ code: "method_not_allowed" }, { status: 405, headers: { allow: "POST" } });
  }
  if (pageUrl === undefined) {
    log("error", "welcome_unconfigured", { missing: ["WELCOME_PAGE_URL"] });
    return Response.json({ code: "unconfigured", missing: ["WELCOME_PAGE_URL"] }, { status: 503 });
  }
  const body = await readBody(request, BODY_MAX_BYTES);
  const token = new URLSearchParams(body ?? "").get("token") ?? "";
  if (!TOKEN.test(token)) return leadTo(`${pageUrl}#error=unknown`);
  try {
    const press = await ports.links.press(token);
    log("info", "welcome_pressed", { outcome: press.outcome });
    if (press.outcome !== "granted") return leadTo(`${pageUrl}#error=${press.outcome}`);
    return leadTo(await ports.recovery.linkFor(press.email, pageUrl));
  } catch (error) {
    log("error", "welcome_failed", { message: messageOf(error) });
    return leadTo(`${pageUrl}#error=unavailable`);
  }
}

/** A GET of the new address, which is kept by no cache and told to nobody further on. */
function leadTo(location: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}
