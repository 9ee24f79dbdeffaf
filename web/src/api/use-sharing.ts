import { useEffect, useState } from "react";
import { problemOf } from "./client";
import { listClasses } from "./people";
import type { Problem, SchoolClass } from "./types";

interface Sharing {
  readonly classes: readonly SchoolClass[];
  readonly problem: Problem | null;
  /** Does it, and says whether it worked. */
  readonly attempt: (work: Promise<void>) => Promise<boolean>;
}

/** The classes that something can be shared with, and what went wrong on the way. */
export function useSharing(): Sharing {
  const [classes, setClasses] = useState<readonly SchoolClass[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  useEffect(() => {
    listClasses({ limit: 100 }).then((page) => {
      setClasses(page.items);
    }, fail);
  }, []);
  const attempt = async (work: Promise<void>) => {
    try {
      await work;
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  };
  return { classes, problem, attempt };
}
