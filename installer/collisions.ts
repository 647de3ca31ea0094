import type { Payload } from "./payload.ts";
import { type Remark, remark } from "./plan.ts";
import type { Steps } from "./steps.ts";

/** What of ours the host's own migrations make too; found in their text, since no database is asked. */
export function collisionsIn(steps: Steps, { objects }: Payload): Remark[] {
  return steps.foreign.flatMap(({ file, text }) => {
    const sql = withoutComments(text);
    if (/\bcreate\s+schema\s+(if\s+not\s+exists\s+)?"?amocrm"?(?![\w"])/i.test(sql)) {
      return [remark("schema_there", { file })];
    }
    return [
      ...made(sql, /\bcron\.schedule\s*\(\s*(?:job_name\s*(?::=|=>)\s*)?'([^']+)'/gi)
        .filter((name) => objects.cronJobs.includes(name))
        .map((name) => remark("cron_job_there", { file, name })),
      ...made(sql, /\bvault\.create_secret\s*\([^;]*?'(amocrm_\w+)'/gi).map((name) =>
        remark("vault_name_there", { file, name }),
      ),
      ...made(
        sql,
        /\bcreate\s+(?:or\s+replace\s+)?(?:function|view|materialized\s+view|table)\s+(?:if\s+not\s+exists\s+)?(?:"?public"?\.)?"?(\w+)"?/gi,
      )
        .filter((name) => [...objects.functions, ...objects.views, ...objects.tables].includes(name))
        .map((name) => remark("object_there", { file, name })),
    ];
  });
}

function made(sql: string, pattern: RegExp): string[] {
  return [...new Set([...sql.matchAll(pattern)].map(([, name = ""]) => name))];
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/\/\*[\s\S]*?\*\//g, " ").replaceAll(/--[^\n]*/g, "");
}
