/** Asks the app, as whoever Shopify's session token says is there. */

import address from "./address.json";

/** What every place that we are shown in has. */
export interface Host {
  sessionToken: { get(): Promise<string> };
  extension: { editor?: object };
  settings: { value: Record<string, unknown> };
  localization: { extensionLanguage: { value: { isoCode: string } } };
  i18n: {
    translate(key: string, values?: Record<string, string | number>): string;
    formatCurrency(amount: number, options: { currency: string }): string;
    formatDate(date: Date, options: Intl.DateTimeFormatOptions): string;
  };
}

declare const shopify: Host;

/** Major units, as "12.50". */
export interface Money {
  amount: string;
  currency: string;
}

/** What holds for a reward once it is taken. */
export interface Terms {
  order_amount_min: Money | null;
  order_share_max: number | null;
  valid_days: number | null;
  ends_at: string | null;
  unused_returns: boolean;
}

/** A date to choose, by the store's own clock. */
export interface Slot {
  starts_at: string;
}

export interface Reward {
  id: string;
  kind: string;
  name: string;
  description: string;
  points_cost: number;
  points_needed: number;
  progress: number;
  available: boolean;
  reason: string;
  step: number | null;
  points_max: number | null;
  slots?: Slot[];
  terms?: Terms | null;
}

/** A reward that was won, and costs nothing. */
export interface Prize {
  prize: string;
  won_with: string;
  id: string;
  kind: string;
  name: string;
  description: string;
  available: boolean;
  reason: string;
  slots?: Slot[];
  terms?: Terms | null;
}

export interface Redemption {
  id: string;
  kind: string;
  name: string;
  points: number;
  state: string;
  reason: string;
  code: string | null;
  requested_at?: string | null;
  valid_until?: string | null;
  can_cancel: boolean;
  is_voucher: boolean;
}

/** What was given to the cause of a reward so far. */
export interface Donation {
  reward_id: string;
  given: Money;
}

/** A draw that was held, and what of it is the member's. */
export interface Draw {
  drawn_at: string;
  commitment: string;
  seed: string;
  winners: string[];
  own_entries: string[];
  is_won: boolean;
}

/** What there is to be won, what was promised for the next draw, and the last draws. */
export interface Giveaway {
  reward_id: string;
  prize: string;
  is_open: boolean;
  ends_at: string | null;
  commitment: string | null;
  entries: number;
  own_entries: string[];
  draws: Draw[];
}

export interface Tier {
  name: string;
  until?: string | null;
  to_stay?: string | null;
}

export interface Ending {
  points: number;
  at: string;
}

/** All that ends soon, and the first lots of it. */
export interface Expiring extends Ending {
  lots: Ending[];
}

export interface Member {
  signed_in: true;
  available: number;
  pending: number;
  expiring: Expiring | null;
  lapsing: Ending | null;
  tier: Tier | null;
  next_tier: { missing: string } | null;
  next_reward: Reward | null;
  rewards: Reward[];
  prizes: Prize[];
  redemptions: Redemption[];
  history: { text: string; points: number; at: string }[];
  referral: { code: string; gift: string | null } | null;
}

export type Standing = Member | { signed_in: false };

/** Where the app is: where it was when the extension was put together, or was moved to. */
function appUrl(): string {
  return String(shopify.settings.value.app_url || address.app_url).replace(/\/+$/, "");
}

/** What the owner reads in the editor where the app does not answer, and nobody else. */
export function hint(): string {
  return shopify.extension.editor ? say("no_answer", { app: appUrl() }) : "";
}

/** The app's answer, in our language; an error says with which status it refused. */
export async function ask<T>(path: string, body?: object): Promise<T> {
  const Authorization = `Bearer ${await shopify.sessionToken.get()}`;
  const lang = shopify.localization.extensionLanguage.value.isoCode;
  const answer = await fetch(`${appUrl()}/api/${path}?lang=${lang}`, {
    method: body ? "POST" : "GET",
    headers: body ? { Authorization, "Content-Type": "application/json" } : { Authorization },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export function say(key: string, values?: Record<string, string | number>): string {
  return shopify.i18n.translate(key, values);
}

export function money({ amount, currency }: Money): string {
  return shopify.i18n.formatCurrency(Number(amount), { currency });
}

export function day(at: string | number, timeStyle?: "short"): string {
  return shopify.i18n.formatDate(new Date(at), { dateStyle: "medium", timeStyle });
}

/** The last day before a moment. */
export function lastDay(at: string, timeStyle?: "short"): string {
  return day(Date.parse(at) - 1, timeStyle);
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}
