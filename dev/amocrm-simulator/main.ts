import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { startServer } from "./server.ts";
import { settingsSchema } from "./settings.ts";

interface Flags {
  port: number;
  settings?: string;
  contacts: number;
  deals: number;
  json?: true;
}

function wholeNumber(written: string): number {
  const number = Number(written);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError("A whole number is needed.");
  return number;
}

const program = new Command("amocrm-simulator")
  .description("A simulated amoCRM account on 127.0.0.1")
  .option("--port <number>", "port to listen on; 0 takes any free one", wholeNumber, 0)
  .option("--settings <file>", "JSON file with settings, see README.md")
  .option("--contacts <number>", "made-up contacts to begin with", wholeNumber, 0)
  .option("--deals <number>", "made-up deals to begin with", wholeNumber, 0)
  .option("--json", "print url and token as one line of JSON")
  .action(run);

async function run(flags: Flags): Promise<void> {
  const settings = flags.settings === undefined ? {} : await readSettings(flags.settings);
  const server = await startServer({
    port: flags.port,
    settings,
    population: { contacts: flags.contacts, deals: flags.deals },
  });
  // Before the printing: whoever reads the lines may end the process at once.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void server.close().then(() => process.exit(0)));
  }
  const { url, accessToken } = server;
  if (flags.json === true) console.log(JSON.stringify({ url, accessToken }));
  else console.log(`amoCRM simulator: ${url}\naccess token: ${accessToken}\ncontrol: ${url}/__control/state`);
}

async function readSettings(path: string): Promise<z.input<typeof settingsSchema>> {
  const written: unknown = JSON.parse(await readFile(path, "utf8"));
  const parsed = settingsSchema.safeParse(written);
  if (parsed.success) return parsed.data;
  throw new Error(`The settings in ${path} are wrong:\n${z.prettifyError(parsed.error)}`);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
