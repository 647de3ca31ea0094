import type { HookOffice } from "../hooks/office.ts";
import type { Ports } from "../ports.ts";
import type { Settings } from "../settings.ts";
import type { SignInDesk } from "../sign-in/desk.ts";
import type { TokenOffice } from "../traffic/tokens.ts";
import type { AccountStore } from "./store.ts";

/** What every route works on. `settings` are those in force for the request being answered. */
export interface World {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly store: AccountStore;
  readonly tokens: TokenOffice;
  readonly desk: SignInDesk;
  readonly hooks: HookOffice;
}
