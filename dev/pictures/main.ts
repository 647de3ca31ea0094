/**
 * `npm run pictures`, with `npm run dev` in another terminal: makes the pictures of docs/pictures from the running
 * stack, so that they show what is really there. They are looked at and committed by hand.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import postgres from "postgres";
import { startBrowser } from "#tests/browser/support/browser.ts";
import { readStackFile, type StackFile } from "../stack/command/stack-file.ts";
import { picturesOfFormHosts } from "./form-hosts.ts";
import { pictureOfPdf } from "./pdf.ts";
import { pictureOfText } from "./terminal.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const FOLDER = path.join(REPOSITORY, "docs/pictures");
const STUDENTS = [
  ["Әсел Нұрланқызы", "asel@example.kz", "+7 707 123 45 67"],
  ["Ада Лавлейс", "ada@example.com", "+7 916 123 45 67"],
  ["Grace Hopper", "grace@example.com", "+44 20 7946 0958"],
] as const;
const MAIL_WAIT_MS = 60_000;

const stackFile = path.resolve(process.argv[2] ?? ".dev/stack.json");
const stack = readStackFile(stackFile);
if (stack === undefined) throw new Error(`No stack runs by ${stackFile}: npm run dev first`);
await makePictures(stack);

async function makePictures(running: StackFile): Promise<void> {
  fs.mkdirSync(FOLDER, { recursive: true });
  for (const { name, svg } of picturesOfFormHosts()) fs.writeFileSync(path.join(FOLDER, `${name}.svg`), svg);
  const sql = postgres(running.dbUrl, { max: 1 });
  const browser = await startBrowser();
  try {
    command("setup", "--yes");
    await sql`insert into public.amocrm_stages (event, pipeline_id, status_id) values ('student.created', 4500, 62001)
      on conflict do nothing`;
    await picturesOfManagers(running, sql, browser);
    await pictureOfWelcome(running, browser);
    await pictureOfCertificate(running, sql, browser);
    for (const lang of ["en", "ru"]) {
      const lines = command("doctor", "--lang", lang)
        .replaceAll(stackFile, ".dev/stack.json")
        .trimEnd()
        .split("\n");
      fs.writeFileSync(
        path.join(FOLDER, `doctor-${lang}.svg`),
        pictureOfText(`npm run amocrm -- doctor --lang ${lang}`, lines),
      );
    }
  } finally {
    await browser.close();
    await sql.end();
  }
}

/** The output of the operator's command on the running stack; `doctor` ends with 1 when it has something to say. */
function command(...args: string[]): string {
  try {
    const all = ["cli/main.ts", ...args, "--local", stackFile];
    return execFileSync(process.execPath, all, { cwd: REPOSITORY, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

type Browser = Awaited<ReturnType<typeof startBrowser>>;

async function picturesOfManagers(running: StackFile, sql: postgres.Sql, browser: Browser): Promise<void> {
  const { email, password } = running.accounts?.find(({ role }) => role === "sales_manager") ?? {};
  if (!running.managersUrl || !email || !password) throw new Error("The stack has no managers' page");
  for (const [lang, locale] of [
    ["ru", "ru-RU"],
    ["en", "en-GB"],
  ] as const) {
    const { page, context } = await browser.open({ locale });
    await page.goto(running.managersUrl);
    await page.locator("input[type=email]").first().fill(email);
    await page.locator("input[type=password]").fill(password);
    await page.locator("form button").first().click();
    await page.locator("#phone").waitFor();
    if (lang === "ru") await makeStudents(page, sql);
    await page.reload();
    await page.getByRole("row").nth(STUDENTS.length).waitFor();
    await save(page, `managers-${lang}`);
    await context.close();
  }
}

/** Three students, of whom the second is halfway and the third has the certificate, once their mails are out. */
async function makeStudents(page: Page, sql: postgres.Sql): Promise<void> {
  for (const [name, address, phone] of STUDENTS) {
    await page.locator("#full_name, input[autocomplete=name]").first().fill(name);
    await page.locator("#email").fill(address);
    await page.locator("#phone").fill(phone);
    await page.locator("form:has(#phone) button").first().click();
    await page.getByRole("row").filter({ hasText: address }).waitFor();
  }
  await sql`
    insert into public.tripwire_lesson_progress (user_id, lesson_id, completed_at)
    select users.user_id, lessons.id, amocrm.clock()
    from public.tripwire_users as users, public.tripwire_lessons as lessons
    where users.email = 'grace@example.com' or (users.email = 'ada@example.com' and lessons.id = 67)
    on conflict do nothing`;
  const until = Date.now() + MAIL_WAIT_MS;
  while (Date.now() < until) {
    const [{ open = 0 } = {}] = await sql`
      select count(*)::int as open from amocrm.outbox where state in ('pending', 'leased', 'uncertain')`;
    if (open === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error("The students' messages are not through after a minute");
}

async function pictureOfWelcome(running: StackFile, browser: Browser): Promise<void> {
  const inbox = await (await fetch(running.resendUrl ?? "")).text();
  const [, text] = /href="(\/mails\/[\w-]+\/text)"/.exec(inbox) ?? [];
  const mail = await (await fetch(`${running.resendUrl}${text}`)).text();
  const link = /https?:\S+#token=\S+/.exec(mail)?.[0];
  if (link === undefined) throw new Error("The welcome mail has no link");
  const { page, context } = await browser.open({ width: "phone", locale: "ru-RU" });
  await page.goto(link);
  await page.getByRole("button", { name: "Продолжить" }).click();
  await page.getByRole("heading", { name: "Новый пароль" }).waitFor();
  await save(page, "welcome-ru");
  await context.close();
}

async function pictureOfCertificate(running: StackFile, sql: postgres.Sql, browser: Browser): Promise<void> {
  const [row] = await sql`select verification_code as code from public.tripwire_certificates limit 1`;
  const answer = await fetch(`${running.functionsUrl}/tripwire-certificate?code=${row?.["code"]}`);
  if (!answer.ok) throw new Error(`No certificate: ${answer.status}`);
  const { page, context } = await browser.open();
  await pictureOfPdf(page, new Uint8Array(await answer.arrayBuffer()), path.join(FOLDER, "certificate.png"));
  await context.close();
}

/** At one pixel a point: a picture of a page stays below a hundred kilobytes. */
async function save(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`), scale: "css", fullPage: true });
}
