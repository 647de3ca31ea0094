/** Takes the drain lease and a message, says so, and waits to be killed. Started by crash.ts with the database's URL. */
import { connect } from "./bench-server.ts";

const sql = connect(process.argv[2] ?? "");
const token = "00000000-0000-4000-8000-00000000dead";
const [begun] = await sql`select amocrm.begin_drain('amocrm', ${token}) as outcome`;
const claimed = await sql`select id from amocrm.claim('amocrm', ${token}, 1)`;
console.log(begun?.["outcome"] === "granted" && claimed.length === 1 ? "claimed" : "failed");
setInterval(() => {}, 1000);
