import type { Settings } from "../settings.ts";

interface Pending {
  id: number;
  haystack: string;
  visibleAtMs: number;
}

/**
 * What `query` searches: one text per entity, made when the entity is written and visible after the set lag.
 * Until then the search answers with the former text, or does not know the entity at all.
 */
export class SearchIndex {
  readonly #visible = new Map<number, string>();
  #pending: Pending[] = [];

  /** Takes an entity's new text, to be found from `visibleAtMs` on. */
  put(id: number, haystack: string, visibleAtMs: number, nowMs: number): void {
    if (visibleAtMs <= nowMs) {
      this.#visible.set(id, haystack);
      this.#pending = this.#pending.filter((entry) => entry.id !== id);
      return;
    }
    this.#pending.push({ id, haystack, visibleAtMs });
  }

  /** Ids of the entities whose text contains the query, as the index stands now. */
  find(query: string, nowMs: number, settings: Settings["search"]): Set<number> {
    this.#promote(nowMs);
    const needle = settings.case_sensitive ? query : query.toLowerCase();
    const found = new Set<number>();
    if ([...query].length < settings.min_query_chars) return found;
    for (const [id, haystack] of this.#visible) if (haystack.includes(needle)) found.add(id);
    return found;
  }

  #promote(nowMs: number): void {
    if (this.#pending.length === 0) return;
    const latestDue = new Map<number, number>();
    this.#pending.forEach((entry, position) => {
      if (entry.visibleAtMs <= nowMs) latestDue.set(entry.id, position);
    });
    if (latestDue.size === 0) return;
    for (const [id, position] of latestDue) this.#visible.set(id, this.#pending[position]?.haystack ?? "");
    // With random lags an older text may ripen after a newer one; once the newer is shown, the older is void.
    this.#pending = this.#pending.filter((entry, position) => position > (latestDue.get(entry.id) ?? -1));
  }
}
