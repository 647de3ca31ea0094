import { beforeEach, describe, expect, it } from "vitest";
import type { Press } from "#shared/school/welcome/port.ts";
import { answerPress, type PressPorts } from "#shared/school/welcome/press.ts";

const PAGE = "https://school.example/welcome.html";
const TOKEN = "A".repeat(43);
const RECOVERY_LINK = "https://project.supabase.co/auth/v1/verify?token=t&type=recovery";

let asked: string[];
let recovered: string[];
let lines: string[];
beforeEach(() => {
  asked = [];
  recovered = [];
  lines = [];
});

async function press(
  { token = TOKEN, method = "POST" }: { token?: string; method?: string },
  more: Partial<PressPorts> & { answer?: Press } = {},
) {
  const body = method === "POST" ? new URLSearchParams({ token }) : null;
  const response = await answerPress(new Request("https://x.example/", { method, body }), {
    pageUrl: PAGE,
    links: {
      async press(given) {
        asked.push(given);
        return more.answer ?? { outcome: "granted", email: "asel@example.kz" };
      },
    },
    recovery: {
      async linkFor(email, redirectTo) {
        recovered.push(`${email} ${redirectTo}`);
        return RECOVERY_LINK;
      },
    },
    log: (_level, event, facts) => void lines.push(JSON.stringify([event, facts])),
    ...more,
  });
  return { status: response.status, location: response.headers.get("location"), headers: response.headers };
}

describe("a pressed button", () => {
  it("leads to a recovery link that is made at that moment and comes back to the page", async () => {
    expect(await press({})).toMatchObject({ status: 303, location: RECOVERY_LINK });
    expect(recovered).toEqual([`asel@example.kz ${PAGE}`]);
  });

  it("tells nobody the link or the address: no cache, no referrer, no log", async () => {
    const { headers } = await press({});
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    for (const secret of ["asel@example.kz", TOKEN, RECOVERY_LINK])
      expect(lines.join()).not.toContain(secret);
  });

  it.each(["unknown", "expired", "password_set", "too_many"] as const)(
    "says on the page that the link is %s",
    async (outcome) => {
      expect(await press({}, { answer: { outcome } })).toMatchObject({
        status: 303,
        location: `${PAGE}#error=${outcome}`,
      });
      expect(recovered).toEqual([]);
    },
  );

  it.each(["", "short", `${TOKEN}A`, `${"A".repeat(42)}/`, "A".repeat(2000)])(
    "asks the database for no token like %j",
    async (token) => {
      expect(await press({ token })).toMatchObject({ status: 303, location: `${PAGE}#error=unknown` });
      expect(asked).toEqual([]);
    },
  );

  it("says on the page when the auth service fails, and the log has no address", async () => {
    const recovery = {
      linkFor: () => Promise.reject(new Error("The auth service gave no recovery link: 500")),
    };
    expect(await press({}, { recovery })).toMatchObject({
      status: 303,
      location: `${PAGE}#error=unavailable`,
    });
    expect(lines.join()).toContain("welcome_failed");
  });
});

it.each(["GET", "HEAD", "PUT"])("a scanner's %s presses nothing", async (method) => {
  expect(await press({ method })).toMatchObject({ status: 405 });
  expect(asked).toEqual([]);
});

it("without WELCOME_PAGE_URL the answer names it", async () => {
  expect(await press({}, { pageUrl: undefined })).toMatchObject({ status: 503 });
  expect(lines.join()).toContain("WELCOME_PAGE_URL");
});
