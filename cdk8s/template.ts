// Template as a construct.
import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { templateKind } from '../schemas/kinds/template.ts';
import type { TemplateFields } from './fields.generated.ts';
import { KindObject } from './kind-object.ts';

export interface TemplateProps extends TemplateFields {
  /**
   * Name, namespace, labels and annotations.
   * @default - named after the construct, in the namespace of the chart
   */
  readonly metadata?: ApiObjectMetadata | undefined;
}

/**
 * A desktop that people can launch from the catalog.
 * @example new Template(chart, 'terminal', { displayName: 'Terminal', image: 'registry.example.com/terminal:1', home: { size: Size.gibibytes(2) } });
 */
export class Template extends KindObject {
  constructor(scope: Construct, id: string, props: TemplateProps) {
    const { metadata = {}, ...fields } = props;
    super(scope, id, templateKind, metadata, fields);
  }
}
