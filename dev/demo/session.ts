import type { SimulatorServer } from "#dev/amocrm-simulator/server.ts";
import { parseServiceSettings } from "#session-service/settings.ts";
import { startService } from "#session-service/start.ts";

/** In the demo nobody waits ten minutes for a second sign-in. */
const SIGN_IN_INTERVAL_S = "5";

export interface DemoSession {
  /** The functions' variables: neither a token nor an address, only the service. */
  functionEnv: Record<string, string>;
  /** Ends the session at amoCRM, as amoCRM itself does when it likes. */
  end(): void;
  /** Forms that the browser has sent. */
  signInCount(): number;
  close(): Promise<void>;
}

/** The session service with a real Chromium before the simulator's sign-in page. What it logs is dropped. */
export async function startDemoSession(amocrm: SimulatorServer): Promise<DemoSession> {
  const { control, settings } = amocrm.simulator;
  const secret = crypto.randomUUID();
  const parsed = parseServiceSettings({
    PORT: "0",
    AMOCRM_BASE_URL: amocrm.url,
    AMOCRM_EMAIL: settings.sign_in.email,
    AMOCRM_PASSWORD: settings.sign_in.password,
    AMOCRM_PLAYWRIGHT_SECRET: secret,
    AMOCRM_SIGN_IN_INTERVAL_SECONDS: SIGN_IN_INTERVAL_S,
    BROWSER_PATH: process.env["BROWSER_PATH"],
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  const service = await startService(parsed.settings, () => undefined);
  return {
    functionEnv: { AMOCRM_PLAYWRIGHT_URL: service.url, AMOCRM_PLAYWRIGHT_SECRET: secret },
    end: () => control.endSessions(),
    signInCount: () => control.signIns().tries,
    close: () => service.stop(),
  };
}
