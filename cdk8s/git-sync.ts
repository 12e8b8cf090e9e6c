// GitSync as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { gitSyncKind } from '../schemas/kinds/git-sync/git-sync.ts';
import type { GitSyncFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface GitSyncProps extends GitSyncFields {
  /**
   * Name, namespace, labels and annotations.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * A repository, ref and path kept in the cluster.
 * @example new GitSync(chart, 'web', { url: 'https://git.example.com/web.git', ref: { branch: 'main' }, interval: Duration.minutes(5) });
 */
export class GitSync extends KindObject {
  constructor(scope: Construct, id: string, props: GitSyncProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, gitSyncKind, metadata, fields);
  }
}
