import postgres from "postgres";
import { z } from "zod";
import type { Claims, Tokens } from "../gateway/tokens.ts";
import type { Client } from "../postgres/client.ts";
import type { Passwords } from "./passwords.ts";
import { generateLink, mailRecovery, verifyLink } from "./recovery.ts";
import { type AuthStore, type AuthUser, createAuthStore, toPublicUser } from "./store.ts";

export interface AuthOptions {
  /** Connections of role supabase_auth_admin. Several, so that two requests can meet as they do in the real service. */
  clients: Pick<Client, "run">;
  passwords: Passwords;
  tokens: Tokens;
  /** The `iss` of the tokens: this stack's /auth/v1. */
  issuer: string;
  /** A new user may sign in without confirming the address. */
  isAutoConfirm: boolean;
  /** Lifetime of an access token. */
  expirySeconds: number;
  /** Where links lead that may not lead where they want to. */
  siteUrl: string;
  /** Where else they may lead; `*` and `**` as in config.toml. */
  redirectUrls: readonly string[];
  /** Takes a mail that the service would send by itself. */
  onMail: (mail: { to: string; link: string }) => void;
}

const bodySchema = z.object({
  id: z.uuid().optional(),
  email: z.string().toLowerCase().optional(),
  password: z.string().optional(),
  refresh_token: z.string().optional(),
  type: z.string().optional(),
  redirect_to: z.string().optional(),
  email_confirm: z.boolean().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  user_metadata: z.record(z.string(), z.unknown()).optional(),
  app_metadata: z.record(z.string(), z.unknown()).optional(),
});
export type AuthBody = z.infer<typeof bodySchema>;

const MIN_PASSWORD_LENGTH = 6;
const DEFAULT_PER_PAGE = 50;

/** What the service takes for an address; narrower than what ours does, which knows letters of every script. */
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const isDouble = (error: unknown): boolean =>
  error instanceof postgres.PostgresError && error.code === "23505";

const reply = (body: unknown): Response => Response.json(body);
const fail = (status: number, errorCode: string, msg: string): Response =>
  Response.json({ code: status, error_code: errorCode, msg }, { status });
const noToken = (): Response => fail(401, "no_authorization", "This endpoint requires a valid Bearer token");
const notHere = (what: string): Response => fail(501, "local", `The local auth API has no ${what}`);

/** The part of GoTrue that tests need: password sign-up and sign-in, refresh, recovery links, the user, and the admin's users. */
export function createAuthApi(
  options: AuthOptions,
): (request: Request, path: string, claims: Claims | null) => Promise<Response> {
  return async (request, path, claims) => {
    const url = new URL(request.url);
    const parsed = bodySchema.safeParse(await jsonOf(request));
    if (!parsed.success) return fail(400, "bad_json", z.prettifyError(parsed.error));
    if (path === "/health") return reply({ name: "GoTrue", version: "local" });
    if (path === "/.well-known/jwks.json") return reply(options.tokens.jwks());
    return await options.clients.run((sql) => {
      const store = createAuthStore(sql, options.passwords);
      return perform({ options, store, method: request.method, url, body: parsed.data, claims }, path);
    });
  };
}

async function perform(call: AuthCall, path: string): Promise<Response> {
  if (path === "/signup") return signUp(call);
  if (path === "/token") return issueToken(call);
  if (path.startsWith("/admin/")) return administer(call, path);
  if (path === "/verify" && call.method === "GET") {
    return verifyLink(call, async (userId) => openSession(call, await call.store.sure(userId)));
  }
  if (path === "/recover" && call.method === "POST") return mailRecovery(call);
  if (path === "/user" || path === "/logout") return ownUser(call, path);
  return notHere(`${call.method} ${path}`);
}

/** One request, read and understood. */
export interface AuthCall {
  options: AuthOptions;
  store: AuthStore;
  method: string;
  url: URL;
  body: AuthBody;
  claims: Claims | null;
}

async function jsonOf(request: Request): Promise<unknown> {
  if (request.method !== "POST" && request.method !== "PUT") return {};
  const text = await request.text();
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch {
    return null;
  }
}

async function signUp({ options, store, body }: AuthCall): Promise<Response> {
  const { email, password } = body;
  if (!email || !password)
    return fail(422, "validation_failed", "Signup requires a valid email and password");
  if (password.length < MIN_PASSWORD_LENGTH) {
    return fail(422, "weak_password", `Password should be at least ${MIN_PASSWORD_LENGTH} characters.`);
  }
  if (await store.hasEmail(email)) return fail(422, "user_already_exists", "User already registered");
  // A stranger may not choose an id or a role: only the admin's call may.
  const user = await store.insert({ email, password, data: body.data }, options.isAutoConfirm);
  return reply(options.isAutoConfirm ? await openSession({ options, store }, user) : toPublicUser(user));
}

