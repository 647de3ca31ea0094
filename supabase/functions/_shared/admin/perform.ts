import type { PlanPorts } from "../amocrm/plan.ts";
import type {
  BackfillEstimate,
  BackfillStarted,
  ConnectAnswer,
  ConnectionAnswer,
  PipelinesAnswer,
  PullProgress,
  SetupAnswer,
  StatusAnswer,
} from "./answer.ts";
import { backfill } from "./backfill/backfill.ts";
import type { ChoicesAnswer } from "./choices/answer.ts";
import { listChoices } from "./choices/list-choices.ts";
import { type ConnectingPorts, makeConnectLink, readConnection } from "./connect/connect.ts";
import type {
  DuplicatesAnswer,
  ForgetAnswer,
  MailsAnswer,
  QuarantineAnswer,
  TellsAnswer,
} from "./decisions/answer.ts";
import type { DecisionStore } from "./decisions/port.ts";
import { examine } from "./doctor/examine.ts";
import type { DoctorAnswer } from "./doctor/finding.ts";
import type { DoctorPorts } from "./doctor/port.ts";
import type { FindAnswer } from "./find/answer.ts";
import { findPerson } from "./find/find-person.ts";
import type { FindStore } from "./find/port.ts";
import type { FormsAnswer } from "./forms/answer.ts";
import type { FormsStore } from "./forms/port.ts";
import type { LinksAnswer } from "./links/answer.ts";
import type { LinksStore } from "./links/port.ts";
import { actOnEach } from "./messages/act.ts";
import type { DeadAnswer, MessagesAnswer, PausedAnswer, RequeuedAnswer } from "./messages/answer.ts";
import { listDead } from "./messages/dead.ts";
import type { MessageStore } from "./messages/port.ts";
import { listPipelines } from "./pipelines/pipelines.ts";
import type { PlanAnswer } from "./plan/answer.ts";
import { showPlan } from "./plan/show-plan.ts";
import type { SetupPorts } from "./port.ts";
import { pullNow } from "./pull/pull-now.ts";
import type { AdminRequest } from "./request.ts";
import type { SequencesAnswer } from "./sequences/answer.ts";
import type { SequencesStore } from "./sequences/port.ts";
import { setUp } from "./setup/setup.ts";
import type { SmsAnswer } from "./sms/answer.ts";
import type { SmsStore } from "./sms/port.ts";
import { readStatus } from "./status/status.ts";
import type { WebhookAnswer } from "./webhook/answer.ts";
import { manageWebhook } from "./webhook/manage.ts";
import type { WebhookPorts } from "./webhook/port.ts";

/** What all actions together may use. */
export type PerformPorts = SetupPorts &
  DoctorPorts & {
    findStore: FindStore;
    messageStore: MessageStore;
    decisions: DecisionStore;
    formsStore: FormsStore;
    linksStore: LinksStore;
    smsStore: SmsStore;
    sequencesStore: SequencesStore;
    planning: PlanPorts;
    connecting: ConnectingPorts;
    webhook: Omit<WebhookPorts, "account">;
  };

/** What an action answers with. */
export type ActionAnswer =
  | SetupAnswer
  | StatusAnswer
  | BackfillEstimate
  | BackfillStarted
  | PullProgress
  | PipelinesAnswer
  | ChoicesAnswer
  | FindAnswer
  | DoctorAnswer
  | ConnectAnswer
  | ConnectionAnswer
  | DeadAnswer
  | MessagesAnswer
  | RequeuedAnswer
  | PausedAnswer
  | QuarantineAnswer
  | DuplicatesAnswer
  | ForgetAnswer
  | WebhookAnswer
  | MailsAnswer
  | TellsAnswer
  | FormsAnswer
  | LinksAnswer
  | SmsAnswer
  | SequencesAnswer
  | PlanAnswer;

/** Runs the use case that an action names. */
export async function perform(request: AdminRequest, ports: PerformPorts): Promise<ActionAnswer> {
  switch (request.action) {
    case "setup":
      return setUp(request, ports);
    case "status":
      return readStatus(ports);
    case "backfill":
      return backfill(request, ports);
    case "pull":
      return pullNow(request, ports);
    case "pipelines":
      return listPipelines(ports);
    case "choices":
      return listChoices(ports);
    case "find":
      return findPerson(request, ports);
    case "doctor":
      return examine(ports);
    case "connect":
      return makeConnectLink(request, ports.connecting);
    case "connection":
      return readConnection(request, ports.connecting);
    case "dead":
      return listDead(request, ports.messageStore);
    case "requeue":
      return actOnEach(request.ids, ports.messageStore.requeue);
    case "requeue_dead":
      return { requeued_count: await ports.messageStore.requeueDead(request) };
    case "cancel":
      return actOnEach(request.ids, ports.messageStore.cancel);
    case "pause":
      await ports.messageStore.pause(request.reason);
      return { paused: true, reason: request.reason };
    case "resume":
      await ports.messageStore.resume();
      return { paused: false, reason: null };
    case "quarantine":
      return ports.decisions.quarantine(request);
    case "duplicates":
      return ports.decisions.duplicates(request);
    case "forget":
      return ports.decisions.forget(request);
    case "tells":
      return ports.decisions.tells(request);
    case "mails":
      return ports.decisions.mails(request);
    case "webhook":
      return manageWebhook(request, { account: ports.account, ...ports.webhook });
    case "plan":
      return showPlan(request, ports.planning);
    case "forms":
      return ports.formsStore.forms(request);
    case "links":
      return ports.linksStore.links(request);
    case "sms":
      return ports.smsStore.sms(request);
    case "sequences":
      return ports.sequencesStore.sequences(request);
  }
}
