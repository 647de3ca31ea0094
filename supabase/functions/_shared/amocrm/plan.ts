/** What would be sent for waiting messages, and why. */
export { type Plan, type PlanPorts, planMessages } from "./plan/plan.ts";
