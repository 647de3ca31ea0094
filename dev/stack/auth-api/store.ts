import { randomBytes, randomUUID } from "node:crypto";
import type postgres from "postgres";
import { z } from "zod";
import type { AuthBody } from "./handler.ts";
import type { Passwords } from "./passwords.ts";

const metadataSchema = z.record(z.string(), z.unknown()).nullable();
const dateSchema = z.date().nullable();
const userSchema = z.object({
  id: z.string(),
  email: z.string().nullable(),
  email_confirmed_at: dateSchema,
  last_sign_in_at: dateSchema,
  raw_app_meta_data: metadataSchema,
  raw_user_meta_data: metadataSchema,
  created_at: dateSchema,
  updated_at: dateSchema,
});
export type AuthUser = z.infer<typeof userSchema>;
const refreshTokenSchema = z.object({ user_id: z.string(), session_id: z.string() });

/** The tables of schema auth, as role supabase_auth_admin. */
export interface AuthStore {
  find(id: string): Promise<AuthUser | undefined>;
  /** One of whom it is known that he is there. */
  sure(id: string): Promise<AuthUser>;
  findByEmail(email: string): Promise<AuthUser | undefined>;
  /** The one token by which the user may be recovered. */
  setRecoveryToken(id: string, token: string): Promise<void>;
  /** The token's user, once, and with the address confirmed by it. */
  spendRecoveryToken(token: string, lifetimeMs: number): Promise<AuthUser | undefined>;
  findByPassword(email: string, password: string): Promise<AuthUser | undefined>;
  hasEmail(email: string): Promise<boolean>;
  list(limit: number, offset: number): Promise<AuthUser[]>;
  insert(body: AuthBody, isConfirmed: boolean): Promise<AuthUser>;
  /** Changes what the body names; app_metadata and confirmation only for the admin. */
  change(user: AuthUser, body: AuthBody, isAdmin: boolean): Promise<AuthUser>;
  remove(id: string): Promise<void>;
  openSession(
    userId: string,
    sessionId?: string,
  ): Promise<{ session: string; refreshToken: string; signedIn: AuthUser }>;
  /** The token's user and session, once: a second use finds nothing. */
  spendRefreshToken(token: string): Promise<z.infer<typeof refreshTokenSchema> | undefined>;
  closeSession(sessionId: string): Promise<void>;
}

/** A user as the auth API shows it. */
export function toPublicUser(user: AuthUser): object {
  return {
    id: user.id,
    aud: "authenticated",
    role: "authenticated",
    email: user.email ?? "",
    phone: "",
    email_confirmed_at: user.email_confirmed_at ?? undefined,
    confirmed_at: user.email_confirmed_at ?? undefined,
    last_sign_in_at: user.last_sign_in_at ?? undefined,
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    identities: [],
    created_at: user.created_at,
    updated_at: user.updated_at,
    is_anonymous: false,
  };
}

const isUuid = (text: string): boolean => z.guid().safeParse(text).success;

export function createAuthStore(sql: postgres.Sql, passwords: Passwords): AuthStore {
  const one = (rows: readonly postgres.Row[]): AuthUser | undefined => userSchema.optional().parse(rows[0]);
  const sure = (rows: readonly postgres.Row[]): AuthUser => userSchema.parse(rows[0]);
  const json = (value: object): postgres.Parameter => sql.json(value as postgres.JSONValue);

  return {
    async find(id) {
      return isUuid(id) ? one(await sql`select * from auth.users where id = ${id}`) : undefined;
    },
    async sure(id) {
      return sure(await sql`select * from auth.users where id = ${id}`);
    },
    async findByEmail(email) {
      return one(await sql`select * from auth.users where email = ${email}`);
    },
    async setRecoveryToken(id, token) {
      await sql`update auth.users set recovery_token = ${token}, recovery_sent_at = now() where id = ${id}`;
    },
    async spendRecoveryToken(token, lifetimeMs) {
      return one(
        await sql`update auth.users set recovery_token = '', email_confirmed_at = coalesce(email_confirmed_at, now())
        where recovery_token = ${token} and recovery_token <> ''
          and recovery_sent_at > now() - ${lifetimeMs} * interval '1 millisecond'
        returning *`,
      );
    },
    async findByPassword(email, password) {
      const [row] = await sql`select * from auth.users where email = ${email}`;
      const hash = z.string().safeParse(row?.["encrypted_password"]);
      return row !== undefined && hash.success && (await passwords.matches(password, hash.data))
        ? one([row])
        : undefined;
    },
    async hasEmail(email) {
      return (await sql`select from auth.users where email = ${email}`).length > 0;
    },
    async list(limit, offset) {
      const rows =
        await sql`select * from auth.users order by created_at, id limit ${limit} offset ${offset}`;
      return z.array(userSchema).parse([...rows]);
    },
    async insert(body, isConfirmed) {
      const appMetadata = { provider: "email", providers: ["email"], ...body.app_metadata };
      const hash = body.password ? await passwords.hash(body.password) : null;
      // One statement, so that an account without its identity never exists.
      return sure(
        await sql`with added as (insert into auth.users
          (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
          values (${body.id ?? randomUUID()}, 'authenticated', 'authenticated', ${body.email ?? null},
            ${hash}, ${isConfirmed ? sql`now()` : null},
            ${json(appMetadata)}, ${json(body.user_metadata ?? body.data ?? {})})
          returning *),
        identity as (insert into auth.identities (provider_id, user_id, identity_data, provider)
          select id, id, jsonb_build_object('sub', id, 'email', email), 'email' from added)
        select * from added`,
      );
    },
    async change(user, body, isAdmin) {
      const userMetadata = { ...user.raw_user_meta_data, ...(body.user_metadata ?? body.data) };
      const appMetadata = { ...user.raw_app_meta_data, ...(isAdmin ? body.app_metadata : {}) };
      const confirms = isAdmin && body.email_confirm === true;
      const hash = body.password ? await passwords.hash(body.password) : null;
      return sure(
        await sql`update auth.users set updated_at = now(),
          email = ${body.email ?? user.email},
          encrypted_password = coalesce(${hash}, encrypted_password),
          email_confirmed_at = ${confirms ? sql`coalesce(email_confirmed_at, now())` : sql`email_confirmed_at`},
          raw_user_meta_data = ${json(userMetadata)},
          raw_app_meta_data = ${json(appMetadata)}
        where id = ${user.id} returning *`,
      );
    },
    async remove(id) {
      await sql`delete from auth.users where id = ${id}`;
    },
    async openSession(userId, sessionId = randomUUID()) {
      const refreshToken = randomBytes(9).toString("base64url");
      await sql`insert into auth.sessions (id, user_id) values (${sessionId}, ${userId}) on conflict (id) do nothing`;
      await sql`insert into auth.refresh_tokens (token, user_id, session_id)
        values (${refreshToken}, ${userId}, ${sessionId})`;
      const signedIn = sure(
        await sql`update auth.users set last_sign_in_at = now() where id = ${userId} returning *`,
      );
      return { session: sessionId, refreshToken, signedIn };
    },
    async spendRefreshToken(token) {
      const rows = await sql`update auth.refresh_tokens set revoked = true
        where token = ${token} and not revoked returning user_id, session_id`;
      return refreshTokenSchema.optional().parse(rows[0]);
    },
    async closeSession(sessionId) {
      if (isUuid(sessionId)) await sql`delete from auth.sessions where id = ${sessionId}`;
    },
  };
}
