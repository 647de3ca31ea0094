import { sayIn } from "#shared/platform/text.ts";
import { type DuplicatesFlags, runDuplicates } from "../commands/duplicates.ts";
import { type ForgetFlags, runForget } from "../commands/forget.ts";
import { type MailsFlags, runMails } from "../commands/mails.ts";
import { type QuarantineFlags, runQuarantine } from "../commands/quarantine.ts";
import { runSequences, type SequencesFlags } from "../commands/sequences.ts";
import { runSms, type SmsFlags } from "../commands/sms.ts";
import { runTells, type TellsFlags } from "../commands/tells.ts";
import type { Terminal } from "../terminal.ts";
import { DUPLICATES, FORGET, QUARANTINE } from "../words/decisions.ts";
import { FIND } from "../words/find.ts";
import { MAILS } from "../words/mails.ts";
import { MESSAGES } from "../words/messages.ts";
import { SEQUENCES } from "../words/sequences.ts";
import { SMS } from "../words/sms.ts";
import { TELLS } from "../words/tells.ts";
import type { Registrar } from "./registrar.ts";

/** The commands by which a person decides what no program can. */
export function addDeciding({ add, language }: Registrar, terminal: Terminal): void {
  const say = sayIn(language);
  add<QuarantineFlags>(
    "quarantine",
    QUARANTINE,
    {
      "--reason <reason>": QUARANTINE.reason,
      "--source <name>": QUARANTINE.source,
      "--email-domain <domain>": QUARANTINE.domain,
      "--since <date>": QUARANTINE.since,
      "--limit <n>": QUARANTINE.limit,
      "--yes": MESSAGES.yes,
    },
    (flags, context) => runQuarantine(flags, context, terminal),
  ).argument("[mode]", say(QUARANTINE.mode));
  add<DuplicatesFlags>("duplicates", DUPLICATES, {}, runDuplicates).argument(
    "[words...]",
    say(DUPLICATES.words),
  );
  add<ForgetFlags>(
    "forget",
    FORGET,
    { "--email <address>": FIND.email, "--phone <number>": FIND.phone, "--yes": MESSAGES.yes },
    (flags, context) => runForget(flags, context, terminal),
  );
  add<TellsFlags>("tells", TELLS, { "--deal <id>": TELLS.deal, "--yes": MESSAGES.yes }, (flags, context) =>
    runTells(flags, context, terminal),
  ).argument("[mode]", say(TELLS.mode));
  add<MailsFlags>("mails", MAILS, { "--yes": MESSAGES.yes }, (flags, context) =>
    runMails(flags, context, terminal),
  ).argument("[words...]", say(MAILS.words));
  add<SmsFlags>("sms", SMS, { "--template <code>": SMS.template, "--yes": MESSAGES.yes }, (flags, context) =>
    runSms(flags, context, terminal),
  ).argument("[words...]", say(SMS.words));
  add<SequencesFlags>(
    "sequences",
    SEQUENCES,
    {
      "--email <address>": SEQUENCES.email,
      "--phone <number>": SEQUENCES.phone,
      "--day <day>": SEQUENCES.day,
      "--lead <id>": SEQUENCES.lead,
      "--channel <channel>": SEQUENCES.channel,
      "--topic <topic>": SEQUENCES.topic,
      "--limit <n>": SEQUENCES.limit,
      "--yes": MESSAGES.yes,
    },
    (flags, context) => runSequences(flags, context, terminal),
  ).argument("[words...]", say(SEQUENCES.words));
}
