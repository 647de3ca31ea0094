import { expect, it } from "vitest";
import { delivered, list, playAmocrm } from "../support/answering-amocrm.ts";

const { client, requests, answerWith } = playAmocrm();

it("pipelines reads stages and marks the unsorted one", async () => {
  const statuses = [
    { id: 1, name: "Unsorted", sort: 10, type: 1 },
    { id: 142, name: "Won", sort: 10_000, type: 0 },
  ];
  answerWith(
    list("pipelines", [{ id: 4400, name: "Sales", sort: 1, is_main: true, _embedded: { statuses } }]),
  );
  expect(delivered(await client.pipelines())).toEqual([
    {
      id: 4400,
      name: "Sales",
      sort: 1,
      isMain: true,
      isArchive: false,
      stages: [
        { id: 1, name: "Unsorted", sort: 10, isUnsorted: true },
        { id: 142, name: "Won", sort: 10_000, isUnsorted: false },
      ],
    },
  ]);
});

it("account, users and customFields read what we use of them", async () => {
  answerWith({ id: 5, name: "Shop", subdomain: "shop", current_user_id: 7001, country: "RU" });
  expect(delivered(await client.account())).toEqual({
    id: 5,
    name: "Shop",
    subdomain: "shop",
    currentUserId: 7001,
  });
  answerWith(
    list(
      "users",
      [
        { id: 1, name: "A", rights: { is_active: false } },
        { id: 2, name: "B" },
      ],
      true,
    ),
  );
  expect(delivered(await client.users(3))).toEqual({
    rows: [
      { id: 1, name: "A", isActive: false },
      { id: 2, name: "B", isActive: true },
    ],
    hasMore: true,
  });
  answerWith(
    list("custom_fields", [
      { id: 9, name: "UTM", code: "UTM_SOURCE", type: "text", is_api_only: true, enums: null },
    ]),
  );
  expect(delivered(await client.customFields("leads", 1)).rows).toEqual([
    { id: 9, name: "UTM", code: "UTM_SOURCE", type: "text", isApiOnly: true, enums: [] },
  ]);
  expect(requests.map(({ url: { pathname, search } }) => pathname + search)).toEqual([
    "/api/v4/account",
    "/api/v4/users?limit=250&page=3",
    "/api/v4/leads/custom_fields?limit=250&page=1",
  ]);
});
