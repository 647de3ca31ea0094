import { createHash, randomBytes } from "node:crypto";
import type { AuthCall } from "./handler.ts";

/** Default of `[auth.email] otp_expiry`. */
const RECOVERY_LIFETIME_MS = 3_600_000;
const LINK_IS_INVALID = "Email link is invalid or has expired";

/**
 * `POST /recover`: mails the link to whoever has forgotten a password. The answer is the same for an address that has no
 * account, so that nobody learns who has one.
 */
export async function mailRecovery(call: AuthCall): Promise<Response> {
  const { body, options } = call;
  const made = await generateLink({ ...call, body: { ...body, type: "recovery" } });
  if (made.ok && body.email !== undefined) {
    const { action_link } = (await made.json()) as { action_link: string };
    options.onMail({ to: body.email, link: action_link });
  }
  return Response.json({});
}

/** `POST /admin/generate_link` of type recovery: the link that a mail of the service's own would have held. */
export async function generateLink({ options, store, url, body }: AuthCall): Promise<Response> {
  if (body.type !== "recovery") return refuse(501, "local", `The local auth API makes no ${body.type} links`);
  const user = body.email === undefined ? undefined : await store.findByEmail(body.email);
  if (user === undefined) return refuse(404, "user_not_found", "User with this email not found");
  const code = String(Number.parseInt(randomBytes(4).toString("hex"), 16) % 1_000_000).padStart(6, "0");
  // A further link makes the one before worthless: there is one token a user.
  const token = createHash("sha224").update(`${user.email}${code}`).digest("hex");
  await store.setRecoveryToken(user.id, token);
  const redirectTo = allowedRedirect(body.redirect_to ?? url.searchParams.get("redirect_to"), options);
  const link = new URL(`${options.issuer}/verify`);
  link.search = new URLSearchParams({ token, type: "recovery", redirect_to: redirectTo }).toString();
  return Response.json({
    id: user.id,
    email: user.email,
    action_link: link.href,
    email_otp: code,
    hashed_token: token,
    verification_type: "recovery",
    redirect_to: redirectTo,
  });
}

/** `GET /verify`: signs the user in once and leads to the page, with the session or the fault behind `#`. */
export async function verifyLink(
  { options, store, url }: AuthCall,
  openSession: (userId: string) => Promise<object>,
): Promise<Response> {
  const redirectTo = allowedRedirect(url.searchParams.get("redirect_to"), options);
  const token = url.searchParams.get("token") ?? "";
  const user =
    url.searchParams.get("type") === "recovery"
      ? await store.spendRecoveryToken(token, RECOVERY_LIFETIME_MS)
      : undefined;
  if (user === undefined) {
    return leadTo(redirectTo, {
      error: "access_denied",
      error_code: "otp_expired",
      error_description: LINK_IS_INVALID,
    });
  }
  const session = Object.entries(await openSession(user.id)).filter(([name]) => name !== "user");
  return leadTo(redirectTo, {
    ...Object.fromEntries(session.map(([name, value]) => [name, String(value)])),
    type: "recovery",
  });
}

/** A place of the site itself or on this machine; anywhere else is not led to, but to the site. */
function allowedRedirect(
  wanted: string | null | undefined,
  { siteUrl, redirectUrls }: AuthCall["options"],
): string {
  if (!wanted || !URL.canParse(wanted)) return siteUrl;
  const { hostname } = new URL(wanted);
  if (hostname === new URL(siteUrl).hostname || hostname === "127.0.0.1" || hostname === "[::1]")
    return wanted;
  return redirectUrls.some((pattern) => matches(pattern, wanted)) ? wanted : siteUrl;
}

/** `*` stands for anything but . and /, `**` for anything. */
function matches(pattern: string, url: string): boolean {
  const source = pattern
    .split(/(\*\*?)/)
    .map((part) =>
      part === "**" ? ".*" : part === "*" ? "[^./]*" : part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`).test(url);
}

function leadTo(url: string, fragment: Record<string, string>): Response {
  const location = `${url.replace(/#.*$/, "")}#${new URLSearchParams(fragment)}`;
  return new Response(null, { status: 303, headers: { location } });
}

function refuse(status: number, errorCode: string, msg: string): Response {
  return Response.json({ code: status, error_code: errorCode, msg }, { status });
}
