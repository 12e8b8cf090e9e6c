// Lets a few pieces of work run at once; the rest wait, first come, first served within a lane.

/** @param lanes how many run side by side */
export function turns(lanes: number): <T>(work: () => Promise<T>) => Promise<T> {
  const tails = Array.from({ length: lanes }, () => Promise.resolve());
  return async (work) => {
    const lane = tails.shift() ?? Promise.resolve();
    const turn = lane.then(work);
    tails.push(
      turn.then(
        () => undefined,
        () => undefined,
      ),
    );
    return await turn;
  };
}
