// The file that tells the Git server what to serve. Written by `part.ts`, read by `main.ts`; both know it by this schema.
import * as z from 'zod';

export const gitServerConfig = z.object({
  port: z.int().min(0).max(65_535),
  /** The folder that holds `config.git`. */
  root: z.string().min(1),
  /** As clients know the repository; told to the controller. */
  url: z.string().min(1),
  /** Where the controller wants to hear about pushes. */
  noticeUrl: z.string().min(1),
  users: z.array(z.object({ name: z.string().min(1), passwordHash: z.string().min(1), mayPush: z.boolean() })),
});

export type GitServerConfig = z.infer<typeof gitServerConfig>;

export const REPOSITORY = 'config.git';
export const BRANCH = 'main';
