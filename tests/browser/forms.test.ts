import http from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "@supabase/supabase-js";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type SchoolProject, startSchool } from "../stack/school/school-project.ts";
import { truncate } from "../stack/support/truncate.ts";
import { shareBrowser, type TestBrowser } from "./support/browser.ts";
import { formBlock as block } from "./support/form-block.ts";

let project: SchoolProject;
let browser: TestBrowser;
let site: http.Server;
let address: string;
let html = "";

beforeAll(async () => {
  [project, browser] = await Promise.all([startSchool({ functions: false }), shareBrowser()]);
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
  await truncate(project.sql, "landing_leads", "unified_lead_tracking", "amocrm.outbox", "amocrm.arrivals");
  await project.sql`update amocrm_form_limits set is_enabled = true, per_address_count = 30, fair_count = 1`;
});

let visited: Page | undefined;

/** A visitor who comes for the first time: the page of the one before, of which nothing is kept, since a new one costs more. */
async function open(): Promise<Page> {
  visited ??= (await browser.open()).page;
  await visited.goto(address);
  await visited.context().clearCookies();
  await visited.evaluate(() => sessionStorage.clear());
  await visited.goto(address);
  return visited;
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

describe("the form of docs/areas/forms.md", () => {
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
        metadata: { page: "/", landing_page: "/" },
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

  test("thanks for a submission that arrived before, and for no other that is there twice", async () => {
    const page = await open();
    expect(await send(page, { email: "ada@example.com" })).toBe("Спасибо! Мы скоро свяжемся с вами.");
    // As after an answer that was lost on the way back.
    await page.getByRole("button").evaluate((button) => button.removeAttribute("disabled"));
    expect(await send(page, {})).toBe("Спасибо! Мы скоро свяжемся с вами.");
    expect(await leads()).toHaveLength(1);
    await project.sql`create unique index of_their_own on landing_leads (email)`;
    try {
      expect(await send(await open(), { email: "ada@example.com" })).toBe(
        "Не получилось отправить. Попробуйте ещё раз.",
      );
    } finally {
      await project.sql`drop index of_their_own`;
    }
  });

  test("keeps where the visitor came from over the pages of the site, for columns and metadata", async () => {
    const { page, context } = await browser.open();
    const { origin } = new URL(address);
    await context.addCookies([{ name: "_ym_uid", value: "1700000000123", url: origin }]);
    await page.goto(`${origin}/start?utm_source=vk&utm_id=7&yclid=42&other=1`, {
      referer: "http://localhost/blog",
    });
    await page.goto(`${origin}/prices`);
    await page.goto(`${origin}/form`);
    expect(await send(page, { email: "ada@example.com" })).toBe("Спасибо! Мы скоро свяжемся с вами.");
    const [lead] = await leads();
    expect(lead).toMatchObject({ utm_source: "vk" });
    expect(lead?.["metadata"]).toEqual({
      utm_id: "7",
      yclid: "42",
      landing_page: "/start",
      referrer: expect.stringMatching(/^http:\/\/localhost\//),
      page: "/form",
      ym_uid: "1700000000123",
    });
  });

  test("leaves a lead where the browser keeps nothing", async () => {
    const { page } = await browser.open();
    await page.addInitScript(() =>
      Object.defineProperty(globalThis, "sessionStorage", {
        get() {
          throw new Error("The operation is insecure.");
        },
      }),
    );
    await page.goto(address);
    expect(await send(page, { email: "ada@example.com" })).toBe("Спасибо! Мы скоро свяжемся с вами.");
    expect(await leads()).toMatchObject([{ metadata: { page: "/" } }]);
  });

  test("tells the console what became of the lead, by the rule and without what was typed", async () => {
    const page = await open();
    const lines: string[] = [];
    page.on("console", (line) => lines.push(`${line.type()}: ${line.text()}`));
    await send(page, { email: "ada@example" });
    await send(page, { email: "ada@example.com" });
    const ours = lines.filter((line) => line.includes("The lead"));
    expect(ours).toEqual([
      "error: The lead is refused 400 23514 email_is_an_address",
      "info: The lead is saved",
    ]);
  });

  test("leaves a lead when the page is left at once, as sendBeacon does not", async () => {
    const page = await open();
    await page.locator("[name=email]").fill("ada@example.com");
    await page.locator("[name=consent]").check();
    await page.getByRole("button").evaluate((button) => {
      (button as unknown as { click(): void }).click();
      location.href = "about:blank";
    });
    await expect.poll(async () => (await leads()).length).toBe(1);

    const beaconing = await open();
    const answered = beaconing.waitForResponse(/rest\/v1\/landing_leads/);
    await beaconing.evaluate(
      (url) => navigator.sendBeacon(url, JSON.stringify({ email: "grace@example.com" })),
      `${project.stack.url}/rest/v1/landing_leads`,
    );
    expect((await answered).status()).toBe(401);
    expect(await leads()).toHaveLength(1);
  });

  test("can be used by keyboard and read by a screen reader, and is no wider than a phone", async () => {
    const { page } = await browser.open({ width: "phone" });
    await page.goto(address);
    for (const name of ["Имя", "E-mail", "Телефон"]) await page.getByRole("textbox", { name }).waitFor();
    await page.getByRole("textbox", { name: "Имя" }).focus();
    const reached: string[] = [];
    for (let step = 0; step < 4; step++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement?.getAttribute("name") ?? "button"));
    }
    expect(reached).toEqual(["email", "phone", "consent", "button"]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
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

describe("the supabase-js of docs/areas/forms.md", () => {
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
