import type { Case } from "./case.ts";

/** SMS, sequences, links and orders, each set up by half. */
export const CHANNEL_CASES: Case[] = [
  {
    when: "everything of SMS is set, and of orders",
    break({ environment, facts }) {
      Object.assign(environment, {
        ...{
          MOBIZON_API_KEY: "kz1",
          MOBIZON_WEBHOOK_SECRET: "s",
          UNSUBSCRIBE_PAGE_URL: "https://a.example/u",
        },
        ...{ QTICKETS_TOKEN: "t", QTICKETS_WEBHOOK_SECRET: "s", LINK_BASE_URL: "https://go.example" },
      });
      facts.channels = { has_sms_steps: true, has_mail_steps: true, sms_waiting_count: 3, notice: null };
    },
    says: [],
  },
  {
    when: "Mobizon's webhook has a secret, and there is no key",
    break({ environment }) {
      environment["MOBIZON_WEBHOOK_SECRET"] = "s";
    },
    says: [["sms_half", { reason: "MOBIZON_API_KEY is not set" }]],
  },
  {
    when: "a sequence has steps by SMS, and there is no key",
    break({ facts }) {
      facts.channels.has_sms_steps = true;
    },
    says: [["sms_cannot_go", { reason: "MOBIZON_API_KEY is not set" }]],
  },
  {
    when: "Mobizon's key is set under another name",
    break({ environment }) {
      environment["MOBIZON_KEY"] = "kz1";
    },
    says: [
      ["variable_alike", { name: "MOBIZON_API_KEY", found: "MOBIZON_KEY" }],
      ["sms_half", { reason: "MOBIZON_API_KEY is not set" }],
    ],
  },
  {
    when: "SMS wait, and Mobizon's address is none",
    break({ environment, facts }) {
      Object.assign(environment, { MOBIZON_API_KEY: "kz1", MOBIZON_BASE_URL: "mobizon" });
      facts.channels.sms_waiting_count = 1;
    },
    says: [
      [
        "sms_cannot_go",
        { reason: "MOBIZON_BASE_URL must be https: keys and people's data would travel readable" },
      ],
    ],
  },
  {
    when: "steps have no text, and links no target",
    break({ facts }) {
      facts.channels.notice = "one\ntwo";
    },
    says: [
      ["sequences_half", { reason: "one" }],
      ["sequences_half", { reason: "two" }],
    ],
  },
  {
    when: "a sequence has steps by mail, and there is no page for unsubscribing",
    break({ facts }) {
      facts.channels.has_mail_steps = true;
    },
    says: [["page_missing"]],
  },
  {
    when: "a sequence has steps by mail, and the page's address is none",
    break({ environment, facts }) {
      facts.channels.has_mail_steps = true;
      environment["UNSUBSCRIBE_PAGE_URL"] = "https://school.example/#out";
    },
    says: [["page_malformed"]],
  },
  {
    when: "a sequence has steps by mail, and no mail can go",
    break({ environment, facts }) {
      facts.channels.has_mail_steps = true;
      delete environment["MAIL_FROM"];
    },
    says: [
      ["sequences_no_mail", { reason: "MAIL_FROM is not set" }],
      ["alerts_no_mail", { names: "MAIL_FROM", roads: "hooks.example" }],
    ],
  },
  {
    when: "addresses of links are none",
    break({ environment }) {
      Object.assign(environment, { LINK_BASE_URL: "go.example", LINK_FALLBACK_URL: "javascript:alert(1)" });
    },
    says: [
      ["link_address_malformed", { name: "LINK_BASE_URL" }],
      ["link_address_malformed", { name: "LINK_FALLBACK_URL" }],
    ],
  },
  {
    when: "Qtickets' webhook has a secret, and there is no token",
    break({ environment }) {
      environment["QTICKETS_WEBHOOK_SECRET"] = "s";
    },
    says: [["qtickets_half", { reason: "QTICKETS_TOKEN is not set" }]],
  },
  {
    when: "Unisender has a key and no sender, and TimePad an address and no token",
    break({ environment }) {
      Object.assign(environment, { UNISENDER_API_KEY: "k", TIMEPAD_BASE_URL: "https://timepad.example" });
      delete environment["MAIL_FROM"];
    },
    says: [
      ["timepad_half", { reason: "TIMEPAD_TOKEN is not set" }],
      ["unisender_half", { reason: "MAIL_FROM is not set" }],
      ["alerts_no_mail", { names: "MAIL_FROM", roads: "hooks.example" }],
    ],
  },
  {
    when: "Unisender's key and TimePad's token are set under other names",
    break({ environment }) {
      Object.assign(environment, { UNISENDER_TOKEN: "k", TIMEPAD_TOKN: "t" });
    },
    says: [
      ["variable_alike", { name: "TIMEPAD_TOKEN", found: "TIMEPAD_TOKN" }],
      ["variable_alike", { name: "UNISENDER_API_KEY", found: "UNISENDER_TOKEN" }],
      ["timepad_half", { reason: "TIMEPAD_TOKEN is not set (TIMEPAD_TOKN is set: misspelt?)" }],
      ["unisender_half", { reason: "UNISENDER_API_KEY is not set" }],
    ],
  },
  {
    when: "networks have the one variable and not the other",
    break({ environment }) {
      Object.assign(environment, { VK_CONFIRMATION: "abc", INSTAGRAM_APP_SECRET: "s" });
    },
    says: [
      ["network_half", { name: "VK_CONFIRMATION", needed: "VK_SECRET" }],
      ["network_half", { name: "INSTAGRAM_APP_SECRET", needed: "INSTAGRAM_VERIFY_TOKEN" }],
    ],
  },
];
