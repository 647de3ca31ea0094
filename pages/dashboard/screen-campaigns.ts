import { z } from "zod";
import { make, part, tell } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { loyaltyParts } from "./loyalty-pieces.ts";
import { button, card, choice, facts, field, table, wayTo } from "./pieces.ts";
import type { Route } from "./route.ts";
import { type Campaign, CampaignPreview, Campaigns, Segment } from "./shapes-of-loyalty.ts";
import { campaignWord, loyaltyWord, mayCancel } from "./words-loyalty.ts";

/** From so many people on, the number is typed: a click does not mail thousands. */
const TYPED_FROM = 100;

/** The campaigns, and the form of a new one. */
export async function showCampaigns(desk: Desk): Promise<Node[]> {
  const [campaigns, segments] = await Promise.all([
    desk.call("loyalty_campaign_list", { p_language: desk.language }, Campaigns),
    desk.view("loyalty_segments", Segment),
  ]);
  const { texts } = desk;
  return [
    loyaltyParts(desk, "campaigns"),
    card(
      texts.campaigns,
      [],
      campaigns.length === 0 ? make("p", "soft", texts.noCampaigns) : campaignTable(desk, campaigns),
    ),
    ...(desk.mayChange
      ? [
          newCampaign(
            desk,
            segments.toSorted((one, other) => one.position - other.position),
          ),
        ]
      : []),
  ];
}

const toWhom = (desk: Desk, segment: string | null): string =>
  segment === null ? desk.texts.everybody : loyaltyWord(desk.language, segment);

function badge(desk: Desk, { state, cancels }: Campaign): HTMLElement {
  const { word, tone } = campaignWord(desk.language, state);
  const isCancelling = cancels && mayCancel(state);
  return make("span", `badge ${tone}`, isCancelling ? `${word}, ${desk.texts.cancelling}` : word);
}

function campaignTable(desk: Desk, campaigns: readonly Campaign[]): HTMLElement {
  const { texts, format } = desk;
  const made = table(
    texts.campaigns,
    [
      { name: texts.subject, isWhole: true },
      { name: texts.state },
      { name: texts.segment, isShort: true },
      { name: texts.recipients, isNumber: true },
      { name: texts.counted, isNumber: true },
      { name: texts.made },
    ],
    campaigns.map((one) => [
      wayTo(desk, { screen: "campaign", filter: { id: one.id } }, one.subject),
      make("div", "", badge(desk, one), make("span", "small soft", one.problem ?? "")),
      toWhom(desk, one.segment),
      one.state === "draft" ? "" : format.number(one.expected_count ?? one.audience_count),
      one.counted === null ? "" : format.number(one.counted),
      format.time(one.created_at),
    ]),
  );
  for (const line of made.querySelectorAll("tbody tr")) (line as HTMLElement).dataset["row"] = "";
  return made;
}

function newCampaign(desk: Desk, segments: readonly { code: string }[]): HTMLElement {
  const { texts } = desk;
  const segment = choice(
    [["", texts.everybody], ...segments.map(({ code }) => [code, loyaltyWord(desk.language, code)] as const)],
    "",
  );
  const subject = document.createElement("input");
  subject.maxLength = 500;
  subject.autocomplete = "off";
  const body = document.createElement("textarea");
  body.rows = 8;
  const form = document.createElement("form");
  form.className = "stack";
  const send = make("button", "main", texts.makeDraft) as HTMLButtonElement;
  send.type = "submit";
  form.append(
    field(texts.segment, segment),
    field(texts.subject, subject),
    field(texts.mailText, body),
    make("div", "send", send),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send.disabled = true;
    desk
      .call(
        "loyalty_campaign_create",
        { p_segment: segment.value || null, p_subject: subject.value, p_body: body.value },
        z.string(),
      )
      .then((id) => desk.go({ screen: "campaign", filter: { id } }))
      .catch((error: unknown) => {
        send.disabled = false;
        tell(
          part("outcome", HTMLParagraphElement),
          error instanceof Error ? error.message : String(error),
          "bad",
        );
      });
  });
  return card(texts.newCampaign, [], make("p", "soft small", texts.draftLead), form);
}

