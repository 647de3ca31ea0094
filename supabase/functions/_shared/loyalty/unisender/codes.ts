/** Every code that a fault of Unisender can carry, a row of amocrm.error_policies each. Those without `unisender_` are everybody's. */
export const UNISENDER_MESSAGES = {
  rate_limited: "Unisender limits the request rate: waiting, then going on more slowly",
  slot_refused: "The pace gave no slot: nothing was sent",
  timeout: "Unisender did not answer in time",
  connection_failed: "No connection to Unisender could be made",
  connection_lost: "The connection to Unisender was lost before the answer was complete",
  server_error: "Unisender failed to handle the request",
  unexpected_answer: "Unisender's answer has an unexpected shape",
  unisender_unauthorized: "Unisender refuses UNISENDER_API_KEY, or the account lacks a right",
  unisender_wrong_address: "What answered is not Unisender's API: check UNISENDER_BASE_URL",
  unisender_no_money: "The plan or the balance at Unisender is used up",
  unisender_refused: "Unisender refuses what was sent",
} as const;

export type UnisenderFaultCode = keyof typeof UNISENDER_MESSAGES;
