// Renders a folder for the command, with the very code that a sync renders a commit with.
import path from 'node:path';
import { snapshotOfFolder } from '../controller/git/folder.ts';
import { createCdk8sRenderer } from '../controller/render/cdk8s.ts';
import type { Rendered } from '../controller/render/manifest.ts';
import { Renderer, type RenderOptions } from '../controller/render/render.ts';
import { cacheFolder } from '../local/state.ts';
import type { CliContext } from './command.ts';

export async function renderFolder(folder: string, options: RenderOptions, context: CliContext): Promise<Rendered> {
  const snapshot = await snapshotOfFolder(path.resolve(context.cwd, folder));
  const cdk8s = createCdk8sRenderer({ directory: path.join(cacheFolder(context.env, context.cwd), 'render') });
  return await new Renderer(cdk8s.render).render(snapshot, options, context.signal);
}
