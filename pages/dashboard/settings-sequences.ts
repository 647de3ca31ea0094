import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { button, card, choice, field, table } from "./pieces.ts";
import { typedNumber } from "./settings-form.ts";
import type { Settings } from "./shapes-of-settings.ts";

type Step = Settings["steps"][number];
type Text = Settings["texts"][number];

/** Sequences: pause, and of each step of the newest version whether it is on, when it goes and with which text. */
export function sequenceCards(desk: Desk, told: Settings): HTMLElement[] {
  const { texts } = desk;
  if (told.steps.length === 0) return [card(texts.sequences, [], make("p", "soft", texts.noneYet))];
  const names = [...new Set(told.steps.map(({ sequence }) => sequence))];
  return [
    card(
      texts.sequences,
      [],
      make("p", "soft small", texts.sequencesLead),
      ...names.flatMap((name) => sequence(desk, told, name)),
    ),
    card(
      texts.sequenceTexts,
      [],
      make("p", "soft small", texts.textsLead),
      ...told.texts.map((text) => textForm(desk, text)),
    ),
  ];
}

function sequence(desk: Desk, told: Settings, name: string): HTMLElement[] {
  const { texts, format } = desk;
  const state = told.sequences.find((one) => one.sequence === name);
  const isPaused = state?.is_paused === true;
  const stopOrGo = button(isPaused ? texts.followupResume : texts.followupPause, isPaused ? "main" : "", () =>
    desk.act(isPaused ? "followup_resume" : "followup_pause", { p_sequence: name }),
  );
  stopOrGo.ariaLabel = `${stopOrGo.textContent}: ${name}`;
  const columns = [
    { name: texts.step, isWhole: true },
    { name: texts.channel },
    { name: texts.isOn },
    { name: texts.delay },
    { name: texts.lateAfter },
    { name: texts.template },
    { name: "", isWhole: true },
  ];
  const steps = told.steps.filter((step) => step.sequence === name);
  return [
    make(
      "div",
      "head",
      make("h3", "", name),
      make(
        "div",
        "row",
        ...(isPaused ? [make("span", "badge wait", texts.isPaused)] : []),
        make("span", "soft small", texts.inside.replace("{n}", format.number(state?.inside_count ?? 0))),
        ...(desk.mayChange ? [stopOrGo] : []),
      ),
    ),
    table(
      name,
      columns,
      steps.map((step) => stepRow(desk, told, step)),
    ),
  ];
}

function stepRow(desk: Desk, told: Settings, step: Step): (Node | string)[] {
  const { texts, mayChange } = desk;
  const named = <T extends HTMLInputElement | HTMLSelectElement>(words: string, control: T): T => {
    control.ariaLabel = `${words}: ${step.sequence} ${step.step}`;
    if (control instanceof HTMLSelectElement) control.disabled = !mayChange;
    else control.readOnly = !mayChange;
    return control;
  };
  const number = (words: string, value: number): HTMLInputElement => {
    const input = document.createElement("input");
    input.inputMode = "numeric";
    input.value = String(value);
    return named(words, input);
  };
  const isOn = named(
    texts.isOn,
    choice(
      [
        ["true", texts.yes],
        ["false", texts.no],
      ],
      String(step.is_on),
    ),
  );
  const delay = number(texts.delay, step.delay_minutes);
  const late = number(texts.lateAfter, step.max_delay_minutes);
  const codes = new Set([
    step.template_code,
    ...told.texts.filter(({ channel }) => channel === step.channel).map(({ code }) => code),
  ]);
  const template = named(
    texts.template,
    choice(
      [...codes].map((code) => [code, code]),
      step.template_code,
    ),
  );
  const save = button(texts.save, "", () => {
    const wanted = {
      is_on: isOn.value === "true",
      delay_minutes: typedNumber(delay.value),
      max_delay_minutes: typedNumber(late.value),
      template_code: template.value,
    };
    const changes = Object.fromEntries(
      Object.entries(wanted).filter(([key, value]) => value !== step[key as keyof Step]),
    );
    if (Object.keys(changes).length > 0)
      void desk.act("followup_change_step", {
        p_sequence: step.sequence,
        p_step: step.step,
        p_changes: changes,
      });
  });
  save.ariaLabel = `${texts.save}: ${step.sequence} ${step.step}`;
  const what = make("div", "", step.step, make("span", "small soft", step.event));
  const by = step.channel === "mail" ? texts.queueMessage : texts.queueSms;
  return [what, by, isOn, delay, late, template, mayChange ? save : ""];
}

function textForm(desk: Desk, { code, channel, language, subject, body }: Text): HTMLElement {
  const { texts, mayChange } = desk;
  const title = `${code} · ${channel === "mail" ? texts.queueMessage : texts.queueSms} · ${language}`;
  const head = document.createElement("input");
  head.value = subject ?? "";
  head.readOnly = !mayChange;
  const text = document.createElement("textarea");
  text.value = body;
  text.rows = 5;
  text.readOnly = !mayChange;
  const save = button(texts.save, "", () => {
    if (head.value === (subject ?? "") && text.value === body) return;
    void desk.act("followup_change_text", {
      p_code: code,
      p_channel: channel,
      p_language: language,
      p_subject: channel === "mail" ? head.value : null,
      p_body: text.value,
    });
  });
  save.ariaLabel = `${texts.save}: ${title}`;
  const details = document.createElement("details");
  details.append(
    make("summary", "", title),
    make(
      "div",
      "stack",
      ...(channel === "mail" ? [field(texts.subject, head)] : []),
      field(texts.body, text),
      ...(mayChange ? [make("div", "row", save)] : []),
    ),
  );
  return details;
}