/** One campaign: to how many it would go or went, what is read, and the button that lets it go. */
export async function showCampaign(desk: Desk, { filter }: Route): Promise<Node[]> {
  const { texts, format } = desk;
  const id = filter["id"] ?? "";
  const [campaigns, [preview]] = await Promise.all([
    desk.call("loyalty_campaign_list", { p_language: desk.language }, Campaigns),
    desk.call("loyalty_campaign_preview", { p_id: id }, CampaignPreview),
  ]);
  const one = campaigns.find((campaign) => campaign.id === id);
  const top = loyaltyParts(desk, "campaign");
  if (one === undefined || preview === undefined) return [top, make("p", "notice", texts.noCampaigns)];
  const isDraft = one.state === "draft";
  const acts = desk.mayChange
    ? [
        ...(isDraft
          ? [button(texts.confirmSend, "main", () => void confirm(desk, one, preview.recipient_count))]
          : []),
        ...(mayCancel(one.state) && !one.cancels
          ? [
              button(texts.cancelCampaign, "danger", async () => {
                const isAgreed = await desk.ask({
                  title: texts.cancelAsk,
                  body: [],
                  yes: texts.cancelCampaign,
                });
                if (isAgreed) await desk.act("loyalty_campaign_cancel", { p_id: one.id });
              }),
            ]
          : []),
      ]
    : [];
  return [
    top,
    card(
      one.subject,
      acts,
      make("div", "row", badge(desk, one), make("span", "soft", toWhom(desk, one.segment))),
      ...(one.problem === null ? [] : [make("p", "notice bad", one.problem)]),
      facts(
        [
          texts.recipients,
          format.number(isDraft ? preview.recipient_count : (one.expected_count ?? one.audience_count)),
        ],
        ...(isDraft
          ? [[texts.leftOut, format.number(preview.left_out_count)] as const]
          : [
              [texts.counted, one.counted === null ? "—" : format.number(one.counted)] as const,
              [texts.starts, format.time(one.start_at)] as const,
            ]),
        ...(isDraft && preview.sample.length > 0 ? [[texts.sample, preview.sample.join(", ")] as const] : []),
        [texts.made, format.time(one.created_at)],
      ),
    ),
    card(texts.whatIsRead, [], ...readable(preview.body), html(desk, preview.body)),
  ];
}

const SILENT = /<(style|script|head|title)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi;
const BREAK = /<\/?(?:p|div|br|li|tr|table|ul|ol|h[1-6])\b[^>]*>/gi;
const TAG = /<\/?[a-z!][^>]*>/gi;

/** The words of the mail, a paragraph each. No tag of it is ever parsed here: a style or an image would be one of this page. */
function readable(body: string): HTMLElement[] {
  const words = body.replace(SILENT, "").replace(BREAK, "\n").replace(TAG, "");
  // What is left has no tag; entities become letters.
  const text = new DOMParser().parseFromString(words.replaceAll("<", "&lt;"), "text/html").body.textContent;
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => make("p", "", line));
}

function html(desk: Desk, body: string): HTMLElement {
  return make(
    "details",
    "",
    make("summary", "", desk.texts.asHtml),
    make("div", "stack", make("pre", "", body)),
  );
}

async function confirm(desk: Desk, { id }: Campaign, count: number): Promise<void> {
  const { texts, format } = desk;
  const typed = document.createElement("input");
  typed.inputMode = "numeric";
  typed.autocomplete = "off";
  const mustType = count > TYPED_FROM;
  const isAgreed = await desk.ask({
    title: texts.confirmAsk.replace("{n}", format.number(count)),
    yes: texts.confirmYes,
    isReady: () => count > 0 && (!mustType || typed.value.replace(/\s/g, "") === String(count)),
    body: [
      make("p", "soft small", texts.confirmFrozen),
      ...(mustType ? [field(texts.bulkType.replace("{n}", String(count)), typed)] : []),
    ],
  });
  if (isAgreed) await desk.act("loyalty_campaign_confirm", { p_id: id });
}
