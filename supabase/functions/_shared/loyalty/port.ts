/** An order as its seller tells it, in the words of `loyalty_pull_store`. Times are ISO 8601, money has two decimals at most. */
export interface SoldOrder {
  external_id: string;
  email: string | null;
  phone: string | null;
  client_id: string | null;
  amount: number;
  refunded_amount: number;
  /** Null: the seller does not say; then it is the programme's. */
  currency: string | null;
  ordered_at: string | null;
  paid_at: string | null;
  /** Null: the seller tells no versions, and what is read last counts. */
  updated_at: string | null;
  deleted_at: string | null;
}

/** One page of orders, in the order of their ids. */
interface SoldPage {
  orders: SoldOrder[];
  /** The last id of the page, also if its order could not be read; null for an empty page. */
  lastId: number | null;
  /** Orders in a shape that we do not know. */
  unreadableCount: number;
}

/** Why a seller cannot be read: a code, never data of a person. */
export class SellerError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Port: a seller of tickets, of whom we only read. Throws SellerError. */
export interface Seller {
  pageAfter(id: number): Promise<SoldPage>;
  /** Null if the seller does not have it. */
  order(id: string): Promise<SoldOrder | null>;
  orders(ids: readonly string[]): Promise<SoldOrder[]>;
}

/** Port: a seller who tells orders by event, page by page. Throws SellerError. */
export interface EventSeller {
  page(
    eventId: number,
    skip: number,
  ): Promise<{ orders: SoldOrder[]; total: number; count: number; unreadableCount: number }>;
}

/** What a run begins with. */
interface PullStart {
  last_id: number;
  is_nightly: boolean;
}

/** Port: what we keep of a seller's orders, and how far we have read. Throws if the database cannot be asked. */
export interface OrderStore {
  /** Null while another run reads. */
  begin(isNightly: boolean, token: string, seconds: number): Promise<PullStart | null>;
  store(token: string, orders: readonly SoldOrder[], lastId: number | null): Promise<number>;
  due(limit: number): Promise<string[]>;
  touch(ids: readonly string[]): Promise<void>;
  end(token: string, isNightOver: boolean, error: string | null): Promise<void>;
}
