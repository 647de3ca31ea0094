import type { CookieJar } from "./jar.ts";

/** What `GET /health` says. */
export type SessionState =
  | "ok"
  | "signed_out"
  | "password"
  | "second_factor"
  | "robot_check"
  | "needs_person";

/** Why a person is needed where the state alone does not say it. */
export type StopReason = "account_choice" | "page_changed" | "session_refused" | "browser_missing";

/** Somebody is signed in. */
export interface Session {
  jar: CookieJar;
  /** amoCRM's id of the account, as its API says with this session. */
  accountId: number;
}

/** What one sign-in came to. `message` is for the operator and holds no secret. */
export type SignInOutcome =
  | { outcome: "in"; session: Session }
  | {
      outcome: "refused";
      state: Exclude<SessionState, "ok" | "signed_out">;
      reason: StopReason | null;
      message: string;
      /** Nothing but a person helps: another try would only ask for another code. */
      isFinal: boolean;
    }
  /** amoCRM did not answer, and refused nothing. `isTried`: a form was sent, so that the next one waits as after a refusal. */
  | { outcome: "unreachable"; message: string; isTried?: boolean };

/** Port: signs in once, as a person does. Never throws for what the page does. */
export type SignIn = () => Promise<SignInOutcome>;

/** Why sending waits for a person. */
export interface Stop {
  state: Exclude<SessionState, "ok" | "signed_out">;
  reason: StopReason | null;
  message: string;
  atMs: number;
}

/** Port: keeps over restarts that a person has to act, so that a service that is started anew does not try again. */
export interface StopNote {
  read(): Stop | null;
  write(stop: Stop | null): void;
}

/** Port: one line of the log. Facts hold no secret and no person. */
export type ServiceLog = (event: string, facts?: Readonly<Record<string, string | number | null>>) => void;
