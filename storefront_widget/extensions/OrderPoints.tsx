/** What the order at hand brought; the points take a moment to come. */
import { useEffect, useState } from "preact/hooks";
import { ask, say, wait } from "./api";

const PAUSES_MS = [0, 1000, 2000, 4000, 8000];

/** `id` is the order's gid, of which the app knows the number. */
export function OrderPoints({ id }: { id: string | undefined }) {
  const [text, tell] = useState("");
  useEffect(() => {
    let isHere = true;
    look(id, (words) => isHere && tell(words)).catch(console.debug);
    return () => {
      isHere = false;
    };
  }, [id]);
  return text ? <s-banner heading={text} tone="info" /> : null;
}

async function look(id: string | undefined, tell: (text: string) => void) {
  const number = id?.split("/").pop();
  if (!number) return;
  const { signed_in } = await ask<{ signed_in: boolean }>("standing");
  if (!signed_in) return tell(say("guest_order"));
  for (const pause of PAUSES_MS) {
    await wait(pause);
    const { points } = await ask<{ points: number }>(`orders/${number}`);
    tell(points > 0 ? say("you_earned", { count: points }) : say("on_their_way"));
    if (points > 0) return;
  }
  tell("");
}
