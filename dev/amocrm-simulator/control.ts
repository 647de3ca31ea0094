import type { z } from "zod";
import type { AccountSeed } from "./account/account-seed.ts";
import type { ManagerEdit } from "./account/manager-edits.ts";
import { applyEdit, editSchema } from "./account/manager-edits.ts";
import type { OddPopulation, OddRow } from "./account/odd-rows.ts";
import { makeOdd, oddRowSchema, populateOdd } from "./account/odd-rows.ts";
import type { OddKind } from "./account/oddities.ts";
import type { Population } from "./account/populate.ts";
import { populate } from "./account/populate.ts";
import type { World } from "./account/world.ts";
import type { Settings, SettingsInput } from "./settings.ts";
import type { SignInCounts } from "./sign-in/desk.ts";
import type { ActiveFault, FaultScript } from "./traffic/faults.ts";
import { faultSchema } from "./traffic/faults.ts";
import type { RateLimiter } from "./traffic/rate-limit.ts";
import type { IssuedPair } from "./traffic/tokens.ts";

/** The levers of a simulator that `Control` pulls; the simulator gives them. */
export interface Levers {
  world: () => World;
  limiter: RateLimiter;
  faults: FaultScript;
  patchSettings: (patch: unknown) => Settings;
  reset: (seed: AccountSeed | undefined) => void;
}

/** What a test does to a simulator beside sending requests. All input is checked; a ZodError names what is wrong. */
export class Control {
  readonly #levers: Levers;

  constructor(levers: Levers) {
    this.#levers = levers;
  }

  /** Lays a patch over the settings in force; takes effect with the next request. */
  patchSettings(patch: SettingsInput): Settings {
    return this.#levers.patchSettings(patch);
  }

  /** Adds faults to the script; the first one that fits a request strikes. */
  addFaults(...faults: z.input<typeof faultSchema>[]): ActiveFault[] {
    const parsed = faults.map((fault) => faultSchema.parse(fault));
    return parsed.map((fault) => this.#levers.faults.add(fault));
  }

  faults(): ActiveFault[] {
    return this.#levers.faults.list();
  }

  /** Takes one fault away, or all. A block they brought stays until it is lifted. */
  clearFaults(id?: number): void {
    this.#levers.faults.clear(id);
  }

  /** Blocks the account: 403 with a web page on everything. */
  block(): void {
    this.#levers.limiter.block();
  }

  liftBlock(): void {
    this.#levers.limiter.liftBlock();
  }

  isBlocked(): boolean {
    return this.#levers.limiter.isBlocked;
  }

  /** An edit as a manager makes it in the account's own screens. */
  edit(edit: ManagerEdit): void {
    applyEdit(this.#levers.world(), editSchema.parse(edit));
  }

  /** Fills the account with made-up contacts and deals, quickly and without history. */
  populate(population: Population): { contact_ids: number[]; deal_ids: number[] } {
    return populate(this.#levers.world().store, population);
  }

  /** Makes one row odd in every answer from now on: a member of it is the JSON told, whatever it means. */
  makeOdd(row: OddRow): void {
    makeOdd(this.#levers.world(), oddRowSchema.parse(row));
  }

  /** Adds rows of which each is odd in another way, as imports and other integrations leave them. */
  populateOdd(population: OddPopulation): Record<OddKind, number[]> {
    return populateOdd(this.#levers.world(), population);
  }

  /** Empties the account, the log, the faults and the limits. Settings and the long-lived token stay. */
  reset(seed?: AccountSeed): void {
    this.#levers.reset(seed);
  }

  /** A fresh authorisation code, as if a user had just consented. */
  issueCode(clientId?: string): string {
    return this.#levers.world().tokens.issueCode(clientId ?? this.#firstClientId());
  }

  /** A token pair, as if code and exchange had happened. */
  issuePair(clientId?: string): IssuedPair {
    return this.#levers.world().tokens.issuePair(clientId ?? this.#firstClientId());
  }

  /** Another long-lived token, as somebody makes one on the integration's page. */
  issueLongLivedToken(): string {
    return this.#levers.world().tokens.issueLongLived();
  }

  /** Revokes one token, or all of them. */
  revokeTokens(token?: string): void {
    this.#levers.world().tokens.revoke(token);
  }

  /** Ends every session of a browser, as a change of the password does. */
  endSessions(): void {
    this.#levers.world().desk.endAll();
  }

  /** How often somebody came to the sign-in page, tried, and was let in. */
  signIns(): SignInCounts {
    return this.#levers.world().desk.counts();
  }

  #firstClientId(): string {
    const client = this.#levers.world().settings.tokens.clients[0];
    if (client === undefined) throw new Error("settings.tokens.clients is empty: name the client.");
    return client.client_id;
  }
}
