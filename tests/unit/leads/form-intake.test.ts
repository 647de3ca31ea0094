import { describe, expect, it } from "vitest";
import { readCookies } from "#shared/leads/intake/cookies.ts";
import { answerIntake } from "#shared/leads/intake/endpoint.ts";
import { readFields } from "#shared/leads/intake/fields.ts";
import type { FormSource, PostedForm } from "#shared/leads/intake/port.ts";
import { uuidV5 } from "#shared/leads/intake/uuid-v5.ts";
import { sha256Of } from "#shared/platform/secrets.ts";

const URL_HERE = "https://p.supabase.co/functions/v1/form-intake";
const KEY = "k".repeat(64);

async function fieldsOf(body: string, type = "application/x-www-form-urlencoded") {
  const request = new Request(URL_HERE, { method: "POST", headers: { "content-type": type } });
  const bytes = Uint8Array.from(new TextEncoder().encode(body));
  const fields = await readFields({ request, bytes, text: body });
  return fields === null ? null : Object.fromEntries(fields);
}

describe("the fields of a posted form", () => {
  it.each([
    ["a=1&b=2", { a: "1", b: "2" }],
    ["a=1&a=2&a=3", { a: ["1", "2", "3"] }],
    ["a=x=y&b", { a: "x=y", b: "" }],
    ["%D0%98%D0%BC%D1%8F=%D0%90+%D0%91", { Имя: "А Б" }],
    ["a=%E0%A4%A&b=%zz", { a: "\uFFFD%A", b: "%zz" }],
    [
      "payment[amount]=5&payment[products][0][name]=x",
      { "payment[amount]": "5", "payment[products][0][name]": "x" },
    ],
    ["a=&a=2", { a: "2" }],
    ["", {}],
  ])("are read from a form: %s", async (body, fields) => {
    expect(await fieldsOf(body)).toEqual(fields);
  });

  it.each([
    ['{"a":1,"b":[1,2],"c":null,"d":{"e":5}}', { a: 1, b: [1, 2], c: "", d: { e: 5 } }],
    [
      '{"data":{"name":"A","records":[{"title":"Q","value":"x"}]}}',
      { name: "A", records: [{ title: "Q", value: "x" }], Q: "x" },
    ],
    [
      '[{"name":"email","value":"a@b.kz"},{"question":"Курс","answer":"SQL"},5]',
      { email: "a@b.kz", Курс: "SQL" },
    ],
    [
      '{"answers":[{"key":"phone","question":"Телефон","answer":"1"}]}',
      { answers: expect.anything(), Телефон: "1" },
    ],
    ['{"__proto__":{"x":1},"a":2}', JSON.parse('{"__proto__":{"x":1},"a":2}')],
  ])("are read from JSON: %s", async (body, fields) => {
    expect(await fieldsOf(body, "application/json")).toEqual(fields);
    // Some senders say that it is a form, or nothing.
    expect(await fieldsOf(body, "application/x-www-form-urlencoded")).toEqual(fields);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each([
    ["{broken", "application/json"],
    ['"text"', "application/json"],
    ["5", "application/json"],
    ["a=1", "multipart/form-data"],
    ["--x\r\nbroken", "multipart/form-data; boundary=x"],
  ])("are none where the body is not what it says: %s as %s", async (body, type) => {
    expect(await fieldsOf(body, type)).toBeNull();
  });

  it.each([
    ["windows-1251", "=", { Имя: "Я Ч" }],
    ["cp1251", "%3D", { "Имя=Я Ч": "" }],
  ])("are read in %s where the sender says so, as bytes and in percent", async (charset, sign, fields) => {
    const type = `application/x-www-form-urlencoded; charset=${charset}`;
    const request = new Request(URL_HERE, { method: "POST", headers: { "content-type": type } });
    const head = Uint8Array.from([0xc8, 0xec, 0xff]);
    const bytes = Uint8Array.from([...head, ...new TextEncoder().encode(`${sign}%DF+`), 0xd7]);
    const read = await readFields({ request, bytes, text: "not looked at" });
    expect(Object.fromEntries(read ?? [])).toEqual(fields);
  });

  it("are bounded in number and length", async () => {
    const many = await fieldsOf(Array.from({ length: 10_000 }, (_, index) => `f${index}=x`).join("&"));
    expect(Object.keys(many ?? {})).toHaveLength(500);
    const long = await fieldsOf(`${"n".repeat(5000)}=${"v".repeat(50_000)}`);
    expect(Object.entries(long ?? {})).toEqual([["n".repeat(200), "v".repeat(10_000)]]);
    const same = await fieldsOf("a=1&".repeat(10_000));
    expect(same?.["a"]).toHaveLength(500);
  });
});

describe("Tilda's cookies", () => {
  const utm = "utm_source=google|||utm_campaign=a=b|||UTM_TERM=x|||other=1|||utm_content=";
  it.each([
    encodeURIComponent(utm),
    encodeURIComponent(encodeURIComponent(utm)),
    encodeURIComponent(utm.replaceAll("|||", "|||amp;")),
    utm,
  ])("say where the visitor came from: %s", (value) => {
    const read = readCookies(`a=b; TILDAUTM=${value}; _ga=GA1; PHPSESSID=secret; _fbp=`);
    expect(read).toEqual({
      utm: { utm_source: "google", utm_campaign: "a=b", utm_term: "x" },
      cookies: { _ga: "GA1" },
    });
  });

  it.each(["", ";;;", "TILDAUTM", "TILDAUTM=%E0%A4%A", "TILDAUTM=|||=|||"])(
    "are nothing else: %s",
    (text) => {
      expect(readCookies(text)).toEqual({ utm: {}, cookies: {} });
    },
  );
});

it("a UUID of version 5 is that of RFC 9562", async () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  expect(await uuidV5(dns, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
});

describe("what is kept", () => {
  async function kept(body: string, kind: FormSource["kind"] = "tilda", init: RequestInit = {}) {
    const forms: PostedForm[] = [];
    const hashes: string[] = [];
    const request = new Request(`${URL_HERE}/${KEY}`, { method: "POST", body, ...init });
    const response = await answerIntake(request, {
      log: () => {},
      store: {
        async sourceOfKey(hash) {
          hashes.push(hash);
          return { id: "id", kind };
        },
        async keep(_, form) {
          forms.push(form);
          return "stored";
        },
      },
    });
    return { status: response.status, form: forms[0], hashes };
  }

  it("has the sender's number as a UUID, the same whenever it is sent", async () => {
    const keyOf = async (body: string, kind?: FormSource["kind"]) => (await kept(body, kind)).form?.key;
    const first = await keyOf("tranid=1:2&formid=a&x=1");
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/);
    expect(await keyOf("x=2&TRANID=1:2&formid=a")).toBe(first);
    expect(await keyOf("tranid=1:2&formid=b")).not.toBe(first);
    expect(await keyOf('{"lead_id":7}', "taplink")).toBe(
      await keyOf('{"lead_id":"7","name":"A"}', "taplink"),
    );
    expect(await keyOf('{"order_id":7,"tms_modify":1}', "taplink")).not.toBe(
      await keyOf('{"order_id":7,"tms_modify":2}', "taplink"),
    );
    expect(await keyOf('{"lead_id":7}', "generic")).toBeNull();
    const own = "5B1A1F0E-1111-4111-8111-111111111111";
    expect(await keyOf(`submission_id=${own}`, "generic")).toBe(own.toLowerCase());
    expect(await keyOf("submission_id=none", "generic")).toBeNull();
  });

  it("has not the key, should the form repeat it, nor cookies that are nobody's business", async () => {
    const { form } = await kept(`apikey=${KEY}&Phone=1&COOKIES=session%3Dsecret%3B+_ga%3DG`);
    expect(form?.body).toMatchObject({ fields: { Phone: "1" }, cookies: { _ga: "G" } });
    expect(JSON.stringify(form)).not.toMatch(new RegExp(`${KEY}|secret`));
  });

  it("is nothing of Tilda's test, whatever comes beside it that is no field", async () => {
    for (const body of [
      "test=test",
      `test=test&apikey=${KEY}`,
      "test=test&COOKIES=a%3Db",
      '{"test":"test"}',
    ]) {
      expect(await kept(body)).toMatchObject({ status: 200, form: undefined });
    }
    expect((await kept("test=test&Phone=1")).form).toBeDefined();
  });

  it("may stand in the address alone, as GetCourse calls; the same words again are the same form", async () => {
    const call = async (method: string, query: string) => {
      const forms: PostedForm[] = [];
      const response = await answerIntake(new Request(`${URL_HERE}/${KEY}${query}`, { method }), {
        log: () => {},
        store: {
          sourceOfKey: async () => ({ id: "id", kind: "generic" }),
          keep: async (_, form) => {
            forms.push(form);
            return "stored";
          },
        },
      });
      return { status: response.status, form: forms[0] };
    };
    const query = "?email=a%40b.kz&phone=1&name=%D0%90";
    const [post, get, other] = [
      await call("POST", query),
      await call("GET", query),
      await call("GET", "?phone=2"),
    ];
    expect(post.form?.body).toMatchObject({ fields: { email: "a@b.kz", phone: "1", name: "А" } });
    expect(get).toEqual(post);
    expect(other.form?.hash).not.toBe(post.form?.hash);
    expect(await call("GET", "")).toEqual({ status: 405, form: undefined });
    expect(await call("HEAD", query)).toEqual({ status: 405, form: undefined });
  });

  it("belongs to the source of the bearer, else of the address; a key is looked up by its hash only", async () => {
    const bearer = await kept("a=1", "tilda", { headers: { authorization: "Bearer other" } });
    expect(bearer.hashes).toEqual([await sha256Of("other")]);
    expect((await kept("a=1")).hashes).toEqual([await sha256Of(KEY)]);
  });
});
