import { describe, expect, it } from "vitest";
import type { FilteredPage, Page } from "#shared/amocrm/api/entities.ts";
import { delivered, list, playAmocrm } from "../support/answering-amocrm.ts";

const { client, requests, answerWith } = playAmocrm();

describe.each([
  ["contactsChangedSince", "contacts", "leads"],
  ["dealsChangedSince", "leads", "contacts"],
] as const)("%s", (method, key, others) => {
  const row = (id: number, updatedAt: number) => ({ id, updated_at: updatedAt });

  it("asks for the latest change first, with the ids of the others", async () => {
    answerWith(list(key, [row(1, 30), row(2, 20)], true));
    const page = delivered<FilteredPage<{ id: number }>>(await client[method](20, 3));
    expect(page).toMatchObject({ rows: [{ id: 1 }, { id: 2 }], hasMore: true, filterIgnored: false });
    expect(requests[0]?.url.pathname).toBe(`/api/v4/${key}`);
    expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({
      "filter[updated_at][from]": "20",
      "order[updated_at]": "desc",
      limit: "250",
      page: "3",
      with: others,
    });
  });

  it("ends at the first older row, which an account gives that ignores the filter", async () => {
    answerWith(list(key, [row(1, 30), row(2, 19)], true));
    const page = delivered<FilteredPage<{ id: number }>>(await client[method](20, 1));
    expect(page).toMatchObject({ rows: [{ id: 1 }], hasMore: false, filterIgnored: true });
  });
});

describe.each([
  ["contactsDeletedSince", "contacts"],
  ["dealsDeletedSince", "leads"],
] as const)("%s", (method, key) => {
  const row = (id: number, updatedAt: number, isDeleted = true) => ({
    id,
    updated_at: updatedAt,
    is_deleted: isDeleted,
  });

  it("asks for deleted ones only, the latest first", async () => {
    answerWith(list(key, [row(1, 30), row(2, 20)], true));
    const page = delivered<FilteredPage<{ id: number }>>(await client[method](20, 2));
    expect(page).toMatchObject({ rows: [{ id: 1 }, { id: 2 }], hasMore: true, filterIgnored: false });
    expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({
      with: "only_deleted",
      "filter[updated_at][from]": "20",
      "order[updated_at]": "desc",
      limit: "250",
      page: "2",
    });
  });

  it("takes nothing for deleted that is not, and asks no further", async () => {
    answerWith(list(key, [row(1, 30, false), row(2, 20)], true));
    const page = delivered<FilteredPage<{ id: number }>>(await client[method](20, 1));
    expect(page).toMatchObject({ rows: [{ id: 2 }], hasMore: false, filterIgnored: true });
  });
});

it.each([
  ["contactsPage", "contacts", "leads"],
  ["dealsPage", "leads", "contacts"],
] as const)("%s asks for all, oldest id first", async (method, key, others) => {
  answerWith(list(key, [{ id: 1 }, { id: 2 }], true));
  const page = delivered<Page<{ id: number }>>(await client[method](7));
  expect(page).toMatchObject({ rows: [{ id: 1 }, { id: 2 }], hasMore: true });
  expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({
    "order[id]": "asc",
    limit: "250",
    page: "7",
    with: others,
  });
});
