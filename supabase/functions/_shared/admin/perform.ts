import type { BackfillEstimate, BackfillStarted, PullProgress, SetupAnswer, StatusAnswer } from "./answer.ts";
import { backfill } from "./backfill.ts";
import type { AdminPorts } from "./port.ts";
import { pullNow } from "./pull-now.ts";
import type { AdminRequest } from "./request.ts";
import { setUp } from "./setup.ts";
import { readStatus } from "./status.ts";

/** Runs the use case that an action names. */
export function perform(
  request: AdminRequest,
  ports: AdminPorts,
): Promise<SetupAnswer | StatusAnswer | BackfillEstimate | BackfillStarted | PullProgress> {
  switch (request.action) {
    case "setup":
      return setUp(request, ports);
    case "status":
      return readStatus(ports);
    case "backfill":
      return backfill(request, ports);
    case "pull":
      return pullNow(request, ports);
  }
}
