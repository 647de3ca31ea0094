/** Begun by commands.ts: each order is a run of the built command as if in a process of its own. */
import { inspect } from "node:util";
import type { Answer, Order } from "./commands.ts";

const installer = process.env["INSTALLER"] ?? "";
let count = 0;
let output = "";
process.stdout.write = keep;
process.stderr.write = keep;

function keep(text: Uint8Array | string): boolean {
  output += text;
  return true;
}

async function run({ cwd, env, args }: Order): Promise<Answer> {
  output = "";
  process.exitCode = undefined;
  process.chdir(cwd);
  process.env = env;
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
  try {
    // By a new name it is a new module, whose body runs again.
    await import(`${installer}?run=${count++}`);
  } catch (error) {
    return { status: 1, output: output + inspect(error) };
  }
  return { status: Number(process.exitCode ?? 0), output };
}

process.on("message", (order: Order) => void run(order).then((answer) => process.send?.(answer)));
