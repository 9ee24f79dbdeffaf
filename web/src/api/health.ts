import { get } from "./client";
import type { HealthReport } from "./types";

export function getHealth(signal?: AbortSignal): Promise<HealthReport> {
  return get("/api/v1/health", {}, signal);
}
