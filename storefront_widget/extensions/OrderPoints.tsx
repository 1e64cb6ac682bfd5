/** What the order at hand brought; the points take a moment to come. */
import { useEffect, useState } from "preact/hooks";
import { ask, hint, say, wait } from "./api";

const PAUSES_MS = [0, 1000, 2000, 4000, 8000];

interface Brought {
  points: number;
  state: "unknown" | "unpaid" | "earned" | "returned" | "none";
}

interface Props {
  /** The order's gid, of which the app knows the number. */
  id: string | undefined;
  /** Whether it was placed just now, so that its points may still come. */
  isFresh: boolean;
}

export function OrderPoints({ id, isFresh }: Props) {
  const [text, tell] = useState("");
  useEffect(() => {
    let isHere = true;
    const show = (words: string) => isHere && tell(words);
    look(id, isFresh, show).catch(() => show(hint()));
    return () => {
      isHere = false;
    };
  }, [id, isFresh]);
  return text ? <s-banner heading={text} tone="info" /> : null;
}

async function look(id: Props["id"], isFresh: boolean, tell: (text: string) => unknown) {
  const number = id?.split("/").pop();
  if (!number) return;
  const { signed_in } = await ask<{ signed_in: boolean }>("standing");
  if (!signed_in) return tell(say("guest_order"));
  for (const pause of isFresh ? PAUSES_MS : [0]) {
    await wait(pause);
    const brought = await ask<Brought>(`orders/${number}`);
    tell(inWords(brought, isFresh));
    if (!["unknown", "unpaid"].includes(brought.state)) return;
    if (brought.state === "unknown" && pause === PAUSES_MS.at(-1)) tell("");
  }
}

/** Of an order that nobody knows only a fresh one is on its way. */
function inWords({ points, state }: Brought, isFresh: boolean): string {
  switch (state) {
    case "earned":
      return say("you_earned", { count: points });
    case "returned":
      return say("points_went_back");
    case "none":
      return say("earned_none");
    case "unpaid":
      return say("once_paid");
  }
  return isFresh ? say("on_their_way") : "";
}
