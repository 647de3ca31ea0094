import { openSocket } from "../simulator-socket.ts";
import { createMobizonSimulator, type MobizonSimulator, type SimulatorOptions } from "./simulator.ts";

const BODY_MAX_BYTES = 64 * 1024;

/** A simulated Mobizon behind a real socket. */
export interface MobizonServer {
  /** `http://127.0.0.1:{port}`; in a browser it shows the SMS. */
  url: string;
  simulator: MobizonSimulator;
  /** The variables of the functions that lead here. */
  functionEnv: Record<string, string>;
  close(): Promise<void>;
}

export async function startMobizon(options: SimulatorOptions = {}): Promise<MobizonServer> {
  const simulator = createMobizonSimulator(options);
  const { url, close } = await openSocket({
    call: (request) => simulator.call(request),
    show: () => shown(simulator),
    bodyMaxBytes: BODY_MAX_BYTES,
  });
  return {
    url,
    simulator,
    functionEnv: {
      MOBIZON_API_KEY: simulator.apiKey,
      MOBIZON_BASE_URL: url,
      MOBIZON_WEBHOOK_SECRET: simulator.webhookSecret,
    },
    close,
  };
}

/** The list of all SMS, newest first. */
function shown(simulator: MobizonSimulator): string {
  const lines = simulator
    .sms()
    .toReversed()
    .map(({ to, status, segNum, text }) => `+${to}  ${status}  ${segNum} part(s)\n${text}\n`);
  return lines.length === 0 ? "No SMS was sent yet.\n" : lines.join("\n");
}
