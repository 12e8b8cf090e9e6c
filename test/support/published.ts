// Manifests that well-known projects publish, from their Go modules: pinned, verified by Go's checksum database, cached by Go.
import { glob, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { must } from './command.ts';

export interface Published {
  readonly project: string;
  /** `module@version` */
  readonly module: string;
  /** Globs below the module. */
  readonly files: readonly string[];
  /** Files that need what is no file of the module: Go leaves symbolic links out. */
  readonly without?: readonly string[];
}

const SERVING = 'knative.dev/serving@v0.47.0';

export const PUBLISHED: readonly Published[] = [
  { project: 'argo-cd', module: 'github.com/argoproj/argo-cd/v3@v3.2.0', files: ['manifests/install.yaml'] },
  { project: 'cert-manager', module: SERVING, files: ['third_party/cert-manager-latest/cert-manager.yaml'] },
  { project: 'contour', module: SERVING, files: ['third_party/contour-latest/contour.yaml'] },
  { project: 'gateway-api', module: SERVING, files: ['third_party/gateway-api-latest/gateway-api.yaml'] },
  {
    project: 'ingress-nginx',
    module: 'k8s.io/ingress-nginx@v0.0.0-20240708192948-52c50467d67d',
    files: ['deploy/static/provider/cloud/deploy.yaml'],
  },
  { project: 'knative-eventing', module: 'knative.dev/eventing@v0.47.0', files: ['config/core/**/*.yaml'] },
  {
    project: 'knative-serving',
    module: SERVING,
    files: ['config/core/**/*.yaml', 'third_party/kourier-latest/kourier.yaml'],
    without: ['config/core/999-cache.yaml', 'config/core/300-knativecertificate.yaml'],
  },
  { project: 'kyverno', module: 'github.com/kyverno/kyverno@v1.15.2', files: ['config/install-latest-testing.yaml'] },
  { project: 'metallb', module: 'go.universe.tf/metallb@v0.15.2', files: ['config/manifests/metallb-native.yaml'] },
  { project: 'tekton', module: 'github.com/tektoncd/pipeline@v1.6.0', files: ['config/**/*.yaml'] },
];

/** The text of each file, by its path in the module. */
export async function manifestsOf({ module, files, without = [] }: Published): Promise<Readonly<Record<string, string>>> {
  const answer = await must('go', ['mod', 'download', '-json', module], {
    cwd: tmpdir(),
    env: { GOFLAGS: '-mod=mod' },
    timeoutMs: 300_000,
  });
  const { Dir: folder } = JSON.parse(answer) as { readonly Dir: string };
  const found: Record<string, string> = {};
  for (const pattern of files)
    for await (const path of glob(`${folder}/${pattern}`)) found[relative(folder, path)] = await readFile(path, 'utf8');
  return Object.fromEntries(Object.entries(found).filter(([path]) => !without.includes(path)));
}
