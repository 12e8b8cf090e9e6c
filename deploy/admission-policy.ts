// An admission policy as we write it down; admission.ts makes the objects of it.

export interface Policy {
  readonly name: string;
  /** @default - ours */
  readonly apiGroup?: string;
  readonly resources: readonly string[];
  /** Judged once with each object of this kind of ours, as `params`. */
  readonly params?: string;
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT')[];
  /** CEL; only requests for which it is true are looked at. */
  readonly when?: string;
  /** CEL, true when the request is admitted. */
  readonly expression: string;
  /** CEL that gives the words of the refusal. */
  readonly message: string;
}
