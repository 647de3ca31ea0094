import type { SetupAnswer, StatusAnswer } from "./answer.ts";
import type { AdminPorts } from "./port.ts";
import type { AdminRequest } from "./request.ts";
import { setUp } from "./setup.ts";
import { readStatus } from "./status.ts";

/** Runs the use case that an action names. */
export function perform(request: AdminRequest, ports: AdminPorts): Promise<SetupAnswer | StatusAnswer> {
  switch (request.action) {
    case "setup":
      return setUp(request, ports);
    case "status":
      return readStatus(ports);
  }
}
