import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type SchoolProject, startSchool } from "../stack/school-project.ts";
import { startBrowser, type TestBrowser } from "./support/browser.ts";

/** The form of docs/forms.md as it stands there, and the parts that a captcha changes. */
const DOCUMENT = fs.readFileSync(path.join(import.meta.dirname, "../../docs/forms.md"), "utf8");
const block = (language: string, marker: string): string => {
  const blocks = [...DOCUMENT.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  const found = blocks.find(([, name, text]) => name === language && text?.includes(marker));
  if (found?.[2] === undefined) throw new Error(`docs/forms.md has no ${language} block with ${marker}`);
  return found[2];
};

let project: SchoolProject;
let browser: TestBrowser;
let site: http.Server;
let address: string;
let html = "";

beforeAll(async () => {
  [project, browser] = await Promise.all([startSchool(), startBrowser()]);
  html = block("html", '<form id="lead">')
    .replace("https://YOUR-PROJECT.supabase.co", project.stack.url)
    .replace("sb_publishable_…", project.stack.publishableKey);
  site = http.createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(`<!doctype html><body>${html}`);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/?utm_source=search&other=1`;
});
afterAll(async () => {
  site?.close();
  await browser?.close();
  await project?.stop();
});
beforeEach(async () => {
  await project.sql`truncate landing_leads, unified_lead_tracking, amocrm.outbox, amocrm.arrivals cascade`;
  await project.sql`update amocrm_form_limits set is_enabled = true, per_address_count = 30, fair_count = 1`;
});

async function open(): Promise<Page> {
  const { page } = await browser.open();
  await page.goto(address);
  return page;
}

async function send(page: Page, values: Record<string, string>): Promise<string> {
  for (const [name, value] of Object.entries(values)) {
    // As a robot does, and a person cannot: the input for robots is out of sight.
    await page.locator(`[name=${name}]`).evaluate((input, text) => {
      (input as unknown as { value: string }).value = text;
    }, value);
  }
  await page.locator("[name=consent]").check();
  await page.locator("[role=status]").evaluate((status) => {
    status.textContent = "";
  });
  await page.getByRole("button").click();
  const status = page.locator("[role=status]:not(:empty)");
  await status.waitFor({ state: "attached" });
  return (await status.textContent()) ?? "";
}

const leads = () => project.sql`select lead.full_name, lead.email, lead.phone, lead.utm_source, lead.metadata,
  lead.consent_at is not null as has_consent, quarantined_leads.reason
  from unified_lead_tracking as lead left join amocrm.quarantined_leads on lead_id = lead.id`;

describe("the form of docs/forms.md", () => {
  test("leaves a lead and thanks", async () => {
    const page = await open();
    const told = await send(page, { full_name: "Ада", email: "ada@example.com", phone: "" });
    expect(told).toBe("Спасибо! Мы скоро свяжемся с вами.");
    expect(await leads()).toEqual([
      {
        full_name: "Ада",
        email: "ada@example.com",
        phone: null,
        utm_source: "search",
        metadata: { page: "/" },
        has_consent: true,
        reason: null,
      },
    ]);
  });

  test("says what to correct, and takes the corrected lead", async () => {
    const page = await open();
    expect(await send(page, { full_name: "Ада" })).toBe("Оставьте e-mail или телефон с кодом страны.");
    expect(await send(page, { email: "ada@example" })).toBe("Проверьте адрес e-mail.");
    expect(await send(page, { email: "ada@example.com", full_name: "А".repeat(501) })).toBe(
      "Слишком длинный текст. Сократите, пожалуйста.",
    );
    expect(await send(page, { full_name: "Ада" })).toBe("Спасибо! Мы скоро свяжемся с вами.");
    expect(await leads()).toHaveLength(1);
  });

  test("says that too much came from this address", async () => {
    await project.sql`update amocrm_form_limits set per_address_count = 1`;
    expect(await send(await open(), { email: "a@example.com" })).toBe("Спасибо! Мы скоро свяжемся с вами.");
    expect(await send(await open(), { email: "b@example.com" })).toBe(
      "С вашего адреса пришло слишком много заявок. Попробуйте через десять минут.",
    );
  });

  test("thanks a robot, whose lead goes to nobody", async () => {
    const page = await open();
    expect(await page.locator("[name=website]").boundingBox()).toMatchObject({
      x: expect.toSatisfy((x) => x < 0),
    });
    expect(await send(page, { email: "robot@example.com", website: "http://spam.example" })).toBe(
      "Спасибо! Мы скоро свяжемся с вами.",
    );
    expect(await leads()).toMatchObject([{ reason: "honeypot" }]);
  });

  test("with the captcha of the document sends the token to the function, and asks for a new one when it is refused", async () => {
    const { page } = await browser.open();
    const asked: Record<string, unknown>[] = [];
    // Cloudflare's script puts the token into the form; ours does the same, and counts.
    await page.route("https://challenges.cloudflare.com/**", (route) =>
      route.fulfill({
        contentType: "text/javascript",
        body: `let count = 0; const input = document.createElement("input"); input.type = "hidden";
          input.name = "cf-turnstile-response"; window.turnstile = { reset() { input.value = "token-" + ++count; } };
          turnstile.reset(); document.querySelector(".cf-turnstile").append(input);`,
      }),
    );
    await page.route("**/functions/v1/form-submit", (route) => {
      asked.push(route.request().postDataJSON());
      const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
      const isFirst = asked.length === 1;
      return route.fulfill(
        isFirst ? { status: 403, headers, json: { code: "captcha_failed" } } : { status: 201, headers },
      );
    });
    const widget = block("html", "cf-turnstile");
    const plain = html;
    const ownFunction = /async function sendLead\(lead\) \{[\s\S]*?\n {2}\}\n/;
    html = plain
      .replace("<button>", `${widget.split("\n").at(-2)}<button>`)
      .replace(ownFunction, `${block("js", "form-submit")}\n`)
      .concat(widget.split("\n")[0] ?? "");
    try {
      await page.goto(address);
      await page.locator("[name=cf-turnstile-response]").waitFor({ state: "attached" });
      expect(await send(page, { email: "ada@example.com" })).toBe(
        "Не удалось проверить, что вы не робот. Обновите страницу и попробуйте ещё раз.",
      );
      expect(await send(page, {})).toBe("Спасибо! Мы скоро свяжемся с вами.");
    } finally {
      html = plain;
    }
    expect(asked.map(({ captcha_token, email, left_empty }) => [captcha_token, email, left_empty])).toEqual([
      ["token-1", "ada@example.com", ""],
      ["token-2", "ada@example.com", ""],
    ]);
    expect(asked[1]).not.toHaveProperty("cf-turnstile-response");
    expect(asked[0]?.["submission_id"]).toBe(asked[1]?.["submission_id"]);
  });
});

describe("the supabase-js of docs/forms.md", () => {
  type Answer = { ok: true } | { ok: false; error: { code: string; details: string | null } };
  const sendLead = (): ((lead: object) => Promise<Answer>) => {
    const code = block("js", "createClient")
      .replace(/^import .*$/m, "")
      .replace("https://YOUR-PROJECT.supabase.co", project.stack.url)
      .replace("sb_publishable_…", project.stack.publishableKey)
      .replace("export async function", "return async function");
    return new Function("createClient", code)(createClient);
  };

  test("leaves a lead once, and hands over by which rule another one is refused", async () => {
    const send = sendLead();
    const lead = { email: "ada@example.com", source: "webinar", submission_id: crypto.randomUUID() };
    expect(await send(lead)).toEqual({ ok: true });
    expect(await send(lead)).toEqual({ ok: true });
    expect(await leads()).toMatchObject([{ email: "ada@example.com" }]);
    expect(await send({ email: "ada@example" })).toMatchObject({
      ok: false,
      error: { code: "23514", details: "email_is_an_address" },
    });
  });

  test("hands over that too much came from this address, and that a captcha is wanted", async () => {
    await project.sql`update amocrm_form_limits set per_address_count = 1`;
    const send = sendLead();
    expect(await send({ email: "a@example.com" })).toEqual({ ok: true });
    expect(await send({ email: "b@example.com" })).toMatchObject({ ok: false, error: { code: "PT429" } });
    await project.sql`update amocrm_form_limits set requires_captcha = true`;
    try {
      expect(await send({ email: "c@example.com" })).toMatchObject({ ok: false, error: { code: "PT403" } });
    } finally {
      await project.sql`update amocrm_form_limits set requires_captcha = false`;
    }
  });
});
