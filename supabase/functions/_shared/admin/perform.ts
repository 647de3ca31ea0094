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
import { backfill } from "./backfill.ts";
import type { ChoicesAnswer } from "./choices/answer.ts";
import { listChoices } from "./choices/list-choices.ts";
import { type ConnectingPorts, makeConnectLink, readConnection } from "./connect.ts";
import { examine } from "./doctor/examine.ts";
import type { DoctorAnswer } from "./doctor/finding.ts";
import type { DoctorPorts } from "./doctor/port.ts";
import type { FindAnswer } from "./find/answer.ts";
import { findPerson } from "./find/find-person.ts";
import type { FindStore } from "./find/port.ts";
import { actOnEach } from "./messages/act.ts";
import type { DeadAnswer, MessagesAnswer, PausedAnswer, RequeuedAnswer } from "./messages/answer.ts";
import { listDead } from "./messages/dead.ts";
import type { MessageStore } from "./messages/port.ts";
import { listPipelines } from "./pipelines.ts";
import type { AdminPorts } from "./port.ts";
import { pullNow } from "./pull-now.ts";
import type { AdminRequest } from "./request.ts";
import { setUp } from "./setup.ts";
import { readStatus } from "./status.ts";

/** What all actions together may use. */
export type PerformPorts = AdminPorts &
  DoctorPorts & { findStore: FindStore; messageStore: MessageStore; connecting: ConnectingPorts };

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
  | PausedAnswer;

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
  }
}