async function issueToken({ options, store, url, body }: AuthCall): Promise<Response> {
  const grant = url.searchParams.get("grant_type");
  if (grant === "password") {
    const user = await store.findByPassword(body.email ?? "", body.password ?? "");
    if (!user) return fail(400, "invalid_credentials", "Invalid login credentials");
    if (!user.email_confirmed_at) return fail(400, "email_not_confirmed", "Email not confirmed");
    return reply(await openSession({ options, store }, user));
  }
  if (grant === "refresh_token") {
    const used = await store.spendRefreshToken(body.refresh_token ?? "");
    const user = used && (await store.find(used.user_id));
    if (user) return reply(await openSession({ options, store }, user, used.session_id));
    return fail(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
  }
  return notHere(`grant_type ${grant}`);
}

async function openSession(
  { options, store }: Pick<AuthCall, "options" | "store">,
  user: AuthUser,
  sessionId?: string,
): Promise<object> {
  const { session, refreshToken, signedIn } = await store.openSession(user.id, sessionId);
  const now = Math.floor(Date.now() / 1000);
  const { expirySeconds } = options;
  const accessToken = options.tokens.es256({
    iss: options.issuer,
    sub: user.id,
    aud: "authenticated",
    exp: now + expirySeconds,
    iat: now,
    email: user.email,
    phone: "",
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password", timestamp: now }],
    session_id: session,
    is_anonymous: false,
  });
  return {
    access_token: accessToken,
    token_type: "bearer",
    expires_in: expirySeconds,
    expires_at: now + expirySeconds,
    refresh_token: refreshToken,
    user: toPublicUser(signedIn),
  };
}

async function administer(call: AuthCall, path: string): Promise<Response> {
  const { store, method, url, body, claims } = call;
  if (!claims) return noToken();
  if (claims.role !== "service_role") return fail(403, "not_admin", "User not allowed");
  if (path === "/admin/generate_link" && method === "POST") return generateLink(call);
  const match = /^\/admin\/users(?:\/([^/]+))?$/.exec(path);
  if (!match) return notHere(path);
  const id = match[1];
  if (id !== undefined) {
    const user = await store.find(id);
    if (!user) return fail(404, "user_not_found", "User not found");
    if (method === "DELETE") {
      await store.remove(user.id);
      return reply({});
    }
    return reply(toPublicUser(method === "PUT" ? await store.change(user, body, true) : user));
  }
  if (method === "POST") {
    if (!body.email) return fail(400, "validation_failed", "Cannot create a user without an email");
    if (!EMAIL.test(body.email)) {
      return fail(400, "validation_failed", "Unable to validate email address: invalid format");
    }
    if (await store.hasEmail(body.email)) {
      return fail(422, "email_exists", "A user with this email address has already been registered");
    }
    try {
      return reply(toPublicUser(await store.insert(body, body.email_confirm === true)));
    } catch (error) {
      if (!isDouble(error)) throw error;
      // Two creations passed the look above at once: the service blames the database for the second one.
      return fail(500, "unexpected_failure", "Database error creating new user");
    }
  }
  const perPage = Number(url.searchParams.get("per_page") || DEFAULT_PER_PAGE);
  const page = Number(url.searchParams.get("page") || 1);
  const users = await store.list(perPage, (page - 1) * perPage);
  return reply({ users: users.map(toPublicUser), aud: "authenticated" });
}

async function ownUser({ store, method, body, claims }: AuthCall, path: string): Promise<Response> {
  if (!claims) return noToken();
  if (claims.sub === undefined) return fail(403, "bad_jwt", "invalid claim: missing sub claim");
  const user = await store.find(claims.sub);
  if (!user) return fail(403, "user_not_found", "User from sub claim in JWT does not exist");
  if (path === "/logout") {
    await store.closeSession(claims.session_id ?? "");
    return new Response(null, { status: 204 });
  }
  if (method === "PUT" && body.password !== undefined) {
    if (body.password.length < MIN_PASSWORD_LENGTH) {
      return fail(422, "weak_password", `Password should be at least ${MIN_PASSWORD_LENGTH} characters.`);
    }
    if (user.email && (await store.findByPassword(user.email, body.password))) {
      return fail(422, "same_password", "New password should be different from the old password.");
    }
  }
  return reply(toPublicUser(method === "PUT" ? await store.change(user, body, false) : user));
}
