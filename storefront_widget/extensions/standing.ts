/** Where the shopper stands, asked once and again when something was done. */
import { useEffect, useState } from "preact/hooks";
import { ask, type Standing } from "./api";

/** `undefined` while it is asked, `null` if the app is away. */
export function useStanding() {
  const [standing, setStanding] = useState<Standing | null>();
  async function refresh() {
    try {
      setStanding(await ask<Standing>("standing"));
    } catch (error) {
      console.debug(error);
      setStanding((before) => before ?? null);
    }
  }
  useEffect(() => {
    refresh();
  }, []);
  return { standing, refresh };
}
