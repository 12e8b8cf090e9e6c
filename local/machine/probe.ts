// How a part is asked whether it is ready.

/** One GET, well under a second; true for a 2xx answer. Rejects when nobody answers. */
export async function answersOk(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(900)]) });
  await response.body?.cancel();
  return response.ok;
}
