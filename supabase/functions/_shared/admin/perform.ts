import type {
  BackfillEstimate,
  BackfillStarted,
  ConnectAnswer,
  ConnectionAnswer,
  PullProgress,
  SetupAnswer,
  StatusAnswer,
} from "./answer.ts";
import { backfill } from "./backfill.ts";
import { type ConnectingPorts, makeConnectLink, readConnection } from "./connect.ts";
import type { AdminPorts } from "./port.ts";
import { pullNow } from "./pull-now.ts";
import type { AdminRequest } from "./request.ts";
import { setUp } from "./setup.ts";
import { readStatus } from "./status.ts";

/** What an action answers with. */
export type ActionAnswer =
  | SetupAnswer
  | StatusAnswer
  | BackfillEstimate
  | BackfillStarted
  | PullProgress
  | ConnectAnswer
  | ConnectionAnswer;

/** Runs the use case that an action names. */
export function perform(
  request: AdminRequest,
  ports: AdminPorts,
  connecting: ConnectingPorts,
): Promise<ActionAnswer> {
  switch (request.action) {
    case "setup":
      return setUp(request, ports);
    case "status":
      return readStatus(ports);
    case "backfill":
      return backfill(request, ports);
    case "pull":
      return pullNow(request, ports);
    case "connect":
      return makeConnectLink(request, connecting);
    case "connection":
      return readConnection(request, connecting);
  }
}
